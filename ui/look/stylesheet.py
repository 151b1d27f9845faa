"""From tokens to what Qt understands: one style sheet and one palette."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QPalette

from resources.files import resource_text
from ui.look.theme import Theme

_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "raised",
    QPalette.ColorRole.AlternateBase: "surface",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "window",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Link: "focus",
    QPalette.ColorRole.Accent: "accent",
}


def palette_of(theme: Theme) -> QPalette:
    """Return the palette, for what Qt paints without a style sheet."""
    colours = asdict(theme.colours)
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, QColor(colours[token]))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.colours.disabled))
    return palette


def style_sheet(theme: Theme, chevron: Path, tick: Path) -> str:
    """Return the style sheet.

    Parameters
    ----------
    theme : Theme
        The tokens.
    chevron, tick : Path
        Pictures in the theme's colours for combo and check boxes; Qt takes images only from files.
    """
    sizes = theme.sizes
    button = sizes.touch - 2 * sizes.hairline
    grown = sizes.focus_width - sizes.hairline
    derived: dict[str, object] = {
        "button": button,
        "button_focus": button - 2 * grown,
        "focus_pad": sizes.space_4 - grown,
        "focus_field_pad": sizes.space_3 - grown,
        "focus_text_pad": sizes.space_2 - grown,
        "rail_bar": sizes.space_1,
        "rail_inner": sizes.rail - sizes.space_1 - sizes.hairline,
        "rail_focus": sizes.rail - 2 * sizes.focus_width - sizes.hairline,
        "rail_item": sizes.touch + sizes.space_3,
        "rail_item_focus": sizes.touch + sizes.space_3,
        "rail_focus_pad": max(0, sizes.space_2 - sizes.focus_width),
        "verdict_small": sizes.touch + sizes.space_2,
        "header_pad": sizes.space_2 + 3,  # Qt adds a margin of 3 px to the text of cells, not of headings
        "row": sizes.touch - sizes.space_2,
        "check": sizes.icon,
        "radius_small": max(2, sizes.radius - 2),
        "icon_small": round(sizes.icon * 0.8),
        "bar": sizes.space_3 + 4,
        "bar_radius": sizes.space_1,
        "chevron": chevron.as_posix(),
        "tick": tick.as_posix(),
        "font_family": theme.font_family,
    }
    return Template(resource_text("theme", "station.qss")).substitute(asdict(theme.colours) | asdict(sizes) | derived)
