"""JSON files beside a network, read strictly into frozen values and written in one step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from inspector_app.domain.errors import ModelError
from inspector_app.durable import write_whole

T = TypeVar("T")


def parse_document(kind: type[T], text: bytes, where: str) -> T:
    """Return the value that a JSON text holds.

    Raises
    ------
    ModelError
        With one sentence that names the file (``where``), the key and what is allowed.
    """
    try:
        return TypeAdapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        raise ModelError(f"{where}: {_first_complaint(error)}.") from error


def write_document(document: dict[str, Any], path: Path) -> None:
    """Write plain JSON values to a file, replacing it in one step; synced to the disk."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, text.encode())


def _first_complaint(error: ValidationError) -> str:
    """Return the first complaint as ``key 'a.b' …``; pydantic's sentence says what is allowed."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(step) for step in first["loc"])
    sentence = first["msg"].removeprefix("Value error, ").rstrip(".")
    value = first["input"]
    shown = f", not {json.dumps(value, default=str)}" if isinstance(value, str | int | float | bool) else ""
    return f"key '{key}': {sentence}{shown}" if key else f"{sentence}{shown if len(shown) < 80 else ''}"
