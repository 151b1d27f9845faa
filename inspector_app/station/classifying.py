"""The model under supervision: its own thread, a deadline, and no answer that is trusted blindly."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field, replace

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction
from inspector_app.station.threads import ReportBug, Worker

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Job:
    """One picture for the model; the model's thread fills in answer and end."""

    pixels: Pixels
    began: float
    answer: Prediction | None = None
    ended: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)


class Question:
    """A picture that was given to the model; `answer` waits for what it says, at most until the deadline."""

    def __init__(self, job: _Job | None, deadline_s: float, model: ModelIdentity | None, refusal: Prediction) -> None:
        self._job = job
        self._deadline_s = deadline_s
        self._model = model
        self._refusal = refusal

    def answer(self) -> Prediction:
        """Return the model's answer, or a prediction that says why there is none."""
        job = self._job
        if job is None:
            return self._refusal
        in_time = job.done.wait(max(0.0, job.began + self._deadline_s - time.perf_counter()))
        elapsed_s = (job.ended if in_time else time.perf_counter()) - job.began
        if not in_time or elapsed_s > self._deadline_s or job.answer is None:
            late = f"The model had no answer within {self._deadline_s * 1000:.0f} ms."
            return unusable_prediction(PredictionStatus.LATE, self._model, elapsed_s * 1000, late)
        return replace(job.answer, elapsed_ms=elapsed_s * 1000)


class SupervisedClassifier:
    """Asks a classifier on its own thread, one picture at a time.

    A late answer is thrown away whenever it comes. While the model still works on a picture that was given up,
    further pictures are refused with a failed prediction, so that a hanging model costs one deadline and not one
    for every part.

    Parameters
    ----------
    classifier : Classifier or None
        ``None``: there is no model, every question is answered with `PredictionStatus.ABSENT`.
    deadline_s : float
        From picture in hand to answer.
    on_bug : ReportBug
        Told when the supervising thread itself fails.
    """

    def __init__(self, classifier: Classifier | None, deadline_s: float, on_bug: ReportBug) -> None:
        self._classifier = classifier
        self._deadline_s = deadline_s
        self._on_bug = on_bug
        self._changed = threading.Condition()
        self._job: _Job | None = None
        self._worker: Worker | None = None

    @property
    def model(self) -> ModelIdentity | None:
        """The model that is asked, ``None`` if there is none."""
        return None if self._classifier is None else self._classifier.model

    def start(self) -> None:
        """Start the model's thread."""
        if self._classifier is not None:
            self._worker = Worker("model", self._work, self._on_bug, self._wake)
            self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """Stop the thread; False if the model has not come back within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def ask(self, pixels: Pixels) -> Question:
        """Give a picture to the model; the deadline runs from here."""
        model = self.model
        if model is None:
            absent = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "There is no model.")
            return Question(None, self._deadline_s, None, absent)
        busy = unusable_prediction(
            PredictionStatus.FAILED, model, 0.0, "The model is still busy with an earlier picture that was given up."
        )
        with self._changed:
            if self._job is not None:
                return Question(None, self._deadline_s, model, busy)
            self._job = _Job(pixels, time.perf_counter())
            self._changed.notify_all()
            return Question(self._job, self._deadline_s, model, busy)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stop: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._job is not None or stop.is_set())
                job = self._job
            if job is None:
                return
            job.answer = self._predict(job.pixels)
            job.ended = time.perf_counter()
            with self._changed:
                self._job = None
            job.done.set()

    def _predict(self, pixels: Pixels) -> Prediction:
        """Ask the classifier; whatever goes wrong inside it is a failed prediction (see `Classifier`)."""
        classifier = self._classifier
        assert classifier is not None  # noqa: S101  the thread runs only with a classifier
        try:
            answer = classifier.predict(pixels)
            if not isinstance(answer, Prediction):
                raise TypeError(f"the classifier returned {type(answer).__name__} instead of a prediction")
            # Made anew, so that its own checks run here and not where a part is decided.
            return replace(answer)
        except KnownFault as fault:
            return unusable_prediction(PredictionStatus.FAILED, classifier.model, 0.0, str(fault))
        except Exception as bug:  # noqa: BLE001  by contract a failed prediction
            _log.exception("the model failed on a picture")
            sentence = f"The model failed with {type(bug).__name__}: {bug}"
            return unusable_prediction(PredictionStatus.FAILED, classifier.model, 0.0, sentence)
