"""The camera configuration: everything that decides how pictures of a source come about, as one value with one hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.optics.corrections import White
from inspector_app.optics.scale import Scale

FORMAT: Final = 1
_AS_IT_COMES: Final = CameraControls()


@dataclass(frozen=True, slots=True)
class MasterFile:
    """A dark frame, flat field or reference picture on disk, named by the SHA-256 of the file (64 hex digits)."""

    sha256: str
    frames: int


@dataclass(frozen=True, slots=True)
class TaughtPlacement:
    """As `quality.PlacementLimits`, with the reference picture as a file."""

    reference: MasterFile
    right: tuple[float, float]
    down: tuple[float, float]
    turned_deg: tuple[float, float]
    likeness: float


@dataclass(frozen=True, slots=True)
class TaughtQuality:
    """As `quality.QualityLimits`, with the reference picture as a file."""

    pictures: int
    size: tuple[int, int]
    sharpness: float
    mean: tuple[float, float]
    black: float
    clipped: float
    placement: TaughtPlacement | None
    frozen: bool


@dataclass(frozen=True, slots=True)
class CameraSetup:
    """How the pictures of one source are taken and corrected, and what a picture must keep to.

    Attributes
    ----------
    source : str
        URI of the camera, without password.
    controls : CameraControls
        What is set on the camera; ``None`` in it leaves a setting as the camera has it.
    roi : Box or None
        Region of interest in px of the raw picture.
    dark, flat : MasterFile or None
        Corrections.
    white : White or None
        Gains of blue, green, red.
    quality : TaughtQuality or None
        Limits of picture quality; ``None``: only pictures on which nothing can be seen are refused.
    scale : Scale or None
        Size of a px on the part.
    reported : CameraControls
        What the camera said was in force when it was last set up; compared with what it says at each start.
    """

    source: str
    controls: CameraControls = _AS_IT_COMES
    roi: Box | None = None
    dark: MasterFile | None = None
    flat: MasterFile | None = None
    white: White | None = None
    quality: TaughtQuality | None = None
    scale: Scale | None = None
    reported: CameraControls = _AS_IT_COMES

    @property
    def plain(self) -> bool:
        """True if nothing was ever set up: pictures are taken as the camera gives them."""
        return self == CameraSetup(self.source, reported=self.reported)

    @property
    def sha256(self) -> str:
        """Identity of the configuration: SHA-256 over its canonical JSON, 64 hex digits."""
        text = json.dumps(setup_record(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def with_controls(self, asked: CameraControls) -> CameraControls:
        """Return its settings of the camera with those that are asked for in place of their old values."""
        given = {name: value for name in CameraControls.__slots__ if (value := getattr(asked, name)) is not None}
        return replace(self.controls, **given)

    def words(self) -> Iterator[str]:
        """Yield the configuration in sentences for people, one a line."""
        for name, word, unit in _FEATURES:
            value = getattr(self.controls, name)
            if value is not None:
                yield f"{word} {value:g}{unit}" if isinstance(value, float) else f"{word} {value}"
        if self.roi is not None:
            yield f"region of interest {self.roi.w} × {self.roi.h} px at {self.roi.x}, {self.roi.y}"
        for master, word in ((self.dark, "dark frame"), (self.flat, "flat field")):
            yield f"{word}: none" if master is None else f"{word} of {master.frames} frames, {master.sha256[:12]}"
        if self.white is not None:
            yield f"white balance: blue {self.white[0]:.3f}, green {self.white[1]:.3f}, red {self.white[2]:.3f}"
        if self.quality is None:
            yield "picture quality: not taught; only pictures that show nothing are refused"
        else:
            yield f"picture quality: limits from {self.quality.pictures} pictures"
        if self.scale is not None:
            yield f"scale {self.scale.mm_per_px:.6f} ± {self.scale.uncertainty:.6f} mm per px"

    def changed(self, **changes: Any) -> CameraSetup:
        """Return it with other values; limits of quality that no longer fit the pictures are dropped.

        Anything but scale and limits themselves changes what good pictures look like.
        """
        after = replace(self, **changes)
        stays = set(changes) <= {"quality", "scale", "reported"}
        return after if stays or "quality" in changes else replace(after, quality=None)


@dataclass(frozen=True, slots=True)
class CameraChange:
    """One recorded change of a camera's configuration: who, why, when (UTC), before and after.

    ``before`` is ``None`` for the first; ``signed`` is True if the supervisor entered the PIN for it.
    """

    by: str
    because: str
    at: datetime
    before: CameraSetup | None
    after: CameraSetup
    signed: bool = False


def setup_record(setup: CameraSetup) -> dict[str, Any]:
    """Return a configuration as plain JSON values."""
    record = asdict(setup)
    for name in ("controls", "reported"):
        trigger = record[name]["trigger"]
        record[name]["trigger"] = None if trigger is None else TriggerMode(trigger).value
    return {"format": FORMAT, **record}


def setup_from(record: Mapping[str, Any]) -> CameraSetup:
    """Return the configuration that `setup_record` wrote; `ValueError` for another format."""
    if record["format"] != FORMAT:
        raise ValueError(f"format {record['format']} of a camera configuration is not known")
    quality, scale, roi = record["quality"], record["scale"], record["roi"]
    return CameraSetup(
        source=record["source"],
        controls=_controls(record["controls"]),
        roi=None if roi is None else Box(**roi),
        dark=_master(record["dark"]),
        flat=_master(record["flat"]),
        white=None if record["white"] is None else (record["white"][0], record["white"][1], record["white"][2]),
        quality=None if quality is None else _quality(quality),
        scale=None if scale is None else Scale(**{**scale, "warnings": tuple(scale["warnings"])}),
        reported=_controls(record["reported"]),
    )


def _controls(values: Mapping[str, Any]) -> CameraControls:
    trigger = values["trigger"]
    return CameraControls(**{**values, "trigger": None if trigger is None else TriggerMode(trigger)})


def _master(values: Mapping[str, Any] | None) -> MasterFile | None:
    return None if values is None else MasterFile(**values)


def _pair(values: Any) -> tuple[Any, Any]:
    return values[0], values[1]


def _quality(values: Mapping[str, Any]) -> TaughtQuality:
    placement = values["placement"]
    taught = None
    if placement is not None:
        taught = TaughtPlacement(
            reference=MasterFile(**placement["reference"]),
            right=_pair(placement["right"]),
            down=_pair(placement["down"]),
            turned_deg=_pair(placement["turned_deg"]),
            likeness=placement["likeness"],
        )
    pairs = {"size": _pair(values["size"]), "mean": _pair(values["mean"])}
    return TaughtQuality(**{**values, **pairs, "placement": taught})


def drift(setup: CameraSetup, now: CameraControls) -> str | None:
    """Return one sentence on what the camera reports otherwise than when it was set up; ``None`` if nothing.

    Devices round what they are given: numbers count as other from 2 % on.
    """
    said = []
    for name, word, unit in _FEATURES:
        then_value, now_value = getattr(setup.reported, name), getattr(now, name)
        if then_value is None or now_value is None or _same(then_value, now_value):
            continue
        said.append(f"{word} {now_value:g}{unit} instead of {then_value:g}{unit}" if isinstance(now_value, float)
                    else f"{word} {now_value} instead of {then_value}")  # fmt: skip
    return f"The camera is not set as it was set up: {', '.join(said)}." if said else None


_FEATURES: Final = (
    ("exposure_us", "exposure", " µs"),
    ("gain_db", "gain", " dB"),
    ("frame_rate_hz", "rate", " Hz"),
    ("pixel_format", "format", ""),
    ("trigger", "trigger", ""),
)


def _same(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 0.02 * max(abs(one), abs(other), 1e-9)
    return one == other
