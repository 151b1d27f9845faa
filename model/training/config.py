"""What a training run is asked to do, and what it tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from inspector_app.domain.errors import SettingsError
from model.synthesis.part import Label

GREY_MEAN = 0.25
GREY_STD = 0.25
"""A network sees `(grey / 255 - GREY_MEAN) / GREY_STD`: dark glass is the common case."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Everything that decides the outcome of a run.

    Attributes
    ----------
    name, version : str
        Of the model to be made.
    seed : int
        Of first weights and crops.
    steps, batch : int
        Optimiser steps and crops in each.
    crop_px : int
        Side of a crop, a multiple of 32.
    learning_rate, weight_decay : float
        Of AdamW; the rate rises over the first `warm_up` share and falls as a cosine.
    average_decay : float
        Of the exponential moving average of the weights, which is what is released.
    folder : Path or None
        Train on this data set with masks instead of generated parts.
    start_from : Path or None
        `weights.npz` of an earlier run to go on from.
    workers : int
        Processes that make crops; 0 makes them in the training process. Does not change the outcome.
    threads : int
        Threads of the network.
    half_precision : bool
        bfloat16 where it is safe; twice as fast on processors that have it.
    validation_parts : int
        Held-out generated parts for thresholds and probability.
    """

    name: str = "scratch-net"
    version: str = "0.1.0"
    seed: int = 1
    steps: int = 6000
    batch: int = 12
    crop_px: int = 288
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    warm_up: float = 0.03
    average_decay: float = 0.998
    folder: Path | None = None
    start_from: Path | None = None
    workers: int = 1
    threads: int = 2
    half_precision: bool = True
    validation_parts: int = 80

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises
        ------
        SettingsError
            If a number is out of range.
        """
        if self.steps < 1 or self.batch < 1:
            raise SettingsError("steps and batch of a training run must be at least 1.")
        if self.crop_px < 64 or self.crop_px % 32:
            raise SettingsError(f"crop_px is {self.crop_px}; it must be a multiple of 32, at least 64.")
        if self.workers < 0 or self.threads < 1:
            raise SettingsError("workers must be at least 0 and threads at least 1.")
        if self.validation_parts < 8:
            raise SettingsError("validation_parts must be at least 8: thresholds are chosen on them.")


CLASS_NAMES = tuple(label.name.lower() for label in Label)
"""Channels of the network, background first."""


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    """The first crop is about to be seen."""

    steps: int
    parameters: int
    training_data: str


@dataclass(frozen=True, slots=True)
class TrainingProgressed:
    """Some steps have been made.

    Attributes
    ----------
    loss : float
        Mean since the last report.
    dice : float
        Mean soft Dice of the scratch class since the last report, 0..1.
    crops_per_s : float
        Speed since the last report.
    """

    step: int
    steps: int
    loss: float
    dice: float
    learning_rate: float
    crops_per_s: float


@dataclass(frozen=True, slots=True)
class ValidationProgressed:
    """A held-out part has been looked at."""

    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class ModelReleased:
    """Model and manifest are written."""

    folder: Path


TrainingEvent: TypeAlias = TrainingStarted | TrainingProgressed | ValidationProgressed | ModelReleased
