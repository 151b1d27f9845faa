"""GigE Vision and USB3 Vision cameras of any maker through Aravis."""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_int, c_size_t
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inspector_app.cameras.aravis_library import Aravis, AravisFault, load_aravis
from inspector_app.cameras.aravis_nodes import AravisNodes, listed_devices
from inspector_app.cameras.genicam import GenicamSettings
from inspector_app.cameras.genicam_camera import Arrived, unusable_block
from inspector_app.cameras.pixel_formats import UnknownFormat, decode
from inspector_app.domain.errors import CameraLost, CameraSettingError
from inspector_app.domain.frame import PictureProblem

_BUFFERS: Final = 16
_SOCKET_BYTES: Final = 64 * 2**20
"""Most that the operating system is asked to keep of packets that nobody has read yet; it may grant less."""
_SIZE_IS_FIXED: Final = 0
"""``ArvGvStreamSocketBuffer``."""
_PROBE_AFTER_S: Final = 1.0
"""Silence after which the camera is asked whether it is there."""
_FIRST_BYTES: Final = 4
_ADDRESS: Final = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_NUMBERS: Final = 65_535
"""GigE Vision 1 numbers blocks 1 … 65535 and then starts at 1 again."""
_RING: Final = 4 * _BUFFERS
_SUCCESS: Final = 0
_DAMAGE: Final = {
    1: "it was not filled",
    2: "packets came too late",
    3: "packets are missing",
    4: "packets are in disorder",
    5: "it has another size than the camera announced",
    6: "it is not complete",
    7: "it was broken off",
    8: "its kind of data is not supported",
}
"""``ArvBufferStatus``."""


@dataclass(frozen=True, slots=True)
class AravisChoice:
    """Which camera, and how it is run.

    Attributes
    ----------
    camera : str
        Serial number, IP address or Aravis' own device id; empty: the first camera found.
    line : str
        Input of the hardware trigger.
    packet_bytes : int or None
        Size of the packets of a GigE Vision camera; ``None``: found out when it is opened.
    resend : bool
        True: lost packets are asked for again.
    silence_s : float
        In free run, time without any picture after which the camera counts as lost.
    """

    camera: str = ""
    line: str = "Line1"
    packet_bytes: int | None = None
    resend: bool = True
    silence_s: float = 3.0


