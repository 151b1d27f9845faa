"""One station at a time works on a data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector_app.bootstrap.building import StationBusy, built_station
from inspector_app.bootstrap.commanding import desk_of
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.devices import open_camera
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.domain.control import Level
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.settings import CameraSection

SOURCE = "synthetic:?size=96x96&parts=2"


def run(folder: Path, seen: list[LogEntry]) -> None:
    request = RunRequest(source=SOURCE, level=Level.SHADOW, decider="truth")
    run_parts(folder, request, on_entry=seen.append, say=lambda _sentence: None, cancelled=lambda: False)


def test_a_second_station_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    seen: list[LogEntry] = []
    with open_data(tmp_path) as data, built_station(data, open_camera(CameraSection(), SOURCE), None):
        with pytest.raises(StationBusy, match="Another station is running on"):
            run(tmp_path, seen)
        assert data.control_in_force().level is Level.HUMAN_ONLY
        assert data.log.reader.count(LogFilter()) == 0
    run(tmp_path, seen)
    assert len(seen) == 2
    assert seen[0].inspection.control.level is Level.SHADOW


def test_commands_may_be_given_while_a_station_runs(tmp_path: Path) -> None:
    with open_data(tmp_path) as data, built_station(data, open_camera(CameraSection(), SOURCE), None):
        with open_data(tmp_path) as other:
            desk_of(other).change("ann", "trying", {"level": Level.ASSIST})
        assert data.control_in_force().level is Level.ASSIST
