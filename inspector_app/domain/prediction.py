"""What a model says about a part."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum


class PredictionStatus(StrEnum):
    """Whether a prediction may be used. Only ``OK`` may; everything else sends the part to a human."""

    OK = "ok"
    FAILED = "failed"
    LATE = "late"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model spoke.

    Attributes
    ----------
    name, version : str
        As in the model's manifest.
    sha256 : str
        Of the model file, 64 hex digits.
    preprocessing_sha256 : str
        Of everything between picture and network and between network and regions, 64 hex digits.
    """

    name: str
    version: str
    sha256: str
    preprocessing_sha256: str


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-parallel box in px of the full picture; (x, y) is the top left corner."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Region:
    """One highlighted place.

    Attributes
    ----------
    class_name : str
        A class of the model's manifest, for example ``"scratch"``.
    score : float
        0 … 1, uncalibrated; orders regions within a picture.
    box : Box
        Bounding box.
    polygon : tuple of (int, int)
        Outline, (x, y) px, at least three points.
    length_px, width_px : float
        Length along and mean width across the region.
    rejects : bool
        True if a region of this class makes the part a reject.
    length_mm, width_mm : float or None
        The same on the part; ``None`` where the camera is not calibrated.
    """

    class_name: str
    score: float
    box: Box
    polygon: tuple[tuple[int, int], ...]
    length_px: float
    width_px: float
    rejects: bool
    length_mm: float | None = None
    width_mm: float | None = None

    def on_part(self, mm_per_px: float) -> Region:
        """Return the region with its length and width on the part, by the size of a pixel there in mm."""
        return replace(self, length_mm=self.length_px * mm_per_px, width_mm=self.width_px * mm_per_px)


class Answerer(StrEnum):
    """Who answered, at a station that asks a prediction server first."""

    SERVER = "server"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a prediction came about at a station that asks a prediction server first.

    Attributes
    ----------
    by : Answerer or None
        Whose answer it is; ``None`` if neither gave one that may be used.
    server : str
        URL of the server.
    picture : str
        How the picture goes to the server: ``"raw"``, ``"png"``, or ``"jpeg 95"`` where pixels are changed on the way.
    why_not : str or None
        One sentence why the server's answer was not used; ``None`` if it was.
    waited_ms : float or None
        How long the server was waited for; ``None`` if it was not asked.
    late_ms : float or None
        How long after its deadline the server's answer came, if it came before the part was decided; never used.
    """

    by: Answerer | None
    server: str
    picture: str
    why_not: str | None = None
    waited_ms: float | None = None
    late_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer for one picture.

    Attributes
    ----------
    status : PredictionStatus
        Only ``OK`` carries a probability.
    probability : float or None
        P(part is to be rejected), calibrated at part level, 0 … 1; ``None`` unless ``OK``.
    regions : tuple of Region
        Highest score first; empty unless ``OK``.
    model : ModelIdentity or None
        ``None`` only when there is no model.
    elapsed_ms : float
        Time spent, picture in hand to answer (or to giving up).
    detail : str or None
        One sentence why the status is not ``OK``.
    asked : Asked or None
        Who was asked; ``None`` where no prediction server is set.
    """

    status: PredictionStatus
    probability: float | None
    regions: tuple[Region, ...]
    model: ModelIdentity | None
    elapsed_ms: float
    detail: str | None = None
    asked: Asked | None = None

    def __post_init__(self) -> None:
        if self.status is PredictionStatus.OK:
            valid = self.probability is not None and math.isfinite(self.probability)
            if not valid or not 0.0 <= (self.probability or 0.0) <= 1.0 or self.model is None:
                raise ValueError("an OK prediction carries its model and a probability in 0 … 1")
        elif self.probability is not None or self.regions:
            raise ValueError(f"a {self.status} prediction carries neither probability nor regions")


def unusable_prediction(
    status: PredictionStatus, model: ModelIdentity | None, elapsed_ms: float, detail: str
) -> Prediction:
    """Return a prediction that must not be used, with the sentence that says why."""
    return Prediction(status, None, (), model, elapsed_ms, detail)
