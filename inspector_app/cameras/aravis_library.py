"""Aravis, the free library for GigE Vision and USB3 Vision cameras, called through its C interface.

Its C interface needs nothing but the shared library: Debian's ``libaravis-0.8-0``, or the one that the package
``aravis-python`` brings. Functions and enumerations are those of Aravis 0.8 (aravisproject.github.io/aravis).
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Final

from inspector_app.domain.errors import CameraError

MISSING: Final = (
    "GigE Vision and USB3 Vision cameras need Aravis: install the system package libaravis-0.8-0, or "
    'pip install "inspection-station[aravis]".'
)
_NODES: Final = re.compile(r"^(\[[^\]]*\]\s*)+")
_LIBRARY: Final = "libaravis-0.8.so.0"

_FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    # name: result, arguments; those that may fail have an error as their last one
    "arv_update_device_list": (None,),
    "arv_get_n_devices": (c_uint,),
    "arv_get_device_id": (c_char_p, c_uint),
    "arv_get_device_vendor": (c_char_p, c_uint),
    "arv_get_device_model": (c_char_p, c_uint),
    "arv_get_device_serial_nbr": (c_char_p, c_uint),
    "arv_get_device_address": (c_char_p, c_uint),
    "arv_camera_get_device": (c_void_p, c_void_p),
    "arv_device_get_feature": (c_void_p, c_void_p, c_char_p),
    "arv_gc_feature_node_get_actual_access_mode": (c_int, c_void_p),
    "arv_gv_device_get_type": (c_size_t,),
    "arv_gv_device_is_controller": (c_int, c_void_p),
    "arv_gc_enumeration_get_type": (c_size_t,),
    "arv_gc_boolean_get_type": (c_size_t,),
    "arv_gc_float_get_type": (c_size_t,),
    "arv_gc_integer_get_type": (c_size_t,),
    "arv_buffer_new_allocate": (c_void_p, c_size_t),
    "arv_buffer_get_status": (c_int, c_void_p),
    "arv_buffer_get_data": (c_void_p, c_void_p, POINTER(c_size_t)),
    "arv_buffer_get_frame_id": (c_uint64, c_void_p),
    "arv_buffer_get_image_width": (c_int, c_void_p),
    "arv_buffer_get_image_height": (c_int, c_void_p),
    "arv_stream_push_buffer": (None, c_void_p, c_void_p),
    "arv_stream_timeout_pop_buffer": (c_void_p, c_void_p, c_uint64),
    "arv_stream_get_n_buffers": (None, c_void_p, POINTER(c_int), POINTER(c_int)),
}
_FALLIBLE: Final[dict[str, tuple[Any, ...]]] = {
    "arv_camera_new": (c_void_p, c_char_p),
    "arv_camera_get_vendor_name": (c_char_p, c_void_p),
    "arv_camera_get_model_name": (c_char_p, c_void_p),
    "arv_camera_get_device_serial_number": (c_char_p, c_void_p),
    "arv_camera_get_payload": (c_uint, c_void_p),
    "arv_camera_create_stream": (c_void_p, c_void_p, c_void_p, c_void_p),
    "arv_camera_start_acquisition": (None, c_void_p),
    "arv_camera_stop_acquisition": (None, c_void_p),
    "arv_camera_gv_set_packet_size": (None, c_void_p, c_int),
    "arv_camera_gv_auto_packet_size": (c_uint, c_void_p),
    "arv_device_execute_command": (None, c_void_p, c_char_p),
    "arv_device_read_memory": (c_int, c_void_p, c_uint64, c_uint32, c_void_p),
    "arv_device_get_string_feature_value": (c_char_p, c_void_p, c_char_p),
    "arv_device_set_string_feature_value": (None, c_void_p, c_char_p, c_char_p),
    "arv_device_get_integer_feature_value": (c_int64, c_void_p, c_char_p),
    "arv_device_set_integer_feature_value": (None, c_void_p, c_char_p, c_int64),
    "arv_device_get_float_feature_value": (c_double, c_void_p, c_char_p),
    "arv_device_set_float_feature_value": (None, c_void_p, c_char_p, c_double),
    "arv_device_get_boolean_feature_value": (c_int, c_void_p, c_char_p),
    "arv_device_set_boolean_feature_value": (None, c_void_p, c_char_p, c_int),
    "arv_device_get_integer_feature_bounds": (None, c_void_p, c_char_p, POINTER(c_int64), POINTER(c_int64)),
    "arv_device_get_float_feature_bounds": (None, c_void_p, c_char_p, POINTER(c_double), POINTER(c_double)),
    "arv_device_dup_available_enumeration_feature_values_as_strings": (c_void_p, c_void_p, c_char_p, POINTER(c_uint)),
}


class AravisFault(Exception):
    """Aravis refused a call; the text is its own, without a full stop."""


class _GError(ctypes.Structure):
    """An error of GLib, see `GError` in its reference."""

    _fields_ = (("domain", c_uint32), ("code", c_int), ("message", c_char_p))


class Aravis:
    """The library's functions by name; those that may fail raise `AravisFault`. Other threads run during a call.

    Parameters
    ----------
    path : str
        Of the shared library.

    Raises
    ------
    OSError
        If it cannot be loaded.
    """

    def __init__(self, path: str) -> None:
        self.library = ctypes.CDLL(path)
        self._gobject = ctypes.CDLL("libgobject-2.0.so.0")
        self._gobject.g_object_unref.argtypes = (c_void_p,)
        self._gobject.g_type_check_instance_is_a.argtypes = (c_void_p, c_size_t)
        self._glib = ctypes.CDLL("libglib-2.0.so.0")
        self._glib.g_error_free.argtypes = self._glib.g_free.argtypes = (c_void_p,)
        self._calls: dict[str, Callable[..., Any]] = {}
        for name, (result, *arguments) in _FUNCTIONS.items():
            self._calls[name] = self._declared(name, result, arguments)
        for name, (result, *arguments) in _FALLIBLE.items():
            self._calls[name] = self._raising(self._declared(name, result, [*arguments, c_void_p]))

    def call(self, name: str, *arguments: object) -> Any:
        """Call a function; texts are UTF-8 bytes."""
        return self._calls[name](*arguments)

    def is_a(self, instance: int, kind: str) -> bool:
        """Return True if an object is of a type, for example ``"arv_gc_float"``."""
        return bool(self._gobject.g_type_check_instance_is_a(instance, self.call(f"{kind}_get_type")))

    def set_whole(self, instance: int, name: bytes, value: int) -> None:
        """Set a whole-number property of an object."""
        self._gobject.g_object_set(c_void_p(instance), c_char_p(name), c_int(value), c_void_p(None))

    def release(self, instance: int | None) -> None:
        """Let an object go."""
        if instance:
            self._gobject.g_object_unref(instance)

    def texts(self, device: int, feature: bytes) -> tuple[str, ...]:
        """Return the symbols that an enumeration offers."""
        count = c_uint()
        listed = self.call(
            "arv_device_dup_available_enumeration_feature_values_as_strings", device, feature, byref(count)
        )
        symbols = ctypes.cast(listed, POINTER(c_char_p))
        try:
            return tuple((symbols[place] or b"").decode() for place in range(count.value))
        finally:
            self._glib.g_free(listed)

    def _declared(self, name: str, result: Any, arguments: list[Any]) -> Any:
        function = getattr(self.library, name)
        function.restype, function.argtypes = result, arguments
        return function

    def _raising(self, function: Any) -> Callable[..., Any]:
        def call(*arguments: object) -> Any:
            error = POINTER(_GError)()
            result = function(*arguments, byref(error))
            if bool(error):
                text = (error.contents.message or b"unknown error").decode(errors="replace")
                self._glib.g_error_free(error)
                raise AravisFault(_plain(text))
            return result

        return call


def _plain(text: str) -> str:
    """Return what Aravis says without the nodes and registers that it names, and its word for silence in ours."""
    words = _NODES.sub("", text).strip().rstrip(".")
    return "it does not answer" if words.endswith("timeout") else words


def require_aravis() -> None:
    """Say how to install Aravis if it is missing; `CameraError`."""
    load_aravis()


def load_aravis() -> Aravis:
    """Return Aravis, of the system or of the package ``aravis-python``; `CameraError` if there is none."""
    for path in (_LIBRARY, *_packaged()):
        try:
            return Aravis(path)
        except OSError:
            continue
    raise CameraError(MISSING)


def _packaged() -> tuple[str, ...]:
    found = importlib.util.find_spec("aravis")
    folders = () if found is None else tuple(found.submodule_search_locations or ())
    paths = (Path(folder) / "lib" / _LIBRARY for folder in folders)
    return tuple(str(path) for path in paths if path.is_file())
