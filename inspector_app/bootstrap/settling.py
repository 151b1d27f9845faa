"""The parts of a data folder that the line may not have heard of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector_app.bootstrap.building import only_station
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.inspection import LogEntry
from inspector_app.station.settling import settle, unsettled


def unsettled_parts(chosen: Path | None) -> tuple[LogEntry, ...]:
    """Return the parts, oldest first; `StationBusy` while a station runs, whose messages are under way."""
    with open_data(chosen) as folder, only_station(folder.path):
        return unsettled(folder.log.inspections)


def settle_parts(chosen: Path | None, part_ids: Sequence[str] | None, by: str, because: str) -> tuple[LogEntry, ...]:
    """Settle parts (``None``: all) and return them; see `settle`.

    Raises
    ------
    StationBusy
        While a station runs on the data folder.
    ControlRefused
        If supervisors are named and this is none of them.
    SettlingRefused
        As of `settle`.
    """
    with open_data(chosen) as folder, only_station(folder.path):
        if not folder.may_control(by.strip()):
            raise ControlRefused(f"{by} is not one of the supervisors of this station.")
        return settle(folder.log.inspections, part_ids, by, because, utc_now())
