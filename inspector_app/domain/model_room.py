"""The room where models are taught, measured and installed, as a window needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias


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


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class of a data set: whether it rejects, its marks, and the pictures that have some."""

    name: str
    rejects: bool
    marks: int
    pictures: int


@dataclass(frozen=True, slots=True)
class SplitCount:
    """A split of a data set: pictures, rejects among them, groups, and the largest group with its pictures."""

    name: str
    pictures: int
    rejects: int
    groups: int
    largest_group: str
    largest_pictures: int


@dataclass(frozen=True, slots=True)
class TruthCount:
    """Pictures by what is known of them.

    Attributes
    ----------
    masks, outlines, boxes : int
        Rejects whose marks are of this kind.
    unmarked : int
        Rejects of which nobody said where.
    good : int
        Pictures that are no reject.
    """

    masks: int
    outlines: int
    boxes: int
    unmarked: int
    good: int


@dataclass(frozen=True, slots=True)
class DataSetCheck:
    """What a data set holds, and whether a model can be taught from it.

    Attributes
    ----------
    folder : Path
        Where it lies.
    classes, splits, truth
        See there.
    learning, held_out : int
        Pictures that teaching would learn from, and hold out.
    problems : tuple of str
        Files that are left out, one sentence each.
    fault : str or None
        Why nothing can be taught from it, one sentence; it can still be used to evaluate.
    taken_as_good : bool
        A plain folder, all of whose pictures are taken as good: there is nothing to measure against.
    """

    folder: Path
    classes: tuple[ClassCount, ...]
    splits: tuple[SplitCount, ...]
    truth: TruthCount
    learning: int
    held_out: int
    problems: tuple[str, ...]
    fault: str | None
    taken_as_good: bool = False


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


class ModelRoom(Protocol):
    """Where a window teaches, measures and installs models. Safe to call from several threads.

    Work runs in a process of its own, one at a time; all calls but `view`, `stop` and `watch` may block.
    """

    def models(self) -> Sequence[ShownModel]:
        """Return the bundled models, the installed ones, and those taught here that are not installed."""
        ...

    def starting_points(self) -> Sequence[StartingPoint]:
        """Return what teaching can start from, the advised one first."""
        ...

    def training_lacks(self) -> str | None:
        """Return one sentence about what teaching needs and this program lacks, ``None`` if nothing."""
        ...

    def examine(
        self, folder: Path, reject_classes: tuple[str, ...] | None, splits: tuple[str, ...] = ()
    ) -> DataSetCheck:
        """Read and count a data set; `DataSetError` with one sentence if it breaks its layout.

        Parameters
        ----------
        splits : tuple of str
            As of `TeachOrder`: `DataSetCheck.learning`, ``held_out`` and ``fault`` are about them.
        """
        ...

    def brought(self, manifest: Path) -> BroughtModel:
        """Return what the manifest of a model from elsewhere says; `ModelError` with one sentence if it is wrong."""
        ...

    def begin(self, order: ModelOrder) -> None:
        """Start work; `KnownFault` if work is under way, or it cannot be started."""
        ...

    def view(self) -> WorkView | None:
        """Return how the present work stands, or how the last one ended; ``None`` if there was none."""
        ...

    def stop(self) -> None:
        """Ask the work to stop after the step in hand; a no-op if none is under way."""
        ...

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener, on any thread, when `view` has changed; the returned call removes it."""
        ...

    def last_log(self, kind: WorkKind) -> str:
        """Return what the last work of a kind has said, also before the program started; empty if nothing."""
        ...
