"""The printed report's plots, drawn as vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Polygon, PolyLine, String
from reportlab.lib.colors import Color

from inspector_app.agreement.course import Course
from inspector_app.agreement.print_style import (
    BODY,
    CHANGE,
    FAINT,
    HUMAN,
    INK,
    MODEL,
    RULE,
    STRIPE,
    STRONG,
    marked_plain,
)
from inspector_app.agreement.trend import ChangeKind, Trend, TrendPoint
from inspector_app.agreement.values import NotMeasurable, Proportion

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 34.0, 16.0
_SIZE = 7.0
_SOLID = (1.0, 0.0)
Anchor = Literal["start", "end"]

Picked = Callable[[TrendPoint], Proportion | NotMeasurable]


class _Frame:
    """Where time and share lie on the paper, in points."""

    def __init__(self, first: datetime, last: datetime, size: tuple[float, float], top_share: float) -> None:
        width, height = size
        self.left, self.bottom = _LEFT, _BOTTOM
        self.right, self.top = width - _RIGHT, height - _TOP
        self.top_share = top_share
        self._first = first
        self._length = (last - first).total_seconds()

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
    starts, stretch = [point.start for point in trend.points], trend.stretch
    highest = max(_highest(point) for point in trend.points)
    frame = _Frame(starts[0], starts[-1] + stretch, (width, height), _round_up(highest))
    drawing.add(_axes(frame, starts, stretch))
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


def course_drawing(course: Course, width: float, height: float = 130.0) -> Drawing:
    """Return the escape rate over time: the confidence sequence as a band, the estimate, and the limit.

    Parameters
    ----------
    course : Course
        With at least two points.
    width, height : float
        In points.
    """
    drawing = Drawing(width, height, initialFontName=BODY)
    times = [point.until for point in course.points]
    # The first audits say next to nothing: a band up to 100 % would press all that matters to the floor.
    top = _round_up(max(course.points[-1].high, 2.0 * course.limit))
    frame = _Frame(times[0], times[-1], (width, height), top)
    drawing.add(_axes(frame, times, timedelta(0)))
    band: list[float] = []
    for point in course.points:
        band += (frame.x(point.until), frame.y(point.high))
    for point in reversed(course.points):
        band += (frame.x(point.until), frame.y(point.low))
    drawing.add(Polygon(band, fillColor=STRIPE, strokeColor=RULE, strokeWidth=0.5))
    limit = frame.y(course.limit)
    drawing.add(
        Line(frame.left, limit, frame.right, limit, strokeColor=CHANGE, strokeWidth=0.8, strokeDashArray=[3, 2])
    )
    places: list[float] = []
    for point in course.points:
        places += (frame.x(point.until), frame.y(point.bad / point.audited))
    drawing.add(_line(places, INK, _SOLID))
    y = height - 7.0
    words = f"bad among audited accepts · band: {100 * course.confidence:g} % confidence sequence · dashed: limit"
    drawing.add(Line(frame.left, y, frame.left + 9, y, strokeColor=INK, strokeWidth=2.4))
    drawing.add(_string(frame.left + 12, y - 1.6, words, "start"))
    return drawing


def _axes(frame: _Frame, starts: Sequence[datetime], stretch: timedelta) -> Group:
    """Draw shares to the left and times below; ``stretch`` is how far the last one reaches beyond its start."""
    group = Group(Line(frame.left, frame.bottom, frame.right, frame.bottom, strokeColor=FAINT, strokeWidth=0.6))
    for tick in range(5):
        share = frame.top_share * tick / 4
        y = frame.y(share)
        if tick:
            group.add(Line(frame.left, y, frame.right, y, strokeColor=RULE, strokeWidth=0.3))
        group.add(_string(frame.left - 4, y - 2.4, f"{100 * share:g} %", "end"))
    form = "%m-%d %H:%M" if starts[-1] - starts[0] < timedelta(days=2) else "%Y-%m-%d"
    for at in sorted({0, len(starts) // 3, 2 * len(starts) // 3, len(starts) - 1}):
        anchor: Anchor = "end" if at and at == len(starts) - 1 else "start"
        x = frame.x(starts[at] + stretch) if anchor == "end" else frame.x(starts[at])
        group.add(_string(x, frame.bottom - 10, f"{starts[at]:{form}}", anchor))
    return group


def _changes(frame: _Frame, trend: Trend) -> Group:
    """Mark levels by a full line and models by a dashed one, each with its name at the top."""
    group = Group()
    taken: dict[int, float] = {0: frame.right, 1: frame.right}
    for change in reversed(trend.changes):  # of several close together the last is what stays in force
        x = frame.x(change.at)
        level = change.kind is ChangeKind.LEVEL
        dash = _SOLID if level else (2.0, 2.0)
        group.add(Line(x, frame.bottom, x, frame.top + 2, strokeColor=CHANGE, strokeWidth=0.7, strokeDashArray=dash))
        row = 0 if level else 1
        name = marked_plain(change.name.replace("_", " "))
        length = 4.2 * len(name)
        anchor: Anchor = "end" if x > frame.right - 60 else "start"
        begins = x if anchor == "start" else x - length
        if begins + length <= taken[row]:
            group.add(_string(x + (2 if anchor == "start" else -2), frame.top + 3 + 8 * row, name, anchor))
            taken[row] = begins
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
    return _line(places, colour, dash)


def _line(places: Sequence[float], colour: Color, dash: tuple[float, float]) -> Group:
    """Return a line through places, x and y in turn, with a dot on each."""
    group = Group()
    if len(places) > 2:
        group.add(PolyLine(list(places), strokeColor=colour, strokeWidth=1.1, strokeDashArray=dash))
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
