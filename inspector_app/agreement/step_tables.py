"""What people, guards and schedules have changed, as tables of the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspector_app.agreement.document import Cell, Column, Share, Table
from inspector_app.agreement.values import Count, NotMeasurable
from inspector_app.automation.csp import AuditPlan, outgoing_limit
from inspector_app.domain.control import ControlState
from inspector_app.domain.logquery import LogFilter, StationChange

GUARD, SCHEDULE = "guard:", "schedule:audits"
"""In whose name the station itself steps left, and follows the schedule of audits."""


@dataclass(frozen=True, slots=True)
class GuardPromises:
    """What is known of false alarms in advance, as the settings stand when the report is made.

    Attributes
    ----------
    drift_parts : float
        Parts that pass on average before a false drift alarm.
    harm_delta : float
        Chance that the guard of harm ever fires while escapes keep within their limit.
    escape_limit : float
        That limit.
    plan : AuditPlan or None
        Schedule of the audits.
    """

    drift_parts: float
    harm_delta: float
    escape_limit: float
    plan: AuditPlan | None = None


def steps_table(steps: Sequence[StationChange], which: LogFilter) -> Table:
    """Return every command of the period, led by the state in force when it began."""
    columns = (
        Column("at", "At (UTC)", 1.6), Column("station", "Station", 1.0), Column("version", "No.", 0.5),
        Column("level", "Level", 1.1), Column("direction", "Step", 0.9), Column("by", "By", 1.6),
        Column("signed", "Signature", join="\n"), Column("because", "Reason", 4.6),
        Column("against", "what was missing", join="\nAgainst the recommendation: "),
        Column("settings", "In force from then on", 3.1), Column("certificate", "named, if any", join="\ncertificate "),
    )  # fmt: skip
    rows = tuple(_step_row(step) for step in _in_period(steps, which, leading=True))
    note = "The first row of a station is the state in force when the period began, where there was one."
    return Table("steps", "Commands and steps", columns, rows, (note,) if rows else ("None in this period.",))


def guard_table(steps: Sequence[StationChange], which: LogFilter, promises: GuardPromises | None) -> Table:
    """Return every guard that stepped left in the period, and who re-armed it when."""
    columns = (
        Column("at", "At (UTC)", 1.7), Column("station", "Station", 1.1), Column("guard", "Guard", 1.6),
        Column("step", "Step", 1.8), Column("because", "On what", 4.0), Column("rearmed_at", "Re-armed (UTC)", 1.7),
        Column("rearmed_by", "by", 1.4, join="\n"),
    )  # fmt: skip
    rows = tuple(_guard_row(step, steps) for step in _in_period(steps, which) if step.change.by.startswith(GUARD))
    notes = [] if rows else ["None in this period."]
    if promises is not None:
        notes.append(
            f"Known in advance: without drift, a false alarm of score drift comes on average no sooner than every "
            f"{promises.drift_parts:,.0f} parts (ARL0); while escapes keep within {100 * promises.escape_limit:g} %, "
            f"the guard of harm ever fires with a chance of at most {100 * promises.harm_delta:g} %."
        )
    return Table("guards", "Guards that stepped left", columns, rows, tuple(notes))


def schedule_table(
    steps: Sequence[StationChange],
    which: LogFilter,
    promises: GuardPromises | None,
    audited: Count | NotMeasurable,
) -> Table:
    """Return the phases of the audit schedule (CSP-1) in the period.

    Parameters
    ----------
    steps, which, promises
        As of `guard_table`.
    audited : Count or NotMeasurable
        Of the model's accepts in the period, those that were audited.
    """
    columns = (
        Column("at", "From (UTC)", 1.7), Column("station", "Station", 1.2), Column("phase", "Phase", 2.4),
        Column("audit_share", "Audited", 1.2), Column("until", "Until (UTC)", 1.7),
    )  # fmt: skip
    rows = tuple(_phase_row(step, steps) for step in _in_period(steps, which) if step.change.by == SCHEDULE)
    notes = [] if rows else ["None in this period."]
    plan = None if promises is None else promises.plan
    if plan is not None and rows:
        notes.append(
            f"CSP-1 as set when the report was made: every accept is audited until {plan.clearance} in a row were "
            f"good, then {100 * plan.fraction:g} %. Whatever the model's steady rate, in the long run at most "
            f"{100 * outgoing_limit(plan):.3g} % of what leaves as accepted is bad (AOQL), as far as audits see it."
        )
    if isinstance(audited, Count):
        notes.append(
            f"Of the model's {audited.n} accepts {audited.k} were audited: {100 * audited.share:.3g} % "
            "(average fraction inspected, AFI)."
        )
    return Table("audit_schedule", "Phases of the audit schedule", columns, rows, tuple(notes))


def settings_text(state: ControlState) -> str:
    """Return everything that the policy used besides the part, salts included."""
    salts = state.salts
    return (
        f"accept below {state.accept_below:g}, cut {state.cut:g}, reject above {state.reject_above:g}; canary "
        f"{state.canary_share:g}, audit {state.audit_share:g}, unaided {state.unaided_share:g}; style "
        f"{state.style.value.replace('_', ' ')}; audits {'held' if state.hold_audits else 'released'}; salts "
        f"{salts.canary}, {salts.audit}, {salts.first_look}"
    )


def _in_period(steps: Sequence[StationChange], which: LogFilter, *, leading: bool = False) -> Iterator[StationChange]:
    """Yield the steps of the period, oldest first, led on request by those in force when it began."""
    if which.since is not None and leading:
        yield from {step.station: step for step in steps if step.change.at < which.since}.values()
    yield from (step for step in steps if which.since is None or step.change.at >= which.since)


def _step_row(step: StationChange) -> tuple[Cell, ...]:
    change = step.change
    after = change.after
    return (
        change.at, step.station, after.version, _words(after.level.value), _direction(change.before, after),
        _who(change.by), "signed with PIN" if change.signed else None, change.because, change.against,
        settings_text(after), change.certificate,
    )  # fmt: skip


def _direction(before: ControlState | None, after: ControlState) -> str:
    moved = 0 if before is None else after.level.rank - before.level.rank
    if before is None:
        return "start"
    return "same level" if moved == 0 else f"{abs(moved)} to the {'right' if moved > 0 else 'left'}"


def _guard_row(step: StationChange, steps: Sequence[StationChange]) -> tuple[Cell, ...]:
    change = step.change
    kind, before, after = change.by.removeprefix(GUARD), change.before, change.after
    moved = before is not None and before.level is not after.level
    levels = f"{_words(before.level.value)} to {_words(after.level.value)}" if before and moved else "same level"
    again = None
    if kind in after.latched:
        later = (each for each in _later(step, steps) if kind not in each.change.after.latched)
        again = next((each.change for each in later), None)
    rearmed = (None, None) if again is None else (again.at, again.by)
    return (change.at, step.station, _words(kind), levels, change.because, *rearmed)


def _phase_row(step: StationChange, steps: Sequence[StationChange]) -> tuple[Cell, ...]:
    change = step.change
    share = change.after.audit_share
    ends = (each.change.at for each in _later(step, steps) if each.change.after.audit_share != share)
    phase = "100 % (screening)" if share == 1.0 else "sampling"
    return (change.at, step.station, phase, Share(share), next(ends, None))


def _later(step: StationChange, steps: Sequence[StationChange]) -> Iterator[StationChange]:
    version = step.change.after.version
    return (each for each in steps if each.station == step.station and each.change.after.version > version)


def _who(by: str) -> str:
    """Return in whose name a step was taken, in words where it was the station's own."""
    if by == SCHEDULE:
        return "audit schedule"
    return f"guard: {_words(by.removeprefix(GUARD))}" if by.startswith(GUARD) else by


def _words(name: str) -> str:
    return name.replace("_", " ")
