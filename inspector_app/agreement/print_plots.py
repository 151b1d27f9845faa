"""The printed report's plots, drawn as vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, String
from reportlab.lib.colors import Color

from inspector_app.agreement.print_style import BODY, CHANGE, FAINT, HUMAN, INK, MODEL, RULE, STRONG, marked_plain
from inspector_app.agreement.trend import ChangeKind, Trend, TrendPoint
from inspector_app.agreement.values import NotMeasurable, Proportion

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 34.0, 16.0
_SIZE = 7.0
_SOLID = (1.0, 0.0)
Anchor = Literal["start", "end"]

Picked = Callable[[TrendPoint], Proportion | NotMeasurable]


class _Frame:
    """Where time and share lie on the paper, in points."""

    def __init__(self, trend: Trend, width: float, height: float, top_share: float) -> None:
        self.left, self.bottom = _LEFT, _BOTTOM
        self.right, self.top = width - _RIGHT, height - _TOP
        self.top_share = top_share
        self._first = trend.points[0].start
        self._length = (trend.points[-1].start + trend.stretch - self._first).total_seconds()

    def x(self, at: datetime) -> float:
        seconds = (at - self._first).total_seconds()
        return self.left + (self.right - self.left) * seconds / self._length

    def y(self, share: float) -> float:
        return self.bottom + (self.top - self.bottom) * min(share / self.top_share, 1.0)


def trend_drawing(trend: Trend, width: float, height: float = 160.0) -> Drawing:
    """Return shares over time: judged differently with its interval, rejected by human and by model.

    Parameters
    ----------
    trend : Trend
        With at least one point.
    width, height : float
        In points.
    """
    drawing = Drawing(width, height, initialFontName=BODY)
    frame = _Frame(trend, width, height, _round_up(max(_highest(point) for point in trend.points)))
    drawing.add(_axes(frame, trend))
    drawing.add(_changes(frame, trend))
    middle = trend.stretch / 2
    drawing.add(_intervals(frame, trend.points, middle))
    for pick, colour, dash in (
        (lambda point: point.human_rejects, HUMAN, _SOLID),
        (lambda point: point.model_rejects, MODEL, (3.0, 2.0)),
        (lambda point: point.differing, INK, _SOLID),
    ):
        drawing.add(_curve(frame, trend.points, middle, pick, colour, dash))
    drawing.add(_legend(frame, height))
    return drawing


def _highest(point: TrendPoint) -> float:
    shares = (point.differing, point.human_rejects, point.model_rejects)
    estimates = [share.estimate for share in shares if isinstance(share, Proportion)]
    return max([*estimates, 0.01])


def _round_up(share: float) -> float:
    return next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0) if step >= min(share * 1.05, 1.0))


def _axes(frame: _Frame, trend: Trend) -> Group:
    group = Group(Line(frame.left, frame.bottom, frame.right, frame.bottom, strokeColor=FAINT, strokeWidth=0.6))
    for tick in range(5):
        share = frame.top_share * tick / 4
        y = frame.y(share)
        if tick:
            group.add(Line(frame.left, y, frame.right, y, strokeColor=RULE, strokeWidth=0.3))
        group.add(_string(frame.left - 4, y - 2.4, f"{100 * share:g} %", "end"))
    points = trend.points
    for at in sorted({0, len(points) // 3, 2 * len(points) // 3, len(points) - 1}):
        start = points[at].start
        form = "%m-%d %H:%M" if trend.stretch < timedelta(days=1) else "%Y-%m-%d"
        anchor: Anchor = "end" if at and at == len(points) - 1 else "start"
        x = frame.x(start + trend.stretch) if anchor == "end" else frame.x(start)
        group.add(_string(x, frame.bottom - 10, f"{start:{form}}", anchor))
    return group


def _changes(frame: _Frame, trend: Trend) -> Group:
    """Mark levels by a full line and models by a dashed one, each with its name at the top."""
    group = Group()
    taken: dict[int, float] = {0: -1.0, 1: -1.0}
    for change in trend.changes:
        x = frame.x(change.at)
        level = change.kind is ChangeKind.LEVEL
        dash = _SOLID if level else (2.0, 2.0)
        group.add(Line(x, frame.bottom, x, frame.top + 2, strokeColor=CHANGE, strokeWidth=0.7, strokeDashArray=dash))
        row = 0 if level else 1
        if x >= taken[row]:
            name = marked_plain(change.name.replace("_", " "))
            anchor: Anchor = "end" if x > frame.right - 60 else "start"
            group.add(_string(x + (2 if anchor == "start" else -2), frame.top + 3 + 8 * row, name, anchor))
            taken[row] = x + 4.2 * len(name)
    return group


def _intervals(frame: _Frame, points: Sequence[TrendPoint], middle: timedelta) -> Group:
    group = Group()
    for point in points:
        if isinstance(point.differing, Proportion):
            x, at = frame.x(point.start + middle), point.differing.display
            group.add(Line(x, frame.y(at.low), x, frame.y(at.high), strokeColor=RULE, strokeWidth=2.2))
    return group


def _curve(
    frame: _Frame,
    points: Sequence[TrendPoint],
    middle: timedelta,
    pick: Picked,
    colour: Color,
    dash: tuple[float, float],
) -> Group:
    places: list[float] = []
    for point in points:
        share = pick(point)
        if isinstance(share, Proportion):
            places += (frame.x(point.start + middle), frame.y(share.estimate))
    group = Group()
    if len(places) > 2:
        group.add(PolyLine(places, strokeColor=colour, strokeWidth=1.1, strokeDashArray=dash))
    for x, y in zip(places[::2], places[1::2], strict=True):
        group.add(Circle(x, y, 1.4, fillColor=colour, strokeColor=None))
    return group


def _legend(frame: _Frame, height: float) -> Group:
    group = Group()
    x, y = frame.left, height - 7.0
    for name, colour in (("judged differently", INK), ("human rejects", HUMAN), ("model rejects", MODEL)):
        group.add(Line(x, y, x + 9, y, strokeColor=colour, strokeWidth=2.4))
        group.add(_string(x + 12, y - 1.6, name, "start", STRONG))
        x += 92.0
    group.add(_string(frame.right, y - 1.6, "full line: level · dashed line: model", "end"))
    return group


def _string(x: float, y: float, text: str, anchor: Anchor, font_name: str = BODY) -> String:
    return String(x, y, text, fontName=font_name, fontSize=_SIZE, fillColor=FAINT, textAnchor=anchor)
