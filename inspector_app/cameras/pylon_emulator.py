"""pylon's own camera emulator, showing the pictures of a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inspector_app.cameras.basler import BaslerChoice, BaslerLink
from inspector_app.cameras.genicam_camera import Arrived
from inspector_app.cameras.pylon_feed import EmulatorFeed
from inspector_app.cameras.pylon_runtime import PylonRuntime, load_pylon
from inspector_app.domain.errors import EndOfPictures


class FedLink(BaslerLink):
    """One connection to an emulated camera that a folder feeds: each picture keeps its name and truth.

    Parameters
    ----------
    choice : BaslerChoice
        Which camera.
    feed : EmulatorFeed
        The pictures; it outlives the connection, so that the next one goes on where this one was.
    load : callable
        Returns pypylon.
    """

    def __init__(
        self, choice: BaslerChoice, feed: EmulatorFeed, load: Callable[[bool], PylonRuntime] = load_pylon
    ) -> None:
        super().__init__(choice, load)
        self._feed = feed

    def start(self) -> None:
        """Lay out what is still to come, and start acquisition."""
        staged = self._feed.stage()
        for name, value in (
            ("TestImageSelector", "Off"),
            ("ImageFilename", str(staged.folder)),
            ("ImageFileMode", "On"),
            ("Width", staged.width_px),
            ("Height", staged.height_px),
        ):
            self.settings.put(name, value)
        super().start()

    def stop(self) -> int:
        """Stop acquisition; nothing is lost, for what was not fetched is shown again."""
        super().stop()
        return 0

    def next(self, timeout_s: float, expects: bool) -> Arrived | None:
        """Return the next block, ``None`` if none came in time; `EndOfPictures` after the last one."""
        if self._feed.finished:
            raise self._end()
        return super().next(timeout_s, expects)

    def disconnect(self) -> None:
        """Let go, and remove the layout."""
        super().disconnect()
        self._feed.clear()

    def _arrived(self, result: Any) -> Arrived:
        arrived = super()._arrived(result)
        block = int(result.BlockID)
        part = self._feed.part_at(block)
        if part is None:
            self._feed.delivered(block)
            raise self._end()
        refused = self._feed.refusal(part, grabbed=arrived.pixels is not None)
        self._feed.delivered(block)
        named = replace(arrived, name=part.name, path=str(part.file.path), reference=part.reference)
        if refused is None:
            return named
        return replace(named, pixels=None, problem=refused.problem, sentence=refused.sentence)

    def _end(self) -> EndOfPictures:
        return EndOfPictures(f"{self.name} has no more pictures.")
