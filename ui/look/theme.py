"""Tokens of the look: colours, space, type and radius, read from the bundled theme files."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from resources.files import resource_text


class ThemeName(StrEnum):
    """The themes that ship with the station."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of one theme as ``#RRGGBB``; what each is for is said in ``resources/theme/light.toml``."""

    window: str
    surface: str
    raised: str
    sunken: str
    canvas: str
    line: str
    edge: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    selection: str
    focus: str
    accept: str
    accept_hover: str
    on_accept: str
    reject: str
    reject_hover: str
    on_reject: str
    unsure: str
    unsure_hover: str
    on_unsure: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str
    mark: str
    mark_minor: str
    mark_shade: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths in device-independent px, already scaled; hairlines stay one px."""

    space_1: int
    space_2: int
    space_3: int
    space_4: int
    space_5: int
    space_6: int
    text_small: int
    text_body: int
    text_large: int
    text_title: int
    text_display: int
    radius: int
    radius_large: int
    hairline: int
    focus_width: int
    touch: int
    verdict: int
    icon: int
    icon_large: int
    rail: int
    header: int
    strip: int
    panel: int


@dataclass(frozen=True, slots=True)
class Theme:
    """Everything that styles the window.

    Attributes
    ----------
    name : ThemeName
        Which theme.
    dark : bool
        True if text is lighter than its ground.
    font_family : str
        The bundled font's family.
    scale : float
        Factor on all sizes, 1 for a screen of about 800 to 1200 px height.
    colours, sizes : Colours, Sizes
        The tokens.
    """

    name: ThemeName
    dark: bool
    font_family: str
    scale: float
    colours: Colours
    sizes: Sizes


def load_theme(name: ThemeName, scale: float = 1.0) -> Theme:
    """Read a bundled theme.

    Parameters
    ----------
    name : ThemeName
        Which.
    scale : float
        Factor on all sizes, 0.75 … 4.

    Raises
    ------
    ValueError
        If the scale is out of range.
    """
    if not 0.75 <= scale <= 4.0:
        raise ValueError("the scale of the window is 0.75 … 4")
    colours = tomllib.loads(resource_text("theme", f"{name.value}.toml"))
    sizes = tomllib.loads(resource_text("theme", "sizes.toml"))
    return Theme(
        name=name,
        dark=bool(colours["dark"]),
        font_family=str(sizes["font_family"]),
        scale=scale,
        colours=Colours(**{field.name: str(colours[field.name]) for field in fields(Colours)}),
        sizes=Sizes(**{field.name: _scaled(field.name, sizes, scale) for field in fields(Sizes)}),
    )


def _scaled(name: str, sizes: dict[str, Any], scale: float) -> int:
    value = int(sizes[name])
    return value if name == "hairline" else round(value * scale)


def scale_for_screen(height_px: int) -> float:
    """Return the factor that keeps type readable on a screen of this height in device-independent px.

    1 up to 1200 px, then in proportion, so that a 4K screen at a device pixel ratio of 1 gets 1.8.
    """
    return max(1.0, min(3.0, round(height_px / 1200.0, 2)))
