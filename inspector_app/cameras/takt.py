"""Parts that come by themselves, held against the takt: pictures that are missing, and pictures too many."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from inspector_app.cameras.around import CameraAround
from inspector_app.cameras.triggered import missed_part
from inspector_app.domain.frame import Capture, Frame, PictureFlaw, Unfit
from inspector_app.domain.ports import Camera, CameraControls, Clock, TriggerMode

LINE_STOP_TAKTS = 10
"""A longer gap is a line that stood still, not so many missed parts; one is recorded for it."""


@dataclass(frozen=True, slots=True)
class TaktStep:
    """What the time since the last picture says: parts missed in between, and whether this picture came too soon."""

    missed: int = 0
    too_soon: bool = False


def takt_step(since_last_s: float | None, takt_s: float, skipped: int) -> TaktStep:
    """Return what a picture's arrival says.

    Parameters
    ----------
    since_last_s : float or None
        Time since the last picture; ``None`` for the first one.
    takt_s : float
        Expected time between two parts; 0: there is none, and only the camera's own count speaks.
    skipped : int
        Pictures that the camera says it took and lost in between.

    Notes
    -----
    A picture belongs to the takt that it is nearest to: with a gap of g takts, round(g) − 1 parts are missing, and
    below half a takt the picture is one too many. A gap above `LINE_STOP_TAKTS` counts as one missed part.
    """
    if since_last_s is None or takt_s <= 0.0:
        return TaktStep(missed=skipped)
    takts = since_last_s / takt_s
    if takts < 0.5:
        return TaktStep(missed=skipped, too_soon=skipped == 0)
    gap = 1 if takts > LINE_STOP_TAKTS else max(0, round(takts) - 1)
    return TaktStep(missed=max(gap, skipped))


class TaktCamera(CameraAround):
    """A camera that is triggered by itself or by the line's own wire, watched: `inspector_app.domain.ports.Camera`.

    Each part that is missing by takt or by the camera's count is delivered as a part without a picture, before the
    picture that showed it; a picture too many goes to a human.

    Parameters
    ----------
    camera : Camera
        Used by the thread that uses this one.
    takt_s : float
        Expected time between two parts, 0 if there is none.
    counts : bool
        True: the camera's own count speaks of missed parts, because the line fires it. Told by `settle` when the camera
        is opened or set otherwise; without takt and count all pictures pass as they come.
    clock, monotonic : callable
        UTC now, and seconds that never run backwards.
    """

    def __init__(
        self,
        camera: Camera,
        takt_s: float,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        counts: bool = True,
    ) -> None:
        super().__init__(camera)
        self._sequence = 0
        self._takt_s = takt_s
        self._counts = counts
        self._clock = clock
        self._monotonic = monotonic
        self._last_s: float | None = None
        self._ready: deque[Capture] = deque()

    def open(self) -> None:
        """Connect, and begin the takt anew; `CameraLost`."""
        super().open()
        self._last_s = None
        self.settle(self._camera.configure(CameraControls()).trigger)

    def settle(self, mode: TriggerMode | None) -> None:
        """Go by the trigger that the camera is on from now on; ``None``: it does not say, and all stays as it was."""
        if mode is not None:
            self._counts = mode is TriggerMode.HARDWARE

    def missed_parts(self) -> tuple[Capture, ...]:
        """Return what is in hand, while there is no camera to ask."""
        return tuple(self._next() for _ in range(len(self._ready)))

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next part, with or without a picture; ``None`` if none came in time."""
        if not self._ready:
            capture = self._camera.grab(timeout_s)
            if capture is None:
                return None
            if not self._counts and self._takt_s <= 0.0:
                self._sequence = capture.sequence
                return capture
            self._judge(capture)
        return self._next()

    def _next(self) -> Capture:
        self._sequence += 1
        return replace(self._ready.popleft(), sequence=self._sequence)

    def _judge(self, capture: Capture) -> None:
        now = self._monotonic()
        step = takt_step(None if self._last_s is None else now - self._last_s, self._takt_s, capture.skipped)
        self._last_s = now
        for _ in range(step.missed):
            sentence = "A part passed the camera without a picture, by its takt or by the camera's own count."
            self._ready.append(missed_part(self._camera, self._clock, sentence))
        if step.too_soon and isinstance(capture, Frame) and capture.unfit is None:
            flaw = Unfit(PictureFlaw.DOUBLED, "This picture came within half a takt of the one before.")
            capture = replace(capture, unfit=flaw)
        self._ready.append(capture)
