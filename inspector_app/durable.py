"""Files that are on the disk, whole, before anybody relies on them."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(target: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file under its own name only once it is whole and on the disk; leaves nothing on failure.

    Parameters
    ----------
    target : Path
        Replaced in one step where it is there already.
    content : bytes
        All of it.
    mode : int
        Rights of a new file, less the process's umask.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    part = target.with_name(f".{target.stem}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable; Windows cannot open a folder and needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
