"""A file as line: one JSON document a line for each message, durable when `FileLine.tell` returns."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO

from inspector_app.domain.errors import LineError
from inspector_app.domain.ports import LineMessage
from inspector_app.durable import sync_folder


class FileLine:
    """Appends ``{"inspection_id","part_id","disposition","at"}`` and a newline for each message, flushed and fsynced.

    A line that a crash has torn is ended with a newline when the file is opened again, so that whoever reads the file
    sees every complete message and at most one line that is not JSON for each crash.

    Parameters
    ----------
    path : Path
        The file; made if it is missing, in a folder that exists.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    @property
    def name(self) -> str:
        """Display name."""
        return f"file {self._path.name}"

    def open(self) -> None:
        """Open for appending; `LineError` if the file cannot be written."""
        if self._file is not None:
            return
        try:
            # Unbuffered: a message is handed to the system in one piece, and nothing is left to write at the close.
            file = self._path.open("ab+", buffering=0)
            try:
                self._mend(file)
            except OSError:
                file.close()
                raise
            sync_folder(self._path.parent)
        except OSError as error:
            raise LineError(f"The line file {self._path} cannot be written: {error.strerror or error}.") from error
        self._file = file

    def tell(self, message: LineMessage) -> None:
        """Append one message durably; `LineError` if it is not known to be on disk."""
        if self._file is None:
            raise LineError(f"The line file {self._path} is not open.")
        try:
            _write_all(self._file, _encoded(message))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise LineError(f"The line file {self._path} did not take a message: {error.strerror or error}.") from error

    def close(self) -> None:
        """Close the file; idempotent."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _mend(self, file: BinaryIO) -> None:
        """End a torn last line."""
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return
        file.seek(size - 1)
        if file.read(1) != b"\n":
            _write_all(file, b"\n")
            os.fsync(file.fileno())


def _encoded(message: LineMessage) -> bytes:
    record = {
        "inspection_id": message.inspection_id,
        "part_id": message.part_id,
        "disposition": message.disposition.value,
        "at": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _write_all(file: BinaryIO, data: bytes) -> None:
    """Write every byte: a raw file may take fewer than it is given when the disk runs full."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
