"""Parts that are decided but of which the line is not known to have heard: somebody looks after them, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.ports import InspectionLog, LineTold

INCIDENT: Final = "line_settled"
"""Kind of the incident that says who settled which parts, and why."""


class SettlingRefused(KnownFault):
    """Parts are not settled; nothing was written."""


def unsettled(log: InspectionLog) -> tuple[LogEntry, ...]:
    """Return the parts that were accepted or rejected without the line being known to have heard, oldest first.

    To hear nothing means hold, so a part on hold is not among them.
    """
    return tuple(entry for entry in log.untold() if entry.disposition is not Disposition.HOLD)


def settle(
    log: InspectionLog, part_ids: Sequence[str] | None, by: str, because: str, at: datetime
) -> tuple[LogEntry, ...]:
    """Record that somebody has made sure that parts went where the log says, and return them as they were.

    The incident is committed first. If the second commit fails, the parts are still unsettled and it may be repeated.

    Parameters
    ----------
    log : InspectionLog
        Of a station that does not run: its own messages could be under way.
    part_ids : sequence of str or None
        Which; ``None``: all of them.
    by, because : str
        Who has looked after the parts, and how it is known where they are.
    at : datetime
        UTC now.

    Raises
    ------
    SettlingRefused
        If name or reason is missing, or a part is not among the unsettled ones.
    """
    by, because = by.strip(), because.strip()
    if not by or not because:
        raise SettlingRefused("Settling parts needs the name of who looked after them, and a reason.")
    open_parts = unsettled(log)
    known = {entry.inspection.part_id for entry in open_parts}
    for part_id in part_ids or ():
        if part_id not in known:
            raise SettlingRefused(f"Part {part_id} is not among those that the line may not have heard of.")
    settled = tuple(entry for entry in open_parts if part_ids is None or entry.inspection.part_id in part_ids)
    if settled:
        named = ", ".join(f"{entry.inspection.part_id} {entry.disposition}" for entry in settled)
        sentence = f"{by} looked after parts that the line may not have heard of: {named}. {because}"
        log.record_incident(INCIDENT, sentence, at)
        log.record_told([LineTold(entry.inspection.inspection_id, entry.disposition, at) for entry in settled])
    return settled
