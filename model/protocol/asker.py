"""A plain client of the protocol over gRPC, for work that waits for its answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.prediction import Prediction
from model.protocol.contract import MOST_MESSAGE_BYTES
from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.predictions import read_prediction
from model.protocol.wire import InferRequest, read_answer, request_message

_METHOD: Final = "ModelInfer"
_BUSY_WAIT_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits between tries while a server is busy or away."""


_THIS_COMPUTER: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class PictureNotTaken(KnownFault):
    """A server refuses a picture itself; asking again makes no sense."""


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """Where a server is and what it wants to see.

    Attributes
    ----------
    target : str
        ``HOST:PORT`` of its gRPC side.
    secure : bool
        True: over TLS.
    authority : Path or None
        PEM of the authority that signed the server's certificate; ``None``: as the system trusts.
    certificate, key : Path or None
        PEM of the client's own, for mutual TLS.
    token : str
        Empty: none.
    """

    target: str
    secure: bool = False
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    token: str = field(default="", repr=False)


def server_place(url: str) -> tuple[str, bool]:
    """Return target and security of ``grpc://HOST:PORT`` or ``grpcs://HOST:PORT``; `KnownFault` if it is neither."""
    scheme, found, target = url.partition("://")
    host, _, port = target.rpartition(":")
    if not found or scheme not in {"grpc", "grpcs"} or not host or not port.isdecimal():
        raise KnownFault(f"{url!r} is no prediction server; write grpc://HOST:PORT, or grpcs:// for TLS.")
    return target, scheme == "grpcs"


class Asker:
    """Asks a server for predictions, and again while it is busy or away. Safe from several threads.

    Parameters
    ----------
    place : ServerPlace
        Where; `KnownFault` if its token would go to another computer unencrypted, or certificates cannot be read.
    """

    def __init__(self, place: ServerPlace) -> None:
        if place.token and not place.secure and place.target.rpartition(":")[0] not in _THIS_COMPUTER:
            raise KnownFault(
                f"The token would go unencrypted to {place.target}: write grpcs:// for grpc://, or leave it out."
            )
        options = [
            ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MOST_MESSAGE_BYTES),
        ]
        self._place = place
        self._channel = (
            grpc.secure_channel(place.target, _credentials(place), options)
            if place.secure
            else grpc.insecure_channel(place.target, options)
        )
        request, answer = METHODS[_METHOD]
        self._call = self._channel.unary_unary(
            f"/{SERVICE}/{_METHOD}",
            message_class(request).SerializeToString,
            message_class(answer).FromString,
        )
        self._metadata = (("authorization", f"Bearer {place.token}"),) if place.token else ()

    def ask(self, request: InferRequest, timeout_s: float) -> Prediction:
        """Return the prediction for a request.

        Raises
        ------
        PictureNotTaken
            If the picture itself is refused.
        KnownFault
            If there is no answer after all tries, or it is none.
        """
        message = request_message(request)
        for wait_s in (*_BUSY_WAIT_S, None):
            try:
                answer = self._call(message, timeout=timeout_s, metadata=self._metadata)
            except grpc.RpcError as error:
                self._judge(error, last=wait_s is None)
                time.sleep(wait_s or 0.0)
            else:
                return read_prediction(read_answer(answer).outputs)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Let go of the server."""
        self._channel.close()

    def _judge(self, error: Any, *, last: bool) -> None:
        """Raise what a failed call means, unless another try may help."""
        code, details = error.code(), error.details() or ""
        if code is grpc.StatusCode.INVALID_ARGUMENT:
            raise PictureNotTaken(details) from error
        again = code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED}
        if last or not again:
            raise KnownFault(f"The server {self._place.target} gave no answer ({code.name}): {details}") from error


def _credentials(place: ServerPlace) -> Any:
    if (place.certificate is None) != (place.key is None):
        raise KnownFault("The client's certificate and its key go together.")
    try:
        parts = [
            None if path is None else path.read_bytes() for path in (place.authority, place.key, place.certificate)
        ]
    except OSError as error:
        raise KnownFault(f"{error.filename} cannot be read: {error.strerror}.") from error
    return grpc.ssl_channel_credentials(*parts)
