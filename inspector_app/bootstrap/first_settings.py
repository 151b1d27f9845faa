"""From what a new station is told to its settings file."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit

from inspector_app.checked_toml import checked_values
from inspector_app.domain.commissioning import FirstAnswers
from inspector_app.domain.errors import SettingsError
from inspector_app.settings import SETTINGS_FILE, Settings

_SAID = {
    "station": "Who this station is; the name is in every record.",
    "camera": "Where pictures come from.",
    "line": "Who is told accept, reject or hold; silence means hold.",
    "automation": "The first level and who may change it; later changes are recorded commands.",
}


def settings_of(answers: FirstAnswers) -> Settings:
    """Return the settings that the answers make; `SettingsError` names the answer that cannot be used."""
    return checked_values(_values(answers), Settings, "These answers")


def write_first_settings(folder: Path, answers: FirstAnswers) -> Path:
    """Write the settings file of a new station, whole or not at all, and return its path.

    Raises
    ------
    SettingsError
        If the answers cannot be used, the file is there already (it is left as it is) or cannot be written.
    """
    settings_of(answers)
    path = folder / SETTINGS_FILE
    part = folder / f".{SETTINGS_FILE}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            file.write(_text(answers))
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, it never replaces a file that is there
    except OSError as error:
        if path.exists():
            raise SettingsError(f"{path} is there already and was left as it is.") from error
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return path


def _values(answers: FirstAnswers) -> dict[str, dict[str, Any]]:
    automation: dict[str, Any] = {"level": "human_only"}
    if answers.supervisors:
        automation["supervisors"] = list(answers.supervisors)
    return {
        "station": {"id": answers.station},
        "camera": {"source": answers.camera},
        "line": {"outputs": list(answers.lines) or ["none"]},
        "automation": automation,
    }


def _text(answers: FirstAnswers) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of the inspection station; every key and what it may be is in the guide."))
    for name, values in _values(answers).items():
        table = tomlkit.table()
        table.update(values)
        table.comment(_SAID[name])
        document.add(name, table)
    return tomlkit.dumps(document)
