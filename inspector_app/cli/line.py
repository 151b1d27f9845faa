"""What the line may not have heard, for a supervisor who looks after it."""

from __future__ import annotations

from typing import Annotated

import typer

from inspector_app.cli.output import AsJson, DataFolder, known_faults_in_one_sentence, print_json, print_text
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.records import utc_text

line = typer.Typer(no_args_is_help=True)


@line.command("untold")
@known_faults_in_one_sentence
def untold(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List parts that were accepted or rejected and of which the line may not have heard."""
    from inspector_app.bootstrap.settling import unsettled_parts

    _print(unsettled_parts(data), as_json=as_json, nothing="The line has heard of every part.")


@line.command("settle")
@known_faults_in_one_sentence
def settle(
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who has looked after the parts.")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="How it is known; it is recorded.")],
    parts: Annotated[list[str] | None, typer.Argument(metavar="[PART]...", help="Part ids.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that `line untold` lists.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Record that parts are where the log says, so that they are not reported again. Close the station first."""
    from inspector_app.bootstrap.settling import settle_parts

    if bool(parts) == every:
        raise typer.BadParameter("name parts, or give --all.", param_hint="PART")
    settled = settle_parts(data, None if every else parts, by, because)
    _print(settled, as_json=as_json, nothing="There was nothing to settle.")


def _print(entries: tuple[LogEntry, ...], *, as_json: bool, nothing: str) -> None:
    if as_json:
        print_json([_record(entry) for entry in entries])
        return
    for entry in entries:
        print_text(f"{entry.inspection.part_id}: {entry.disposition}, taken {utc_text(entry.inspection.captured_at)}")
    if not entries:
        print_text(nothing)


def _record(entry: LogEntry) -> dict[str, str]:
    inspection = entry.inspection
    return {
        "inspection_id": inspection.inspection_id,
        "part_id": inspection.part_id,
        "captured_at": utc_text(inspection.captured_at),
        "disposition": entry.disposition.value,
    }