class AravisLink:
    """One connection to one camera (`inspector_app.cameras.genicam_camera.GenicamLink`).

    A camera that is gone shows itself in three ways: Aravis has lost control over it (GigE Vision, after 6 s), it does
    not answer any more (USB3 Vision), or in free run no picture has come for a while.

    Parameters
    ----------
    choice : AravisChoice
        Which camera.
    monotonic : callable
        Returns seconds that never run backwards.
    load : callable
        Returns the library.
    """

    def __init__(
        self,
        choice: AravisChoice,
        monotonic: Callable[[], float] = time.monotonic,
        load: Callable[[], Aravis] = load_aravis,
    ) -> None:
        self._choice = choice
        self._monotonic = monotonic
        self._load = load
        self.name = f"Camera {choice.camera}".rstrip()
        self._aravis: Aravis | None = None
        self._camera: int | None = None
        self._stream: int | None = None
        self._format = ""
        self._heard_at = self._probed_at = 0.0
        self._last_block: int | None = None
        self._silent = False

    @property
    def settings(self) -> GenicamSettings:
        """Settings of the open camera."""
        return GenicamSettings(AravisNodes(self._library, self._device), self.name, self._choice.line)

    @contextmanager
    def losing(self, what: str) -> Iterator[None]:
        """Have `CameraLost` raised for what Aravis raises."""
        try:
            yield
        except AravisFault as fault:
            raise self._gone(f"{self.name} {what}: {fault}.") from fault

    def connect(self) -> None:
        """Find the camera and take control of it; `CameraLost`, `CameraError` without Aravis."""
        self._aravis = aravis = self._load()
        self._camera = aravis.call("arv_camera_new", self._device_id(self._choice.camera))
        self.name = self._model()
        if not self._in_control:
            raise CameraLost(f"{self.name} is controlled by another program.")

    def start(self) -> None:
        """Start acquisition."""
        self._set_packets()
        self._format = self.settings.pixel_format()
        self._stream = self._call("arv_camera_create_stream", self._camera, None, None)
        payload = self._call("arv_camera_get_payload", self._camera)
        if self._is_gige:
            self._set_stream(self._stream or 0, payload)
        for _ in range(_BUFFERS):
            self._call("arv_stream_push_buffer", self._stream, self._call("arv_buffer_new_allocate", payload))
        if self.settings.nodes.writable("AcquisitionMode"):
            self.settings.put("AcquisitionMode", "Continuous")
        self._call("arv_camera_start_acquisition", self._camera)
        self._heard_at = self._probed_at = self._monotonic()
        self._last_block = None

    def stop(self) -> int:
        """Stop acquisition and return how many pictures had arrived and were not fetched."""
        waiting, ready = c_int(), c_int()
        try:
            self._call("arv_camera_stop_acquisition", self._camera)
            self._call("arv_stream_get_n_buffers", self._stream, byref(waiting), byref(ready))
        finally:
            self._end_stream()
        return ready.value

    def fire(self) -> None:
        """Send the software trigger."""
        self._call("arv_device_execute_command", self._device, b"TriggerSoftware")

    def next(self, timeout_s: float, expects: bool) -> Arrived | None:
        """Return the next block; `CameraLost` once what had arrived is fetched."""
        buffer = self._call("arv_stream_timeout_pop_buffer", self._stream, round(max(timeout_s, 0.0) * 1e6))
        if not buffer:
            self._require(expects)
            return None
        self._heard_at = self._monotonic()
        try:
            return self._arrived(buffer)
        finally:
            self._call("arv_stream_push_buffer", self._stream, buffer)

    def disconnect(self) -> None:
        """Let go; a camera that is gone may protest, which changes nothing."""
        if self._aravis is None or self._camera is None:
            return
        try:
            if self._stream is not None and not self._silent:
                self._call("arv_camera_stop_acquisition", self._camera)
        except AravisFault:
            pass
        self._end_stream()
        self._library.release(self._camera)
        self._camera = None

    @property
    def _library(self) -> Aravis:
        if self._aravis is None:
            raise CameraLost(f"{self.name} is not open.")
        return self._aravis

    @property
    def _device(self) -> int:
        return int(self._call("arv_camera_get_device", self._camera))

    @property
    def _is_gige(self) -> bool:
        return self._library.is_a(self._device, "arv_gv_device")

    def _call(self, name: str, *arguments: object) -> Any:
        return self._library.call(name, *arguments)

    def _device_id(self, wanted: str) -> bytes | None:
        """Return what Aravis is to open: it knows cameras by id and address, and people by the serial number."""
        if wanted and not _ADDRESS.fullmatch(wanted):
            for found in listed_devices(self._library):
                if wanted == found.serial:
                    return found.device_id.encode()
        return wanted.encode() or None

    def _model(self) -> str:
        parts = [
            (self._call(f"arv_camera_get_{part}", self._camera) or b"").decode(errors="replace")
            for part in ("vendor_name", "model_name", "device_serial_number")
        ]
        return f"{parts[0]} {parts[1]} ({parts[2]})"

    def _set_packets(self) -> None:
        if not self._is_gige:
            return
        if self._choice.packet_bytes is None:
            self._call("arv_camera_gv_auto_packet_size", self._camera)
            return
        try:
            self._call("arv_camera_gv_set_packet_size", self._camera, self._choice.packet_bytes)
        except AravisFault as fault:
            raise CameraSettingError(
                f"{self.name} does not take packets of {self._choice.packet_bytes} bytes: {fault}."
            ) from fault

    def _set_stream(self, stream: int, payload: int) -> None:
        """Have packets kept while the computer is busy: by itself Aravis asks for room for one picture.

        A packet takes up to twice its size there. With the right to raw sockets Aravis reads another way.
        """
        put = self._library.set_whole
        put(stream, b"packet-resend", int(self._choice.resend))
        put(stream, b"socket-buffer", _SIZE_IS_FIXED)
        put(stream, b"socket-buffer-size", min(2 * _BUFFERS * payload, _SOCKET_BYTES))

    def _arrived(self, buffer: int) -> Arrived:
        status = int(self._call("arv_buffer_get_status", buffer))
        told = int(self._call("arv_buffer_get_frame_id", buffer))
        block = self._last_block = block_number(told, self._last_block, whole=status == _SUCCESS)
        if status != _SUCCESS:
            return unusable_block(self.name, block, _DAMAGE.get(status, f"status {status}"))
        width, height = (int(self._call(f"arv_buffer_get_image_{side}", buffer)) for side in ("width", "height"))
        try:
            pixels, note = decode(self._bytes(buffer), width, height, self._format)
        except UnknownFormat as unknown:
            return unusable_block(self.name, block, str(unknown), PictureProblem.UNSUPPORTED_FORMAT)
        return Arrived(block, pixels, note)

    def _bytes(self, buffer: int) -> NDArray[np.uint8]:
        """Return a view of a buffer's data, which holds until the buffer is given back."""
        size = c_size_t()
        address = self._call("arv_buffer_get_data", buffer, byref(size))
        return np.ctypeslib.as_array((ctypes.c_uint8 * size.value).from_address(address))

    def _require(self, expects: bool) -> None:
        """Raise `CameraLost` if the camera is gone, as far as can be told after a silence.

        Aravis asks a GigE Vision camera for a sign of life by itself; asking again would block for 5 s.
        """
        now = self._monotonic()
        silent_s = now - self._heard_at
        if expects and silent_s > self._choice.silence_s:
            raise self._gone(f"{self.name} has sent no picture for {silent_s:.0f} s.")
        if silent_s < _PROBE_AFTER_S or now - self._probed_at < _PROBE_AFTER_S:
            return
        self._probed_at = now
        if not self._in_control:
            raise self._gone(f"{self.name} is gone, or another program has taken control of it.")
        if not self._is_gige:
            data = ctypes.create_string_buffer(_FIRST_BYTES)
            self._call("arv_device_read_memory", self._device, 0, _FIRST_BYTES, data)

    @property
    def _in_control(self) -> bool:
        return not self._is_gige or bool(self._call("arv_gv_device_is_controller", self._device))

    def _gone(self, sentence: str) -> CameraLost:
        """Return the fault; from here on nothing is said to the camera any more: each word would wait for 5 s."""
        self._silent = True
        return CameraLost(sentence)

    def _end_stream(self) -> None:
        self._library.release(self._stream)
        self._stream = None


def block_number(told: int, last: int | None, *, whole: bool) -> int | None:
    """Return the number of a block.

    Parameters
    ----------
    told : int
        As the buffer says; 0: it does not know. A block whose first packet was lost has none, and its buffer still
        tells that of the block before in it, some blocks back.
    last : int or None
        Number of the block before, ``None`` if that is not known either.
    whole : bool
        True if all of the block came, and so its number.

    Returns
    -------
    int or None
        Where there is none, the one after ``last``.
    """
    behind = last is not None and (last - told) % _NUMBERS < _RING
    if told and (whole or not behind):
        return told
    return None if last is None else last % _NUMBERS + 1 if last <= _NUMBERS else last + 1
