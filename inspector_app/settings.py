"""The station's settings: ``station.toml`` in the data folder, read once and checked.

A wrong key or value is one sentence that names the file, the key and what is allowed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, model_validator

from inspector_app.automation.csp import AuditPlan
from inspector_app.checked_toml import Section, read_checked
from inspector_app.domain.contract import Contract
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.domain.trigger import IdSource

SETTINGS_FILE = "station.toml"

Share = Annotated[float, Field(ge=0.0, le=1.0)]
OpenShare = Annotated[float, Field(gt=0.0, lt=1.0)]
PositiveShare = Annotated[float, Field(gt=0.0, le=1.0)]
Seconds = Annotated[float, Field(gt=0.0, le=3600.0)]
CodeKind = Literal[
    "DataMatrix", "QRCode", "MicroQRCode", "Aztec", "PDF417", "Code128", "Code39", "Code93", "EAN13", "ITF"
]
"""Names of ZXing."""
Name = Annotated[str, Field(min_length=1, max_length=80)]


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


class ViewSection(Section):
    """``[[camera.views]]``: one of several views of a part; further settings are options of its source."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_ -]{0,39}$")]
    source: Annotated[str, Field(min_length=1, pattern=r"^[^|]+$")]
    exposure_us: Annotated[float, Field(gt=0)] | None = None
    gain_db: Annotated[float, Field(ge=0)] | None = None
    frame_rate_hz: Annotated[float, Field(gt=0, le=1000)] | None = None
    pixel_format: str | None = None

    def full_source(self) -> str:
        """Return the source with the settings as its options, so that whatever names the source names them too."""
        given = {"exposure": self.exposure_us, "gain": self.gain_db, "rate": self.frame_rate_hz}
        options = [f"{name}={value:g}" for name, value in given.items() if value is not None]
        options += [f"format={self.pixel_format}"] if self.pixel_format else []
        return self.source + ("&" if "?" in self.source else "?") * bool(options) + "&".join(options)


class CameraSection(Section):
    """``[camera]``: where pictures come from and how they are taken."""

    source: str = "synthetic:"
    exposure_us: Annotated[float, Field(gt=0)] | None = None
    gain_db: Annotated[float, Field(ge=0)] | None = None
    frame_rate_hz: Annotated[float, Field(gt=0, le=1000)] | None = None
    pixel_format: str | None = None
    trigger: TriggerMode | None = None
    max_megapixels: float = Field(100.0, gt=0.0, le=1000.0)
    min_side_px: int = Field(32, ge=2, le=4096)
    mm_per_px: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    views: tuple[ViewSection, ...] = ()
    pair: Literal["order", "name", "time"] | None = None
    view_wait_ms: float = Field(500.0, ge=1.0, le=60_000.0)

    @model_validator(mode="after")
    def _consistent(self) -> CameraSection:
        if self.views and "source" in self.model_fields_set:
            raise ValueError("source and views exclude each other: each view has a source of its own")
        if self.views and len({view.name for view in self.views} - {"pair", "wait"}) < max(2, len(self.views)):
            raise ValueError('views must be at least two, each with a name of its own, and not "pair" or "wait"')
        return self

    def controls(self) -> CameraControls:
        """Return the settings that a camera can be asked for."""
        return CameraControls(self.exposure_us, self.gain_db, self.frame_rate_hz, self.pixel_format, self.trigger)


class TriggerSection(Section):
    """``[trigger]``: what says that a part is there; see `inspector_app.cameras.triggered` and ``takt``."""

    source: Literal["camera", "line"] = "camera"
    late_ms: float = Field(500.0, gt=0.0, le=60_000.0)
    give_up_ms: float = Field(2000.0, gt=0.0, le=60_000.0)
    takt_s: float = Field(0.0, ge=0.0, le=3600.0)

    @model_validator(mode="after")
    def _consistent(self) -> TriggerSection:
        if self.give_up_ms < self.late_ms:
            raise ValueError("give_up_ms must not be below late_ms")
        if self.takt_s and self.source == "line":
            raise ValueError('takt_s belongs to source = "camera": the line\'s triggers say when a part is there')
        return self


