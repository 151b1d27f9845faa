"""The settings file: defaults, and one sentence for everything that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.errors import SettingsError
from inspector_app.settings import Settings, data_folder, load_settings, pin_command


def written(folder: Path, text: str) -> Path:
    (folder / "station.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_all_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_first_control_state_is_the_careful_one(tmp_path: Path) -> None:
    state = load_settings(tmp_path).automation.first_state()
    assert (state.version, state.level, state.style) == (1, Level.HUMAN_ONLY, AssistStyle.SECOND_LOOK)
    assert state.canary_share == 0.05
    assert state.audit_share > 0
    assert state.hold_audits


def test_reads_what_is_there(tmp_path: Path) -> None:
    settings = load_settings(
        written(
            tmp_path,
            '[station]\nid = "line 4"\n[camera]\nsource = "folder:/parts"\nexposure_us = 1500\ntrigger = "software"\n'
            '[line]\noutputs = ["file:/tmp/line.jsonl", "none"]\n[automation]\nlevel = "shadow"\naccept_below = 0.02\n',
        )
    )
    assert settings.station.id == "line 4"
    assert settings.camera.controls().exposure_us == 1500
    assert settings.line.outputs == ("file:/tmp/line.jsonl", "none")
    assert settings.automation.first_state().accept_below == 0.02


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[automation]\nlevl = "full"\n', ["automation.levl", "unknown", "level"]),
        ('[automation]\nlevel = "auto"\n', ["automation.level", "human_only", "full", "auto"]),
        ("[automation]\naccept_below = 0.9\n", ["automation", "accept_below ≤ cut ≤ reject_above"]),
        ("[automation]\naudit_share = 0\n", ["automation.audit_share", "greater than 0"]),
        ('[automation.salts]\naudit = "canary-1"\n', ["automation", "salts", "differ"]),
        ('[station]\nqueue_size = "many"\n', ["station.queue_size", "many"]),
        ("[stations]\n", ["stations", "unknown", "station", "camera"]),
        ("level = \n", ["not valid TOML", "line 1"]),
        ("[camera]\ntrigger = 3\nexposure_us = -1\n", ["1 more to mend"]),
        ("[window]\ndefect_classes = []\n", ["window.defect_classes"]),
        ("[camera]\nmm_per_px = 0\n", ["camera.mm_per_px", "greater than 0"]),
        ('[remote]\nurls = ["grpc://edge:1"]\ndeadline_ms = 5000\n', ["station.toml: remote.deadline_ms leaves"]),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    sentence = str(caught.value)
    assert sentence.startswith(str(tmp_path / "station.toml"))
    assert "\n" not in sentence
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"station\.toml is not a text file in UTF-8"):
        load_settings(tmp_path)


def test_advice_on_pins_names_a_data_folder_that_is_not_the_usual_one(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("INSPECTOR_DATA", raising=False)
    usual = data_folder(None)
    assert pin_command(usual, "eva") == 'inspector-app level pin set --by "eva"'
    other = tmp_path / "line 4"
    expected = f'inspector-app level pin set --by "eva" --data "{other}"'
    assert pin_command(other, "eva") == expected
    monkeypatch.chdir(tmp_path)
    assert pin_command(other.relative_to(tmp_path), "eva") == expected
    monkeypatch.setenv("INSPECTOR_DATA", str(other))  # the station's, and not that of whoever types it
    assert pin_command(data_folder(None), "eva") == expected


def test_the_data_folder_is_chosen_named_or_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECTOR_DATA", str(tmp_path / "named"))
    assert data_folder(tmp_path / "chosen") == tmp_path / "chosen"
    assert data_folder(None) == tmp_path / "named"
    monkeypatch.delenv("INSPECTOR_DATA")
    assert data_folder(None).name == "inspector-app"


def every_key(section: BaseModel, at: str = "") -> Iterator[tuple[str, str]]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from every_key(value, f"{at}.{name}".removeprefix("."))
        else:
            yield at, name


def test_the_guide_has_every_key_with_its_default() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    table = guide.partition("\n## Settings\n")[2].partition("```toml\n")[2].partition("```")[0]
    assert Settings.model_validate(tomllib.loads(table)) == Settings()
    sections = dict(re.findall(r"^\[([\w.]+)\](.*?)(?=^\[|\Z)", table, re.MULTILINE | re.DOTALL))
    missing = [
        f"{section}.{key}"
        for section, key in every_key(Settings())
        if not re.search(rf"^(# (.*, )?|\[\[{section}\.)?{key}\b", sections[section], re.MULTILINE)
    ]
    assert missing == ["camera.views"]  # sections of their own, in "Several views of a part"
