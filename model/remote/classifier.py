"""A model that a prediction server runs, as a classifier: held to one identity, and not trusted in anything else.

An answer counts only if it is complete, of the right types and shapes, made by the very model that the station names,
and about places that lie in the picture. Everything else is a failed prediction with one sentence.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final

import grpc
import numpy as np
from google.protobuf.message import DecodeError

from inspector_app.domain.errors import KnownFault, ModelError
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, Region
from model.protocol.contract import OUTPUTS
from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.place import ServerUrl, Shown
from model.protocol.predictions import read_prediction
from model.protocol.tensors import ProtocolFault, Tensor
from model.protocol.wire import InferRequest, read_answer, request_message
from model.remote.pictures import SentPicture

LATE_S: Final = 2.0
"""How long after its deadline an answer is still waited for, to be recorded as late."""

_TRIAL_SIDE_PX = 64
_LET_GO = "The station has let go of it."
_LOST = frozenset(
    {
        "UNAVAILABLE",
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
        "UNIMPLEMENTED",
        "CANCELLED",
    }
)
"""Statuses after which asking again on the same connection is of no use."""


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """How a prediction server is asked.

    Attributes
    ----------
    urls : tuple of ServerUrl
        At least one; the first that serves the model is used, in this order at every connection.
    shown : Shown
        Token and certificates.
    model, version : str
        The model's name and version on the server; ``{name}`` and ``{version}`` stand for those of its manifest, an
        empty version leaves the choice to the server.
    picture : SentPicture
        How pictures go there.
    deadline_s, connect_s : float
        How long an answer is of use; how long connecting to one server may take.
    most_sent_bytes : int
        A larger request is not sent.
    """

    urls: tuple[ServerUrl, ...]
    shown: Shown = field(default_factory=Shown)
    model: str = "{name}"
    version: str = "{version}"
    picture: SentPicture = field(default_factory=SentPicture)
    deadline_s: float = 0.25
    connect_s: float = 2.0
    most_sent_bytes: int = 64 * 1024 * 1024


class RemoteClassifier:
    """`inspector_app.domain.ports.ServedClassifier` over gRPC.

    Parameters
    ----------
    model : ModelIdentity
        The model that has to answer.
    options : RemoteOptions
        See there.
    mm_per_px : float or None
        Size of a pixel on the part; with it regions carry their length and width in mm.
    """

    def __init__(self, model: ModelIdentity, options: RemoteOptions, mm_per_px: float | None = None) -> None:
        self._model = model
        self._options = options
        self._mm_per_px = mm_per_px
        self._name, self._version = (
            text.replace("{name}", model.name).replace("{version}", model.version)
            for text in (options.model, options.version)
        )
        self._lock = threading.Lock()
        self._url = options.urls[0]
        self._channel: Any = None
        self._metadata: tuple[tuple[str, str], ...] = ()
        self._under_way: Any = None
        self._connected = False
        self._closed = False

    @property
    def model(self) -> ModelIdentity:
        """The model that has to answer."""
        return self._model

    @property
    def server(self) -> str:
        """URL of the server in use, or of the first one to try."""
        return str(self._url)

    @property
    def picture(self) -> str:
        """How pictures go there: ``raw``, ``png`` or ``jpeg 95``."""
        return str(self._options.picture)

    @property
    def connected(self) -> bool:
        """True from a good `warm_up` until the connection is lost or another model is found there."""
        return self._connected

    def warm_up(self, _height: int, _width: int) -> None:
        """Connect, if it is not connected, to the first server that serves the model; `ModelError` if none does."""
        if self._connected:
            return
        reasons = []
        for url in self._options.urls:
            try:
                self._connect(url)
            except KnownFault as fault:
                reasons.append(str(fault) if len(self._options.urls) == 1 else f"{url}: {fault}")
            else:
                return
        raise ModelError(" ".join(reasons))

    def predict(self, pixels: Pixels) -> Prediction:
        """Have the server judge one picture; `ModelError` if its answer cannot be used.

        Returns up to `LATE_S` after the deadline, so that a late answer is known to be late; whoever asks watches the
        deadline.
        """
        if not self._connected:
            raise ModelError("It is not connected.")
        tensor, use_s = self._options.picture.tensor(pixels), self._options.deadline_s
        return self._judged(tensor, pixels.shape[:2], use_s, use_s + LATE_S)

    def close(self) -> None:
        """Cancel what is under way and let go of the server, from any thread; idempotent."""
        with self._lock:
            self._closed = True
            call, channel = self._under_way, self._channel
            self._channel = None
        self._connected = False
        if call is not None:
            call.cancel()
        if channel is not None:
            channel.close()

    # --- connecting ---

    def _connect(self, url: ServerUrl) -> None:
        """Connect to a server and see by metadata and by a small picture which model it serves."""
        self._options.shown.check(url)
        with self._lock:
            if self._closed:
                raise ModelError(_LET_GO)
            old, self._channel = self._channel, self._options.shown.channel(url, self._options.most_sent_bytes)
            self._url = url
        if old is not None:
            old.close()
        self._metadata = self._options.shown.metadata()
        until = time.monotonic() + self._options.connect_s
        message = message_class("ModelMetadataRequest")(name=self._name, version=self._version)
        self._check_tensors(self._send("ModelMetadata", message, self._options.connect_s))
        picture = frozen_pixels(np.zeros((_TRIAL_SIDE_PX, _TRIAL_SIDE_PX), np.uint8))
        left_s = max(0.001, until - time.monotonic())
        self._judged(self._options.picture.tensor(picture), picture.shape[:2], left_s, left_s)
        self._connected = True

    def _check_tensors(self, metadata: Any) -> None:
        """Refuse a model with other inputs and outputs than `model.protocol.contract` says."""
        inputs = {each.name: each.datatype for each in metadata.inputs}
        outputs = {each.name: each.datatype for each in metadata.outputs}
        wanted = self._options.picture.input
        lacking = [spec.name for spec in OUTPUTS if outputs.get(spec.name) != spec.datatype]
        if inputs.get(wanted.name) != wanted.datatype:
            raise ModelError(f"Its model {self._name!r} has no input {wanted.name!r} of type {wanted.datatype}.")
        if lacking:
            raise ModelError(f"Its model {self._name!r} lacks the output {', '.join(lacking)}.")

    # --- asking ---

    def _judged(self, tensor: Tensor, size: tuple[int, ...], use_s: float, wait_s: float) -> Prediction:
        request = InferRequest(
            self._name,
            self._version,
            (tensor,),
            tuple(spec.name for spec in OUTPUTS),
            timeout_us=max(1, int(use_s * 1e6)),
        )
        answer = read_answer(self._send("ModelInfer", request_message(request), wait_s))
        return self._trusted(read_prediction(answer.outputs), size)

    def _trusted(self, answer: Prediction, size: tuple[int, ...]) -> Prediction:
        """Return an answer once everything in it is what it has to be; `ModelError` if it is not."""
        if answer.model != self._model:
            self._connected = False
            raise ModelError(f"It serves another model: {_title(answer.model)} in place of {_title(self._model)}.")
        if answer.status is not PredictionStatus.OK:
            raise ModelError(f"It answered {answer.status}: {answer.detail or 'it gave no reason.'}")
        height, width = size
        if not all(_lies_in(region, height, width) for region in answer.regions):
            raise ModelError("It marks a place outside the picture.")
        if self._mm_per_px is None:
            return answer
        return replace(answer, regions=tuple(region.on_part(self._mm_per_px) for region in answer.regions))

    def _send(self, method: str, message: Any, wait_s: float) -> Any:
        """Return the server's message; `KnownFault` with one sentence if there is none, or none that can be read."""
        began = time.monotonic()
        with self._lock:
            if self._channel is None:
                raise ModelError(_LET_GO)
            # The answer's bytes are read here: what cannot be read is then a sentence, not gRPC's log.
            call = self._channel.unary_unary(
                f"/{SERVICE}/{method}", message_class(METHODS[method][0]).SerializeToString
            )
            under_way = self._under_way = call.future(message, timeout=wait_s, metadata=self._metadata)
        try:
            content = under_way.result()
        except grpc.FutureCancelledError as error:
            raise ModelError(_LET_GO) from error
        except grpc.RpcError as error:
            status = error.code().name
            # A server may say by itself that it is too late; it is lost when it says nothing.
            silent = status == "DEADLINE_EXCEEDED" and time.monotonic() - began >= 0.95 * wait_s
            if silent or status in _LOST:
                self._connected = False
            raise ModelError(_sentence(status, error.details() or "", wait_s)) from error
        finally:
            self._under_way = None
        try:
            return message_class(METHODS[method][1]).FromString(content)
        except DecodeError as error:
            raise ProtocolFault("Its answer is no message of the protocol.") from error


