"""Where supervisors' commands on a data folder are checked against the evidence and recorded."""

from __future__ import annotations

from typing import Any

from inspector_app.automation.against import against_change, level_rises, thresholds_widen
from inspector_app.bootstrap.certifying import standing_now, thresholds_in_force
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.gating import gates_now
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.control import ControlState
from inspector_app.station.desk import ControlDesk, SpeaksAgainst


def desk_of(folder: DataFolder) -> ControlDesk:
    """Return a control desk on the folder's log, for commands given without a station."""
    first = folder.settings.automation.first_state()
    return ControlDesk(
        folder.log.control,
        first,
        folder.may_control,
        utc_now,
        lambda _event: None,
        folder.sign(),
        speaks_against(folder),
    )


def speaks_against(folder: DataFolder) -> SpeaksAgainst:
    """Return what tells a control desk whether the log's evidence speaks against a change."""

    def found(before: ControlState, after: ControlState, certificate: str | None) -> str | None:
        if not level_rises(before, after) and not thresholds_widen(before, after):
            return None
        return against_change(before, after, gates_now(folder)[0], _standing_certificate(folder, certificate))

    return found


def recorded_against(folder: DataFolder) -> str | None:
    """Return what the newest command was recorded as being against."""
    changes = folder.log.control.changes()
    return changes[-1].against if changes else None


def _standing_certificate(folder: DataFolder, named: str | None) -> dict[str, Any] | None:
    record = thresholds_in_force(folder).certificate if named is None else folder.log.certificates.get(named)
    if record is None or not standing_now(folder, record).valid:
        return None
    return record
