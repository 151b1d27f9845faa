"""What a client can do wrong or meet, each with what it is called in gRPC and HTTP."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from inspector_app.domain.errors import KnownFault


class _Names(NamedTuple):
    grpc: str
    http: int


class Refusal(Enum):
    """Why a request got no answer: the name of the gRPC status code and the HTTP status."""

    INVALID = _Names("INVALID_ARGUMENT", 400)
    UNAUTHENTICATED = _Names("UNAUTHENTICATED", 401)
    FORBIDDEN = _Names("PERMISSION_DENIED", 403)
    UNKNOWN = _Names("NOT_FOUND", 404)
    CONFLICT = _Names("FAILED_PRECONDITION", 409)
    TOO_LARGE = _Names("RESOURCE_EXHAUSTED", 413)
    TOO_MANY = _Names("RESOURCE_EXHAUSTED", 429)
    OVERLOADED = _Names("RESOURCE_EXHAUSTED", 503)
    NOT_READY = _Names("UNAVAILABLE", 503)
    TOO_LATE = _Names("DEADLINE_EXCEEDED", 504)


class ServingFault(KnownFault):
    """A request is refused; one sentence for the client.

    Parameters
    ----------
    refusal : Refusal
        The kind.
    sentence : str
        What is wrong and what is allowed.
    retry_after_s : float or None
        When trying again makes sense.
    """

    def __init__(self, refusal: Refusal, sentence: str, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.refusal = refusal
        self.retry_after_s = retry_after_s
