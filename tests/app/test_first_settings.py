"""From answers to a settings file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.bootstrap.commissioning_room import FolderCommissioningRoom
from inspector_app.bootstrap.first_settings import settings_of, write_first_settings
from inspector_app.domain.commissioning import Check, Finding, FirstAnswers, Grade
from inspector_app.domain.control import Level
from inspector_app.domain.errors import SettingsError
from inspector_app.settings import load_settings

ANSWERS = FirstAnswers("glass 2", "synthetic:?size=96x96", ("file:/tmp/lïne.jsonl",), ("Ana", 'Bo "B"'))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = write_first_settings(tmp_path / "new", ANSWERS)
    read = load_settings(tmp_path / "new")
    assert read == settings_of(ANSWERS)
    assert read.station.id == "glass 2"
    assert read.line.outputs == ANSWERS.lines
    assert read.automation.supervisors == ANSWERS.supervisors
    assert read.automation.level is Level.HUMAN_ONLY
    assert path.read_text(encoding="utf-8").startswith("#")
    assert [each.name for each in path.parent.iterdir()] == ["station.toml"]


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=80), st.text(max_size=60))
def test_any_answer_is_read_back_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str, line: str) -> None:
    folder = tmp_path_factory.mktemp("answers")
    answers = FirstAnswers(name, "synthetic:", (line,) if line else ())
    try:
        write_first_settings(folder, answers)
    except SettingsError:
        assert list(folder.iterdir()) == []
    else:
        assert load_settings(folder) == settings_of(answers)


def test_settings_that_are_there_are_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("[station]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="already"):
        write_first_settings(tmp_path, ANSWERS)
    assert path.read_text(encoding="utf-8") == "[station]\n"


def test_an_answer_that_cannot_be_used_is_named() -> None:
    with pytest.raises(SettingsError, match=r"station\.id"):
        settings_of(FirstAnswers("x" * 81, "synthetic:"))


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be written"):
        write_first_settings(tmp_path / "file", ANSWERS)


def test_a_room_tries_examines_and_writes(tmp_path: Path) -> None:
    room = FolderCommissioningRoom(tmp_path)
    assert room.is_new
    finding, pixels = room.try_camera("synthetic:?size=96x96&parts=1")
    assert finding.grade is Grade.WARNING
    assert pixels is not None
    assert room.try_camera("carrier-pigeon:")[0].grade is Grade.BAD
    assert room.try_line("pigeon").grade is Grade.BAD
    assert room.try_line(f"file:{tmp_path / 'line.jsonl'}").grade is Grade.GOOD
    found: list[Finding] = []
    room.examine(ANSWERS, found.append, lambda: len(found) > 1)
    assert found[0] == Finding(Check.SETTINGS, Grade.GOOD, "What was answered is consistent.")
    assert len(found) == 2
    room.write(ANSWERS)
    assert not room.is_new
