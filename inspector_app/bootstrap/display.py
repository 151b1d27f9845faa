"""Whether a window can be opened here: a display, and the system libraries that Qt is linked with. Imports no Qt."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from typing import Final

from inspector_app.domain.errors import KnownFault

DRAWING: Final = (
    "libGL.so.1",
    "libEGL.so.1",
    "libX11.so.6",
    "libxkbcommon.so.0",
    "libfontconfig.so.1",
    "libglib-2.0.so.0",
    "libdbus-1.so.3",
)
"""What Qt's modules are linked with on Linux; without them they cannot even be imported, display or not."""

X_DISPLAY: Final = (
    "libxkbcommon-x11.so.0",
    "libxcb-cursor.so.0",
    "libxcb-icccm.so.4",
    "libxcb-image.so.0",
    "libxcb-keysyms.so.1",
    "libxcb-render-util.so.0",
    "libxcb-shape.so.0",
    "libxcb-xkb.so.1",
)
"""What Qt's X11 plug-in needs besides; without them Qt aborts the process."""


class WindowUnavailable(KnownFault):
    """A window cannot be opened on this machine as it is."""


def display_present() -> bool:
    """Return True if a window can be shown."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def require_window_libraries(*, shown: bool) -> None:
    """Make sure that Qt can be loaded, before the first import of the window.

    Parameters
    ----------
    shown : bool
        False for a window that is only photographed, which needs no display.

    Raises
    ------
    WindowUnavailable
        If system libraries are missing; the sentence names them.
    """
    if sys.platform != "linux":
        return
    on_x = shown and bool(os.environ.get("DISPLAY")) and not os.environ.get("QT_QPA_PLATFORM")
    missing = missing_libraries((*DRAWING, *X_DISPLAY) if on_x else DRAWING)
    if missing:
        raise WindowUnavailable(
            f"The window needs system libraries that are not installed: {', '.join(missing)}. "
            "README.md says how to install them; on Debian and Ubuntu: sudo .ci/system-libraries station."
        )


def missing_libraries(names: Sequence[str]) -> tuple[str, ...]:
    """Return those of the shared libraries that the system cannot load."""
    return tuple(name for name in names if not _loads(name))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
