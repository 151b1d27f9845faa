"""The vision engineer's commands: models list, show, install, import, check, remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    ProgressLines,
    Rejects,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    say,
    stop_signals,
    told_progress,
)

if TYPE_CHECKING:
    from inspector_app.bootstrap.registry import InstallRequest

models = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The model's name.")]
Version = Annotated[str | None, typer.Argument(help="Its version, where there are several.")]
LabelledSet = Annotated[
    Path | None,
    typer.Option("--dataset", metavar="DIR", help="Labelled pictures to measure precisions on; else generated parts."),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Pictures NAME.png, and what the model put out for each where it was trained, NAME.npy."
    ),
]
Int8 = Annotated[bool, typer.Option("--int8/--no-int8", help="Try an 8-bit network too.")]


@models.command("list")
@known_faults_in_one_sentence
def list_models(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the models that a station can run, and what is wrong with those that it cannot."""
    from inspector_app.bootstrap.registry import listed_models
    from inspector_app.bootstrap.settled import open_settings

    for found in listed_models(open_settings(data)):
        record = found.record()
        if as_json:
            print_json(record)
        else:
            state = record["problem"] or f"{record['task']}, precision {record['precision'] or 'not measured'}"
            print_text(f"{'*' if found.in_use else ' '} {found.title}: {state} ({record['place']})")


@models.command("show")
@known_faults_in_one_sentence
def show_model(name: Name, version: Version = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show a model's papers: card, hash, licence, what it was proved and measured on."""
    from inspector_app.bootstrap.registry import shown_model
    from inspector_app.bootstrap.settled import open_settings

    found = shown_model(open_settings(data), name, version)
    if as_json:
        print_json(found.full_record(), indent=2)
        return
    for line in found.lines():
        print_text(line)
    print_text(f"\n{found.card.rstrip()}" if found.card else "  no card")


@models.command("install")
@known_faults_in_one_sentence
def install(
    source: Annotated[
        Path, typer.Argument(metavar="PATH", help="Folder with model.json and its network; or 'bundled'.")
    ],
    dataset: LabelledSet = None,
    reject: Rejects = None,
    reference: Reference = None,
    int8: Int8 = True,
    data: DataFolder = None,
    as_json: AsJson = False,
    progress_lines: ProgressLines = False,
) -> None:
    """Prove a model, measure f32, bf16 and int8, and install it. Ctrl+C stops it."""
    from inspector_app.bootstrap.registry import InstallRequest

    _install(InstallRequest(source, None, dataset, reject, reference, int8), data, as_json, progress_lines)


@models.command("import")
@known_faults_in_one_sentence
def import_model(
    source: Annotated[
        Path, typer.Argument(metavar="PATH", help="ONNX file, TensorFlow SavedModel folder, or OpenVINO .xml.")
    ],
    manifest: Annotated[Path, typer.Option(metavar="FILE", help="model.json without sha256; see the guide.")],
    dataset: LabelledSet = None,
    reject: Rejects = None,
    reference: Reference = None,
    int8: Int8 = True,
    data: DataFolder = None,
    as_json: AsJson = False,
    progress_lines: ProgressLines = False,
) -> None:
    """Convert a model from elsewhere, prove it, measure it, and install it. Ctrl+C stops it."""
    from inspector_app.bootstrap.registry import InstallRequest

    _install(InstallRequest(source, manifest, dataset, reject, reference, int8), data, as_json, progress_lines)


def _install(request: InstallRequest, data: Path | None, as_json: bool, progress_lines: bool) -> None:
    from inspector_app.bootstrap.registry import install_model
    from inspector_app.bootstrap.settled import open_settings

    with stop_signals() as stop_asked, told_progress("Reading", as_lines=progress_lines) as tell:
        found = install_model(open_settings(data), request, tell, stop_asked.is_set)
    if as_json:
        print_json(found.full_record(), indent=2)
        return
    for line in found.lines():
        print_text(line)
    say(f'To run it: [model] name = "{found.title}" in station.toml.')


@models.command("check")
@known_faults_in_one_sentence
def check(
    name: Annotated[str | None, typer.Argument(help="One model's name; else all that are installed.")] = None,
    version: Version = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check the files of installed models, and that this OpenVINO still gives their golden answers."""
    from dataclasses import asdict

    from inspector_app.bootstrap.registry import check_models
    from inspector_app.bootstrap.settled import open_settings

    bad = checked = 0
    for found in check_models(open_settings(data), name, version):
        checked += 1
        bad += found.problem is not None
        if as_json:
            print_json(asdict(found))
        elif found.problem is None:
            print_text(
                f"{found.title}: {found.runtime}, maps within {found.mask:.2g}, probability within {found.score:.2g}"
            )
        for sentence in (found.problem, *found.notes):
            if sentence is not None:
                say(sentence)
    if not checked:
        say(
            "No model that could be checked is installed here; the bundled one has no golden answers of this machine "
            "until it is installed (models install bundled)."
        )
    if bad:
        raise typer.Exit(1)


@models.command("remove")
@known_faults_in_one_sentence
def remove(
    name: Name,
    version: Annotated[str, typer.Argument(help="Its version.")],
    data: DataFolder = None,
) -> None:
    """Delete an installed version; the records of what it judged stay."""
    from inspector_app.bootstrap.registry import remove_model
    from inspector_app.bootstrap.settled import open_settings

    print_text(f"{remove_model(open_settings(data), name, version)} is removed.")
