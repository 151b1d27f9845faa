"""URIs of cameras: ``scheme:place?option=value&…``."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from inspector_app.domain.errors import CameraSettingError

_URI: Final = re.compile(r"(?P<scheme>[a-z]+):(?P<place>.*?)(?:\?(?P<query>(?:[a-z_]+=[^?&]*(?:&|$))*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CameraUri:
    """A URI in its parts.

    Attributes
    ----------
    text : str
        The whole.
    scheme : str
        For example ``"folder"``.
    place : str
        What stands between scheme and options, taken literally (a path with ``%`` stays as it is).
    options : mapping of str to str
        Percent-decoded.
    """

    text: str
    scheme: str
    place: str
    options: Mapping[str, str]

    def allow(self, known: Collection[str]) -> None:
        """Refuse options other than these; `CameraSettingError`."""
        for option in self.options:
            if option not in known:
                allowed = ", ".join(sorted(known)) or "none"
                raise CameraSettingError(f"{self.text}: there is no option {option!r}; allowed: {allowed}.")

    def flag(self, option: str, default: bool) -> bool:
        """Return an option that is 0 or 1."""
        text = self.options.get(option)
        if text not in {None, "0", "1"}:
            raise CameraSettingError(f"{self.text}: {option} must be 0 or 1, not {text!r}.")
        return default if text is None else text == "1"

    def number(self, option: str, default: float | None, low: float, high: float) -> float | None:
        """Return a number within ``low … high``."""
        text = self.options.get(option)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise CameraSettingError(f"{self.text}: {option} must be a number in {low:g} … {high:g}, not {text!r}.")
        return value

    def whole(self, option: str, default: int | None, low: int, high: int) -> int | None:
        """Return a whole number within ``low … high``."""
        text = self.options.get(option)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,18}", text) or not low <= int(text) <= high:
            raise CameraSettingError(f"{self.text}: {option} must be a whole number in {low} … {high}, not {text!r}.")
        return int(text)

    def size(self, option: str, default: tuple[int, int], low: int, high: int) -> tuple[int, int]:
        """Return a size written ``WIDTHxHEIGHT`` in px, each side within ``low … high``."""
        text = self.options.get(option)
        if text is None:
            return default
        found = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)
        sides = (int(found[1]), int(found[2])) if found else (0, 0)
        if not low <= min(sides) <= max(sides) <= high:
            example = f"such as {default[0]}x{default[1]}, each side {low} … {high}"
            raise CameraSettingError(f"{self.text}: {option} must be WIDTHxHEIGHT, {example}, not {text!r}.")
        return sides

    def one_of(self, option: str, default: str, allowed: Collection[str]) -> str:
        """Return one of the allowed words."""
        text = self.options.get(option, default)
        if text not in allowed:
            raise CameraSettingError(f"{self.text}: {option} must be one of {', '.join(allowed)}, not {text!r}.")
        return text


def parse_uri(text: str) -> CameraUri | None:
    """Return a camera's URI in its parts, ``None`` if it has no scheme.

    A question mark belongs to the place unless ``name=value`` pairs, or nothing, follow it to the end.
    """
    found = _URI.fullmatch(text)
    if found is None:
        return None
    pairs = [pair.partition("=") for pair in (found["query"] or "").split("&") if pair]
    return CameraUri(text, found["scheme"], found["place"], {name: unquote(value) for name, _, value in pairs})
