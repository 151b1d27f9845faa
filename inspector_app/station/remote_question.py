"""One picture put to a prediction server, and to the local model where the server gives no good answer in time."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Protocol

from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import (
    Answerer,
    Asked,
    ModelIdentity,
    Prediction,
    PredictionStatus,
    unusable_prediction,
)
from inspector_app.station.classifying import Ended, Question
from inspector_app.station.options import ServerOptions


class ServerThenLocal(Protocol):
    """What a question needs of the two models of a slot (`inspector_app.station.remote_first`)."""

    @property
    def options(self) -> ServerOptions:
        """How long the server may take."""
        ...

    @property
    def model(self) -> ModelIdentity:
        """The model that both are held to."""
        ...

    def ask_server(self, pixels: Pixels, ended: Ended, *, may_wait: bool) -> Question:
        """Put a picture to the server, unless it is busy with another one."""
        ...

    def ask_local(self, pixels: Pixels, waited_s: float, ended: Ended, *, may_wait: bool) -> Question | None:
        """Put a picture to the local model, with what is left of the time for both; ``None`` if there is none."""
        ...

    def asked(self, by: Answerer | None, why_not: str | None, waited_s: float | None, late_s: float | None) -> Asked:
        """Return the record of who was asked."""
        ...

    def late_sentence(self) -> str:
        """Return what is said of a server that did not answer in time."""
        ...

    def count_good(self) -> None:
        """Note a good answer in time."""
        ...

    def count_bad(self, sentence: str) -> None:
        """Note an answer that was bad or did not come in time."""
        ...

    def note_late(self, about: str, late_s: float) -> None:
        """Note an answer that came after its part was decided."""
        ...


class RemoteQuestion:
    """A picture put to the server; `answer` waits for its answer, and then for that of the local model.

    Parameters
    ----------
    models : ServerThenLocal
        Who is asked.
    pixels, about : Pixels, str
        The picture, and the part for what is noted of late answers.
    may_wait : bool
        True: server and local model first end the picture that they are at.
    """

    def __init__(self, models: ServerThenLocal, pixels: Pixels, about: str, *, may_wait: bool) -> None:
        self._models = models
        self._pixels = pixels
        self._about = about
        self._may_wait = may_wait
        self._asked_at = time.perf_counter()
        self._lock = threading.Lock()
        self._chime = threading.Event()
        self._server: tuple[Prediction, float] | None = None
        self._local: tuple[Prediction, float] | None = None
        self._server_question: Question | None = None
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
        question = self._models.ask_server(self._pixels, self._server_ended, may_wait=self._may_wait)
        refusal = question.refusal
        if refusal is None:
            self._server_question, self._waits = question, True
        elif refusal.status is PredictionStatus.ABSENT:
            self.leave_server("The prediction server was at another part.")
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
                self._leave_waiting()
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

    def _leave_waiting(self) -> None:
        """Wait for the server no more; while it is still at this part the next one goes to the local model."""
        if self._server_question is not None:
            self._server_question.give_up()

    def _give_up(self, sentence: str, waited_s: float) -> None:
        self._leave_waiting()
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
        self._local_question = self._models.ask_local(
            self._pixels, waited_s, self._local_ended, may_wait=self._may_wait
        )

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
