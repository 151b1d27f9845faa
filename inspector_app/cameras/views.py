"""Several cameras as one: a part is there when all its views are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from inspector_app.cameras.delivery import DeliveringCamera
from inspector_app.cameras.view_groups import Pairing, ViewGroups
from inspector_app.cameras.view_picture import composed
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError, EndOfPictures
from inspector_app.domain.frame import Capture, PictureFlaw, PictureProblem, Unfit, UnusableFrame
from inspector_app.domain.ports import Camera, CameraControls, Clock, TriggerMode

_SLICE_S = 0.01
"""Longest wait for one view while another is waited for as well."""


@dataclass(frozen=True, slots=True)
class View:
    """One view: its name, and the camera that takes it."""

    name: str
    camera: Camera


class ViewsCamera(DeliveringCamera):
    """Takes one part from several cameras, as one picture (`view_picture.composed`).

    A part that lacks a view goes on without it after ``wait_s``, unfit to be judged by a model. On software trigger the
    views of a part are those that one trigger asked for, whatever the pairing is. A camera that is lost is the loss of
    all: what had come is delivered before its fault is raised.

    Parameters
    ----------
    views : sequence of View
        At least two, from left to right.
    pairing : Pairing
        How pictures find each other without a trigger of the station.
    wait_s : float
        How long a part waits for its missing views; with ``TIME``, also how far apart its pictures may be taken.
    uri : str
        The URI it was made from.
    clock : Clock
        UTC.
    monotonic : callable
        Returns seconds that never run backwards.
    """

    def __init__(
        self,
        views: Sequence[View],
        pairing: Pairing,
        wait_s: float,
        *,
        uri: str,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(f"{len(views)} views", uri, clock)
        self._views = tuple(views)
        self._pairing = pairing
        self._wait_s = wait_s
        self._clock = clock
        self._monotonic = monotonic
        self._groups: ViewGroups[Capture] = ViewGroups(len(views), wait_s)
        self._ended: set[int] = set()
        self._lost: Exception | None = None
        self._fired = 0
        self._last_count = 0
        self._opened = False
        self._by_trigger = False

    def open(self) -> None:
        """Open all cameras, or none; the fault of the first that cannot names its view."""
        if self._opened:
            return
        try:
            for view in self._views:
                with _naming(view):
                    view.camera.open()
        except BaseException:
            self._close_all()
            raise
        self._name = " + ".join(f"{view.name}: {view.camera.name}" for view in self._views)
        self._groups = ViewGroups(len(self._views), self._wait_s)
        self._lost, self._fired, self._last_count = None, 0, 0
        self._ended.clear()
        self._delivery.restart()
        self._opened = True

    def configure(self, controls: CameraControls) -> CameraControls:
        """Put all views on a trigger; their other settings belong to each. What each uses is told as one text."""
        for name in CameraControls.__slots__:
            if name != "trigger" and getattr(controls, name) is not None:
                raise CameraSettingError(f"{self._name} are set one by one, under [[camera.views]].")
        in_force = []
        for view in self._views:
            with _naming(view):
                in_force.append((view.name, view.camera.configure(CameraControls(trigger=controls.trigger))))
        if controls.trigger is not None:
            self._by_trigger = controls.trigger is TriggerMode.SOFTWARE
        modes = {used.trigger for _, used in in_force}
        text = "; ".join(f"{name} {_described(used)}" for name, used in in_force)
        return CameraControls(pixel_format=text, trigger=modes.pop() if len(modes) == 1 else TriggerMode.HARDWARE)

    def trigger(self) -> None:
        """Have every camera take one picture now."""
        self._require_open()
        self._fired += 1
        for view in self._views:
            with _naming(view):
                view.camera.trigger()

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next part, ``None`` if none is ready in time; `CameraLost`, `EndOfPictures`."""
        self._require_open()
        deadline = self._monotonic() + max(timeout_s, 0.0)
        while True:
            now = self._monotonic()
            pictures = self._groups.ready(now) or (self._groups.left() if self._over else None)
            if pictures is not None:
                return self._part(pictures)
            if self._lost is not None:
                raise self._lost
            if len(self._ended) == len(self._views):
                raise EndOfPictures(f"{self._name} have no more pictures.")
            if not self._collect(deadline - now) and self._monotonic() >= deadline:
                return None

    def close(self) -> None:
        """Close all cameras; idempotent."""
        self._opened = False
        self._close_all()

    @property
    def _over(self) -> bool:
        """True if the open parts will not become more complete: a camera is lost, or those they lack have ended."""
        return self._lost is not None or (bool(self._ended) and self._groups.wanted <= self._ended)

    def _collect(self, left_s: float) -> bool:
        """Ask the views for a picture each; True if one came.

        Files are asked only for what the oldest part lacks; cameras go on by themselves, so all are asked.
        """
        wanted = frozenset(range(len(self._views))) if self._pairing is Pairing.TIME else self._groups.wanted
        views = sorted(wanted - self._ended)
        wait_s = max(0.0, left_s if len(views) == 1 and not len(self._groups) else min(left_s, _SLICE_S))
        came = False
        for number in views:
            try:
                with _naming(self._views[number]):
                    capture = self._views[number].camera.grab(wait_s)
            except EndOfPictures:
                self._ended.add(number)
                continue
            except Exception as fault:  # noqa: BLE001  raised by `grab`, once what had come is delivered
                self._lost = fault
                return True
            if capture is not None:
                self._add(number, capture)
                came = True
        return came

    def _add(self, number: int, capture: Capture) -> None:
        now = self._monotonic()
        if self._by_trigger:
            self._groups.add(number, capture, self._fired, now)
        elif self._pairing is Pairing.TIME:
            self._groups.add_timed(number, capture, capture.captured_at.timestamp(), self._wait_s, now)
        else:
            key = capture.sequence if self._pairing is Pairing.ORDER else capture.name
            self._groups.add(number, capture, key, now)

    def _part(self, pictures: dict[int, Capture]) -> Capture:
        """Return the part that these pictures make."""
        first = next(iter(pictures.values()))
        name = next((capture.name for _, capture in sorted(pictures.items()) if capture.name), None)
        path = next((capture.path for _, capture in sorted(pictures.items()) if capture.path), None)
        made = composed([view.name for view in self._views], pictures)
        skipped = self._skipped(pictures)
        if self._by_trigger:
            self._reopen(set(range(len(self._views))) - pictures.keys() - self._ended)
        if made.pixels is None:
            faults = [capture for capture in pictures.values() if isinstance(capture, UnusableFrame)]
            problem = faults[0].problem if faults else PictureProblem.UNREADABLE
            sentence = made.unfit.sentence if made.unfit else first.source
            return self._delivery.unusable(problem, sentence, skipped=skipped, name=name, path=path)
        frame = self._delivery.frame(
            made.pixels,
            skipped=skipped,
            name=name,
            path=path,
            reference=made.reference,
            note=made.note,
            arrived_at=min(capture.captured_at for capture in pictures.values()),
        )
        return replace(frame, unfit=made.unfit or self._doubt(pictures), views=made.places)

    def _doubt(self, pictures: dict[int, Capture]) -> Unfit | None:
        """Say why views that came together may not belong together: by time alone, a lost picture shifts them."""
        if self._by_trigger or self._pairing is not Pairing.TIME:
            return None
        lossy = [self._views[number].name for number, capture in sorted(pictures.items()) if capture.skipped]
        if not lossy:
            return None
        sentence = (
            f"Pictures of the view {', '.join(lossy)} were lost just before; the views may be of different parts."
        )
        return Unfit(PictureFlaw.VIEW_MISSING, sentence)

    def _reopen(self, missing: set[int]) -> None:
        """Open views anew that gave no picture for their trigger, so that a late one is never taken for the next."""
        for number in sorted(missing):
            view = self._views[number]
            try:
                view.camera.close()
                view.camera.open()
            except CameraError as fault:
                self._lost = CameraLost(f"View {view.name}: {fault}")

    def _skipped(self, pictures: dict[int, Capture]) -> int:
        """Return the parts before this one of which no view has a picture."""
        if self._by_trigger or self._pairing is not Pairing.ORDER:
            return min(capture.skipped for capture in pictures.values())
        count = min(capture.sequence for capture in pictures.values())
        last, self._last_count = self._last_count, count
        return max(0, count - last - 1)

    def _require_open(self) -> None:
        if not self._opened:
            raise CameraLost(f"{self._name} are not open.")

    def _close_all(self) -> None:
        for view in self._views:
            view.camera.close()


@contextmanager
def _naming(view: View) -> Iterator[None]:
    """Have a known fault of a view's camera name the view."""
    try:
        yield
    except CameraError as fault:
        raise type(fault)(f"View {view.name}: {fault}") from fault


def _described(used: CameraControls) -> str:
    """Return what a view uses, its numbers to two digits, as devices round them."""
    numbers = (used.exposure_us, used.gain_db, used.frame_rate_hz)
    rounded = ["-" if value is None else f"{value:.1e}" for value in numbers]
    return " ".join([used.pixel_format or "-", used.trigger.value if used.trigger else "-", *rounded])
