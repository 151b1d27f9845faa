"""The picture of a part, wherever it is now: still in memory, or on disk."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.frame import Pixels
from inspector_app.domain.inspection import Inspection, PictureFacts, PictureState
from inspector_app.domain.ports import LogReader, PictureStore
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.waiting import WaitingParts


@dataclass(frozen=True, slots=True)
class PartPictures:
    """Finds pictures for those who look at parts. Safe to use from several threads.

    Parameters
    ----------
    waiting : WaitingParts
        Parts that need no look into the log.
    writer : PictureWriter
        Has the pictures that are not on disk yet.
    reader, store : LogReader, PictureStore
        Know and hold those that are.
    """

    waiting: WaitingParts
    writer: PictureWriter
    reader: LogReader
    store: PictureStore

    def picture(self, inspection_id: str) -> Pixels | None:
        """Return a part's picture, ``None`` if there is none; `LogUnavailable` if log or picture cannot be read."""
        part = self.waiting.find(inspection_id)
        if part is not None:
            pixels = self._in_memory(part.inspection)
            if pixels is not None:
                return pixels
        # Twice: the picture may leave the memory for the disk between the two looks.
        for _ in range(2):
            entry = self.reader.entry(inspection_id)
            if entry is None or entry.stored_picture is None:
                return None
            if entry.stored_picture.state is PictureState.STORED:
                return self.store.read(entry.stored_picture)
            pixels = self._in_memory(entry.inspection)
            if pixels is not None:
                return pixels
        return None

    def _in_memory(self, inspection: Inspection) -> Pixels | None:
        picture = inspection.picture
        return self.writer.in_memory(picture.pixels_sha256) if isinstance(picture, PictureFacts) else None
