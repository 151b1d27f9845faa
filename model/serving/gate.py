"""What every request passes before the service, whichever way it came: token, pace, whether the server is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.prediction import Prediction
from model.protocol.contract import DEFAULT_MODEL
from model.protocol.wire import InferAnswer, InferRequest
from model.serving.access import Access
from model.serving.faults import Refusal, ServingFault
from model.serving.limits import RateLimit
from model.serving.service import PredictionService

_VERSION = "version"
_MODEL = "model"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class GateOptions:
    """How the gate is kept.

    Attributes
    ----------
    access : Access
        What a client must show.
    may_load : bool
        True if clients may load, unload and name models.
    version : str
        Of the program.
    """

    access: Access
    may_load: bool
    version: str


class Gate:
    """The way into a `PredictionService`, for both transports; used on the event loop."""

    def __init__(self, service: PredictionService, options: GateOptions) -> None:
        self.service = service
        self._options = options
        self._rate = RateLimit(service.limits)
        self._draining = False

    @property
    def version(self) -> str:
        """Version of the program."""
        return self._options.version

    @property
    def ready(self) -> bool:
        """True while requests are answered."""
        return not self._draining and self.service.repository.ready

    def drain(self) -> None:
        """Say that the server is not ready any more; requests that come all the same are answered."""
        self._draining = True

    def enter(self, client: str, authorization: str | None) -> None:
        """Let a request in, or refuse it. Its pace counts first, so that tokens cannot be guessed quickly."""
        self._rate.take(client)
        self._options.access.check(authorization)

    def refused(self, fault: KnownFault, transport: str) -> Refusal:
        """Count a refusal and return its kind; a known fault that says no more is the client's."""
        refusal = fault.refusal if isinstance(fault, ServingFault) else Refusal.INVALID
        self.service.metrics.refused.labels(transport, refusal.name.lower()).inc()
        return refusal

    def model_ready(self, name: str, version: str) -> bool:
        """Return True if a model is loaded."""
        try:
            self.service.repository.find(name, version)
        except ServingFault:
            return False
        return True

    async def infer(self, request: InferRequest, transport: str) -> InferAnswer:
        """Answer a request in the time that it gives."""
        return await _in_time(self.service.infer(request, transport), request.timeout_us)

    async def predict(self, model: str, version: str, content: bytes, timeout_us: int | None) -> Prediction:
        """Judge a picture file's content in the time that is given, µs."""
        return await _in_time(self.service.predict(model, version, content, timeout_us), timeout_us)

    async def load(self, name: str, parameters: Mapping[str, str]) -> None:
        """Load a model; with the parameter ``model`` let a name stand for it, with ``version`` load that one."""
        self._may_load()
        repository = self.service.repository
        if _MODEL in parameters:
            await asyncio.to_thread(repository.name, _alias(name), parameters[_MODEL])
        else:
            await asyncio.to_thread(repository.load, f"{name} {parameters.get(_VERSION, '')}".strip())

    async def unload(self, name: str, parameters: Mapping[str, str]) -> None:
        """Let go of a model."""
        self._may_load()
        await asyncio.to_thread(self.service.repository.unload, name, parameters.get(_VERSION, ""))

    def _may_load(self) -> None:
        if not self._options.may_load:
            raise ServingFault(
                Refusal.FORBIDDEN, "Models are loaded by whoever runs this server; it was started without --may-load."
            )


async def _in_time(future: Future[_Answer], timeout_us: int | None) -> _Answer:
    """Wait for an answer on the event loop; who stops waiting takes back what no worker has begun."""
    try:
        async with asyncio.timeout(None if timeout_us is None else timeout_us / 1e6):
            return await asyncio.wrap_future(future)
    except TimeoutError as error:
        raise ServingFault(Refusal.TOO_LATE, "There was no answer within the time that the request gave.") from error


def _alias(name: str) -> str:
    allowed = (DEFAULT_MODEL, "blue", "green")
    if name not in allowed:
        raise ServingFault(Refusal.INVALID, f"A name for a model is one of {', '.join(allowed)}.")
    return name
