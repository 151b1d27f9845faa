"""Decisions in from other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    stop_signals,
)
from inspector_app.domain.records import utc_text

bring_in = typer.Typer(no_args_is_help=True)


@bring_in.callback()
def _imports() -> None:
    """Group what can be brought in."""


@bring_in.command("decisions")
@known_faults_in_one_sentence
def decisions(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV with a heading, UTF-8.")],
    columns: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="FIELD=HEADING,…",
            help="Where headings differ from part, human, model, truth, inspector, version, at.",
        ),
    ] = None,
    accept: Annotated[str | None, typer.Option(metavar="WORD,…", help="What the file says for accept.")] = None,
    reject: Annotated[str | None, typer.Option(metavar="WORD,…", help="What the file says for reject.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Bring in decisions of human and model from before the station. They are reported apart from its own records."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.importing import ImportRequest, import_decisions, words_of

    words = words_of((accept or "").split(",") if accept else (), (reject or "").split(",") if reject else ())
    request = ImportRequest(file, mapped(columns), words)
    with open_data(data) as folder, stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Checking", total=None)
        made = import_decisions(folder, request, lambda done: bar.update(task, completed=done), stop_asked.is_set)
    if as_json:
        record = {"name": made.name, "sha256": made.sha256, "rows": made.rows, "rows_sha256": made.rows_sha256}
        print_json({**record, "columns": dict(made.mapping), "by": made.by, "at": utc_text(made.at)})
    else:
        print_text(f"{made.rows} decisions brought in from {made.name}; reports name them {made.label!r}.")


def mapped(text: str | None) -> dict[str, str]:
    """Return heading by field of ``FIELD=HEADING,…``; `typer.BadParameter` if it is none."""
    pairs = [pair.partition("=") for pair in (text or "").split(",") if pair.strip()]
    if any(not (field.strip() and heading.strip()) for field, _, heading in pairs):
        raise typer.BadParameter(f"{text!r} is not FIELD=HEADING, with commas between.", param_hint="--map")
    return {field.strip(): heading.strip() for field, _, heading in pairs}
