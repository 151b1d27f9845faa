"""What a report names so that it can be made again: the program's code and the station's settings, as SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from inspector_app.settings import SETTINGS_FILE

_PACKAGES = ("inspector_app", "model", "db", "ui")


def code_sha256() -> str:
    """Return the SHA-256 over the names and contents of all of the program's modules, as installed; 64 hex digits."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for name, module in sorted(_modules(files(package), package)):
            digest.update(f"{name}\n".encode())
            digest.update(hashlib.sha256(module.read_bytes()).digest())
    return digest.hexdigest()


def settings_sha256(folder: Path) -> str:
    """Return the SHA-256 of the folder's settings file, or a clause that there is none."""
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return f"no {SETTINGS_FILE}: defaults"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _modules(folder: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _modules(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(".py"):
            yield f"{name}/{entry.name}", entry
