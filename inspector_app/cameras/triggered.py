"""One picture for each trigger of the line, and a record for each trigger without one."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from inspector_app.cameras.around import CameraAround
from inspector_app.domain.errors import CameraLost
from inspector_app.domain.frame import Capture, Frame, PictureFlaw, PictureProblem, Unfit, UnusableFrame
from inspector_app.domain.ports import Camera, CameraControls, Clock, TriggerMode
from inspector_app.domain.trigger import PartTrigger


@dataclass(frozen=True, slots=True)
class TriggerTimes:
    """How long after the line's trigger things may happen, in s.

    Attributes
    ----------
    late_s : float
        The camera has to be asked, and its picture to be there, within this time: later the part has moved on.
    give_up_s : float
        After this time the picture counts as missed; at least ``late_s``.
    """

    late_s: float = 0.5
    give_up_s: float = 2.0


class TriggerInbox:
    """Triggers on their way from the line to the camera's thread; none is dropped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[PartTrigger] = deque()

    def put(self, trigger: PartTrigger) -> None:
        """Append a trigger."""
        with self._changed:
            self._waiting.append(trigger)
            self._changed.notify_all()

    def put_back(self, trigger: PartTrigger) -> None:
        """Let a trigger that was taken be the next one again."""
        with self._changed:
            self._waiting.appendleft(trigger)

    def take(self, timeout_s: float) -> PartTrigger | None:
        """Return the oldest trigger, ``None`` if none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting), max(timeout_s, 0.0))
            return self._waiting.popleft() if self._waiting else None


class TriggeredCamera(CameraAround):
    """A camera whose pictures belong to the line's triggers: `inspector_app.domain.ports.Camera`.

    Each trigger gives exactly one part. A picture in time carries the line's part id. A late one goes to a human, as
    does a picture that no trigger asked for: trigger and picture belong together only if they came within ``late_s`` of
    each other, however long both waited here. A trigger without a picture becomes a part without one, and the camera is
    closed and opened, so that a picture that comes after all can never be taken for the next part's.

    Parameters
    ----------
    camera : Camera
        Used by the thread that uses this one.
    inbox : TriggerInbox
        The line's triggers.
    fires : bool
        True: the camera is on software trigger and is fired here; False: the line fires it, and tells here that it did.
        Told by `settle` when the camera is opened or set otherwise.
    times : TriggerTimes
        Limits.
    clock, monotonic : callable
        UTC now, and seconds that never run backwards (those of `PartTrigger`).
    """

    def __init__(
        self,
        camera: Camera,
        inbox: TriggerInbox,
        fires: bool,
        times: TriggerTimes,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(camera)
        self._sequence = 0
        self._inbox = inbox
        self._fires = fires
        self._times = times
        self._clock = clock
        self._monotonic = monotonic
        self._lost: Exception | None = None
        self._ready: deque[Capture] = deque()

    def open(self) -> None:
        """Connect; `CameraLost`."""
        super().open()
        self._lost = None
        self.settle(self._camera.configure(CameraControls()).trigger)

    def settle(self, mode: TriggerMode | None) -> None:
        """Go by the trigger that the camera is on from now on; one that runs free is put on software trigger.

        On the thread that uses the camera, between two parts. ``None``: it does not say, and all stays as it was.
        """
        if mode is not None:
            self._fires = mode is not TriggerMode.HARDWARE
        if mode is TriggerMode.FREE_RUN:
            self._camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE))

    def missed_parts(self) -> tuple[Capture, ...]:
        """Return what is in hand, and the parts of the triggers that wait, while there is no camera to ask."""
        missed = [self._numbered(capture) for capture in self._ready]
        self._ready.clear()
        while (trigger := self._inbox.take(0.0)) is not None:
            missed.append(self._numbered(self._missed(trigger, "the camera did not run")))
        return tuple(missed)

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next part: of a trigger, or a picture that came without one; ``None`` if neither came in time.

        A trigger is waited out, whatever the time-out is; what went wrong over it is raised after its part was
        delivered.
        """
        if self._ready:
            return self._numbered(self._ready.popleft())
        if self._lost is not None:
            raise self._lost
        early = self._camera.grab(0.0)
        if early is not None:
            self._ready.extend(self._early(early))
            return self._numbered(self._ready.popleft())
        trigger = self._inbox.take(timeout_s)
        return None if trigger is None else self._numbered(self._part(trigger))

    def _early(self, capture: Capture) -> list[Capture]:
        """Return the part of a picture that came before its trigger, as the line's wire is faster than its message.

        Before it come the parts of triggers that are too old for this picture: theirs never came.
        """
        parts: list[Capture] = []
        if self._fires:
            return [_not_asked_for(capture)]
        late_s = self._times.late_s
        came_s = self._monotonic() - max(0.0, (self._clock() - capture.captured_at).total_seconds())
        while (trigger := self._inbox.take(came_s + late_s - self._monotonic())) is not None:
            if trigger.at_s - came_s > late_s:
                self._inbox.put_back(trigger)
                break
            if came_s - trigger.at_s <= late_s:
                return [*parts, _named(capture, trigger)]
            parts.append(self._missed(trigger, "none came in time"))
        return [*parts, _not_asked_for(capture)]

    def _part(self, trigger: PartTrigger) -> Capture:
        """Return what becomes of a trigger; what goes wrong over it is remembered."""
        if self._monotonic() - trigger.at_s > self._times.late_s:
            return self._missed(trigger, "the camera was not ready for it in time")
        try:
            if self._fires:
                self._camera.trigger()
            capture = self._camera.grab(max(0.0, trigger.at_s + self._times.give_up_s - self._monotonic()))
            if capture is None:
                self.close()
                self.open()
                return self._missed(trigger, f"no picture came within {self._times.give_up_s:g} s")
        except Exception as fault:  # noqa: BLE001  raised by the next grab: the trigger is a part whatever happens
            self._lost = fault
            return self._missed(trigger, "the camera is lost" if isinstance(fault, CameraLost) else "the camera failed")
        named = _named(capture, trigger)
        waited_s = self._monotonic() - trigger.at_s
        if waited_s > self._times.late_s and not self._fires:
            # Most likely it is the next part's: taken for this one it would shift all that follow.
            self._ready.extend(self._early(capture))
            return self._missed(trigger, "none came in time")
        if waited_s > self._times.late_s and isinstance(named, Frame) and named.unfit is None:
            sentence = f"The picture came {waited_s:.1f} s after the trigger, so it may not show the part in its place."
            return replace(named, unfit=Unfit(PictureFlaw.LATE, sentence))
        return named

    def _missed(self, trigger: PartTrigger, why: str) -> UnusableFrame:
        return missed_part(self._camera, self._clock, f"The trigger gave no picture: {why}.", trigger.part_id)

    def _numbered(self, capture: Capture) -> Capture:
        """Count parts here: a missed one has no number of the camera's."""
        self._sequence += 1
        return replace(capture, sequence=self._sequence)


def missed_part(camera: Camera, clock: Clock, sentence: str, part_id: str | None = None) -> UnusableFrame:
    """Return the part of which there is no picture, because the camera took none."""
    return UnusableFrame(PictureProblem.MISSED_TRIGGER, sentence, clock(), camera.uri, 0, 0, part_id)


def _named(capture: Capture, trigger: PartTrigger) -> Capture:
    return replace(capture, name=trigger.part_id or capture.name)


def _not_asked_for(capture: Capture) -> Capture:
    if isinstance(capture, UnusableFrame):
        return capture
    sentence = "The camera took this picture without a trigger of the line, so it may be of any part."
    return replace(capture, unfit=Unfit(PictureFlaw.NOT_ASKED_FOR, sentence))
