"""A whole data folder under examination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.upgrade import downgrade
from inspector_app.bootstrap.building import only_station
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.doctor import examine
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.domain.commissioning import Check, Finding, Grade, ready
from inspector_app.domain.control import Level
from inspector_app.domain.logquery import LogFilter
from inspector_app.settings import LogSection, Settings, StationSection
from tests.db.conftest import Maker

SMALL = '[camera]\nsource = "synthetic:?size=96x96&parts=3"\n[model]\ndeadline_ms = 60000\n'


def examined(folder: Path, settings: str = SMALL, *only: Check) -> dict[Check, list[Finding]]:
    folder.mkdir(exist_ok=True)
    (folder / "station.toml").write_text(settings, encoding="utf-8")
    found: dict[Check, list[Finding]] = {}
    for finding in examine(folder, only or tuple(Check)):
        found.setdefault(finding.check, []).append(finding)
    return found


def test_every_check_speaks_once_and_the_folder_works_afterwards(tmp_path: Path) -> None:
    found = examined(tmp_path)
    assert set(found) == set(Check)
    assert all(len(each) == 1 for each in found.values())
    assert found[Check.MODEL][0].grade is not Grade.BAD
    assert "96 × 96" in found[Check.MODEL][0].sentence
    with open_data(tmp_path) as data, only_station(tmp_path):
        assert data.log.reader.count(LogFilter()) == 0
        assert data.log.reader.incidents(10) == ()


def test_a_folder_that_is_not_there_is_said_to_be_missing_and_is_not_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "nope"
    found = {finding.check: finding for finding in examine(nowhere, (Check.FOLDER, Check.LOG))}
    assert not nowhere.exists()
    assert found[Check.FOLDER].grade is Grade.BAD
    assert f"There is no data folder {nowhere}" in found[Check.FOLDER].sentence
    assert found[Check.LOG].grade is Grade.SKIPPED


def test_nothing_is_made_in_a_folder_without_a_log(tmp_path: Path) -> None:
    found = examined(tmp_path, f'{SMALL}[automation]\nsupervisors = ["eva"]\n')
    assert [each.name for each in tmp_path.iterdir()] == ["station.toml"]
    assert found[Check.LOG][0].grade is Grade.WARNING
    assert f"no log in {tmp_path / 'station.db'}" in found[Check.LOG][0].sentence
    assert "eva" in found[Check.PEOPLE][0].sentence
    disk = found.pop(Check.DISK)  # a machine that is busy with tests may be too slow for a station
    assert len(disk) == 1
    assert ready(tuple(finding for each in found.values() for finding in each))


def test_a_log_of_an_older_program_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    with open_data(tmp_path) as data:
        downgrade(data.log.database, "0010")
    before = (tmp_path / "station.db").read_bytes()
    found = examined(tmp_path, SMALL, Check.LOG)
    assert found[Check.LOG][0].grade is Grade.WARNING
    assert "another version" in found[Check.LOG][0].sentence
    assert (tmp_path / "station.db").read_bytes() == before


def test_parts_of_another_station_say_nothing_of_this_computers_clock(tmp_path: Path) -> None:
    url, make = f"sqlite:///{tmp_path / 'shared.db'}", Maker()
    fast = Settings(station=StationSection(id="fast"), log=LogSection(url=url))
    with open_data(tmp_path / "fast", fast) as theirs:
        make.begin(theirs.log)
        theirs.log.inspections.record_inspection(replace(make.part(), captured_at=datetime(2999, 1, 1, tzinfo=UTC)))
    found = examined(tmp_path / "ours", f'{SMALL}[log]\nurl = "{url}"\n', Check.LOG, Check.CLOCK)
    assert "holds 0 parts" in found[Check.LOG][0].sentence
    assert found[Check.CLOCK][0].grade is not Grade.BAD
    late = examined(tmp_path / "fast", f'{SMALL}[station]\nid = "fast"\n[log]\nurl = "{url}"\n', Check.LOG, Check.CLOCK)
    assert "holds 1 part." in late[Check.LOG][0].sentence
    assert late[Check.CLOCK][0].grade is Grade.BAD


def test_wrong_settings_are_named_and_what_stands_on_them_is_not_tried(tmp_path: Path) -> None:
    found = examined(tmp_path, "[camera]\nsorce = 1\n")
    assert found[Check.SETTINGS][0].grade is Grade.BAD
    assert "camera.sorce" in found[Check.SETTINGS][0].sentence
    for check in (Check.FOLDER, Check.LOG, Check.CAMERA, Check.MODEL, Check.LINE):
        assert found[check][0].grade is Grade.SKIPPED


def test_triggers_need_a_line_that_hears_them(tmp_path: Path) -> None:
    outputs = f'[line]\noutputs = ["file:{tmp_path}/line.jsonl"]\n'
    found = examined(tmp_path, f'{SMALL}{outputs}[trigger]\nsource = "line"\n', Check.LINE)
    good, deaf = found[Check.LINE]
    assert (good.grade, deaf.grade) == (Grade.GOOD, Grade.BAD)
    assert '"trigger"' in deaf.sentence
    assert "modbus-server" in deaf.sentence


def test_known_defects_that_are_asked_for_must_be_there(tmp_path: Path) -> None:
    (found,) = examined(tmp_path, f"{SMALL}[seeds]\nshare = 0.01\n", Check.SETTINGS)[Check.SETTINGS]
    assert found.grade is Grade.BAD
    assert "seeds.toml is not there" in found.sentence


def test_each_line_is_tried_and_a_dead_one_is_bad(tmp_path: Path, free_port: Callable[[], int]) -> None:
    spec = f"modbus://127.0.0.1:{free_port()}/?accept=0"
    found = examined(tmp_path, f'{SMALL}[line]\noutputs = ["file:{tmp_path}/line.jsonl", "{spec}"]\n', Check.LINE)
    good, dead = found[Check.LINE]
    assert (good.grade, dead.grade) == (Grade.GOOD, Grade.BAD)
    assert "does not answer" in dead.sentence
    assert not ready(tuple(found[Check.LINE]))


def test_a_prediction_server_that_is_away_is_a_warning_because_the_own_model_answers(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    pytest.importorskip("grpc", reason="a prediction server needs the extra 'server'")
    settings = f'{SMALL}[remote]\nurls = ["grpc://127.0.0.1:{free_port()}"]\nconnect_ms = 500\n'
    found = examined(tmp_path, settings, Check.SERVER)
    assert found[Check.SERVER][0].grade is Grade.WARNING
    assert "cannot be asked" in found[Check.SERVER][0].sentence
    assert examined(tmp_path, SMALL, Check.SERVER)[Check.SERVER][0].grade is Grade.GOOD
    wrong = examined(tmp_path, f'{SMALL}[remote]\nurls = ["ftp://there"]\n', Check.SERVER)
    assert wrong[Check.SERVER][0].grade is Grade.BAD


def test_a_setting_that_proves_wrong_names_its_key(tmp_path: Path) -> None:
    found = examined(
        tmp_path, '[camera]\nsource = "folder:?speed=1"\n[line]\noutputs = ["pigeon"]\n', Check.CAMERA, Check.LINE
    )
    assert '"camera"' in found[Check.CAMERA][0].sentence
    assert '"line.outputs"' in found[Check.LINE][0].sentence


@pytest.mark.parametrize(("level", "grade"), [("human_only", Grade.WARNING), ("assist", Grade.BAD)])
def test_a_missing_model_matters_where_one_is_asked(tmp_path: Path, level: str, grade: Grade) -> None:
    settings = f'{SMALL}name = "gone"\n[automation]\nlevel = "{level}"\n'
    found = examined(tmp_path, settings, Check.MODEL)
    assert found[Check.MODEL][0].grade is grade


def test_supervisors_without_a_pin_are_named(tmp_path: Path) -> None:
    found = examined(tmp_path, f'{SMALL}[automation]\nsupervisors = ["eva"]\n', Check.PEOPLE)
    assert "eva" in found[Check.PEOPLE][0].sentence


def test_devices_of_a_running_station_are_left_alone(tmp_path: Path) -> None:
    with only_station(tmp_path):
        found = examined(tmp_path)
    for check in (Check.CAMERA, Check.MODEL, Check.LINE):
        assert found[check][0].grade is Grade.SKIPPED
    assert "running" in found[Check.FOLDER][0].sentence


def test_parts_of_which_the_line_may_not_have_heard_are_counted(tmp_path: Path) -> None:
    away = tmp_path / "line.jsonl"
    away.mkdir()  # a folder cannot be written as a file: the line is away
    request = RunRequest(
        source="synthetic:?size=96x96&parts=2", line=(f"file:{away}",), level=Level.HUMAN_ONLY, decider="truth"
    )
    run_parts(tmp_path, request, on_entry=lambda _e: None, say=lambda _s: None, cancelled=lambda: False)
    found = examined(tmp_path, SMALL, Check.LOG)
    assert found[Check.LOG][0].grade is Grade.WARNING
    assert "line untold" in found[Check.LOG][0].remedy


def test_it_can_be_stopped_between_two_checks(tmp_path: Path) -> None:
    begun: list[Check] = []
    found = examine(tmp_path, on_check=begun.append, cancelled=lambda: len(begun) == 2)
    assert [each.check for each in found] == [Check.SETTINGS, Check.COMPUTER]
