"""A camera with its configuration: what it delivers is corrected and looked at for quality."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from inspector_app.cameras.around import CameraAround
from inspector_app.cameras.masters import MasterShelf
from inspector_app.domain.errors import CameraError, OpticsRefused
from inspector_app.domain.frame import Capture, Frame, PictureFlaw, Pixels, Unfit
from inspector_app.domain.ports import Camera, CameraControls, CameraRanges, RangedCamera, TriggerMode
from inspector_app.domain.views import ViewPlace, cut_views
from inspector_app.optics.corrections import Corrector
from inspector_app.optics.quality import QualityLimits, complaint, frozen_complaint
from inspector_app.optics.setup import CameraSetup, drift
from inspector_app.optics.sight import Sight, sight_of

_EXCHANGE_S = 10.0


@dataclass(frozen=True, slots=True)
class Optics:
    """A configuration with the pictures that it names, in memory.

    Attributes
    ----------
    setup : CameraSetup
        The configuration.
    corrector : Corrector
        Its corrections.
    limits : QualityLimits or None
        Its limits of quality.
    broken : str or None
        Why no picture may be judged: a file of the configuration is gone or changed.
    """

    setup: CameraSetup
    corrector: Corrector
    limits: QualityLimits | None = None
    broken: str | None = None


def loaded_optics(setup: CameraSetup, shelf: MasterShelf) -> Optics:
    """Return a configuration ready for use; with a file missing it is broken, and its pictures go to a human."""
    try:
        limits = None if setup.quality is None else shelf.limits(setup.quality)
        return Optics(setup, shelf.corrector(setup), limits)
    except OpticsRefused as refused:
        return Optics(setup, Corrector(None, None, None, None), broken=str(refused))


class Gathering:
    """Raw frames on their way to a teacher.

    Parameters
    ----------
    count : int
        How many are wanted.
    keeps_parts : bool
        True: the frames are parts as well; False: they show a target or a covered lens, and are no parts.
    """

    def __init__(self, count: int, *, keeps_parts: bool) -> None:
        self.count = count
        self.keeps_parts = keeps_parts
        self._frames: list[Pixels] = []
        self._full = threading.Event()

    @property
    def frames(self) -> tuple[Pixels, ...]:
        """What has come so far."""
        return tuple(self._frames)

    def offer(self, pixels: Pixels) -> None:
        """Take a frame, on the camera's thread."""
        if not self._full.is_set():
            self._frames.append(pixels)
            if len(self._frames) >= self.count:
                self._full.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until all have come; False if they have not in time."""
        return self._full.wait(timeout_s)


class _Exchange:
    """Settings that wait for the camera's thread, and what came of them."""

    def __init__(self, optics: Optics) -> None:
        self.optics = optics
        self.done = threading.Event()
        self.refused: CameraError | None = None


