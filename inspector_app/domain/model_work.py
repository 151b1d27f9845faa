"""What may be asked for in the room of models, and the work on it: under way or ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from inspector_app.domain.model_papers import ModelClass


@dataclass(frozen=True, slots=True)
class TeachOrder:
    """Teach a model.

    Attributes
    ----------
    dataset : Path
        Pictures to learn from.
    reject_classes : tuple of str or None
        Classes that make a part a reject; ``None``: all but the harmless ones.
    start_from : str
        `StartingPoint.where`.
    name, version : str
        Of the new model: letters, digits and ``. _ + -``.
    minutes : float
        Time for learning at most.
    splits : tuple of str
        To learn from; empty: ``train``, or the only one.
    """

    dataset: Path
    reject_classes: tuple[str, ...] | None
    start_from: str
    name: str
    version: str
    minutes: float
    splits: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The model to be."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class EvaluateOrder:
    """Measure a model (`ShownModel.place`) on a data set, or on one split of it."""

    title: str
    place: str
    dataset: Path
    split: str | None
    reject_classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class InstallOrder:
    """Prove a model (`ShownModel.place`) and install it; precisions are judged on the data set if one is given."""

    title: str
    place: str
    dataset: Path | None
    reject_classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """Convert a model from elsewhere and install it, as `InstallOrder`.

    Attributes
    ----------
    title : str
        `BroughtModel.title`.
    source : Path
        ONNX file, folder of a TensorFlow SavedModel, or OpenVINO ``.xml``.
    manifest : Path
        What it takes and gives, see the guide.
    dataset, reject_classes
        As of `InstallOrder`.
    """

    title: str
    source: Path
    manifest: Path
    dataset: Path | None
    reject_classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class BroughtModel:
    """What the manifest of a model from elsewhere says: title, licence, task, and classes without the background."""

    title: str
    licence: str
    task: str
    classes: tuple[ModelClass, ...]


ModelOrder: TypeAlias = TeachOrder | EvaluateOrder | InstallOrder | ImportOrder


class WorkKind(StrEnum):
    """What is done to a model."""

    TEACH = "teach"
    EVALUATE = "evaluate"
    INSTALL = "install"
    IMPORT = "import"


class WorkState(StrEnum):
    """``RUNNING → DONE | FAILED``, or ``RUNNING → STOPPING → STOPPED | DONE | FAILED``."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def at_work(self) -> bool:
        """True until the work has ended."""
        return self in {WorkState.RUNNING, WorkState.STOPPING}


@dataclass(frozen=True, slots=True)
class LossPoint:
    """Mean loss about a step."""

    step: int
    loss: float


@dataclass(frozen=True, slots=True)
class TriedPoint:
    """How good the network was on held-out pictures at a step.

    Attributes
    ----------
    step : int
    average_precision, recall : float or None
        ``None`` where the held-out pictures do not allow it.
    best : bool
        Better than every try before.
    """

    step: int
    average_precision: float | None
    recall: float | None
    best: bool


@dataclass(frozen=True, slots=True)
class MeasuredFigure:
    """A figure of an evaluation with its 95 % interval; ``None`` where it cannot be measured."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class WorkView:
    """A snapshot of the work on a model, under way or ended.

    Attributes
    ----------
    number : int
        Counts works since the program started.
    kind : WorkKind
    title : str
        The model.
    state : WorkState
    phase : str
        What is being done.
    done, total : int
        Steps of the phase; ``total`` 0: not known.
    left_s : float or None
        Seconds to the end of the phase at the speed so far.
    losses, tried : tuple
        The curves of a training.
    sentence : str
        What came out, or why nothing did; at work what is known of it so far, often nothing.
    figures : tuple of MeasuredFigure
        Of an evaluation that has ended.
    report : Path or None
        HTML report of an evaluation that has ended.
    """

    number: int
    kind: WorkKind
    title: str
    state: WorkState = WorkState.RUNNING
    phase: str = ""
    done: int = 0
    total: int = 0
    left_s: float | None = None
    losses: tuple[LossPoint, ...] = ()
    tried: tuple[TriedPoint, ...] = ()
    sentence: str = ""
    figures: tuple[MeasuredFigure, ...] = ()
    report: Path | None = None
