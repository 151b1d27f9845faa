"""The computer, its clock and its disk."""

from __future__ import annotations

import ctypes
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from inspector_app.domain.commissioning import Check, Figure, Finding, Grade

_GIB: Final = 1024**3
_LEAST_MEMORY: Final = 2 * _GIB
_LEAST_FREE: Final = 1 * _GIB
_SOON_FULL: Final = 20 * _GIB

_SYNCED_WRITES: Final = 60
_SLOW_SYNC_MS: Final = 50.0
"""A part is told to the line after one synced write: above this, parts that follow each other quickly feel it."""
_TOO_SLOW_SYNC_MS: Final = 500.0
_BULK: Final = 16 * 1024**2
_SLOW_BULK_MB_S: Final = 20.0
"""A Full HD picture is 2 to 4 MB as PNG: below this, a few parts a second are more than the disk takes."""

_NETWORK_DISKS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"})

_UNSYNCHRONISED: Final = 5
"""``TIME_ERROR`` of adjtimex(2): nobody keeps the clock in step."""
_AHEAD: Final = timedelta(minutes=1)


def computer_finding(cores: int, memory_bytes: int | None) -> Finding:
    """Judge whether the machine can carry station and model.

    Parameters
    ----------
    cores : int
        Cores that this process may use.
    memory_bytes : int or None
        All memory, ``None`` where it cannot be known.
    """
    figures: tuple[Figure, ...] = (Figure("cores", cores, ""),)
    memory = ""
    if memory_bytes is not None:
        figures += (Figure("memory", memory_bytes / _GIB, "GiB"),)
        memory = f" and {memory_bytes / _GIB:.1f} GiB of memory"
    said = f"{cores} {'core' if cores == 1 else 'cores'}{memory}."
    if memory_bytes is not None and memory_bytes < _LEAST_MEMORY:
        return Finding(Check.COMPUTER, Grade.WARNING, said, "Use a computer with at least 2 GiB of memory.", figures)
    if cores < 2:
        remedy = "Use at least two cores: window and model share this one, and predictions may come late."
        return Finding(Check.COMPUTER, Grade.WARNING, said, remedy, figures)
    return Finding(Check.COMPUTER, Grade.GOOD, said, figures=figures)


