"""The supervisor's commands."""

from __future__ import annotations

from typing import Annotated

import typer

from inspector_app.cli.output import AsJson, DataFolder, known_faults_in_one_sentence, print_json, print_text
from inspector_app.domain.control import ControlState, Level
from inspector_app.domain.records import utc_text

level = typer.Typer(no_args_is_help=True)


@level.command("show")
@known_faults_in_one_sentence
def show(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show the degree of automation in force, and who set it, when and why."""
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        state = folder.control_in_force()
        changes = folder.log.control.changes()
    if as_json:
        last = changes[-1] if changes else None
        print_json(
            {
                **control_record(state),
                "by": last.by if last else None,
                "because": last.because if last else None,
                "at": utc_text(last.at) if last else None,
            }
        )
        return
    print_text(f"{state.level.value} (control state {state.version})")
    if changes:
        last = changes[-1]
        print_text(f"set by {last.by} at {last.at:%Y-%m-%d %H:%M:%S} UTC because {last.because}")


@level.command("set")
@known_faults_in_one_sentence
def set_level(
    to: Annotated[Level, typer.Argument(metavar="LEVEL", help="human_only, shadow, assist, partial or full.")],
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who orders it.")],
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it is recorded.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Set the degree of automation. A running station takes it over between two parts."""
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        state = folder.desk().change(by, because, {"level": to})
    if as_json:
        print_json(control_record(state))
    else:
        print_text(f"{state.level.value} (control state {state.version})")


def control_record(state: ControlState) -> dict[str, object]:
    """Return a control state as plain JSON values."""
    return {
        "version": state.version,
        "level": state.level.value,
        "style": state.style.value,
        "accept_below": state.accept_below,
        "cut": state.cut,
        "reject_above": state.reject_above,
        "canary_share": state.canary_share,
        "audit_share": state.audit_share,
        "unaided_share": state.unaided_share,
        "hold_audits": state.hold_audits,
    }
