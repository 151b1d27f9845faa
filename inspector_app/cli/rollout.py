"""The supervisor's commands for a new model."""

from __future__ import annotations

from typing import Annotated

import typer

from inspector_app.cli.output import AsJson, DataFolder, known_faults_in_one_sentence, print_json, print_text
from inspector_app.cli.signing import Because, By, PinStdin, signed

rollout = typer.Typer(no_args_is_help=True)

Despite = Annotated[
    bool,
    typer.Option("--despite", help="Take the step although the evidence does not recommend it; recorded as such."),
]


@rollout.command("start")
@known_faults_in_one_sentence
def start(
    model: Annotated[str, typer.Argument(metavar="MODEL", help='"NAME" or "NAME VERSION" of an installed model.')],
    by: By,
    because: Because,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the rollout, also the salt of its draw; never used twice.")
    ] = None,
    from_nothing: Annotated[
        bool, typer.Option("--from-nothing", help="A new product: inspectors decide what the model does not.")
    ] = False,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put a new model beside the one in charge: it is loaded, answers on every part, and decides nothing."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.rollouts import start_rollout

    with open_data(data) as folder:
        signed(
            lambda pin: start_rollout(folder, model, name, by, because, from_nothing=from_nothing, pin=pin),
            by,
            pin_stdin,
        )
    status(data, as_json)


@rollout.command("advance")
@known_faults_in_one_sentence
def advance(
    by: By,
    because: Because,
    despite: Despite = False,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let the new model decide more: 1, 5, 25, 50, 100 % of the parts, each when the evidence of the last is there."""
    _step("advance", by, because, despite, pin_stdin, data, as_json)


@rollout.command("switch")
@known_faults_in_one_sentence
def switch(
    by: By,
    because: Because,
    despite: Despite = False,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put the new model in charge, between two parts; the old one stays loaded and answers beside it."""
    _step("switch", by, because, despite, pin_stdin, data, as_json)


@rollout.command("rollback")
@known_faults_in_one_sentence
def rollback(by: By, because: Because, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Give all parts back to the model before, at once; needs no PIN."""
    _step("rollback", by, because, False, False, data, as_json)


@rollout.command("end")
@known_faults_in_one_sentence
def end(by: By, because: Because, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Let the model go that is not in charge; the rollout is over."""
    _step("end", by, because, False, False, data, as_json)


@rollout.command("status")
@known_faults_in_one_sentence
def status(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show both models, the stage, what was counted, and what the next step still needs."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.rollouts import rollout_status

    with open_data(data) as folder:
        found = rollout_status(folder)
    if as_json:
        print_json(found.record())
        return
    for line in found.lines():
        print_text(line)


def _step(step: str, by: str, because: str, despite: bool, pin_stdin: bool, data: DataFolder, as_json: bool) -> None:
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.rollouts import step_rollout

    with open_data(data) as folder:
        signed(lambda pin: step_rollout(folder, step, by, because, pin=pin, despite=despite), by, pin_stdin)
    status(data, as_json)