def cores_and_memory() -> tuple[int, int | None]:
    """Return the cores that this process may use, and the machine's memory in bytes where it can be known."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(ValueError, OSError, AttributeError):
        return cores, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return cores, None


def folder_finding(folder: Path, taken: bool) -> Finding:
    """Judge whether the data folder can be written, is alone, local, private, and has room.

    Parameters
    ----------
    folder : Path
        The data folder, existing.
    taken : bool
        True if a station works on it now.
    """
    try:
        probe = folder / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "Give this user the right to write there, or name another folder with --data."
        return Finding(Check.FOLDER, Grade.BAD, f"{folder} cannot be written: {error.strerror or error}.", remedy)
    figures = (Figure("free", free / _GIB, "GiB"),)
    said = f"{folder} can be written and has {free / _GIB:.1f} GiB free."
    network = network_disk(folder, _mounts())
    if network is not None:
        remedy = "SQLite needs a disk of this computer: move the data folder, or set log.url to a PostgreSQL server."
        return Finding(Check.FOLDER, Grade.BAD, f"{folder} is on a network file system ({network}).", remedy, figures)
    if free < _LEAST_FREE:
        remedy = "Free space, or move the data folder: when the disk is full, parts wait."
        return Finding(Check.FOLDER, Grade.BAD, said, remedy, figures)
    if os.name == "posix" and folder.stat().st_mode & 0o002:
        remedy = f"Take the right to write from all others: chmod o-w {folder}."
        return Finding(Check.FOLDER, Grade.WARNING, f"Everybody on this computer can write {folder}.", remedy, figures)
    if free < _SOON_FULL:
        remedy = "Plan more room: 20 GiB hold some ten thousand Full HD pictures."
        return Finding(Check.FOLDER, Grade.WARNING, said, remedy, figures)
    if taken:
        said += " A station is running on it."
    return Finding(Check.FOLDER, Grade.GOOD, said, figures=figures)


def network_disk(folder: Path, mounts: str) -> str | None:
    """Return the kind of network file system that a folder is on, ``None`` for a disk of this computer.

    Parameters
    ----------
    folder : Path
        Any path.
    mounts : str
        Text of ``/proc/mounts``; empty where there is none.
    """
    best: tuple[int, str] = (-1, "")
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        place = fields[1].replace("\\040", " ")
        if folder.absolute().is_relative_to(place):
            best = max(best, (len(place), fields[2]), key=lambda each: each[0])
    return best[1] if best[1] in _NETWORK_DISKS else None


def _mounts() -> str:
    with suppress(OSError):
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    return ""


def disk_finding(folder: Path, now_s: Callable[[], float] = time.perf_counter) -> Finding:
    """Measure synced small writes, as a record of the log is one, and one bulk write, as pictures are.

    Parameters
    ----------
    folder : Path
        Existing and writable.
    now_s : callable
        A clock in seconds.
    """
    probe = folder / ".doctor"
    try:
        waits_ms, bulk_s = _timed_writes(probe, now_s)
    except OSError as error:
        sentence = f"Writing to {folder} failed: {error.strerror or error}."
        return Finding(Check.DISK, Grade.BAD, sentence, "Have the disk looked at, or use another one.")
    finally:
        with suppress(OSError):
            probe.unlink()
    p50 = statistics.median(waits_ms)
    p99 = sorted(waits_ms)[int(0.99 * len(waits_ms))]
    rate = _BULK / 1e6 / max(bulk_s, 1e-9)
    figures = (Figure("sync_p50", p50, "ms"), Figure("sync_p99", p99, "ms"), Figure("bulk", rate, "MB/s"))
    said = f"A synced write takes {p50:.1f} ms (99 % under {p99:.1f} ms); pictures are written at {rate:.0f} MB/s."
    if p99 > _TOO_SLOW_SYNC_MS:
        remedy = "Use an SSD: every part waits for a synced write before the line is told."
        return Finding(Check.DISK, Grade.BAD, said, remedy, figures)
    if p99 > _SLOW_SYNC_MS or rate < _SLOW_BULK_MB_S:
        remedy = "An SSD with power-loss protection makes it fast; or plan fewer parts a second."
        return Finding(Check.DISK, Grade.WARNING, said, remedy, figures)
    return Finding(Check.DISK, Grade.GOOD, said, figures=figures)


def _timed_writes(probe: Path, now_s: Callable[[], float]) -> tuple[list[float], float]:
    waits_ms = []
    with probe.open("wb", buffering=0) as file:
        for _ in range(_SYNCED_WRITES):
            began = now_s()
            file.write(os.urandom(4096))
            os.fsync(file.fileno())
            waits_ms.append((now_s() - began) * 1000.0)
        block = os.urandom(_BULK)
        began = now_s()
        file.write(block)
        os.fsync(file.fileno())
        return waits_ms, now_s() - began


def clock_finding(now: datetime, newest: datetime | None, synchronised: bool | None) -> Finding:
    """Judge the clock by which everything in the log is timed.

    Parameters
    ----------
    now : datetime
        UTC.
    newest : datetime or None
        Time of the newest record, ``None`` without one.
    synchronised : bool or None
        Whether the system keeps the clock in step with a time server; ``None`` where it does not say.
    """
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if newest is not None and newest > now + _AHEAD:
        ahead = newest - now
        sentence = f"It is {shown}, but the newest part was taken {str(ahead).split('.')[0]} after that."
        remedy = "Set the clock before a part is taken, so that records stay in order."
        return Finding(Check.CLOCK, Grade.BAD, sentence, remedy)
    if synchronised is None:
        return Finding(Check.CLOCK, Grade.GOOD, f"It is {shown}; whether a time server keeps it is not known here.")
    if not synchronised:
        remedy = (
            "Let a time server keep it (chrony, systemd-timesyncd), so that its times agree with those of the line."
        )
        return Finding(Check.CLOCK, Grade.WARNING, f"It is {shown}; no time server keeps the clock in step.", remedy)
    return Finding(Check.CLOCK, Grade.GOOD, f"It is {shown}, kept in step with a time server.")


def clock_synchronised() -> bool | None:
    """Return what the kernel says of the clock (adjtimex(2), read only), ``None`` where it does not say."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
        return None if state < 0 else state != _UNSYNCHRONISED
    return None
