"""Tokens, style sheet, font and icons."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo

from resources.files import resource_bytes, resource_names, resource_text
from ui.look.fonts import body_font, register_fonts
from ui.look.icons import icon_pixmap
from ui.look.stylesheet import palette_of, style_sheet
from ui.look.theme import ThemeName, load_theme, scale_for_screen

TEXT_ON_GROUND = [
    *[
        ("text", ground)
        for ground in ("window", "surface", "raised", "sunken", "selection", "warn_ground", "bad_ground")
    ],
    *[("muted", ground) for ground in ("window", "surface", "raised", "sunken")],
    ("on_accent", "accent"),
    ("on_accept", "accept"),
    ("on_accept", "accept_hover"),
    ("on_reject", "reject"),
    ("on_reject", "reject_hover"),
    ("on_unsure", "unsure"),
    ("on_unsure", "unsure_hover"),
    ("warn", "warn_ground"),
    ("warn", "sunken"),
    ("bad", "bad_ground"),
    ("bad", "sunken"),
    ("mark", "mark_shade"),
    ("mark_minor", "mark_shade"),
]


def contrast_ratio(first: str, second: str) -> float:
    """Return the contrast of two ``#RRGGBB`` colours, 1 … 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", list(ThemeName))
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_stands_out_from_its_ground(name: ThemeName, ink: str, ground: str) -> None:
    colours = asdict(load_theme(name).colours)
    least = 7.0 if name is ThemeName.CONTRAST else 4.5
    assert contrast_ratio(colours[ink], colours[ground]) >= least


@pytest.mark.parametrize("name", list(ThemeName))
@pytest.mark.parametrize("ground", ["window", "surface", "raised", "sunken"])
def test_focus_and_borders_of_controls_are_seen(name: ThemeName, ground: str) -> None:
    colours = asdict(load_theme(name).colours)
    assert contrast_ratio(colours["focus"], colours[ground]) >= 3.0
    assert contrast_ratio(colours["edge"], colours[ground]) >= 3.0


@pytest.mark.parametrize(("first", "second", "ratio"), [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48)])
def test_contrast_ratio_is_that_of_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast_ratio(first, second) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("name", list(ThemeName))
def test_style_sheet_fills_every_token(name: ThemeName) -> None:
    sheet = style_sheet(load_theme(name), Path("chevron.png"), Path("tick.png"))
    assert "$" not in sheet
    assert load_theme(name).colours.window in sheet


def test_sizes_follow_the_scale_but_hairlines_do_not() -> None:
    sizes = load_theme(ThemeName.LIGHT, 2.0).sizes
    assert sizes.touch == 96
    assert sizes.hairline == 1
    with pytest.raises(ValueError, match="scale"):
        load_theme(ThemeName.LIGHT, 9.0)


@pytest.mark.parametrize(("height", "scale"), [(800, 1.0), (1080, 1.0), (1440, 1.2), (2160, 1.8), (9000, 3.0)])
def test_scale_grows_with_the_screen(height: int, scale: float) -> None:
    assert scale_for_screen(height) == scale


def test_verdicts_can_be_hit_with_gloves() -> None:
    sizes = load_theme(ThemeName.LIGHT).sizes
    assert sizes.touch >= 48
    assert sizes.verdict >= 48


def test_bundled_font_is_used(qapp: object) -> None:
    register_fonts()
    theme = load_theme(ThemeName.LIGHT)
    assert QFontInfo(body_font(theme)).family() == theme.font_family


def test_font_and_icons_carry_their_licences() -> None:
    assert "SIL OPEN FONT LICENSE" in resource_text("fonts", "OFL.txt").upper()
    assert "ISC License" in resource_text("icons", "LICENSE")
    # The window's family, and one more for names in other scripts on paper.
    assert sum(len(resource_bytes("fonts", name)) for name in resource_names("fonts", ".ttf")) < 2_500_000


@pytest.mark.parametrize("name", resource_names("icons", ".svg"))
def test_each_icon_paints_in_its_colour(qapp: object, name: str) -> None:
    image = icon_pixmap(name.removesuffix(".svg"), "#FF0000", 32).toImage()
    inked = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
    assert inked
    assert all(colour.red() > 200 and colour.green() < 60 for colour in inked)


def test_palette_is_of_the_theme(qapp: object) -> None:
    theme = load_theme(ThemeName.DARK)
    assert palette_of(theme).window().color().name().upper() == theme.colours.window


@pytest.mark.slow
def test_letters_are_drawn_on_a_machine_without_fonts(tmp_path: Path) -> None:
    """A process whose fontconfig knows no font still draws different letters for different texts."""
    config = tmp_path / "fonts.conf"
    config.write_text("<?xml version='1.0'?><fontconfig></fontconfig>", encoding="utf-8")
    program = """
from PySide6.QtWidgets import QApplication, QLabel
from ui.look.appearance import Appearance
from ui.look.theme import ThemeName
app = QApplication([])
look = Appearance(app, ThemeName.LIGHT)
pictures = []
for text in ("Accept", "Reject", "Ausschuss κ ≥ 0.75", "Брак"):
    label = QLabel(text)
    label.resize(300, 40)
    image = label.grab().toImage()  # its bytes are gone with it
    pictures.append(bytes(image.constBits()))
assert len(set(pictures)) == 4, "texts look alike: no letters were drawn"
"""
    environment = {**os.environ, "FONTCONFIG_FILE": str(config), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
