"""What a batch has done so far, on disk: a line for each picture, so that a batch that was ended goes on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from inspector_app.bootstrap.tables import Row
from inspector_app.domain.errors import KnownFault

_SYNC_S: Final = 1.0
"""A power failure costs at most what was done in that time; ending the program costs nothing."""


class BatchJournal:
    """Rows by picture; each is written when it is known.

    Parameters
    ----------
    stream : file
        At its end.
    rows : dict
        What was there.
    """

    def __init__(self, stream: BinaryIO, rows: dict[str, Row]) -> None:
        self._stream = stream
        self.rows = rows
        self._synced = time.monotonic()

    def add(self, image: str, mark: list[int], row: Row) -> None:
        """Write a picture's row; ``mark`` tells whether its file has changed since."""
        line = json.dumps({"image": image, "mark": mark, "row": row}, ensure_ascii=False)
        self._stream.write(line.encode() + b"\n")
        self._stream.flush()
        if time.monotonic() - self._synced >= _SYNC_S:
            os.fsync(self._stream.fileno())
            self._synced = time.monotonic()
        self.rows[image] = row


@contextmanager
def open_journal(path: Path, work: Mapping[str, Any], marks: Mapping[str, list[int]]) -> Iterator[BatchJournal]:
    """Open a journal, or begin one.

    Parameters
    ----------
    path : Path
        Its file.
    work : mapping
        What the batch is (folder, model): a journal of another one is refused.
    marks : mapping
        By picture; a row whose mark is another one is forgotten, and so is a line that was not written to its end.

    Raises
    ------
    KnownFault
        If the journal is of another batch or cannot be used.
    """
    try:
        with path.open("a+b") as stream:
            stream.seek(0)
            content = stream.read()
            whole = content[: content.rfind(b"\n") + 1]
            stream.truncate(len(whole))
            rows = _read(path, whole, work, marks)
            if not whole:
                stream.write(json.dumps({"batch": work}, ensure_ascii=False).encode() + b"\n")
                stream.flush()
            yield BatchJournal(stream, rows)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise KnownFault(f"{path} cannot be written: {error.strerror or error}.") from error


def _read(path: Path, content: bytes, work: Mapping[str, Any], marks: Mapping[str, list[int]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for number, line in enumerate(content.splitlines()):
        try:
            document = json.loads(line)
            if number == 0:
                _check_same(path, document["batch"], work)
            elif marks.get(document["image"]) == document["mark"]:
                rows[document["image"]] = document["row"]
            else:
                rows.pop(document["image"], None)
        except (ValueError, KeyError, TypeError) as error:
            raise KnownFault(
                f"{path}, line {number + 1}, is no line of a batch; say --restart to begin anew."
            ) from error
    return rows


def _check_same(path: Path, found: Mapping[str, Any], work: Mapping[str, Any]) -> None:
    different = [key for key in work if found.get(key) != work[key]]
    if different:
        key = different[0]
        raise KnownFault(
            f"{path} was begun with another {key} ({found.get(key)}, now {work[key]}); say --restart to begin anew."
        )
