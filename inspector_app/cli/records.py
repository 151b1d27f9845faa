"""What QA and auditors ask of the log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    Since,
    Until,
    collect_rarely,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    say,
    stop_signals,
    utc_option,
)
from inspector_app.domain.control import Level
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.people import known_spelling
from inspector_app.domain.records import entry_record

if TYPE_CHECKING:
    from inspector_app.bootstrap.data import DataFolder as OpenFolder

report = typer.Typer(no_args_is_help=True)


@report.callback()
def _reports() -> None:
    """Group the reports, so that each keeps its own name even while there is one."""


@report.command("agreement")
@known_faults_in_one_sentence
def agreement(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files; made if missing.")],
    formats: Annotated[str, typer.Option("--format", help="Any of pdf, xlsx, csv, json, with commas.")] = "json,csv",
    since: Since = None,
    until: Until = None,
    level: Annotated[Level | None, typer.Option(help="Only parts at this level.")] = None,
    model: Annotated[
        str | None, typer.Option(metavar='"NAME VERSION"', help="Only parts judged by this model.")
    ] = None,
    inspector: Annotated[str | None, typer.Option(metavar="NAME", help="Only verdicts of this inspector.")] = None,
    line: Annotated[
        str | None, typer.Option(metavar="STATION", help="Only parts of this line's station, by its id.")
    ] = None,
    product: Annotated[str | None, typer.Option(metavar="NAME", help="Only parts of this product.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write how far human and model agree: two-way tables, agreement on rejects and accepts, misses, false alarms."""
    collect_rarely()
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.reporting import REPORT_FORMATS, agreement_content, agreement_json, write_agreement

    kinds = chosen_formats(formats, REPORT_FORMATS)
    which = LogFilter(
        since=utc_option(since, "--since"),
        until=utc_option(until, "--until"),
        level=level,
        model_version=model,
        inspector=inspector,
        station=line,
        product=product,
    )
    if which.since is not None and which.until is not None and which.since >= which.until:
        raise typer.BadParameter("the period ends before it begins.", param_hint="--until")
    with open_data(data) as folder, stop_signals() as stop_asked, progress_bar() as bar:
        if inspector is not None:
            _point_at_known_spelling(folder, inspector)
        task = bar.add_task("Reporting", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        content = agreement_content(folder, which, on_progress, stop_asked.is_set, kinds)
        paths = write_agreement(content, out, kinds)
    if as_json:
        print_json(agreement_json(content))
        return
    for path in paths:
        print_text(str(path))


def _point_at_known_spelling(folder: OpenFolder, inspector: str) -> None:
    """Say so where a name is on record in other capitals or with other blanks: its report would be without parts."""
    names = folder.log.reports.contents().inspectors
    known = known_spelling(inspector, names)
    if known != inspector and known in names:
        say(f"No verdict of {inspector} is in the log; on record is {known}.")


def chosen_formats(text: str, allowed: Sequence[str]) -> list[str]:
    """Return the formats named with commas, each once; `typer.BadParameter` for one that there is not."""
    kinds = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not kinds or any(kind not in allowed for kind in kinds):
        raise typer.BadParameter(f"{text!r}: allowed are {', '.join(allowed)}.", param_hint="--format")
    return kinds


@known_faults_in_one_sentence
def log(
    part: Annotated[str | None, typer.Option("--part", metavar="TEXT", help="Part id contains this.")] = None,
    since: Since = None,
    until: Until = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="csv, parquet, or both with a comma: write files instead.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the files.")] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print every inspection, oldest first: a line each, or with --json its whole record as one JSON line.

    With --format and --out: write flat tables of parts and verdicts for other programs.
    """
    from inspector_app.bootstrap.data import open_data

    if (formats is None) != (out is None):
        raise typer.BadParameter("--format and --out go together.", param_hint="--out")
    which = LogFilter(part=part, since=utc_option(since, "--since"), until=utc_option(until, "--until"))
    kinds = _export_formats(formats)
    with open_data(data) as folder:
        if kinds and out is not None:
            _write_log(folder, which, kinds, out)
            return
        for entry in folder.log.reader.entries(which):
            if as_json:
                print_json(entry_record(entry))
            else:
                print_text(entry_line(entry))


def _export_formats(formats: str | None) -> list[str]:
    """Return the formats to write, none where the records are printed; refuses before anything is opened or made."""
    if formats is None:
        return []
    from inspector_app.bootstrap.exporting import EXPORT_FORMATS

    return chosen_formats(formats, EXPORT_FORMATS)


def _write_log(folder: OpenFolder, which: LogFilter, kinds: list[str], out: Path) -> None:
    from inspector_app.bootstrap.exporting import export_log

    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Writing", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        for path in export_log(folder, which, out, kinds, on_progress, stop_asked.is_set):
            print_text(str(path))


def entry_line(entry: LogEntry) -> str:
    """Return one part as a line for people."""
    inspection = entry.inspection
    prediction = inspection.prediction
    shown = "–" if prediction is None or prediction.probability is None else f"{prediction.probability:.3f}"
    humans = ", ".join(f"{v.by} {v.answer.value}" for v in entry.verdicts if not v.retracted) or "–"
    return (
        f"{inspection.captured_at:%Y-%m-%d %H:%M:%S}Z  {inspection.part_id:<24} {inspection.control.level.value:<10} "
        f"p {shown:<6} {inspection.decision.route.value:<12} human {humans:<28} {entry.disposition.value}"
    )


@known_faults_in_one_sentence
def verify(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Check the audit chain, every stored picture, and that each decision follows from its record."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.verifying import verify_folder

    with open_data(data) as folder, stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Verifying", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        result = verify_folder(folder, on_progress, stop_asked.is_set)
    if as_json:
        print_json(result.record())
    else:
        for line in result.lines():
            print_text(line)
    if not result.good:
        raise typer.Exit(1)
