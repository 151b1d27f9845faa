"""The model under supervision: its own thread, a deadline, and no answer that is trusted blindly."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction
from inspector_app.station.threads import ReportBug, Worker

_log = logging.getLogger(__name__)

Ended = Callable[[Prediction, float], None]
"""Told on the model's thread what it says and when (`time.perf_counter`), in time or not."""


@dataclass(slots=True, eq=False)
class _Job:
    """One picture for the model; the model's thread fills in the rest. Times are of `time.perf_counter`.

    ``pixels`` is ``None`` where the model is only to get ready for pictures of ``size``. ``behind`` is True where it
    waits for another picture to end, ``given_up`` once nobody waits for it any more.
    """

    size: tuple[int, int]
    pixels: Pixels | None
    asked: float
    tell: Ended | None = None
    behind: bool = False
    given_up: bool = False
    began: float = 0.0
    answer: Prediction | None = None
    ended: float = 0.0
    ready: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """How long the model may take.

    Attributes
    ----------
    deadline_s : float
        For an answer, once it is ready for pictures of that size.
    warm_up_s : float
        For getting ready for a size that it has not seen lately.
    """

    deadline_s: float
    warm_up_s: float = 30.0


class Question:
    """A picture that was given to the model; `answer` waits for what it says, at most until the deadline.

    The deadline runs from when the model was ready for a picture of this size, which has a limit of its own.
    """

    def __init__(self, job: _Job | None, limits: ModelLimits, model: ModelIdentity | None, refusal: Prediction) -> None:
        self._job = job
        self._limits = limits
        self._model = model
        self._refusal = refusal

    @property
    def refusal(self) -> Prediction | None:
        """Why the model was not even asked; ``None`` if it was."""
        return self._refusal if self._job is None else None

    def give_up(self) -> None:
        """Wait for it no more: a model that has not begun does not, and one that is at it takes no other meanwhile."""
        if self._job is not None:
            self._job.given_up = True

    def answer(self) -> Prediction:
        """Return the model's answer, or a prediction that says why there is none."""
        job = self._job
        if job is None:
            return self._refusal
        deadline_s = self._limits.deadline_s
        # Behind another picture the wait for that one counts like its own: late is late.
        patience_s = deadline_s if job.behind else self._limits.warm_up_s
        if not job.ready.wait(max(0.0, job.asked + patience_s - time.perf_counter())):
            limit = f"The model was not ready for a picture of this size within {patience_s:.3g} s."
            return self._late(time.perf_counter() - job.asked, limit)
        in_time = job.done.wait(max(0.0, job.began + deadline_s - time.perf_counter()))
        elapsed_s = (job.ended if in_time else time.perf_counter()) - job.began
        if not in_time or elapsed_s > deadline_s or job.answer is None:
            return self._late(elapsed_s, f"The model had no answer within {deadline_s * 1000:.0f} ms.")
        return replace(job.answer, elapsed_ms=elapsed_s * 1000)

    def _late(self, elapsed_s: float, sentence: str) -> Prediction:
        self.give_up()
        return unusable_prediction(PredictionStatus.LATE, self._model, elapsed_s * 1000, sentence)


