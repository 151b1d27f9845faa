"""The order of trust: the prediction server, else the local model of the same identity, else an inspector.

The local model is loaded and warm all the time, so that a part waits for the server's deadline at most and not for a
model that is still being loaded. What the server says after its deadline is recorded and never used.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inspector_app.domain.events import ServerChanged, StationEvent
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.ports import Classifier, Clock, ServedClassifier
from inspector_app.domain.prediction import (
    Answerer,
    Asked,
    ModelIdentity,
    Prediction,
    PredictionStatus,
    unusable_prediction,
)
from inspector_app.domain.rollout import Slot
from inspector_app.domain.status import ServerState, ServerStatus
from inspector_app.station.board import NoteIncident
from inspector_app.station.breaker import Breaker, BreakerState
from inspector_app.station.classifying import ModelLimits, Question, SupervisedClassifier
from inspector_app.station.options import ServerOptions
from inspector_app.station.threads import ReportBug, Worker

SERVER_AWAY = "server_away"
SERVER_BACK = "server_back"
SERVER_LATE = "server_late"
"""Kinds of incidents."""

_PROBE_SIDE_PX = 64
_STATES = {
    BreakerState.CLOSED: ServerState.ANSWERING,
    BreakerState.OPEN: ServerState.AWAY,
    BreakerState.HALF_OPEN: ServerState.RETURNING,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What two models of a slot need of the station: who hears of what, and the time."""

    slot: Slot
    on_bug: ReportBug
    tell: Callable[[StationEvent], None]
    note: NoteIncident
    clock: Clock


