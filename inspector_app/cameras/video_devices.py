"""USB cameras and frame grabbers that Linux lists; other systems tell only by trying."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from inspector_app.domain.commissioning import FoundCamera

_VIDEO4LINUX: Final = Path("/sys/class/video4linux")


def video_devices(listed: Path = _VIDEO4LINUX) -> list[FoundCamera]:
    """Return the video devices; of a device's several nodes the one with index 0 takes pictures.

    Parameters
    ----------
    listed : Path
        Where Linux lists them.
    """
    found = []
    with suppress(OSError):
        for place in sorted(listed.glob("video[0-9]*"), key=lambda each: int(each.name.removeprefix("video"))):
            if (place / "index").read_text(encoding="ascii").strip() == "0":
                number = place.name.removeprefix("video")
                name = (place / "name").read_text(encoding="utf-8", errors="replace").strip()
                found.append(FoundCamera(f"usb:{number}", name or "USB camera", f"/dev/{place.name}"))
    return found