class SupervisedClassifier:
    """Asks a classifier on its own thread, one picture at a time.

    A late answer is thrown away whenever it comes. While the model still works on a picture that was given up,
    further pictures are refused with a failed prediction, so that a hanging model costs one deadline and not one
    for every part. A picture that somebody still waits for is no reason to refuse one that may wait: with two models
    at work the one that was asked beside a part may be in charge of the next.

    Parameters
    ----------
    classifier : Classifier or None
        ``None``: there is no model, every question is answered with `PredictionStatus.ABSENT`.
    limits : ModelLimits
        How long it may take.
    on_bug : ReportBug
        Told when the supervising thread itself fails.
    thread : str
        Name of the thread.
    steps_aside : bool
        See `Worker`.
    """

    def __init__(
        self,
        classifier: Classifier | None,
        limits: ModelLimits,
        on_bug: ReportBug,
        thread: str = "model",
        *,
        steps_aside: bool = True,
    ) -> None:
        self._classifier = classifier
        self._limits = limits
        self._on_bug = on_bug
        self._thread = thread
        self._steps_aside = steps_aside
        self._changed = threading.Condition()
        self._job: _Job | None = None
        self._next: _Job | None = None
        self._gone = False
        self._worker: Worker | None = None

    @property
    def model(self) -> ModelIdentity | None:
        """The model that is asked, ``None`` if there is none."""
        return None if self._classifier is None else self._classifier.model

    @property
    def silent_s(self) -> float:
        """How long the model has been at the picture in hand, s; 0 while it waits for one."""
        job = self._job
        return 0.0 if job is None else max(0.0, time.perf_counter() - (job.began or job.asked))

    def start(self) -> None:
        """Start the model's thread."""
        if self._classifier is not None:
            self._gone = False
            self._worker = Worker(self._thread, self._work, self._on_bug, self._wake, steps_aside=self._steps_aside)
            self._worker.start()

    def stop(self, deadline_s: float) -> bool:
        """Stop the thread; False if the model has not come back within ``deadline_s``."""
        return self._worker is None or self._worker.stop(deadline_s)

    def prepare(self, height: int, width: int) -> bool:
        """Have the model get ready for pictures of a size in the background; False if it is busy."""
        with self._changed:
            if self._job is not None:
                return False
            self._job = _Job((height, width), None, time.perf_counter())
            self._changed.notify_all()
            return True

    def ask(
        self, pixels: Pixels, deadline_s: float | None = None, tell: Ended | None = None, *, may_wait: bool = False
    ) -> Question:
        """Give a picture to the model.

        Parameters
        ----------
        pixels : Pixels
            The picture.
        deadline_s : float or None
            In place of the one in the limits.
        tell : Ended or None
            Told when the model has ended, even if it was given up before; not called for a question that is refused.
        may_wait : bool
            True: it waits for the picture that the model is at, at most for the deadline; where it may not, the
            prediction of a model that is busy in good order is absent.
        """
        limits = self._limits if deadline_s is None else replace(self._limits, deadline_s=deadline_s)
        model = self.model
        if model is None:
            absent = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "There is no model.")
            return Question(None, limits, None, absent)
        busy = unusable_prediction(
            PredictionStatus.FAILED, model, 0.0, "The model is still busy with an earlier picture that was given up."
        )
        with self._changed:
            if self._gone:
                let_go = unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "The model has just been let go.")
                return Question(None, limits, None, let_go)
            running = self._job
            at_picture = running is not None and running.pixels is not None
            if self._next is not None or (running is not None and running.given_up):
                return Question(None, limits, model, busy)
            if at_picture and not may_wait:
                at_work = unusable_prediction(PredictionStatus.ABSENT, model, 0.0, "The model was at another part.")
                return Question(None, limits, model, at_work)
            job = _Job((int(pixels.shape[0]), int(pixels.shape[1])), pixels, time.perf_counter(), tell, at_picture)
            if running is None:
                self._job = job
            else:  # the model is getting ready for a size, or at a picture: that ends, and is waited for
                self._next = job
            self._changed.notify_all()
            return Question(job, limits, model, busy)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self, stop: threading.Event) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._job is not None or stop.is_set())
                job = self._job
                self._gone = job is None
            if job is None:
                return
            job.answer = self._predict(job)
            job.ended = time.perf_counter()
            if not job.ready.is_set():  # it failed while it got ready
                job.began = job.ended
                job.ready.set()
            with self._changed:
                self._job, self._next = self._next, None
                if self._job is not None and self._job.given_up:
                    self._job = None
            if job.tell is not None and job.answer is not None:
                job.tell(job.answer, job.ended)
            job.done.set()

    def _predict(self, job: _Job) -> Prediction | None:
        """Ask the classifier; whatever goes wrong inside it is a failed prediction (see `Classifier`)."""
        classifier = self._classifier
        assert classifier is not None  # noqa: S101  the thread runs only with a classifier
        try:
            classifier.warm_up(*job.size)
            job.began = time.perf_counter()
            job.ready.set()
            if job.pixels is None:
                return None
            answer = classifier.predict(job.pixels)
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
