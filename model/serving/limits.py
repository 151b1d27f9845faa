"""How much a client may ask: size of a message, size of a picture, requests per second, requests that wait."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from model.serving.faults import Refusal, ServingFault

_CLIENTS_KEPT: Final = 4096
"""Clients whose pace is remembered; the one that was silent longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class ServingLimits:
    """What the server takes.

    Attributes
    ----------
    body_bytes : int
        Of a message, at most.
    max_pixels, min_side_px : int
        Of a picture: width × height at most, shorter side at least; as of the station's camera.
    rate_per_s : float
        Requests of one client (address) per second over a while; 0: no limit.
    burst : int
        Requests of one client at once, before the rate counts.
    waiting : int
        Requests that are in hand or wait, of all clients; more are refused.
    connections : int
        HTTP connections and gRPC calls at once.
    """

    body_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 100_000_000
    min_side_px: int = 32
    rate_per_s: float = 0.0
    burst: int = 32
    waiting: int = 32
    connections: int = 256

    def check_body(self, size: int) -> None:
        """Refuse a message that is too large."""
        if size > self.body_bytes:
            raise ServingFault(
                Refusal.TOO_LARGE, f"The message has {size:,} bytes or more; at most {self.body_bytes:,} are taken."
            )

    def check_picture(self, height: int, width: int) -> None:
        """Refuse a picture that is too large or too small."""
        found = f"The picture is {width}×{height} px"
        if height * width > self.max_pixels:
            raise ServingFault(Refusal.TOO_LARGE, f"{found}; at most {self.max_pixels / 1e6:g} megapixels are taken.")
        if min(height, width) < self.min_side_px:
            raise ServingFault(Refusal.INVALID, f"{found}; each side must have at least {self.min_side_px} px.")


class RateLimit:
    """A token bucket for each client. Safe from several threads.

    Parameters
    ----------
    limits : ServingLimits
        For rate and burst.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(self, limits: ServingLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = limits.rate_per_s
        self._burst = float(limits.burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count a request of a client; `ServingFault` if it asks too often."""
        if not self._rate:
            return
        now = self._clock()
        with self._lock:
            level, filled = self._buckets.pop(client, (self._burst, now))
            level = min(self._burst, level + (now - filled) * self._rate)
            self._buckets[client] = (level - 1.0 if level >= 1.0 else level, now)
            while len(self._buckets) > _CLIENTS_KEPT:
                self._buckets.popitem(last=False)
        if level < 1.0:
            wait_s = (1.0 - level) / self._rate
            raise ServingFault(
                Refusal.TOO_MANY,
                f"This client asks too often; {self._rate:g} requests per second are taken.",
                math.ceil(wait_s * 1000) / 1000,
            )
