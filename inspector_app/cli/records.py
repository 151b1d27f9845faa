"""What QA and auditors ask of the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    Since,
    Until,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    stop_signals,
    utc_option,
)
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.records import entry_record

report = typer.Typer(no_args_is_help=True)


@report.callback()
def _reports() -> None:
    """Group the reports, so that each keeps its own name even while there is one."""


@report.command("agreement")
@known_faults_in_one_sentence
def agreement(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files; made if missing.")],
    formats: Annotated[str, typer.Option("--format", help="json, csv, or both with a comma.")] = "json,csv",
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write how far human and model agree: two-way tables, agreement on rejects and accepts, misses, false alarms."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.reporting import REPORT_FORMATS, agreement_content, agreement_json, write_agreement

    kinds = [part.strip() for part in formats.split(",") if part.strip()]
    unknown = [kind for kind in kinds if kind not in REPORT_FORMATS]
    if unknown or not kinds:
        allowed = ", ".join(REPORT_FORMATS)
        raise typer.BadParameter(f"{formats!r}: allowed are {allowed}.", param_hint="--format")
    which = LogFilter(since=utc_option(since, "--since"), until=utc_option(until, "--until"))
    with open_data(data) as folder:
        content = agreement_content(folder, which)
        paths = write_agreement(content, out, kinds)
    if as_json:
        print_json(agreement_json(content))
        return
    for path in paths:
        print_text(str(path))


@known_faults_in_one_sentence
def log(
    part: Annotated[str | None, typer.Option("--part", metavar="TEXT", help="Part id contains this.")] = None,
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print every inspection, oldest first: a line each, or with --json its whole record as one JSON line."""
    from inspector_app.bootstrap.data import open_data

    which = LogFilter(part=part, since=utc_option(since, "--since"), until=utc_option(until, "--until"))
    with open_data(data) as folder:
        for entry in folder.log.reader.entries(which):
            if as_json:
                print_json(entry_record(entry))
            else:
                print_text(entry_line(entry))


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
    from inspector_app.bootstrap.reporting import verify_folder

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
