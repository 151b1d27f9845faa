"""The station's settings: ``station.toml`` in the data folder, read once and checked.

A wrong key or value is one sentence that names the file, the key and what is allowed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, model_validator

from inspector_app.checked_toml import Section, read_checked
from inspector_app.sections import Name, Seconds
from inspector_app.settings.automation import (
    AuditSection,
    AutomationSection,
    ContractSection,
    GatesSection,
    GuardSection,
    RolloutSection,
    SeedSection,
)
from inspector_app.settings.pictures import CameraSection, PartIdSection, TriggerSection
from inspector_app.settings.prediction import ModelSection, RemoteSection, ServerSection

SETTINGS_FILE = "station.toml"


class StationSection(Section):
    """``[station]``: who this station is and how patient it is."""

    id: Name = "station-1"
    product: str = Field("", max_length=64)
    queue_size: int = Field(8, ge=1, le=1000)
    picture_queue_size: int = Field(16, ge=1, le=1000)
    undo_s: float = Field(4.0, ge=0.0, le=60.0)
    appear_after_s: float = Field(0.3, ge=0.0, le=10.0)
    give_up_after_s: Seconds = 30.0
    reconnect_s: Seconds = 1.0


class LineSection(Section):
    """``[line]``: who is told accept, reject or hold."""

    outputs: tuple[str, ...] = ("none",)


class LogSection(Section):
    """``[log]``: where the records go; empty means ``station.db`` in the data folder."""

    url: str = ""


class WindowSection(Section):
    """``[window]``: how the window looks."""

    theme: Literal["light", "dark", "contrast"] = "light"
    full_screen: bool = False
    defect_classes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=9)] = (
        "scratch",
        "chip",
        "crack",
        "dirt",
        "other",
    )


class Settings(Section):
    """Everything in ``station.toml``; each key may be left out."""

    station: StationSection = StationSection()
    camera: CameraSection = CameraSection()
    trigger: TriggerSection = TriggerSection()
    part_id: PartIdSection = PartIdSection()
    model: ModelSection = ModelSection()
    remote: RemoteSection = RemoteSection()
    line: LineSection = LineSection()
    server: ServerSection = ServerSection()
    log: LogSection = LogSection()
    automation: AutomationSection = AutomationSection()
    contract: ContractSection = ContractSection()
    gates: GatesSection = GatesSection()
    guards: GuardSection = GuardSection()
    audits: AuditSection = AuditSection()
    seeds: SeedSection = SeedSection()
    rollout: RolloutSection = RolloutSection()
    window: WindowSection = WindowSection()

    @model_validator(mode="after")
    def _views_before_giving_up(self) -> Settings:
        if self.camera.views and self.trigger.source == "line" and self.camera.view_wait_ms >= self.trigger.give_up_ms:
            raise ValueError("camera.view_wait_ms must be below trigger.give_up_ms, or no part is left with some views")
        return self

    @model_validator(mode="after")
    def _time_for_both(self) -> Settings:
        remote_ms, appear_ms = self.remote.deadline_ms, 1000.0 * self.station.appear_after_s
        if not self.remote.urls:
            return self
        if remote_ms >= self.model.deadline_ms:
            raise ValueError("remote.deadline_ms leaves the local model no time; it is below model.deadline_ms")
        if 0.0 < appear_ms <= remote_ms:
            raise ValueError(
                "remote.deadline_ms is below station.appear_after_s, so that no part appears later because the server"
                " did not answer"
            )
        return self


def data_folder(chosen: Path | None) -> Path:
    """Return the data folder: the one chosen, else ``$INSPECTOR_DATA``, else the platform's user data folder."""
    if chosen is not None:
        return chosen
    named = os.environ.get("INSPECTOR_DATA")
    return Path(named) if named else _usual_data_folder()


def _usual_data_folder() -> Path:
    return Path(platformdirs.user_data_dir("inspector-app", appauthor=False))


def pin_command(folder: Path, name: str) -> str:
    """Return the command with which a supervisor sets a PIN for the station of a data folder.

    The folder is named unless it is the usual one: whoever types it may have another ``$INSPECTOR_DATA``.
    """
    other = folder.absolute() != _usual_data_folder().absolute()
    where = f' --data "{folder.absolute()}"' if other else ""
    return f'inspector-app level pin set --by "{name}"{where}'


def load_settings(folder: Path) -> Settings:
    """Read ``station.toml`` of a data folder; without the file, all defaults.

    Raises
    ------
    SettingsError
        One sentence naming file, key and what is allowed.
    """
    path = folder / SETTINGS_FILE
    try:
        return read_checked(path, Settings)
    except FileNotFoundError:
        return Settings()
