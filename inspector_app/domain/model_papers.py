"""A model of this station and its papers, as a window shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ModelStanding(StrEnum):
    """What a model is to this station; the most important comes first."""

    IN_CHARGE = "in_charge"
    BESIDE = "beside"
    """In the other slot of a rollout."""
    INSTALLED = "installed"
    BUNDLED = "bundled"
    TAUGHT = "taught"
    """Taught here and not installed."""
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class ModelClass:
    """A class that a model knows."""

    name: str
    rejects: bool


@dataclass(frozen=True, slots=True)
class ModelMetric:
    """A figure from a model's own manifest.

    Attributes
    ----------
    measured_on : str
        ``"choosing"`` (pictures that thresholds were chosen on) or ``"held_out"``.
    name : str
        As in the manifest.
    value : float
    """

    measured_on: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class RuntimePair:
    """How far two runtimes lay apart at the parity gate: a part's probability, and a probability in the maps."""

    first: str
    second: str
    score: float
    mask: float


@dataclass(frozen=True, slots=True)
class GatePassed:
    """The parity gate that a model passed.

    Attributes
    ----------
    at : datetime
        UTC.
    score_tolerance, mask_tolerance : float
        How far the runtimes were allowed to lie apart.
    pairs : tuple of RuntimePair
        How far they did.
    left_out : tuple of str
        Runtimes that could not be asked, one sentence each.
    """

    at: datetime
    score_tolerance: float
    mask_tolerance: float
    pairs: tuple[RuntimePair, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrecisionFigure:
    """A precision as it was measured at installation.

    Attributes
    ----------
    name : str
        ``f32``, ``bf16`` or ``int8``.
    median_ms : float or None
        Picture to prediction; ``None`` if it was not run.
    chosen : bool
        True for the one that ``auto`` means.
    because : str
        Why it may be used or not.
    """

    name: str
    median_ms: float | None
    chosen: bool
    because: str


@dataclass(frozen=True, slots=True)
class ShownModel:
    """A model of this station and its papers.

    Attributes
    ----------
    title : str
        ``"NAME VERSION"``; its place if these cannot be read.
    name, version : str
        Empty if they cannot be read.
    place : str
        Its folder, or ``"bundled:NAME"``.
    standing : ModelStanding
        What it is to the station.
    slot : str or None
        The rollout's slot that holds it.
    problem : str or None
        One sentence why it cannot be used.
    sha256, licence, task : str
        As in its manifest.
    made_at : datetime or None
        UTC.
    classes : tuple of ModelClass
        Without the background.
    gate : GatePassed or None
        ``None``: it was not installed here.
    precisions : tuple of PrecisionFigure
        As measured at installation.
    precision_basis : str
        What they were measured on.
    learned_from, data_sha256 : str
        Name and fingerprint of the data set that it was taught from; empty if not known.
    metrics : tuple of ModelMetric
        From its manifest.
    card : str
        Its card, Markdown.
    """

    title: str
    name: str
    version: str
    place: str
    standing: ModelStanding
    slot: str | None = None
    problem: str | None = None
    sha256: str = ""
    licence: str = ""
    task: str = ""
    made_at: datetime | None = None
    classes: tuple[ModelClass, ...] = ()
    gate: GatePassed | None = None
    precisions: tuple[PrecisionFigure, ...] = ()
    precision_basis: str = ""
    learned_from: str = ""
    data_sha256: str = ""
    metrics: tuple[ModelMetric, ...] = ()
    card: str = ""

    @property
    def precision(self) -> PrecisionFigure | None:
        """The precision that the station runs it with, ``None`` if none was chosen by measurement."""
        return next((each for each in self.precisions if each.chosen), None)


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Weights that teaching can start from: a title, and what the ``train`` command calls it."""

    title: str
    where: str
