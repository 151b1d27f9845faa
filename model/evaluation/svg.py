"""Small charts as SVG text: axes, lines, dots with intervals, bars. No library, no script, opens anywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 12, 44

STYLE = """
svg.chart { max-width: 100%; height: auto; font: 11px "IBM Plex Sans", system-ui, "Segoe UI", sans-serif; }
svg.chart .frame { fill: none; stroke: #6b757e; }
svg.chart .grid { stroke: #dfe3e6; }
svg.chart text { fill: #444d56; }
svg.chart .name { font-weight: 600; fill: #1a1f24; }
svg.chart .guide { stroke: #98a1a8; stroke-dasharray: 4 4; fill: none; }
svg.chart .line { stroke: #0a55c4; stroke-width: 2; fill: none; stroke-linejoin: round; }
svg.chart .band { stroke: #0a55c4; stroke-width: 1.2; stroke-dasharray: 5 3; fill: none; }
svg.chart .other { stroke: #a33a00; stroke-width: 2; fill: none; stroke-dasharray: 7 3; }
svg.chart .dot { fill: #0a55c4; stroke: #fff; }
svg.chart .whisker { stroke: #0a55c4; stroke-width: 1.2; }
svg.chart .dot2 { fill: #fff; stroke: #a33a00; stroke-width: 1.6; }
svg.chart .whisker2 { stroke: #a33a00; stroke-width: 1.2; }
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    name : str
        What it shows, with its unit.
    low, high : float
        Ends; above 0 if ``log``.
    ticks : sequence of float
        Where a grid line and a number stand.
    log : bool
        Logarithmic.
    """

    name: str
    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies, 0 … 1; beyond the ends it is held there."""
        if self.log:
            value = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            value = (value - self.low) / (self.high - self.low)
        return min(max(value, 0.0), 1.0)


class Chart:
    """A chart that is drawn bit by bit and then rendered.

    Parameters
    ----------
    x, y : Axis
        Across and up.
    says : str
        One sentence for those who cannot see it.
    """

    def __init__(self, x: Axis, y: Axis, says: str) -> None:
        self._x, self._y, self._says = x, y, says
        self._parts: list[str] = []

    def line(self, points: Sequence[tuple[float, float]], kind: str = "line") -> None:
        """Join points; ``kind`` is a class of `STYLE`."""
        if points:
            places = " ".join(f"{self._across(x):.1f},{self._up(y):.1f}" for x, y in points)
            self._parts.append(f'<polyline class="{kind}" points="{places}"/>')

    def dot(
        self, x: float, y: float, low: float | None = None, high: float | None = None, second: bool = False
    ) -> None:
        """Draw a point with its interval along y."""
        end = "2" if second else ""
        across = self._across(x)
        if low is not None and high is not None:
            span = f'y1="{self._up(low):.1f}" y2="{self._up(high):.1f}"'
            self._parts.append(f'<line class="whisker{end}" x1="{across:.1f}" x2="{across:.1f}" {span}/>')
        self._parts.append(f'<circle class="dot{end}" cx="{across:.1f}" cy="{self._up(y):.1f}" r="4"/>')

    def render(self) -> str:
        """Return the ``<svg>`` element."""
        right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
        frame = f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{right - _LEFT}" height="{bottom - _TOP}"/>'
        middle_x, middle_y = (_LEFT + right) / 2, (_TOP + bottom) / 2
        names = (
            f'<text class="name" x="{middle_x}" y="{HEIGHT - 8}" text-anchor="middle">{escape(self._x.name)}</text>'
            f'<text class="name" transform="translate(13 {middle_y}) rotate(-90)" text-anchor="middle">'
            f"{escape(self._y.name)}</text>"
        )
        return (
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
            f' aria-label="{escape(self._says)}">{self._grid()}{"".join(self._parts)}{frame}{names}</svg>'
        )

    def _grid(self) -> str:
        right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
        pieces = []
        for tick in self._x.ticks:
            at = self._across(tick)
            pieces.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            pieces.append(f'<text x="{at:.1f}" y="{bottom + 15}" text-anchor="middle">{tick:g}</text>')
        for tick in self._y.ticks:
            at = self._up(tick)
            pieces.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
            pieces.append(f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
        return "".join(pieces)

    def _across(self, x: float) -> float:
        return _LEFT + self._x.share(x) * (WIDTH - _LEFT - _RIGHT)

    def _up(self, y: float) -> float:
        return HEIGHT - _BOTTOM - self._y.share(y) * (HEIGHT - _TOP - _BOTTOM)


SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def share_axis(name: str) -> Axis:
    """Return an axis from 0 to 1."""
    return Axis(name, 0.0, 1.0, SHARES)


def share_bar(value: float | None, low: float | None, high: float | None) -> str:
    """Return a small bar for a table cell: a share 0 … 1 with its interval."""
    if value is None:
        return ""
    width, height = 120, 14
    span = ""
    if low is not None and high is not None:
        ends = f'x1="{low * width:.1f}" x2="{high * width:.1f}"'
        span = f'<line {ends} y1="{height / 2}" y2="{height / 2}" stroke="#1a1f24" stroke-width="1.5"/>'
    return (
        f'<svg class="bar" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<rect width="{width}" height="{height}" fill="#e8ebed"/>'
        f'<rect width="{value * width:.1f}" height="{height}" fill="#8fb2e6"/>{span}</svg>'
    )
