"""The two slots for models: what they hold follows the control state, and both are loaded and warm before they matter.

Which of them is in charge is a pointer in the control state, so that putting another model in charge is one recorded
change between two parts: nothing is loaded then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import KnownFault, ModelAltered
from inspector_app.domain.events import ModelNotAsNamed, ModelReady, StationEvent
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier, Clock, ConnectServer, LoadModel
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction
from inspector_app.domain.rollout import Slot, Slots
from inspector_app.domain.status import ServerStatus, SlotStatus
from inspector_app.station.board import NoteIncident
from inspector_app.station.classifying import ModelLimits, Question, SupervisedClassifier
from inspector_app.station.options import ServerOptions
from inspector_app.station.remote_first import RemoteFirst, Surroundings
from inspector_app.station.threads import ReportBug, Worker

_log = logging.getLogger(__name__)

_LET_GO_S = 60.0
"""How long a model that is replaced may take to end its last picture."""


class Answerable(Protocol):
    """A picture that was put to a model."""

    def answer(self) -> Prediction:
        """Return what the model says, or a prediction that says why there is none."""
        ...


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """The prediction server that is asked before the local models.

    Attributes
    ----------
    connect : ConnectServer
        Makes the classifier for a model that it should serve.
    options : ServerOptions
        How long it is waited for.
    clock : Clock
        UTC now.
    """

    connect: ConnectServer
    options: ServerOptions
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Held:
    """What a slot holds: the model it should hold, the model under supervision, and why there is none here."""

    wanted: ModelIdentity | None
    supervised: SupervisedClassifier | RemoteFirst | None = None
    owned: Classifier | None = None
    problem: str | None = None


_EMPTY = _Held(None)


class ModelSlots:
    """Asks the model of a slot, and brings the slots up to date on a thread of its own. Safe from several threads.

    Parameters
    ----------
    settled : Classifier or None
        The model that the settings name, loaded by whoever made the station and closed there; what the blue slot
        holds while the control state names no models.
    load : LoadModel or None
        Loads any other model; ``None``: there is no way to.
    limits : ModelLimits
        Of every model.
    on_bug, tell, note
        Boundary of the threads; told of models that are ready; keeps incidents.
    server : ServerAccess or None
        Where there is a prediction server, both slots ask it first, each for its own model.
    """

    def __init__(
        self,
        settled: Classifier | None,
        load: LoadModel | None,
        limits: ModelLimits,
        on_bug: ReportBug,
        tell: Callable[[StationEvent], None],
        note: NoteIncident,
        server: ServerAccess | None = None,
    ) -> None:
        self._server = server
        self._settled = settled
        self._load = load
        self._limits = limits
        self._on_bug = on_bug
        self._tell = tell
        self._note = note
        self._changed = threading.Condition()
        self._held = dict.fromkeys(Slot, _EMPTY)
        self._slots: Slots | None = None
        self._size: tuple[int, int] | None = None
        self._loader: Worker | None = None

    def start(self, control: ControlState) -> None:
        """Load what the control state wants, and then follow it; returns when all that can be loaded is."""
        self._slots = control.slots
        self._reconcile()
        self._loader = Worker("models", self._work, self._on_bug, self._wake)
        self._loader.start()

    def stop(self, deadline_s: float) -> bool:
        """End all threads and free what was loaded here; False if a model has not come back in time."""
        end = time.monotonic() + deadline_s
        ended = self._loader is None or self._loader.stop(deadline_s)
        with self._changed:
            held = list(self._held.values())
        for each in held:
            left_s = max(0.0, end - time.monotonic())
            ended = (each.supervised is None or each.supervised.stop(left_s)) and ended
        if ended:
            with self._changed:
                self._held = dict.fromkeys(Slot, _EMPTY)
            for each in held:
                if each.owned is not None:
                    each.owned.close()
        return ended

    def follow(self, control: ControlState) -> None:
        """Take note of the control state in force; returns at once."""
        if control.slots != self._slots:
            with self._changed:
                self._slots = control.slots
                self._changed.notify_all()

    def model(self, slot: Slot) -> ModelIdentity | None:
        """Return the model that a slot has ready, ``None`` if it has none."""
        supervised = self._held[slot].supervised
        return None if supervised is None else supervised.model

    def silent_s(self, slot: Slot) -> float:
        """Return how long a slot's model has been at one picture, s; 0 if it waits for one or there is none."""
        supervised = self._held[slot].supervised
        return 0.0 if supervised is None else supervised.silent_s

    def server(self, slot: Slot) -> ServerStatus | None:
        """Return how the prediction server of a slot stands, ``None`` where none is set."""
        supervised = self._held[slot].supervised
        return supervised.status if isinstance(supervised, RemoteFirst) else None

    def ask(self, slot: Slot, pixels: Pixels, about: str = "", *, in_charge: bool = False) -> Answerable:
        """Give a picture to a slot's model; the question of an empty slot is answered with an absent prediction.

        ``about`` names the part in what is noted of late answers; a model that is asked ``in_charge`` of it first ends
        the picture that it was asked about beside another part.
        """
        self._size = (int(pixels.shape[0]), int(pixels.shape[1]))
        held = self._held[slot]
        if isinstance(held.supervised, RemoteFirst):
            return held.supervised.ask(pixels, about, may_wait=in_charge)
        if held.supervised is not None:
            return held.supervised.ask(pixels, may_wait=in_charge)
        return Question(None, self._limits, None, unusable_prediction(PredictionStatus.ABSENT, None, 0.0, _why(held)))

    def status(self) -> tuple[SlotStatus, ...]:
        """Return what the slots hold, leaving out empty ones."""
        with self._changed:
            held = dict(self._held)
        return tuple(
            SlotStatus(slot, _title(each.wanted), each.supervised is not None, each.problem)
            for slot, each in held.items()
            if each.wanted is not None
        )

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stop: threading.Event) -> None:
        done = self._slots
        while not stop.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._slots != done or stop.is_set())  # noqa: B023  the newest is meant
                done = self._slots
            if not stop.is_set():
                self._reconcile()

    def _reconcile(self) -> None:
        for slot in Slot:
            wanted = self._wanted(slot)
            if self._held[slot].wanted != wanted:
                self._put(slot, wanted)

    def _wanted(self, slot: Slot) -> ModelIdentity | None:
        slots = self._slots
        if slots is not None:
            return slots.model(slot)
        return self._settled.model if self._settled is not None and slot is Slot.BLUE else None

    def _put(self, slot: Slot, wanted: ModelIdentity | None) -> None:
        """Load a model beside the one that is there, and swap them once it is warm."""
        if self._held[slot].supervised is None:
            with self._changed:
                self._held[slot] = _Held(wanted)
        fresh = _EMPTY if wanted is None else self._loaded(slot, wanted)
        with self._changed:
            gone, self._held[slot] = self._held[slot], fresh
        if fresh.problem is not None:
            self._note("model_not_loaded", fresh.problem)
        self._tell(ModelReady(slot, "none" if fresh.supervised is None else _title(wanted)))
        if gone.supervised is not None and gone.supervised.stop(_LET_GO_S) and gone.owned is not None:
            gone.owned.close()

    def _loaded(self, slot: Slot, wanted: ModelIdentity) -> _Held:
        """Return the model under supervision, behind the prediction server where there is one."""
        local = self._local(slot, wanted)
        if self._server is None:
            if isinstance(local, str):
                return _Held(wanted, problem=local)
            alone = SupervisedClassifier(local, self._limits, self._on_bug, f"model-{slot}")
            alone.start()
            return _Held(wanted, alone, self._owned(local))
        here = None if isinstance(local, str) else local
        around = Surroundings(slot, self._on_bug, self._tell, self._note, self._server.clock)
        both = RemoteFirst(self._server.connect(wanted), here, self._limits, self._server.options, around)
        both.start()
        return _Held(wanted, both, self._owned(here), problem=local if isinstance(local, str) else None)

    def _not_as_named(self, slot: Slot, sentence: str) -> str:
        """Let the guards know that a slot's model is another one."""
        self._tell(ModelNotAsNamed(slot, sentence))
        return sentence

    def _owned(self, classifier: Classifier | None) -> Classifier | None:
        return None if classifier is self._settled else classifier

    def _local(self, slot: Slot, wanted: ModelIdentity) -> Classifier | str:
        """Return the model, loaded and warm, or one sentence why it is not here."""
        settled = self._settled
        if settled is not None and settled.model == wanted:
            return settled
        try:
            if self._load is None:
                raise KnownFault("This station has no way to load a model.")
            classifier = self._load(wanted)
        except ModelAltered as fault:
            return self._not_as_named(slot, f"The {slot} slot's model {_title(wanted)} was altered: {fault}")
        except KnownFault as fault:
            return f"The {slot} slot's model {_title(wanted)} cannot be loaded: {fault}"
        if classifier.model != wanted:
            classifier.close()
            found = (
                f"sha256 {classifier.model.sha256[:12]}…, preprocessing {classifier.model.preprocessing_sha256[:12]}…"
            )
            return self._not_as_named(
                slot, f"Model {_title(wanted)} is not the one that was put in the {slot} slot: found {found}."
            )
        if self._size is not None:
            try:
                classifier.warm_up(*self._size)
            except Exception as bug:  # noqa: BLE001  a model that fails while it gets ready is not used
                classifier.close()
                _log.exception("model %s failed while it got ready", _title(wanted))
                return f"Model {_title(wanted)} failed while it got ready: {bug}"
        return classifier


def _title(model: ModelIdentity | None) -> str:
    return "none" if model is None else f"{model.name} {model.version}"


def _why(held: _Held) -> str:
    if held.problem is not None:
        return held.problem
    return "There is no model." if held.wanted is None else f"Model {_title(held.wanted)} is still being loaded."
