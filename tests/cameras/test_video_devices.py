"""What Linux lists as video devices."""

from __future__ import annotations

from pathlib import Path

from inspector_app.cameras.video_devices import video_devices
from inspector_app.domain.commissioning import FoundCamera


def test_video_devices_are_found_by_their_first_node(tmp_path: Path) -> None:
    for number, (index, name) in enumerate([("0", "Cam"), ("1", "Cam"), ("0", "")]):
        place = tmp_path / f"video{number}"
        place.mkdir()
        (place / "index").write_text(f"{index}\n")
        (place / "name").write_text(f"{name}\n")
    assert video_devices(tmp_path) == [
        FoundCamera("usb:0", "Cam", "/dev/video0"),
        FoundCamera("usb:2", "USB camera", "/dev/video2"),
    ]
    assert video_devices(tmp_path / "gone") == []
