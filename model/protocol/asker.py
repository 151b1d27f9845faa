"""A plain client of the protocol over gRPC, for work that waits for its answers."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final

import grpc

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.prediction import Prediction
from model.protocol.contract import MOST_MESSAGE_BYTES
from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.place import ServerUrl, Shown
from model.protocol.predictions import read_prediction
from model.protocol.wire import InferRequest, read_answer, request_message

_METHOD: Final = "ModelInfer"
_BUSY_WAIT_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits between tries while a server is busy or away."""


class PictureNotTaken(KnownFault):
    """A server refuses a picture itself; asking again makes no sense."""


class Asker:
    """Asks a server for predictions, and again while it is busy or away. Safe from several threads.

    Parameters
    ----------
    url : ServerUrl
        Where. Pictures may go to another computer unencrypted.
    shown : Shown
        What it is shown, read once; `KnownFault` if its token would go to another computer unencrypted, or a file
        cannot be read.
    """

    def __init__(self, url: ServerUrl, shown: Shown) -> None:
        if shown.token_file is not None and not url.tls and not url.here:
            raise KnownFault(
                f"The token would go unencrypted to {url.target}: write grpcs:// for grpc://, or leave it out."
            )
        replace(shown, plaintext=True).check(url)
        self._url = url
        self._channel = shown.channel(url, MOST_MESSAGE_BYTES, MOST_MESSAGE_BYTES)
        self._metadata = shown.metadata()
        request, answer = METHODS[_METHOD]
        self._call = self._channel.unary_unary(
            f"/{SERVICE}/{_METHOD}",
            message_class(request).SerializeToString,
            message_class(answer).FromString,
        )

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
            raise KnownFault(f"The server {self._url.target} gave no answer ({code.name}): {details}") from error