class PartIdSection(Section):
    """``[part_id]``: where part ids come from; see `inspector_app.station.part_ids`. Region: x, y, w, h in px."""

    source: IdSource = IdSource.CAMERA
    pattern: str = ""
    kinds: Annotated[tuple[CodeKind, ...], Field(min_length=1)] = ("DataMatrix",)
    region: tuple[int, int, int, int] | None = None
    doubled_s: float = Field(0.0, ge=0.0, le=86_400.0)

    @model_validator(mode="after")
    def _consistent(self) -> PartIdSection:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern is no regular expression: {error}") from error
        if self.region is not None and (min(self.region) < 0 or min(self.region[2:]) < 1):
            raise ValueError("region is x, y, width, height in px, the last two at least 1")
        return self


class ModelSection(Section):
    """``[model]``: which model runs and how long it may take."""

    name: str = "bundled"
    deadline_ms: float = Field(2000.0, gt=0.0, le=60_000.0)
    threads: int = Field(0, ge=0, le=256)
    precision: Literal["auto", "f32", "bf16", "int8"] = "auto"


class RemoteSection(Section):
    """``[remote]``: the prediction server that is asked before the local model; files are in the data folder."""

    urls: tuple[str, ...] = ()
    model: Name = "{name}"
    version: Annotated[str, Field(max_length=80)] = "{version}"
    deadline_ms: float = Field(250.0, gt=0.0, le=10_000.0)
    hedge_after_ms: Annotated[float, Field(ge=0.0, le=10_000.0)] | None = None
    connect_ms: float = Field(2000.0, gt=0.0, le=60_000.0)
    picture: Literal["raw", "png", "jpeg"] = "raw"
    jpeg_quality: int = Field(95, ge=50, le=100)
    max_message_mb: float = Field(64.0, gt=0.0, le=500.0)
    token_file: str = ""
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    plaintext: bool = False
    failures: int = Field(3, ge=1, le=1000)
    window: int = Field(20, ge=1, le=1000)
    probes: int = Field(2, ge=1, le=100)
    pause_s: float = Field(0.5, gt=0.0, le=3600.0)
    longest_pause_s: float = Field(30.0, gt=0.0, le=3600.0)

    @model_validator(mode="after")
    def _consistent(self) -> RemoteSection:
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("tls_cert and tls_key go together")
        if self.failures > self.window or self.pause_s > self.longest_pause_s:
            raise ValueError("failures is at most window, and pause_s at most longest_pause_s")
        return self


class LineSection(Section):
    """``[line]``: who is told accept, reject or hold."""

    outputs: tuple[str, ...] = ("none",)


class ServerSection(Section):
    """``[server]``: the prediction server, `inspector-app serve`; see `model.serving`. Files: in the data folder."""

    host: str = "127.0.0.1"
    http_port: int = Field(8000, ge=0, le=65_535)
    grpc_port: int = Field(8001, ge=0, le=65_535)
    models: tuple[str, ...] = ()
    workers: int = Field(0, ge=0, le=64)
    token_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    client_ca: str = ""
    plaintext: bool = False
    may_load: bool = False
    max_message_mb: float = Field(64.0, gt=0.0, le=500.0)
    rate_per_s: float = Field(0.0, ge=0.0, le=100_000.0)
    waiting: int = Field(32, ge=1, le=10_000)
    drain_s: float = Field(10.0, gt=0.0, le=600.0)

    @model_validator(mode="after")
    def _consistent(self) -> ServerSection:
        if bool(self.tls_cert) != bool(self.tls_key) or (self.client_ca and not self.tls_cert):
            raise ValueError("tls_cert and tls_key go together, and client_ca needs both")
        return self


class LogSection(Section):
    """``[log]``: where the records go; empty means ``station.db`` in the data folder."""

    url: str = ""


class SaltSection(Section):
    """``[automation.salts]``: salts of the sticky draws; a new experiment takes a new salt."""

    canary: Name = "canary-1"
    audit: Name = "audit-1"
    first_look: Name = "first-look-1"


