"""What a window needs to teach, measure and install models of a data folder; the work runs outside its process."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspector_app.bootstrap.child_work import ChildWork
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.dataset_check import checked_dataset
from inspector_app.bootstrap.evaluating import FIGURES_NAME, REPORT_NAME
from inspector_app.bootstrap.model_papers import brought_model, station_models, taught_models
from inspector_app.bootstrap.models import RANDOM_START, training_lacks
from inspector_app.bootstrap.settled import BUNDLED, utc_now
from inspector_app.bootstrap.work_progress import Said, folded, record_of, why_failed
from inspector_app.domain.dataset_check import DataSetCheck
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.model_papers import ShownModel, StartingPoint
from inspector_app.domain.model_work import (
    BroughtModel,
    EvaluateOrder,
    ImportOrder,
    InstallOrder,
    MeasuredFigure,
    ModelOrder,
    TeachOrder,
    WorkKind,
    WorkState,
    WorkView,
)
from model.manifest import MANIFEST_NAME
from model.registry.bundled import PLACE

TAUGHT_FOLDER = "taught"
"""Below the data folder: a folder ``NAME-VERSION`` for every model that was taught here."""
WEIGHTS_NAME = "weights.npz"
_WORD = re.compile(r"[A-Za-z0-9._+-]+")
_READ = 200_000
"""Characters of a log that are shown, from its end."""

Listener = Callable[[], None]


class FolderModelRoom:
    """`inspector_app.domain.model_room.ModelRoom` on an open data folder.

    Parameters
    ----------
    folder : DataFolder
        Models, settings, and the control state that says which model is in charge.
    train_options : sequence of str
        More options of the ``train`` command.
    """

    def __init__(self, folder: DataFolder, train_options: Sequence[str] = ()) -> None:
        self._folder = folder
        self._train_options = tuple(train_options)
        self._lock = threading.Lock()
        self._listeners: list[Listener] = []
        self._view: WorkView | None = None
        self._work: ChildWork | None = None
        self._open = True

    def models(self) -> Sequence[ShownModel]:
        """Return the bundled models, the installed ones, and those taught here that are not installed."""
        known = station_models(self._folder, self._folder.control_in_force())
        return (*known, *taught_models(self._taught, known))

    def starting_points(self) -> Sequence[StartingPoint]:
        """Return what teaching can start from: the bundled model, others, runs that were stopped, nothing at all."""
        others = [
            StartingPoint(model.title, model.place)
            for model in self.models()
            if model.problem is None and not model.place.startswith(PLACE)
        ]
        stopped = [
            StartingPoint(f"{path.parent.name} (stopped)", str(path))
            for path in sorted(self._taught.glob(f"*/{WEIGHTS_NAME}"))
            if not (path.parent / MANIFEST_NAME).exists()
        ]
        bundled = StartingPoint("the bundled model", BUNDLED)
        return (bundled, *others, *stopped, StartingPoint("random weights", RANDOM_START))

    def training_lacks(self) -> str | None:
        """Return one sentence about what teaching needs and this program lacks, ``None`` if nothing."""
        return training_lacks()

    def examine(
        self, folder: Path, reject_classes: tuple[str, ...] | None, splits: tuple[str, ...] = ()
    ) -> DataSetCheck:
        """Read and count a data set; `DataSetError` with one sentence if it breaks its layout."""
        return checked_dataset(folder, reject_classes, splits)

    def brought(self, manifest: Path) -> BroughtModel:
        """Return what the manifest of a model from elsewhere says; `ModelError` with one sentence if it is wrong."""
        return brought_model(manifest)

    def begin(self, order: ModelOrder) -> None:
        """Start work; `KnownFault` if work is under way, or it cannot be started."""
        arguments, out = self._command(order)
        with self._lock:
            if not self._open or (self._view is not None and self._view.state.at_work):
                raise KnownFault("Work on a model is under way; wait for it, or stop it first.")
            kind = kind_of(order)
            number = 1 if self._view is None else self._view.number + 1
            view = WorkView(number, kind, order.title, phase="Starting")
            course = _Course(self, view, out)
            work = ChildWork(arguments, self._log_of(kind), course.take, course.end)
            work.start()
            self._view, self._work = view, work
        self._tell()

    def view(self) -> WorkView | None:
        """Return how the present work stands, or how the last one ended; ``None`` if there was none."""
        with self._lock:
            return self._view

    def stop(self) -> None:
        """Ask the work to stop after the step in hand; a no-op if none is under way."""
        with self._lock:
            if self._view is None or self._view.state is not WorkState.RUNNING or self._work is None:
                return
            self._view = replace(self._view, state=WorkState.STOPPING)
            self._work.ask_to_stop()
        self._tell()

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Call a listener, on any thread, when `view` has changed; the returned call removes it."""
        with self._lock:
            self._listeners.append(listener)

        def forget() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return forget

    def last_log(self, kind: WorkKind) -> str:
        """Return what the last work of a kind has said, also before the program started; empty if nothing."""
        try:
            return self._log_of(kind).read_text(encoding="utf-8", errors="replace")[-_READ:]
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise KnownFault(f"{self._log_of(kind)} cannot be read: {error.strerror}.") from error

    def close(self, deadline_s: float = 10.0) -> bool:
        """Start nothing more, and end what is under way; idempotent.

        Returns
        -------
        bool
            True if nothing had to be killed.
        """
        with self._lock:
            self._open = False
            work = self._work
        self.stop()
        return work is None or work.stop(deadline_s)

    def change(self, update: Callable[[WorkView], WorkView]) -> None:
        """Replace the snapshot; called on the thread of the work."""
        with self._lock:
            if self._view is not None:
                self._view = update(self._view)
        self._tell()

    @property
    def process_id(self) -> int | None:
        """Of the work under way or ended last."""
        with self._lock:
            return None if self._work is None else self._work.process_id

    @property
    def _taught(self) -> Path:
        return self._folder.path / TAUGHT_FOLDER

    def _log_of(self, kind: WorkKind) -> Path:
        return self._folder.path / "logs" / f"models-{kind}.log"

    def _tell(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def _command(self, order: ModelOrder) -> tuple[list[str], Path | None]:
        """Return the arguments of the command that does it, and the folder that it writes to."""
        data = ["--data", str(self._folder.path)]
        match order:
            case TeachOrder():
                out = self._place_for(order)
                fixed = ["--name", order.name, "--version", order.version, "--start-from", order.start_from]
                asked = ["--out", str(out), "--minutes", f"{order.minutes:g}", "--workers", "0", "--json"]
                split = [part for name in order.splits for part in ("--split", name)]
                chosen = [*split, *_rejecting(order.reject_classes)]
                return ["train", str(order.dataset), *fixed, *asked, *chosen, *self._train_options], out
            case EvaluateOrder():
                out = self._folder.path / "exports" / f"evaluation-{_slug(order.title)}-{utc_now():%Y%m%dT%H%M%SZ}"
                split = [] if order.split is None else ["--split", order.split]
                asked = ["--model", _place(order.place), "--out", str(out), "--progress-lines"]
                rejecting = _rejecting(order.reject_classes)
                return ["evaluate", str(order.dataset), *split, *asked, *rejecting, *data], out
            case InstallOrder():
                return ["models", "install", _place(order.place), *_proved_on(order), *data], None
            case ImportOrder():
                source = [str(order.source), "--manifest", str(order.manifest)]
                return ["models", "import", *source, *_proved_on(order), *data], None

    def _place_for(self, order: TeachOrder) -> Path:
        """Return the folder of a model to be taught.

        Raises
        ------
        KnownFault
            If name or version cannot stand in a manifest, or such a model is here already.
        """
        for word in (order.name, order.version):
            if not _WORD.fullmatch(word):
                raise KnownFault(f"{word!r} cannot be a model's name or version: letters, digits and . _ + - only.")
        if any(model.title == order.title for model in self.models()):
            raise KnownFault(f"There is a model {order.title} already; give the new one another version.")
        return self._taught / _slug(order.title)


class _Course:
    """Follows one work from its first line to its end, on its thread."""

    def __init__(self, room: FolderModelRoom, view: WorkView, out: Path | None) -> None:
        self._room = room
        self._kind = view.kind
        self._out = out
        self._said = Said()
        self._since_s = time.monotonic()

    def take(self, line: str) -> None:
        """Take a line that the command has written."""
        record = record_of(line)
        if record is None:
            self._said.take(line)
            return

        def update(view: WorkView) -> WorkView:
            now_s = time.monotonic()
            after = folded(view, record, now_s - self._since_s)
            if after.phase != view.phase:
                self._since_s = now_s
            return after

        self._room.change(update)

    def end(self, status: int) -> None:
        """Say how it ended."""
        self._room.change(lambda view: self._ended(view, status))

    def _ended(self, view: WorkView, status: int) -> WorkView:
        asked = view.state is WorkState.STOPPING
        view = replace(view, left_s=None)
        if status != 0 and not asked:
            return replace(view, state=WorkState.FAILED, sentence=why_failed(status, self._said))
        if status != 0:
            return replace(view, state=WorkState.STOPPED, sentence=self._stopped())
        if view.kind is WorkKind.EVALUATE and self._out is not None:
            return _measured(view, self._out)
        return replace(view, state=WorkState.DONE, sentence=_done(view))

    def _stopped(self) -> str:
        if self._kind is WorkKind.TEACH and self._out is not None and (self._out / WEIGHTS_NAME).exists():
            return (
                "Stopped; no model was written. The weights so far are kept: choose them as the start of the next"
                " teaching to go on from them."
            )
        return "Stopped; nothing was written."


def _done(view: WorkView) -> str:
    if view.kind is WorkKind.TEACH:
        found = f" {view.sentence}" if view.sentence else ""
        return f"{view.title} is taught.{found} Measure it on pictures that it has not seen, then install it."
    return (
        f"{view.title} is installed. It decides nothing yet: a rollout puts it beside the model in charge"
        f' (inspector-app rollout start "{view.title}").'
    )


def _measured(view: WorkView, out: Path) -> WorkView:
    """Return the end of an evaluation with the figures that it wrote."""
    try:
        record = json.loads((out / FIGURES_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sentence = f"{out / FIGURES_NAME} cannot be read: {error}."
        return replace(view, state=WorkState.FAILED, sentence=sentence)
    judged, rejects = record["counts"]["pictures"], record["counts"]["rejects"]
    sentence = f"{view.title} was measured on {judged} pictures, {rejects} of them rejects."
    if not record["complete"]:
        sentence = f"Stopped: the figures cover {judged} of {record['asked']} pictures."
    state = WorkState.DONE if record["complete"] else WorkState.STOPPED
    return replace(view, state=state, sentence=sentence, figures=evaluation_figures(record), report=out / REPORT_NAME)


def kind_of(order: ModelOrder) -> WorkKind:
    """Return what an order asks for."""
    kinds: dict[type, WorkKind] = {
        TeachOrder: WorkKind.TEACH,
        EvaluateOrder: WorkKind.EVALUATE,
        InstallOrder: WorkKind.INSTALL,
        ImportOrder: WorkKind.IMPORT,
    }
    return kinds[type(order)]


def evaluation_figures(record: Mapping[str, Any]) -> tuple[MeasuredFigure, ...]:
    """Return the main figures of `model.evaluation.record.evaluation_record`."""
    picture, regions, pixels = record["picture"], record["regions"], record["pixels"]
    named = [
        ("Picture AUROC", picture["auroc"]),
        ("Picture average precision", picture["average_precision"]),
        *((f"Region recall at {at['false_per_picture']:g} false a picture", at["recall"]) for at in regions["froc"]),
        ("Region recall at the model's threshold", regions["recall"]),
        ("False regions a picture there", regions["false_per_picture"]),
        *([] if pixels is None else [("AUPRO of pixels", pixels["aupro"])]),
    ]
    return tuple(MeasuredFigure(name, each["estimate"], each["low"], each["high"]) for name, each in named)


def _proved_on(order: InstallOrder | ImportOrder) -> list[str]:
    """Return the options that say on which pictures a model is proved, and how that is told."""
    dataset = [] if order.dataset is None else ["--dataset", str(order.dataset)]
    return [*dataset, *_rejecting(order.reject_classes), "--progress-lines"]


def _rejecting(classes: tuple[str, ...] | None) -> list[str]:
    return [part for name in classes or () for part in ("--reject", name)]


def _place(place: str) -> str:
    return BUNDLED if place.startswith(PLACE) else place


def _slug(title: str) -> str:
    return title.replace(" ", "-")