def _sentence(status: str, details: str, wait_s: float) -> str:
    words = " ".join(details.rpartition("last error: ")[2].split()).removeprefix("UNKNOWN: ").rstrip(".")
    said = words if len(words) <= 200 else words[:197] + "..."
    match status:
        case "DEADLINE_EXCEEDED":
            return f"It had no answer within {wait_s * 1000.0:.0f} ms."
        case "UNAVAILABLE":
            return f"There is no connection ({said})."
        case "UNAUTHENTICATED" | "PERMISSION_DENIED":
            return f"It does not let this station in ({said})."
        case "NOT_FOUND" | "UNIMPLEMENTED":
            return f"It does not serve the model ({said})."
        case "RESOURCE_EXHAUSTED":
            return f"The message is too large, or the server is at its limit ({said})."
        case _:
            return f"It refused: {status.lower()} ({said})."


def _title(model: ModelIdentity | None) -> str:
    return "none" if model is None else f"{model.name} {model.version} (sha256 {model.sha256[:12]}…)"


def _lies_in(region: Region, height: int, width: int) -> bool:
    """Return True if a region lies in the picture; its numbers are not negative, see `read_prediction`."""
    box = region.box
    inside = box.x + box.w <= width and box.y + box.h <= height
    return inside and all(x <= width and y <= height for x, y in region.polygon)
