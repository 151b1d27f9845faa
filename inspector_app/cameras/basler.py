"""Basler cameras through pylon, and pylon's own camera emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.blocks import BlockCounter
from inspector_app.cameras.delivery import DeliveringCamera
from inspector_app.cameras.genicam import GenicamSettings
from inspector_app.cameras.pylon_feed import EmulatorFeed, FedPart
from inspector_app.cameras.pylon_nodes import PylonNodes
from inspector_app.cameras.pylon_runtime import PylonRuntime, load_pylon, reason
from inspector_app.domain.errors import CameraError, CameraLost, CameraSettingError, EndOfPictures
from inspector_app.domain.frame import Capture, PictureProblem
from inspector_app.domain.ports import CameraControls, CameraRanges, Clock, TriggerMode

_BUFFERS: Final = 16
_READY_TIMEOUT_MS: Final = 2_000
_EMULATOR_CLASS: Final = "BaslerCamEmu"


@dataclass(frozen=True, slots=True)
class BaslerChoice:
    """Which camera, and how it is run.

    Attributes
    ----------
    serial : str or None
        Serial number; ``None`` the first camera found.
    emulated : bool
        True: one of pylon's emulated cameras.
    line : str
        Input of the hardware trigger.
    newest_only : bool
        True: a busy station gets the newest picture and the others are counted as skipped; False: all, in order.
    """

    serial: str | None
    emulated: bool = False
    line: str = "Line1"
    newest_only: bool = False


class BaslerCamera(DeliveringCamera):
    """One Basler camera.

    Settings are made again at each `open`, so that a camera that was replaced or lost power runs as before.

    Parameters
    ----------
    choice : BaslerChoice
        Which camera.
    uri : str
        The URI it was made from.
    clock : Clock
        UTC.
    controls : CameraControls
        First settings.
    feed : EmulatorFeed or None
        Pictures for the emulator.
    load : callable
        Returns pypylon; its argument is True for the emulator.
    """

    def __init__(
        self,
        choice: BaslerChoice,
        *,
        uri: str,
        clock: Clock,
        controls: CameraControls,
        feed: EmulatorFeed | None = None,
        load: Callable[[bool], PylonRuntime] = load_pylon,
    ) -> None:
        super().__init__(f"Basler camera {choice.serial or ''}".rstrip(), uri, clock)
        self._choice = choice
        self._controls = replace(controls, trigger=controls.trigger or TriggerMode.FREE_RUN)
        self._feed = feed
        self._load = load
        self._link: _Link | None = None

    def open(self) -> None:
        """Connect, set and start; `CameraLost`, `CameraSettingError`, `CameraError` without pypylon."""
        if self._link is not None:
            return
        runtime = self._load(self._choice.emulated)
        link = _Link(runtime, self._choice, self._name)
        try:
            link.connect()
            self._name = link.name
            for step in link.settings.planned(self._controls):
                step()
            self._start(link)
        except runtime.error as error:
            self._release(link)
            raise CameraLost(f"{self._name} cannot be opened: {reason(error)}.") from error
        except CameraError:
            self._release(link)
            raise
        self._delivery.restart()
        self._link = link

    def configure(self, controls: CameraControls) -> CameraControls:
        """Check all, then apply; acquisition pauses for a new pixel format or trigger.

        Before `open` the settings are kept for it and checked there.
        """
        asked = {name: value for name in CameraControls.__slots__ if (value := getattr(controls, name)) is not None}
        link = self._link
        if link is None:
            self._controls = replace(self._controls, **asked)
            return self._controls
        with self._losing(link):
            steps = link.settings.planned(controls)
            pause = "pixel_format" in asked or asked.get("trigger") not in {None, self._controls.trigger}
            self._apply(link, steps, pause)
            self._controls = replace(self._controls, **asked)
            return link.settings.in_force(self._controls.trigger or TriggerMode.FREE_RUN)

    def _apply(self, link: _Link, steps: Iterable[Callable[[], None]], pause: bool) -> None:
        if pause:
            link.stop(fed=self._feed is not None)
        try:
            for step in steps:
                step()
        finally:
            if pause:
                self._start(link)

    def ranges(self) -> CameraRanges:
        """Return what the camera can be asked for now; `CameraLost` unless it is open."""
        link = self._running()
        with self._losing(link):
            return link.settings.ranges()

    def trigger(self) -> None:
        """Wait until the camera is ready and take one picture; `CameraSettingError` unless it has the software trigger.

        A trigger that comes while the camera is not ready would be lost without a word.
        """
        link = self._running()
        if self._controls.trigger is not TriggerMode.SOFTWARE:
            raise CameraSettingError(f"{self._name} is not on software trigger.")
        link.require()
        with self._losing(link):
            timeout = link.runtime.pylon.TimeoutHandling_Return
            if not link.camera.WaitForFrameTriggerReady(_READY_TIMEOUT_MS, timeout):
                raise CameraError(f"{self._name} did not become ready for a trigger within {_READY_TIMEOUT_MS} ms.")
            link.camera.ExecuteSoftwareTrigger()

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next picture, ``None`` if none came in time.

        When the camera is pulled out, the pictures that had already arrived are delivered before `CameraLost` is
        raised.
        """
        link = self._running()
        if self._feed is not None and self._feed.finished:
            raise EndOfPictures(f"{self._name} has no more pictures.")
        with self._losing(link):
            result = link.retrieve(timeout_s)
            if result is None:
                return None
            try:
                return self._capture(link, result)
            finally:
                result.Release()

    def close(self) -> None:
        """Stop and release; idempotent, also for a camera that is gone."""
        link, self._link = self._link, None
        if link is not None:
            self._release(link)

    def _running(self) -> _Link:
        if self._link is None:
            raise CameraLost(f"{self._name} is not open.")
        return self._link

    def _start(self, link: _Link) -> None:
        if self._feed is not None:
            staged = self._feed.stage()
            for name, value in (
                ("TestImageSelector", "Off"),
                ("ImageFilename", str(staged.folder)),
                ("ImageFileMode", "On"),
                ("Width", staged.width_px),
                ("Height", staged.height_px),
            ):
                link.settings.put(name, value)
        link.start(self._choice.newest_only)

    def _release(self, link: _Link) -> None:
        link.disconnect()
        if self._feed is not None:
            self._feed.clear()

    @contextmanager
    def _losing(self, link: _Link) -> Iterator[None]:
        try:
            yield
        except link.runtime.error as error:
            raise CameraLost(f"{self._name} is gone: {reason(error)}.") from error

    def _capture(self, link: _Link, result: Any) -> Capture:
        block = int(result.BlockID)
        part = self._part(block)
        grabbed = bool(result.GrabSucceeded())
        refused = self._feed.refusal(part, grabbed) if self._feed is not None and part is not None else None
        skipped = link.skipped(block, int(result.NumberOfSkippedImages))
        if self._feed is not None:
            self._feed.delivered(block)
        name, path, reference = (part.name, str(part.file.path), part.reference) if part else (None, None, None)
        if refused is None and grabbed:
            pixels, note = link.pixels(result)
            return self._delivery.frame(pixels, skipped=skipped, name=name, path=path, reference=reference, note=note)
        problem = refused.problem if refused else PictureProblem.DAMAGED_TRANSFER
        sentence = refused.sentence if refused else f"{self._name} sent a damaged picture: {_description(result)}."
        return self._delivery.unusable(problem, sentence, skipped=skipped, name=name, path=path, reference=reference)

    def _part(self, block: int) -> FedPart | None:
        if self._feed is None:
            return None
        part = self._feed.part_at(block)
        if part is None:
            self._feed.delivered(block)
            raise EndOfPictures(f"{self._name} has no more pictures.")
        return part