class AutomationSection(Section):
    """``[automation]``: the first control state of a new data folder; later changes are recorded commands."""

    level: Level = Level.HUMAN_ONLY
    style: AssistStyle = AssistStyle.SECOND_LOOK
    accept_below: Share = 0.05
    cut: Share = 0.5
    reject_above: Share = 0.95
    canary_share: Share = 0.05
    audit_share: PositiveShare = 0.1
    unaided_share: PositiveShare = 0.1
    reject_audit_share: Share = 0.0
    targeted_share: Share = 0.0
    targeted_above: Share = 0.0
    hold_audits: bool = True
    salts: SaltSection = SaltSection()
    supervisors: tuple[str, ...] = ()
    signatures: Literal["required", "off"] | None = None

    @property
    def signatures_required(self) -> bool:
        """True if commands that move right need a PIN: unless settled otherwise, once supervisors are named."""
        return bool(self.supervisors) if self.signatures is None else self.signatures == "required"

    @model_validator(mode="after")
    def _consistent(self) -> AutomationSection:
        self.first_state()
        return self

    def first_state(self) -> ControlState:
        """Return control state version 1."""
        return ControlState(
            version=1,
            level=self.level,
            style=self.style,
            accept_below=self.accept_below,
            cut=self.cut,
            reject_above=self.reject_above,
            canary_share=self.canary_share,
            audit_share=self.audit_share,
            unaided_share=self.unaided_share,
            hold_audits=self.hold_audits,
            salts=Salts(self.salts.canary, self.salts.audit, self.salts.first_look),
            reject_audit_share=self.reject_audit_share,
            targeted_share=self.targeted_share,
            targeted_above=self.targeted_above,
        )


class ContractSection(Section):
    """``[contract]``: what is asked of automatic decisions where a command does not say otherwise."""

    escape: OpenShare = 0.005
    missed: OpenShare = 0.05
    false_reject: OpenShare = 0.05
    confidence: Annotated[float, Field(ge=0.5, lt=1.0)] = 0.95

    def contract(self) -> Contract:
        """Return it as the contract that thresholds are certified for."""
        return Contract(self.escape, self.missed, self.false_reject, self.confidence)


class GuardSection(Section):
    """``[guards]``: when automation steps left by itself; see `inspector_app.automation.guards.GuardSettings`."""

    enabled: bool = True
    escape_limit: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.005
    confidence: OpenShare = 0.99
    drift_parts: float = Field(50_000.0, ge=1.0)
    audit_wait_min: float = Field(60.0, gt=0.0)
    silence_s: float = Field(10.0, gt=0.0)
    critical_classes: tuple[Name, ...] = ()
    confirm_escapes: bool = False


class AuditSection(Section):
    """``[audits]``: the schedule of audits; see `inspector_app.automation.csp`."""

    clearance: int = Field(0, ge=0, le=1_000_000)
    fraction: PositiveShare = 0.1

    def plan(self) -> AuditPlan | None:
        """Return the schedule, ``None`` where it is off."""
        return AuditPlan(self.clearance, self.fraction) if self.clearance else None


class SeedSection(Section):
    """``[seeds]``: known defects shown again, blind; see `inspector_app.automation.seeds.SeedRules`."""

    share: float = Field(0.0, ge=0.0, le=0.1)
    source: Literal["folder", "log", "both"] = "folder"
    apart_parts: int = Field(200, ge=1, le=1_000_000)
    apart_days: float = Field(7.0, gt=0.0, le=3650.0)
    probe_share: Share = 0.0
    salt: Name = "seeds-1"


class RolloutSection(Section):
    """``[rollout]``: what a new model must show; see `inspector_app.automation.ramp.RampLimits`."""

    escape_limit: OpenShare = 0.01
    worse_limit: OpenShare = 0.01
    missed_limit: OpenShare = 0.05
    false_reject_limit: OpenShare = 0.1
    failed_limit: OpenShare = 0.01
    slow_limit: OpenShare = 0.01
    slow_ms: float = Field(1000.0, gt=0.0, le=60_000.0)
    reject_margin: OpenShare = 0.02
    confidence: OpenShare = 0.95
    guardrail_confidence: OpenShare = 0.99


class GatesSection(Section):
    """``[gates]``: what must hold before a step right; escapes and false rejects are those of ``[contract]``."""

    study_parts: int = Field(50, ge=2, le=10_000)
    study_trials: int = Field(3, ge=1, le=20)
    study_appraisers: int = Field(3, ge=1, le=100)
    drift_parts: int = Field(5000, ge=1, le=1_000_000)
    over_reliance: OpenShare = 0.10
    reliance_looks: int = Field(20, ge=1, le=100_000)
    seeded_looks: int = Field(20, ge=1, le=100_000)
    coverage: OpenShare = 0.8
    miss: OpenShare = 0.05
    false_alarm: OpenShare = 0.10
    clean_audits: int = Field(300, ge=1, le=1_000_000)
    confidence: Annotated[float, Field(ge=0.5, lt=1.0)] = 0.95


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
    return Path(named) if named else Path(platformdirs.user_data_dir("inspector-app", appauthor=False))


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
