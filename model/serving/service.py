"""What both transports ask: one picture in, one prediction out, on a bounded number of workers."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Prediction, PredictionStatus, unusable_prediction
from model.protocol.contract import OUTPUTS, PICTURE, PIXELS
from model.protocol.pictures import tensor_pixels
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import ProtocolFault, Tensor, one_content, shown
from model.protocol.wire import InferAnswer, InferRequest
from model.serving.faults import Refusal, ServingFault
from model.serving.held import HeldModel
from model.serving.limits import ServingLimits
from model.serving.metrics import ServerMetrics
from model.serving.repository import ModelRepository

_log = logging.getLogger(__name__)

ReadPicture = Callable[[bytes], Pixels]
"""From a picture file's content to the picture, as the station reads it; `KnownFault` with one sentence."""

_Answer = TypeVar("_Answer")


class PredictionService:
    """Answers requests on worker threads. Safe from several threads.

    A request that nobody waits for any more (cancelled, or past its deadline) is dropped before it costs anything.

    Parameters
    ----------
    repository : ModelRepository
        The models; closed by whoever made it.
    limits : ServingLimits
        What is taken.
    read_picture : ReadPicture
        Decodes a picture file.
    workers : int
        Pictures in work at once, at least 1.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self,
        repository: ModelRepository,
        limits: ServingLimits,
        read_picture: ReadPicture,
        workers: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.repository = repository
        self.limits = limits
        self.metrics = ServerMetrics(lambda: self._waiting)
        self._read_picture = read_picture
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting = 0
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="predict")

    def infer(self, request: InferRequest, transport: str) -> Future[InferAnswer]:
        """Take a request of the protocol; the future holds its answer, or the `KnownFault` that refuses it.

        Parameters
        ----------
        request : InferRequest
            As it came.
        transport : str
            For the counters: ``grpc`` or ``http``.

        Raises
        ------
        ServingFault
            At once, if too many requests wait or an output is unknown.
        """
        unknown = set(request.outputs) - {spec.name for spec in OUTPUTS}
        if unknown:
            allowed = ", ".join(spec.name for spec in OUTPUTS)
            raise ServingFault(Refusal.INVALID, f"Output {shown(min(unknown))} is unknown; there are {allowed}.")

        def work(deadline: float) -> InferAnswer:
            with self.repository.using(request.model, request.version) as held:
                prediction = self._predicted(held, self._picture(request.inputs), deadline, transport)
                tensors = prediction_tensors(prediction)
                kept = tuple(tensor for tensor in tensors if not request.outputs or tensor.name in request.outputs)
                return InferAnswer(request.model or held.model.name, held.model.version, kept, request.id)

        return self._submit(work, request.timeout_us)

    def predict(self, name: str, version: str, content: bytes, timeout_us: int | None = None) -> Future[Prediction]:
        """Judge a picture file's content; as of `infer`."""

        def work(deadline: float) -> Prediction:
            with self.repository.using(name, version) as held:
                return self._predicted(held, self._read_picture(content), deadline, "http")

        return self._submit(work, timeout_us)

    def counters(self) -> tuple[bytes, str]:
        """Return what was counted as Prometheus reads it, and the type of that text."""
        return self.metrics.page(self.repository.identities, self.repository.names)

    def stop(self) -> None:
        """Drop what waits, end what is in work, and end the workers; idempotent."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _submit(self, work: Callable[[float], _Answer], timeout_us: int | None) -> Future[_Answer]:
        asked = self._clock()
        timeout_s = math.inf if timeout_us is None else timeout_us / 1e6
        if timeout_s <= 0.0:
            raise ServingFault(Refusal.TOO_LATE, "The request came with no time left for an answer.")
        with self._lock:
            if self._waiting >= self.limits.waiting:
                raise ServingFault(
                    Refusal.OVERLOADED, f"The server is busy: {self._waiting} requests are in hand; try again.", 1.0
                )
            self._waiting += 1

        def begin() -> _Answer:
            self.metrics.waited.observe(self._clock() - asked)
            self._in_time(asked + timeout_s)
            return work(asked + timeout_s)

        try:
            future = self._workers.submit(begin)
        except RuntimeError as stopped:
            self._end()
            raise ServingFault(Refusal.NOT_READY, "The server is about to stop.") from stopped
        future.add_done_callback(lambda _: self._end())
        return future

    def _end(self) -> None:
        with self._lock:
            self._waiting -= 1

    def _in_time(self, deadline: float) -> None:
        if self._clock() > deadline:
            raise ServingFault(Refusal.TOO_LATE, "The time for an answer was over before the model was asked.")

    def _predicted(self, held: HeldModel, pixels: Pixels, deadline: float, transport: str) -> Prediction:
        """Ask a model; what goes wrong inside it is a failed prediction, as it is in the station."""
        self.limits.check_picture(*pixels.shape[:2])
        self._in_time(deadline)
        model = held.model
        started = self._clock()
        try:
            prediction = held.predict(pixels)
        except KnownFault as fault:
            prediction = unusable_prediction(PredictionStatus.FAILED, model, self._since_ms(started), str(fault))
        except Exception as bug:  # noqa: BLE001  by contract a failed prediction
            _log.exception("the model failed on a picture")
            sentence = f"The model failed with {type(bug).__name__}: {bug}"
            prediction = unusable_prediction(PredictionStatus.FAILED, model, self._since_ms(started), sentence)
        self.metrics.model_seconds.labels(model.name, model.version).observe(self._clock() - started)
        self.metrics.answered.labels(transport, model.name, model.version, prediction.status.value).inc()
        return prediction

    def _since_ms(self, started: float) -> float:
        return (self._clock() - started) * 1000.0

    def _picture(self, inputs: tuple[Tensor, ...]) -> Pixels:
        """Return the picture that a request carries."""
        if len(inputs) != 1 or inputs[0].name not in {PICTURE.name, PIXELS.name}:
            names = ", ".join(shown(tensor.name) for tensor in inputs) or "none"
            raise ProtocolFault(f"The request has the inputs {names}; '{PICTURE.name}' or '{PIXELS.name}' is expected.")
        tensor = inputs[0]
        if tensor.name == PIXELS.name:
            return tensor_pixels(tensor)
        return self._read_picture(one_content(tensor))
