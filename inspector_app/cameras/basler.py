"""Basler cameras through pylon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.genicam import GenicamSettings
from inspector_app.cameras.genicam_camera import Arrived
from inspector_app.cameras.pylon_nodes import PylonNodes
from inspector_app.cameras.pylon_runtime import PylonRuntime, load_pylon, reason
from inspector_app.domain.errors import CameraError, CameraLost

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

    @property
    def name(self) -> str:
        """Display name until the camera tells its own."""
        return f"Basler camera {self.serial or ''}".rstrip()


class BaslerLink:
    """One connection to one camera (`inspector_app.cameras.genicam_camera.GenicamLink`).

    Parameters
    ----------
    choice : BaslerChoice
        Which camera.
    load : callable
        Returns pypylon; its argument is True for the emulator.
    """

    def __init__(self, choice: BaslerChoice, load: Callable[[bool], PylonRuntime] = load_pylon) -> None:
        self.name = choice.name
        self.camera: Any = None
        self._choice = choice
        self._load = load
        self._loaded: PylonRuntime | None = None
        self._left: int | None = None
        self._format = ""

    @property
    def settings(self) -> GenicamSettings:
        """Settings of the open camera."""
        return GenicamSettings(PylonNodes(self._runtime, self.camera.GetNodeMap()), self.name, self._choice.line)

    @contextmanager
    def losing(self, what: str) -> Iterator[None]:
        """Have `CameraLost` raised for what pylon raises."""
        try:
            yield
        except self._errors as error:
            raise CameraLost(f"{self.name} {what}: {reason(error)}.") from error

    def connect(self) -> None:
        """Find the camera and take control of it; `CameraLost`, `CameraError` without pypylon."""
        self._loaded = runtime = self._load(self._choice.emulated)
        self.camera = runtime.pylon.InstantCamera()
        factory = runtime.pylon.TlFactory.GetInstance()
        info = self._found(factory.EnumerateDevices())
        self.camera.Attach(factory.CreateDevice(info))
        self.camera.Open()
        self.name = f"Basler {info.GetModelName()} ({info.GetSerialNumber()})"

    def start(self) -> None:
        """Start acquisition."""
        pylon = self._runtime.pylon
        self._format = self.settings.pixel_format()
        self.camera.MaxNumBuffer.Value = _BUFFERS
        newest = self._choice.newest_only
        self.camera.StartGrabbing(pylon.GrabStrategy_LatestImageOnly if newest else pylon.GrabStrategy_OneByOne)

    def stop(self) -> int:
        """Stop acquisition and return how many pictures had arrived and were not fetched."""
        ready = self._ready()
        self.camera.StopGrabbing()
        return ready

    def fire(self) -> None:
        """Wait until the camera is ready and have it take one picture.

        A trigger that comes while the camera is not ready would be lost without a word.
        """
        self._require()
        if not self.camera.WaitForFrameTriggerReady(_READY_TIMEOUT_MS, self._runtime.pylon.TimeoutHandling_Return):
            raise CameraError(f"{self.name} did not become ready for a trigger within {_READY_TIMEOUT_MS} ms.")
        self.camera.ExecuteSoftwareTrigger()

    def next(self, timeout_s: float, expects: bool) -> Arrived | None:
        """Return the next block, ``None`` if none came in time.

        When the camera is pulled out, what had already arrived comes before `CameraLost`.
        """
        del expects  # pylon notices by itself that a camera is gone
        result = self._retrieve(timeout_s)
        if result is None:
            return None
        try:
            return self._arrived(result)
        finally:
            result.Release()

    def disconnect(self) -> None:
        """Let go; a camera that is gone may protest, which changes nothing."""
        camera, self.camera = self.camera, None
        for step in () if camera is None else (camera.StopGrabbing, camera.DestroyDevice):
            with suppress(*self._errors):
                step()

    @property
    def _runtime(self) -> PylonRuntime:
        if self._loaded is None:
            raise CameraLost(f"{self.name} is not open.")
        return self._loaded

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        return () if self._loaded is None else (self._loaded.error,)

    @property
    def _removed(self) -> bool:
        """True once pylon has noticed that the camera is gone.

        Asked for rather than waited for: a Python callback runs on pylon's thread, which holds pylon's lock while it
        waits for the interpreter's, and a reconnect takes them in the other order.
        """
        return bool(self.camera.IsCameraDeviceRemoved())

    def _require(self) -> None:
        if self._removed:
            raise CameraLost(f"{self.name} was removed.")

    def _retrieve(self, timeout_s: float) -> Any | None:
        """Return the next grab result, ``None`` if none came in time; `CameraLost` after removal or a stop."""
        if self._removed and self._left is None:
            self._left = self._ready()
        if self._left is not None:
            if self._left <= 0:
                raise CameraLost(f"{self.name} was removed.")
            self._left -= 1
            timeout_s = 0.0
        # WORKAROUND: on a busy machine RetrieveResult (pylon 12.4) can wait for ever in spite of its time-out.
        if self.camera.GetGrabResultWaitObject().Wait(max(round(timeout_s * 1000), 0)):
            result = self.camera.RetrieveResult(0, self._runtime.pylon.TimeoutHandling_Return)
            if result.IsValid():
                return result
        self._require()
        if not self.camera.IsGrabbing():
            raise CameraLost(f"{self.name} has stopped sending pictures.")
        return None

    def _arrived(self, result: Any) -> Arrived:
        """Return a grab result as the station has it."""
        block, reported = int(result.BlockID), int(result.NumberOfSkippedImages)
        if result.GrabSucceeded():
            return Arrived(block, *self._pixels(result), reported=reported)
        sentence = f"{self.name} sent a damaged picture: {_description(result)}."
        return Arrived(block, None, sentence=sentence, reported=reported)

    def _pixels(self, result: Any) -> tuple[NDArray[np.uint8], str | None]:
        """Return a result as uint8 grey or BGR, and what was converted."""
        pylon = self._runtime.pylon
        kind = result.PixelType
        if kind in {pylon.PixelType_Mono8, pylon.PixelType_BGR8packed}:
            return np.asarray(result.GetArray(), np.uint8), None
        grey = bool(pylon.IsMonoImage(kind))
        converter = pylon.ImageFormatConverter()
        converter.OutputPixelFormat = pylon.PixelType_Mono8 if grey else pylon.PixelType_BGR8packed
        converted = np.array(converter.Convert(result).GetArray(), np.uint8)
        return converted, f"{self._format} converted to {'8-bit grey' if grey else '8-bit BGR'}"

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


def _description(result: Any) -> str:
    text = str(result.ErrorDescription).strip().rstrip(".")
    return text or f"error {int(result.ErrorCode)}"