class SetUpCamera(CameraAround):
    """`inspector_app.domain.ports.Camera` around another, with a configuration that can be exchanged while it runs.

    Corrections and limits are exchanged between two pictures; settings of the camera itself are made by the thread that
    uses it, before its next picture.

    Parameters
    ----------
    camera : Camera
        Takes the pictures.
    optics : Optics
        Configuration to begin with.
    """

    def __init__(self, camera: Camera, optics: Optics) -> None:
        super().__init__(camera)
        self._optics = optics
        self._on_note: Callable[[str], None] = lambda _sentence: None
        self._on_change: Callable[[CameraControls], None] = lambda _controls: None
        self._settle: Callable[[TriggerMode | None], None] = lambda _mode: None
        self._fired = False
        self._lock = threading.Lock()
        self._waiting: _Exchange | None = None
        self._gathering: Gathering | None = None
        self._newest: Frame | None = None
        self._open = False
        self._reported = CameraControls()
        self._drift: str | None = None
        self._ranges = CameraRanges()

    @property
    def optics(self) -> Optics:
        """The configuration in force for the next picture."""
        return self._optics

    @property
    def is_open(self) -> bool:
        """True while it delivers."""
        return self._open

    @property
    def reported(self) -> CameraControls:
        """What the camera said was in force when it was last opened or set."""
        return self._reported

    @property
    def drift(self) -> str | None:
        """One sentence on what the camera reports otherwise than it was set up, ``None`` if nothing."""
        return self._drift

    @property
    def ranges(self) -> CameraRanges:
        """What the camera could be asked for when it was last opened or set."""
        return self._ranges

    @property
    def raw_size(self) -> tuple[int, int] | None:
        """Width and height of the newest picture as the camera took it, ``None`` before the first."""
        newest = self._newest
        return None if newest is None else (newest.pixels.shape[1], newest.pixels.shape[0])

    def sight(self) -> Sight | None:
        """Return the newest picture, corrected and measured anew; ``None`` before the first.

        Whether the camera hangs is not said: that shows only from one picture to the next.
        """
        newest, optics = self._newest, self._optics
        if newest is None:
            return None
        frame = finished(newest, None, optics)
        return sight_of(frame.pixels, frame.unfit, None if optics.limits is None else optics.limits.sharpness)

    def configuration_sha256(self) -> str | None:
        """Return the identity of what is done beyond the camera's own settings, ``None`` if nothing ever was set up."""
        setup = self._optics.setup
        return None if setup.plain else setup.sha256

    def listen(self, on_change: Callable[[CameraControls], None], on_note: Callable[[str], None]) -> None:
        """Have somebody told what is in force after each exchange, and one sentence when the camera has drifted."""
        self._on_change = on_change
        self._on_note = on_note

    def when_set(self, settle: Callable[[TriggerMode | None], None]) -> None:
        """Have the trigger that the camera is on told when it was set while it runs, on the thread that uses it."""
        self._settle = settle

    def open(self) -> None:
        """Connect, and set what the configuration says; `CameraError`."""
        self._camera.open()
        setup = self._optics.setup
        if setup.controls != CameraControls() or setup.reported != CameraControls():
            self._reported = self._camera.configure(setup.controls)
            self._drift = drift(setup, self._reported)
            if self._drift is not None:
                self._on_note(self._drift)
        self._note_ranges()
        self._newest = None
        self._fired = False
        self._open = True

    def configure(self, controls: CameraControls) -> CameraControls:
        """Set the camera and return what is in force."""
        self._reported = self._camera.configure(controls)
        return self._reported

    def trigger(self) -> None:
        """Take one picture now; the camera is not set before its picture is there."""
        self._camera.trigger()
        self._fired = True

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next picture, corrected and looked at; a frame that only a teacher wants is no part."""
        # Not between a trigger and its picture: setting the camera could cost the part its picture.
        if not self._fired:
            self._take_exchange()
        capture = self._camera.grab(timeout_s)
        if capture is not None:
            self._fired = False
        if not isinstance(capture, Frame):
            return capture
        before, self._newest = self._newest, capture
        gathering = self._gathering
        if gathering is not None:
            gathering.offer(capture.pixels)
            if not gathering.keeps_parts:
                return None
        return finished(capture, None if before is None else before.pixels, self._optics)

    def close(self) -> None:
        """Let go of the camera; whoever waits for settings is told so."""
        self._open = False
        self._camera.close()
        self._refuse_exchange("The camera was closed before it was set.")

    def exchange(self, optics: Optics, *, here: bool = False) -> CameraSetup:
        """Put a configuration in force and return it with what the camera reports; blocks while the camera is set.

        Parameters
        ----------
        optics : Optics
            The configuration.
        here : bool
            True: the caller's is the thread that takes pictures, and it sets the camera itself.

        Raises
        ------
        CameraError
            If the camera refuses a setting (the sentence says what is allowed), or does not run.
        """
        if optics.setup.controls == self._optics.setup.controls:
            self._use(optics)
            self._on_change(self._reported)
            return self._optics.setup
        exchange = self._wait_for_thread(optics)
        if here:
            self._take_exchange()
        if not exchange.done.wait(_EXCHANGE_S):
            self._refuse_exchange("The camera did not answer in time.")
            # The camera's thread may have taken it in that moment, and then sees it through.
            if not exchange.done.wait(_EXCHANGE_S):
                raise CameraError("The camera hangs while it is being set.")
        if exchange.refused is not None:
            raise exchange.refused
        self._on_change(self._reported)
        return self._optics.setup

    def gather(self, gathering: Gathering) -> None:
        """Collect raw frames from now on; see `let_go`."""
        with self._lock:
            if self._gathering is not None:
                raise OpticsRefused("Something else is being taught; wait until it is done.")
            self._gathering = gathering

    def let_go(self) -> None:
        """Collect no more frames."""
        self._gathering = None

    def _note_ranges(self) -> None:
        self._ranges = self._camera.ranges() if isinstance(self._camera, RangedCamera) else CameraRanges()

    def _wait_for_thread(self, optics: Optics) -> _Exchange:
        exchange = _Exchange(optics)
        with self._lock:
            if not self._open:
                raise CameraError("The camera does not run: start or resume the station, then set it.")
            if self._waiting is not None:
                raise CameraError("The camera is being set by somebody else; try again.")
            self._waiting = exchange
        return exchange

    def _use(self, optics: Optics) -> None:
        self._optics = replace(optics, setup=replace(optics.setup, reported=self._reported))

    def _take_exchange(self) -> None:
        with self._lock:
            exchange, self._waiting = self._waiting, None
        if exchange is None:
            return
        try:
            self._reported = self._camera.configure(exchange.optics.setup.controls)
            self._use(exchange.optics)
            self._drift = None
            self._note_ranges()
            self._settle(self._reported.trigger)
        except CameraError as refused:
            exchange.refused = refused
        except BaseException:
            exchange.refused = CameraError("The camera's driver failed while it was being set.")
            raise
        finally:
            exchange.done.set()

    def _refuse_exchange(self, sentence: str) -> None:
        with self._lock:
            exchange, self._waiting = self._waiting, None
        if exchange is not None:
            exchange.refused = CameraError(sentence)
            exchange.done.set()


def finished(raw: Frame, before: Pixels | None, optics: Optics) -> Frame:
    """Return a raw picture corrected, and with what speaks against having a model judge it.

    Parameters
    ----------
    raw : Frame
        As the camera gave it; what its adapter says against it stays.
    before : Pixels or None
        The raw picture before it.
    optics : Optics
        The configuration.
    """
    if optics.broken is not None:
        return _unfit(raw, raw.pixels, Unfit(PictureFlaw.NOT_CORRECTED, optics.broken))
    try:
        pixels = optics.corrector.apply(raw.pixels)
    except OpticsRefused as refused:
        return _unfit(raw, raw.pixels, Unfit(PictureFlaw.NOT_CORRECTED, str(refused)))
    watches = optics.limits is not None and optics.limits.frozen
    hangs = frozen_complaint(raw.pixels, before) if watches else None
    roi = optics.setup.roi
    views = raw.views if roi is None else cut_views(raw.views, roi.x, roi.y, roi.w, roi.h)
    unfit = hangs or complaint(pixels, optics.limits) or _blank_view(pixels, views)
    return replace(_unfit(raw, pixels, unfit), views=views)


def _blank_view(pixels: Pixels, views: Sequence[ViewPlace]) -> Unfit | None:
    """Say which of several views shows nothing: the others would hide that from the whole picture's limits."""
    for view in views:
        found = complaint(pixels[view.y : view.y + view.h, view.x : view.x + view.w], None)
        if found is not None:
            return Unfit(found.flaw, f"View {view.name}: {found.sentence}")
    return None


def _unfit(raw: Frame, pixels: Pixels, unfit: Unfit | None) -> Frame:
    return replace(raw, pixels=pixels, unfit=raw.unfit or unfit)
