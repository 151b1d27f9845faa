"""What a training run is asked to do, and what it tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from inspector_app.domain.errors import SettingsError
from model.manifest import ClassSpec
from model.synthesis.part import Label

GREY_MEAN = 0.25
GREY_STD = 0.25
"""A network sees `(grey / 255 - GREY_MEAN) / GREY_STD`: dark glass is the common case."""

GENERATED_CLASSES = tuple(ClassSpec(label.name.lower(), label is Label.SCRATCH) for label in Label)
"""Channels of a network that learns from generated parts, background first."""


BUNDLED_START = "bundled"
"""Start from the model that comes with the program."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """Pictures to learn from.

    Attributes
    ----------
    folder : Path
        A data set, see `model.dataset`.
    splits : tuple of str
        To learn from; empty: ``train``, or the data set's only split. No other split is looked at.
    reject_classes : tuple of str or None
        Classes that make a part a reject; None: all but the harmless ones.
    validation_share : float
        Share of those pictures, whole groups, that is not learned from: steps, thresholds and the part's
        probability are chosen on it.
    painted_share : float or None
        Share of the crops without a known mark on which scratches are painted; None: `PAINTED_SHARE` where no mark
        that rejects is known, else none.
    """

    folder: Path
    splits: tuple[str, ...] = ()
    reject_classes: tuple[str, ...] | None = None
    validation_share: float = 0.2
    painted_share: float | None = None

    def __post_init__(self) -> None:
        if not 0.05 <= self.validation_share <= 0.5:
            raise SettingsError(f"validation_share is {self.validation_share:g}; it must be 0.05 to 0.5.")
        if self.painted_share is not None and not 0.0 <= self.painted_share <= 1.0:
            raise SettingsError(f"painted_share is {self.painted_share:g}; it must be 0 to 1.")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything that decides the outcome of a run.

    Attributes
    ----------
    name, version : str
        Of the model to be made.
    seed : int
        Of first weights, crops and the choice of what is held out.
    steps, batch : int
        Optimiser steps and crops in each.
    minutes : float or None
        Time for the steps: their number is set so that they fit at the speed so far, and `steps` is the most.
    crop_px : int
        Side of a crop, a multiple of 32.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first `warm_up` share and falls as a cosine.
    average_decay : float
        Of the exponential moving average of the weights, which is what is released.
    teaching : Teaching or None
        Learn from these pictures; None: from generated parts.
    start_from : str or None
        `BUNDLED_START`, a model's folder, or `weights.npz` of an earlier run, to go on from; None: random weights.
    keep_start : float or None
        Share of the weights it started from in the weights that are released, 0 … below 1. Some of them keep what
        was known while something is learned beside it. None: the share that is best on what is held out. Either way
        the start itself is released where it is better there, see `model.training.keeping`.
    false_regions : float
        Wrong regions per picture that the thresholds may let through on the held-out pictures.
    workers : int
        Processes that make generated crops; 0 makes them in the training process. Does not change the outcome.
    threads : int
        Threads of the network.
    half_precision : bool
        bfloat16 where it is safe; twice as fast on processors that have it.
    validation_parts : int
        Held-out generated parts for thresholds and probability.
    looks : int
        How often the network is tried on what is held out, evenly over the run; the best state is released.
    """

    name: str = "scratch-net"
    version: str = "0.1.0"
    seed: int = 1
    steps: int = 6000
    batch: int = 12
    minutes: float | None = None
    crop_px: int = 288
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.03
    average_decay: float = 0.998
    teaching: Teaching | None = None
    start_from: str | None = None
    keep_start: float | None = None
    false_regions: float = 0.5
    workers: int = 1
    threads: int = 2
    half_precision: bool = True
    validation_parts: int = 80
    looks: int = 4

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises
        ------
        SettingsError
            If a number is out of range.
        """
        if self.steps < 1 or self.batch < 1:
            raise SettingsError("steps and batch of a training run must be at least 1.")
        if self.minutes is not None and not self.minutes > 0.0:
            raise SettingsError("the minutes of a training run must be more than 0.")
        if self.crop_px < 64 or self.crop_px % 32:
            raise SettingsError(f"crop_px is {self.crop_px}; it must be a multiple of 32, at least 64.")
        if self.workers < 0 or self.threads < 1:
            raise SettingsError("workers must be at least 0 and threads at least 1.")
        if self.validation_parts < 8:
            raise SettingsError("validation_parts must be at least 8: thresholds are chosen on them.")
        if self.looks < 1:
            raise SettingsError("looks must be at least 1: the last one decides what is released.")
        if self.keep_start is not None and not 0.0 <= self.keep_start < 1.0:
            raise SettingsError(f"keep_start is {self.keep_start:g}; it must be at least 0 and below 1.")
        if not self.false_regions > 0.0:
            raise SettingsError("false_regions must be more than 0.")


@dataclass(frozen=True, slots=True)
class PictureRead:
    """A picture to learn from has been read, and its marks found."""

    picture: int
    pictures: int


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """The first crop is about to be seen.

    Attributes
    ----------
    learning, held_out : int
        Pictures; 0 for generated parts, which are made on the way.
    """

    steps: int
    parameters: int
    training_data: str
    classes: tuple[str, ...]
    learning: int
    held_out: int


@dataclass(frozen=True, slots=True)
class TrainingProgressed:
    """Some steps have been made.

    Attributes
    ----------
    loss : float
        Mean since the last report.
    dice : float
        Mean soft Dice of what rejects since the last report, 0..1.
    crops_per_s : float
        Speed since the last report.
    left_s : float
        Until the last step, at the speed so far.
    """

    step: int
    steps: int
    loss: float
    dice: float
    learning_rate: float
    crops_per_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class HeldOutTried:
    """The network was tried on what is held out: a point of the validation curve.

    Attributes
    ----------
    average_precision : float or None
        Of held-out pictures ranked by how much of a reject they are; None where all are of one kind.
    recall : float or None
        Share of the held-out marks that are found at half a wrong region per picture; None without marks.
    score : float
        Mean of those that are known; the greatest is released.
    best : bool
        Better than every look before.
    """

    step: int
    average_precision: float | None
    recall: float | None
    score: float
    best: bool


@dataclass(frozen=True, slots=True)
class WeighingProgressed:
    """A held-out part has been looked at by one of the mixtures; `parts` counts all looks."""

    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class WeighedShare:
    """A mixture of the start and what was learned, judged on all that is held out.

    Attributes
    ----------
    kept : float
        Share of the start's weights: 0, all is learned; 1, the start itself.
    average_precision, recall, score : float or None
        As of `HeldOutTried`.
    """

    kept: float
    average_precision: float | None
    recall: float | None
    score: float


@dataclass(frozen=True, slots=True)
class StartWeighed:
    """It is chosen how much of its start the network keeps.

    Attributes
    ----------
    tried : tuple of WeighedShare
        Least of the start first; the last is the start itself.
    kept : float
        The share that is released.
    sentence : str
        The same for people.
    """

    tried: tuple[WeighedShare, ...]
    kept: float
    sentence: str


@dataclass(frozen=True, slots=True)
class JudgingProgressed:
    """Candidates of a picture that was learned from have been measured for the judge."""

    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class JudgeWeighed:
    """It is chosen whether the model gets a judge of regions, see `model.judging`.

    Attributes
    ----------
    kept : bool
    recalls, average_precisions : (float, float)
        On held-out parts without and with it.
    sentence : str
        The same for people.
    """

    kept: bool
    recalls: tuple[float, float]
    average_precisions: tuple[float, float]
    sentence: str


@dataclass(frozen=True, slots=True)
class ValidationProgressed:
    """A held-out part has been looked at."""

    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class ModelReleased:
    """Model and manifest are written."""

    folder: Path


TrainingEvent: TypeAlias = (
    PictureRead
    | TrainingStarted
    | TrainingProgressed
    | HeldOutTried
    | WeighingProgressed
    | StartWeighed
    | JudgingProgressed
    | JudgeWeighed
    | ValidationProgressed
    | ModelReleased
)