class RemoteFirst:
    """Asks the server about a picture, and the local model where there is no good answer in time.

    A breaker (`inspector_app.station.breaker`) leaves a server alone that does not answer. A thread of its own tries
    it meanwhile, with a picture of the line's size under the same deadline, and puts it in charge again.

    Parameters
    ----------
    served : ServedClassifier
        The model on the server; closed by `stop`.
    local : Classifier or None
        The same model here; not closed. ``None``: without the server parts go to an inspector.
    limits, options : ModelLimits, ServerOptions
        How long both together, and how long the server may take.
    around : Surroundings
        See there.
    """

    def __init__(
        self,
        served: ServedClassifier,
        local: Classifier | None,
        limits: ModelLimits,
        options: ServerOptions,
        around: Surroundings,
    ) -> None:
        self._served = served
        self._limits = limits
        self._options = options
        self._around = around
        # The classifier itself keeps to the time for connecting; this limit is for one that does not.
        server_limits = ModelLimits(options.deadline_s, options.connect_s + 1.0)
        self._server = SupervisedClassifier(
            served, server_limits, around.on_bug, f"server-{around.slot}", steps_aside=False
        )
        self._local = (
            None if local is None else SupervisedClassifier(local, limits, around.on_bug, f"model-{around.slot}")
        )
        self._changed = threading.Condition()
        self._breaker = Breaker.untried(options.breaker, time.monotonic())
        self._since = around.clock()
        self._why: str | None = "It was not asked yet."
        self._picture = frozen_pixels(np.zeros((_PROBE_SIDE_PX, _PROBE_SIDE_PX), np.uint8))
        self._prepared: tuple[int, ...] = ()
        self._stopping = False
        self._watcher: Worker | None = None

    @property
    def model(self) -> ModelIdentity:
        """The model that both are held to."""
        return self._served.model

    @property
    def silent_s(self) -> float:
        """How long the model that has the last word has been at the picture in hand, s."""
        return self._server.silent_s if self._local is None else self._local.silent_s

    @property
    def status(self) -> ServerStatus:
        """How the server stands."""
        with self._changed:
            return self._status()

    def start(self) -> None:
        """Start the threads; returns when it is known whether the server answers."""
        if self._local is not None:
            self._local.start()
        self._server.start()
        self._try_server()
        self._watcher = Worker(f"server-watch-{self._around.slot}", self._watch, self._around.on_bug, self._wake)
        self._watcher.start()

    def stop(self, deadline_s: float) -> bool:
        """End the threads and let go of the server; False if one has not ended within ``deadline_s``."""
        end = time.monotonic() + deadline_s
        with self._changed:
            self._stopping = True
        if self._watcher is not None:
            self._watcher.ask_stop()
        self._served.close()
        ended = True
        for worker in (self._watcher, self._server, self._local):
            ended = (worker is None or worker.stop(max(0.0, end - time.monotonic()))) and ended
        return ended

    def ask(self, pixels: Pixels, about: str = "") -> RemoteFirstQuestion:
        """Give a picture to the server, or to the local model while the server is left alone.

        Parameters
        ----------
        pixels : Pixels
            The picture.
        about : str
            The part, for what is noted of late answers.
        """
        size = pixels.shape[:2]
        with self._changed:
            self._picture = pixels
            asks, why = self._breaker.asks, self._why
        question = RemoteFirstQuestion(self, pixels, about)
        if not asks:
            question.leave_server(f"The prediction server is away: {why}")
            return question
        if self._local is not None and size != self._prepared and self._local.prepare(*size):
            self._prepared = size
        question.ask_server()
        return question

    # --- what a question needs ---

    @property
    def options(self) -> ServerOptions:
        """How long the server may take."""
        return self._options

    def ask_server(self, pixels: Pixels, ended: Callable[[Prediction, float], None]) -> Prediction | None:
        """Put a picture to the server; returns why it was not asked, or ``None`` if it was."""
        refusal = self._server.ask(pixels, tell=ended).refusal
        if refusal is not None and self._server.silent_s > self._options.deadline_s:
            self.count_bad(self.late_sentence())  # each part that finds it still silent is one more bad answer
        return refusal

    def ask_local(self, pixels: Pixels, waited_s: float, ended: Callable[[Prediction, float], None]) -> Question | None:
        """Put a picture to the local model, with what is left of the time for both; ``None`` if there is none."""
        if self._local is None:
            return None
        return self._local.ask(pixels, max(0.0, self._limits.deadline_s - waited_s), tell=ended)

    def asked(self, by: Answerer | None, why_not: str | None, waited_s: float | None, late_s: float | None) -> Asked:
        """Return the record of who was asked."""
        waited_ms, late_ms = (None if each is None else each * 1000.0 for each in (waited_s, late_s))
        return Asked(by, self._served.server, self._served.picture, why_not, waited_ms, late_ms)

    def count_good(self) -> None:
        """Note a good answer in time."""
        with self._changed:
            self._breaker = self._breaker.answered()

    def count_bad(self, sentence: str) -> None:
        """Note an answer that was bad or did not come in time."""
        decisive = not self._served.connected
        self._move(lambda at, u: self._breaker.failed(at, u, decisive=decisive), sentence)

    def note_late(self, about: str, late_s: float) -> None:
        """Note an answer that came after its part was decided."""
        sentence = (
            f"The prediction server's answer about part {about} came {late_s * 1000.0:.0f} ms after its deadline of "
            f"{self._options.deadline_s * 1000.0:.0f} ms, when the part was decided; it was not used."
        )
        self._around.note(SERVER_LATE, sentence)

    # --- the breaker and the trials ---

    def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with self._changed:
                wait_s = self._until_trial_s()
                if wait_s is None or wait_s > 0.0:
                    self._changed.wait(wait_s)
                    continue
            self._try_server()

    def _until_trial_s(self) -> float | None:
        probe_at = self._breaker.probe_at
        return None if probe_at is None else probe_at - time.monotonic()

    def _try_server(self) -> None:
        """Put the last picture to the server once more; its answer is used for nothing else."""
        with self._changed:
            picture, sentence = self._picture, self._why or ""
        question = self._server.ask(picture)
        answer = question.answer()
        good = answer.status is PredictionStatus.OK
        if answer.status is PredictionStatus.LATE:
            sentence = self.late_sentence()
        elif question.refusal is None:  # else it still works on an earlier picture, and nothing new is known
            sentence = answer.detail or ""
        self._move(lambda at, u: self._breaker.probed(at, u, good=good), sentence)

    def late_sentence(self) -> str:
        """Return what is said of a server that did not answer in time."""
        return f"It had no answer within {self._options.deadline_s * 1000.0:.0f} ms."

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _move(self, event: Callable[[float, float], Breaker], sentence: str) -> None:
        """Take the breaker on by one event, and say so where the server came or went."""
        with self._changed:
            if self._stopping:  # what was under way was cut off here, not by the server
                return
            before, known = self._breaker, self._why
            self._breaker = event(time.monotonic(), random.random())  # noqa: S311  jitter
            came, went = not before.asks and self._breaker.asks, before.asks and not self._breaker.asks
            away_s = (self._around.clock() - self._since).total_seconds()
            if came:
                self._why = None
            elif self._breaker.state is BreakerState.OPEN:
                self._why = sentence
            if came or went:
                self._since = self._around.clock()
            status = self._status()
            self._changed.notify_all()
        if came:
            self._say(SERVER_BACK, f"The prediction server {status.url} answers{_after(known, away_s)}.", status)
        elif status.state is ServerState.AWAY and (went or _in_kind(known) != _in_kind(sentence)):
            follow = "The local model answers" if status.local else "There is no local model: parts go to an inspector"
            self._say(SERVER_AWAY, f"The prediction server {status.url} is away: {sentence} {follow}.", status)

    def _say(self, kind: str, sentence: str, status: ServerStatus) -> None:
        self._around.note(kind, sentence)
        self._around.tell(ServerChanged(self._around.slot, status, sentence))

    def _status(self) -> ServerStatus:
        state = _STATES[self._breaker.state]
        return ServerStatus(self._served.server, state, self._since, self._why, self._local is not None)


