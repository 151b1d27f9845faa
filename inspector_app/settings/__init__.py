"""The station's settings, read once from ``station.toml`` and checked."""

from __future__ import annotations

from inspector_app.settings.automation import (
    AuditSection,
    AutomationSection,
    ContractSection,
    GatesSection,
    GuardSection,
    RolloutSection,
    SaltSection,
    SeedSection,
)
from inspector_app.settings.pictures import CameraSection, PartIdSection, TriggerSection, ViewSection
from inspector_app.settings.prediction import ModelSection, RemoteSection, ServerSection
from inspector_app.settings.station_toml import (
    SETTINGS_FILE,
    LineSection,
    LogSection,
    Settings,
    StationSection,
    WindowSection,
    data_folder,
    load_settings,
    pin_command,
)

__all__ = [
    "SETTINGS_FILE",
    "AuditSection",
    "AutomationSection",
    "CameraSection",
    "ContractSection",
    "GatesSection",
    "GuardSection",
    "LineSection",
    "LogSection",
    "ModelSection",
    "PartIdSection",
    "RemoteSection",
    "RolloutSection",
    "SaltSection",
    "SeedSection",
    "ServerSection",
    "Settings",
    "StationSection",
    "TriggerSection",
    "ViewSection",
    "WindowSection",
    "data_folder",
    "load_settings",
    "pin_command",
]
