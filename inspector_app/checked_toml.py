"""TOML files that people write, read once and checked: what is wrong is one sentence that says what is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from inspector_app.domain.errors import SettingsError


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Checked = TypeVar("Checked", bound=Section)


def read_checked(path: Path, kind: type[Checked]) -> Checked:
    """Return the checked values of a TOML file.

    Raises
    ------
    SettingsError
        One sentence naming file, key and what is allowed.
    FileNotFoundError
        If there is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not a text file in UTF-8 (at byte {error.start}).") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    return checked_values(values, kind, str(path))


def checked_values(values: Mapping[str, Any], kind: type[Checked], where: str) -> Checked:
    """Return values as a checked section; `SettingsError` with one sentence that begins with where they stand."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{where}: {_sentence(kind, error)}") from error


def _sentence(kind: type[Section], error: ValidationError) -> str:
    """Return one sentence about the first thing that is wrong: key, what is allowed, what was found."""
    first = error.errors(include_url=False)[0]
    key = _key(first["loc"])
    if first["type"] == "extra_forbidden":
        return f'the key "{key}" is unknown; allowed here are {_allowed_keys(kind, first["loc"])}.'
    if first["type"] == "model_type":
        return f'"{key}" is a section: write [{key}] on a line of its own and its keys below.'
    message = first["msg"].removeprefix("Value error, ")
    found = first["input"]
    shown = "" if isinstance(found, dict) else f" (found {found!r})"
    more = len(error.errors()) - 1
    rest = f" {more} more to mend after this one." if more else ""
    # What concerns several sections stands under no key; its sentence names them.
    begin = f'"{key}": {message[:1].lower()}{message[1:]}' if key else message
    return f"{begin}{shown}.{rest}"


def _key(location: tuple[int | str, ...]) -> str:
    """Return a key as people count: the first ``[[change]]`` is number 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)


def _allowed_keys(kind: type[Section], location: tuple[int | str, ...]) -> str:
    section: Any = kind
    for part in location[:-1]:
        # A number is a place in a list of sections, whose kind is the list's argument.
        section = get_args(section)[0] if isinstance(part, int) else section.model_fields[part].annotation
    return ", ".join(section.model_fields)
