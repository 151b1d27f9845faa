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
from dataclasses import dataclass

import numpy as np

from inspector_app.domain.events import ServerChanged, StationEvent
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.ports import Classifier, Clock, ServedClassifier
from inspector_app.domain.prediction import Answerer, Asked, ModelIdentity, PredictionStatus
from inspector_app.domain.rollout import Slot
from inspector_app.domain.status import ServerState, ServerStatus
from inspector_app.station.board import NoteIncident
from inspector_app.station.breaker import Breaker, BreakerState
from inspector_app.station.classifying import Ended, ModelLimits, Question, SupervisedClassifier
from inspector_app.station.options import ServerOptions
from inspector_app.station.remote_question import RemoteQuestion
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

    def ask(self, pixels: Pixels, about: str = "", *, may_wait: bool = False) -> RemoteQuestion:
        """Give a picture to the server, or to the local model while the server is left alone.

        Parameters
        ----------
        pixels : Pixels
            The picture.
        about : str
            The part, for what is noted of late answers.
        may_wait : bool
            See `SupervisedClassifier.ask`; for both.
        """
        size = pixels.shape[:2]
        with self._changed:
            self._picture = pixels
            asks, why = self._breaker.asks, self._why
        question = RemoteQuestion(self, pixels, about, may_wait=may_wait)
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

    def ask_server(self, pixels: Pixels, ended: Ended, *, may_wait: bool) -> Question:
        """Put a picture to the server, unless it is busy with another one."""
        question = self._server.ask(pixels, tell=ended, may_wait=may_wait)
        if question.refusal is not None and self._server.silent_s > self._options.deadline_s:
            self.count_bad(self.late_sentence())  # each part that finds it still silent is one more bad answer
        return question

    def ask_local(self, pixels: Pixels, waited_s: float, ended: Ended, *, may_wait: bool) -> Question | None:
        """Put a picture to the local model, with what is left of the time for both; ``None`` if there is none."""
        if self._local is None:
            return None
        left_s = max(0.0, self._limits.deadline_s - waited_s)
        return self._local.ask(pixels, left_s, tell=ended, may_wait=may_wait)

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
        while True:
            with self._changed:
                if stop.is_set():  # looked at under the lock that the call to end it takes, so that none is missed
                    return
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


def _after(why: str | None, away_s: float) -> str:
    """Return for how long the server was away, where it was."""
    return "" if why == "It was not asked yet." else f" again, after {away_s:.0f} s"


def _in_kind(sentence: str | None) -> str:
    """Return a sentence without its numbers, so that the same trouble is said once."""
    return re.sub(r"[\d.,]+", "", sentence or "")
