"""What holds for a GenICam camera whatever the link behind it is."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from inspector_app.cameras.genicam_camera import GenicamCamera
from inspector_app.domain.ports import CameraControls


class FailingLink:
    """Connects, and then fails as nobody expects."""

    name = "failing"

    def __init__(self) -> None:
        self.connected = False

    def losing(self, _what: str) -> nullcontext[None]:
        return nullcontext()

    def connect(self) -> None:
        self.connected = True

    @property
    def settings(self) -> object:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a name in another encoding")

    def disconnect(self) -> None:
        self.connected = False


def test_a_camera_that_fails_while_it_is_opened_is_let_go_of() -> None:
    links: list[FailingLink] = []

    def link() -> FailingLink:
        links.append(FailingLink())
        return links[-1]

    camera = GenicamCamera("camera", "gentl:1", lambda: datetime.now(UTC), CameraControls(), None, link)  # type: ignore[arg-type]
    with pytest.raises(UnicodeDecodeError):
        camera.open()
    assert [each.connected for each in links] == [False]
