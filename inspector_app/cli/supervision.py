"""The supervisor's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inspector_app.cli.output import AsJson, DataFolder, known_faults_in_one_sentence, print_json, print_text, say
from inspector_app.cli.signing import Because, By, PinStdin, ask_pin, signed
from inspector_app.domain.control import Command, ControlState, Level
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.records import utc_text

if TYPE_CHECKING:  # what it stands on takes long to import, and most commands do without
    from inspector_app.automation.conditions import Condition

level = typer.Typer(no_args_is_help=True)
pin = typer.Typer(no_args_is_help=True)
level.add_typer(pin, name="pin", help="The PINs with which supervisors sign what moves right.")


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
    by: By,
    because: Because,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Set the degree of automation. A running station takes it over between two parts.

    A step right that the evidence does not recommend is recorded as such, with what was missing (see `level gates`).
    """
    _order({"level": to}, by, because, pin_stdin, data, as_json)


@level.command("gates")
@known_faults_in_one_sentence
def gates(data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show what must hold before each step right, what holds, and what is still missing."""
    from inspector_app.automation.gates import gates_record
    from inspector_app.bootstrap.data import open_data
    from inspector_app.bootstrap.gating import gates_now

    with open_data(data) as folder:
        report, evidence, limits = gates_now(folder)
    if as_json:
        print_json(gates_record(report, evidence, limits))
        return
    further = report.recommended is not report.level
    print_text(
        f"{report.level} is in force; the evidence recommends {report.recommended if further else 'no step right'}"
    )
    for gate in report.gates:
        print_text(f"to {gate.to.value}: {'open' if gate.open else 'closed'}")
        for condition in gate.conditions:
            more = "" if not condition.needed else f" At least {condition.needed} more{_pace(condition)}."
            counted = "" if condition.n is None else f" ({condition.k} of {condition.n})"
            word = "holds" if condition.holds else "missing" if condition.measurable else "not measurable"
            print_text(f"  {word}: {condition.sentence}{counted}{more}")


def _pace(condition: Condition) -> str:
    """Return the hours and parts that what is missing takes at the present pace, as far as they are known."""
    if condition.hours is None:
        return ""
    made = "" if condition.parts is None else f", {condition.parts} parts"
    return f": {condition.hours:.1f} h{made} at the present pace"


@level.command("rearm")
@known_faults_in_one_sentence
def rearm(
    by: By,
    because: Because,
    pin_stdin: PinStdin = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Re-arm the guards that have stepped left; the level stays where they left it."""
    _order({"latched": ()}, by, because, pin_stdin, data, as_json)


@pin.command("set")
@known_faults_in_one_sentence
def set_pin(
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Whose PIN it is.")],
    reset_by: Annotated[
        str | None,
        typer.Option("--reset-by", metavar="USER", help="Another supervisor, who signs for it if it is forgotten."),
    ] = None,
    pin_stdin: Annotated[
        bool,
        typer.Option("--pin-stdin", help="Read from standard input: the PIN that proves it, if any, then the new one."),
    ] = False,
    data: DataFolder = None,
) -> None:
    """Set a supervisor's PIN. Replacing one takes the old PIN, or the PIN of another supervisor."""
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        proves = reset_by or by
        proof = None
        if folder.log.pins.pin(by) is not None or proves != by:
            proof = ask_pin(f"Present PIN of {proves}: ", pin_stdin)
        fresh = ask_pin(f"New PIN of {by}: ", pin_stdin)
        if not pin_stdin and ask_pin(f"New PIN of {by} again: ", pin_stdin) != fresh:
            raise ControlRefused("The two PINs differ; nothing was changed.")
        folder.set_pin(by, fresh, proves, proof)
    print_text(f"The PIN of {by} is set.")


@pin.command("list")
@known_faults_in_one_sentence
def list_pins(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List who has a PIN."""
    from inspector_app.bootstrap.data import open_data
    from inspector_app.settings import pin_command

    with open_data(data) as folder:
        names, how = folder.log.pins.names(), pin_command(folder.path, "USER")
    if as_json:
        print_json(list(names))
    else:
        print_text("\n".join(names) if names else f"Nobody has a PIN yet: {how}")


def _order(changes: dict[str, object], by: str, because: str, pin_stdin: bool, data: DataFolder, as_json: bool) -> None:
    from inspector_app.bootstrap.commanding import desk_of, recorded_against
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder:
        desk = desk_of(folder)
        state = signed(lambda entered: desk.order(Command(by, because, changes, entered)), by, pin_stdin)
        against = recorded_against(folder)
    if against is not None:
        say(f"Recorded as against the recommendation. {against}")
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
        "reject_audit_share": state.reject_audit_share,
        "targeted_share": state.targeted_share,
        "targeted_above": state.targeted_above,
        "hold_audits": state.hold_audits,
        "latched": list(state.latched),
    }