def _description(result: Any) -> str:
    text = str(result.ErrorDescription).strip().rstrip(".")
    return text or f"error {int(result.ErrorCode)}"


class _Link:
    """One connection to one camera, from attaching it to destroying it."""

    def __init__(self, runtime: PylonRuntime, choice: BaslerChoice, name: str) -> None:
        self.runtime = runtime
        self.name = name
        self.camera = runtime.pylon.InstantCamera()
        self._choice = choice
        self._left: int | None = None
        self._dropped = 0
        self._blocks = BlockCounter()
        self._format = ""

    @property
    def removed(self) -> bool:
        """True once pylon has noticed that the camera is gone.

        Asked for rather than waited for: a Python callback runs on pylon's thread, which holds pylon's lock while it
        waits for the interpreter's, and a reconnect takes them in the other order.
        """
        return bool(self.camera.IsCameraDeviceRemoved())

    @property
    def settings(self) -> GenicamSettings:
        return GenicamSettings(PylonNodes(self.runtime, self.camera.GetNodeMap()), self.name, self._choice.line)

    def connect(self) -> None:
        factory = self.runtime.pylon.TlFactory.GetInstance()
        info = self._found(factory.EnumerateDevices())
        self.camera.Attach(factory.CreateDevice(info))
        self.camera.Open()
        self.name = f"Basler {info.GetModelName()} ({info.GetSerialNumber()})"

    def start(self, newest_only: bool) -> None:
        pylon = self.runtime.pylon
        self._blocks = BlockCounter()
        self._format = self.settings.pixel_format()
        self.camera.MaxNumBuffer.Value = _BUFFERS
        self.camera.StartGrabbing(pylon.GrabStrategy_LatestImageOnly if newest_only else pylon.GrabStrategy_OneByOne)

    def stop(self, fed: bool) -> None:
        """Stop acquisition; what had arrived and was not fetched is lost, unless a feed will show it again."""
        self._dropped += 0 if fed else self._ready()
        self.camera.StopGrabbing()

    def retrieve(self, timeout_s: float) -> Any | None:
        """Return the next grab result, ``None`` if none came in time; `CameraLost` after removal or a stop."""
        if self.removed and self._left is None:
            self._left = self._ready()
        if self._left is not None:
            if self._left <= 0:
                raise CameraLost(f"{self.name} was removed.")
            self._left -= 1
            timeout_s = 0.0
        # WORKAROUND: on a busy machine RetrieveResult (pylon 12.4) can wait for ever in spite of its time-out.
        if self.camera.GetGrabResultWaitObject().Wait(max(round(timeout_s * 1000), 0)):
            result = self.camera.RetrieveResult(0, self.runtime.pylon.TimeoutHandling_Return)
            if result.IsValid():
                return result
        self.require()
        if not self.camera.IsGrabbing():
            raise CameraLost(f"{self.name} has stopped sending pictures.")
        return None

    def require(self) -> None:
        """Raise `CameraLost` if the camera was removed."""
        if self.removed:
            raise CameraLost(f"{self.name} was removed.")

    def skipped(self, block: int, reported: int) -> int:
        dropped, self._dropped = self._dropped, 0
        return dropped + self._blocks.skipped(block, reported)

    def pixels(self, result: Any) -> tuple[NDArray[np.uint8], str | None]:
        """Return a result as uint8 grey or BGR, and what was converted."""
        pylon = self.runtime.pylon
        kind = result.PixelType
        if kind in {pylon.PixelType_Mono8, pylon.PixelType_BGR8packed}:
            return np.asarray(result.GetArray(), np.uint8), None
        grey = bool(pylon.IsMonoImage(kind))
        converter = pylon.ImageFormatConverter()
        converter.OutputPixelFormat = pylon.PixelType_Mono8 if grey else pylon.PixelType_BGR8packed
        converted = np.array(converter.Convert(result).GetArray(), np.uint8)
        return converted, f"{self._format} converted to {'8-bit grey' if grey else '8-bit BGR'}"

    def disconnect(self) -> None:
        """Let go; a camera that is gone may protest, which changes nothing."""
        for step in (self.camera.StopGrabbing, self.camera.DestroyDevice):
            try:
                step()
            except self.runtime.error:
                continue

    def _ready(self) -> int:
        return int(self.camera.GetInstantCameraNodeMap().GetNode("NumReadyBuffers").GetValue())

    def _found(self, devices: Any) -> Any:
        usable = [device for device in devices if not self._choice.emulated or _is_emulated(device)]
        serials = [device.GetSerialNumber() for device in usable]
        wanted = self._choice.serial
        if wanted is None and usable:
            return usable[0]
        if wanted in serials:
            return usable[serials.index(wanted)]
        if self._choice.emulated and not usable:
            raise CameraError("Basler's emulator is off: set PYLON_CAMEMU=1 before the program starts.")
        raise CameraLost(f"{self.name} is not connected; found: {', '.join(serials) or 'none'}.")


def _is_emulated(device: Any) -> bool:
    return bool(device.GetDeviceClass() == _EMULATOR_CLASS)
