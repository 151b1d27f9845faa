"""Settings of cameras, triggers and part numbers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspector_app.checked_toml import Section
from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.domain.trigger import IdSource

CodeKind = Literal[
    "DataMatrix", "QRCode", "MicroQRCode", "Aztec", "PDF417", "Code128", "Code39", "Code93", "EAN13", "ITF"
]
"""Names of ZXing."""


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