class RemoteFirstQuestion:
    """A picture put to the server; `answer` waits for its answer, and then for that of the local model.

    Parameters
    ----------
    models : RemoteFirst
        Who is asked.
    pixels, about : Pixels, str
        See `RemoteFirst.ask`.
    """

    def __init__(self, models: RemoteFirst, pixels: Pixels, about: str) -> None:
        self._models = models
        self._pixels = pixels
        self._about = about
        self._asked_at = time.perf_counter()
        self._lock = threading.Lock()
        self._chime = threading.Event()
        self._server: tuple[Prediction, float] | None = None
        self._local: tuple[Prediction, float] | None = None
        self._local_question: Question | None = None
        self._waits = False
        self._counted = False
        self._closed = False
        self._why_not: str | None = None
        self._waited_s: float | None = None

    def leave_server(self, why_not: str) -> None:
        """Ask the local model at once, without the server."""
        self._why_not = why_not
        self._ask_local()

    def ask_server(self) -> None:
        """Ask the server; where it is still busy with an earlier picture, the local model."""
        refusal = self._models.ask_server(self._pixels, self._server_ended)
        if refusal is None:
            self._waits = True
        else:
            self.leave_server("The prediction server still works on an earlier picture that was given up.")

    def answer(self) -> Prediction:
        """Return the first good answer in the order of trust, or a prediction that says why there is none."""
        if self._waits:
            found = self._wait_for_server()
            if found is not None:
                return found
        return self._local_answer()

    def _wait_for_server(self) -> Prediction | None:
        """Wait for the server until its deadline; a prediction if one of the two gave a good one meanwhile."""
        options = self._models.options
        while True:
            self._chime.clear()
            waited_s = time.perf_counter() - self._asked_at
            server, local = self._server, self._local
            if server is not None:
                return self._server_answer(*server)
            if waited_s >= options.deadline_s:
                self._give_up(self._models.late_sentence(), waited_s)
                return None
            if local is not None and local[0].status is PredictionStatus.OK:
                self._why_not = "The local model, asked before the server's deadline, was quicker."
                self._waited_s = waited_s
                return None
            until_s = options.deadline_s
            if options.hedge_after_s is not None and self._local_question is None:
                if waited_s >= options.hedge_after_s:
                    self._ask_local()
                else:
                    until_s = min(until_s, options.hedge_after_s)
            self._chime.wait(max(0.0, self._asked_at + until_s - time.perf_counter()))

    def _server_answer(self, answer: Prediction, ended: float) -> Prediction | None:
        elapsed_s = ended - self._asked_at
        if elapsed_s > self._models.options.deadline_s:
            self._give_up(self._models.late_sentence(), elapsed_s)
            return None
        if answer.status is not PredictionStatus.OK:
            self._give_up(answer.detail or "It gave no reason.", elapsed_s)
            return None
        return self._closing(answer, ended, Answerer.SERVER)

    def _give_up(self, sentence: str, waited_s: float) -> None:
        self._why_not = f"The prediction server did not answer: {sentence}"
        self._waited_s = waited_s
        self._count_bad(sentence)

    def _local_answer(self) -> Prediction:
        if self._local_question is None:
            self._ask_local()
        question = self._local_question
        if question is None:
            return self._nobody()
        answer = question.answer()
        if answer.status is PredictionStatus.OK and self._local is not None:
            return self._closing(answer, self._local[1], Answerer.LOCAL)
        answer = replace(answer, detail=f"{self._why_not} The local model did not answer either: {answer.detail}")
        return self._closing(answer, time.perf_counter(), None)

    def _nobody(self) -> Prediction:
        """Return the prediction of a station without a local model whose server did not answer."""
        server = self._server
        if self._waited_s is None:
            status = PredictionStatus.ABSENT
        elif server is not None and server[0].status is not PredictionStatus.OK:
            status = PredictionStatus.FAILED
        else:
            status = PredictionStatus.LATE
        detail = f"{self._why_not} There is no local model."
        return self._closing(unusable_prediction(status, self._models.model, 0.0, detail), time.perf_counter(), None)

    def _ask_local(self) -> None:
        waited_s = time.perf_counter() - self._asked_at
        self._local_question = self._models.ask_local(self._pixels, waited_s, self._local_ended)

    def _closing(self, answer: Prediction, ended: float, by: Answerer | None) -> Prediction:
        """Return the answer with the record of who was asked; what the server says from now on is noted apart."""
        with self._lock:
            self._closed = True
            late_s = self._late_s()
        asked = self._models.asked(by, self._why_not, self._waited_s, late_s)
        return replace(answer, elapsed_ms=(ended - self._asked_at) * 1000.0, asked=asked)

    def _server_ended(self, answer: Prediction, ended: float) -> None:
        """Take what the server said, on its thread."""
        with self._lock:
            self._server = (answer, ended)
            closed, late_s = self._closed, self._late_s()
        if late_s is not None:
            self._count_bad(self._models.late_sentence())
        elif answer.status is PredictionStatus.OK:
            self._count_good()
        else:
            self._count_bad(answer.detail or "It gave no reason.")
        if closed and late_s is not None:
            self._models.note_late(self._about, late_s)
        self._chime.set()

    def _late_s(self) -> float | None:
        """Return how long after the deadline the server gave an answer; ``None`` if it gave none, or in time."""
        if self._server is None or self._server[0].status is not PredictionStatus.OK:
            return None
        late_s = self._server[1] - self._asked_at - self._models.options.deadline_s
        return late_s if late_s > 0.0 else None

    def _local_ended(self, answer: Prediction, ended: float) -> None:
        self._local = (answer, ended)
        self._chime.set()

    def _count_good(self) -> None:
        if self._first_count():
            self._models.count_good()

    def _count_bad(self, sentence: str) -> None:
        if self._first_count():
            self._models.count_bad(sentence)

    def _first_count(self) -> bool:
        """Return True the first time: each question counts once, by its deadline or by its answer."""
        with self._lock:
            first, self._counted = not self._counted, True
        return first


def _after(why: str | None, away_s: float) -> str:
    """Return for how long the server was away, where it was."""
    return "" if why == "It was not asked yet." else f" again, after {away_s:.0f} s"


def _in_kind(sentence: str | None) -> str:
    """Return a sentence without its numbers, so that the same trouble is said once."""
    return re.sub(r"[\d.,]+", "", sentence or "")
