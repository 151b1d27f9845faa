"""Agreement over time: shares with their intervals, and what changed in between."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame

from inspector_app.agreement.trend import ChangeKind, Trend, TrendPoint
from inspector_app.agreement.values import Proportion
from inspector_app.domain.control import Level
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import column, label, row
from ui.wording import level_name

if TYPE_CHECKING:
    import pyqtgraph

_NAMES_APART = 0.04
"""Least distance of two names, as a share of the whole time."""

_LINES = (
    ("differing", "text", Qt.PenStyle.SolidLine),
    ("human_rejects", "accent", Qt.PenStyle.SolidLine),
    ("model_rejects", "reject", Qt.PenStyle.DashLine),
)


class TrendView(QFrame):
    """Three shares over time. A click on a stretch chooses it.

    The plotting library is loaded when there is something to plot: it takes a moment, and most starts need none.

    Parameters
    ----------
    appearance : Appearance
        For colours and sizes.

    Signals
    -------
    stretch_chosen(TrendPoint)
        Somebody wants to see one stretch alone.
    """

    stretch_chosen = Signal(object)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._appearance = appearance
        self._trend: Trend | None = None
        self._plot: pyqtgraph.PlotWidget | None = None
        sizes = appearance.theme.sizes
        body = column(sizes.space_2, self, (sizes.space_4, sizes.space_3, sizes.space_4, sizes.space_3))
        head = row(sizes.space_4)
        self._words = (tr("judged differently"), tr("human rejects"), tr("model rejects"))
        self._keys = [label(words, "small") for words in self._words]
        for key in self._keys:
            key.setTextFormat(Qt.TextFormat.RichText)
            head.addWidget(key)
        head.addStretch(1)
        body.addLayout(head)
        self._body = body
        self._empty = label(tr("No verdict on a part that the model judged too."), "muted")
        body.addWidget(self._empty, 1, Qt.AlignmentFlag.AlignCenter)
        body.addWidget(
            label(tr("Full lines: level. Dashed lines: model. Click a point to see its time alone."), "small")
        )
        appearance.changed.connect(self._draw)

    def show_trend(self, trend: Trend) -> None:
        """Show a trend."""
        self._trend = trend
        self._draw()

    def _draw(self) -> None:
        trend = self._trend
        measured = trend is not None and any(point.n for point in trend.points)
        self._empty.setVisible(not measured)
        if self._plot is not None:
            self._plot.setVisible(measured)
        if trend is None or not measured:
            return
        plot = self._plot if self._plot is not None else self._make_plot()
        colours = self._appearance.theme.colours
        for key, (_, colour, _), words in zip(self._keys, _LINES, self._words, strict=True):
            key.setText(f'<span style="color:{getattr(colours, colour)}">▬</span> {words}')
        plot.clear()
        plot.setBackground(QColor(colours.surface))
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(QColor(colours.line))
            axis.setTextPen(QColor(colours.muted))
        self._draw_intervals(plot, trend)
        for name, colour, pen in _LINES:
            self._draw_line(plot, trend, name, QColor(getattr(colours, colour)), pen)
        self._draw_changes(plot, trend)
        plot.setYRange(0.0, _top(trend), padding=0.0)

    def _make_plot(self) -> pyqtgraph.PlotWidget:
        import pyqtgraph

        pyqtgraph.setConfigOption("exitCleanup", False)
        plot = pyqtgraph.PlotWidget(axisItems={"bottom": pyqtgraph.DateAxisItem()})
        plot.setAccessibleName(tr("Agreement over time"))
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.showGrid(x=False, y=True, alpha=0.2)
        plot.getAxis("left").setLabel(tr("share, %"))
        plot.setLimits(yMin=0.0, yMax=105.0)
        self._body.insertWidget(1, plot, 1)
        plot.show()
        self._plot = plot
        return plot

    def _draw_intervals(self, plot: pyqtgraph.PlotWidget, trend: Trend) -> None:
        import pyqtgraph

        shares = [(point, point.differing) for point in trend.points]
        known = [(point, share) for point, share in shares if isinstance(share, Proportion)]
        colour = QColor(self._appearance.theme.colours.edge)
        colour.setAlpha(110)
        plot.addItem(
            pyqtgraph.ErrorBarItem(
                x=_array(_middle(trend, point) for point, _ in known),
                y=_array(100.0 * share.estimate for _, share in known),
                top=_array(100.0 * (share.display.high - share.estimate) for _, share in known),
                bottom=_array(100.0 * (share.estimate - share.display.low) for _, share in known),
                pen=pyqtgraph.mkPen(colour, width=3),
            )
        )

    def _draw_line(self, plot: pyqtgraph.PlotWidget, trend: Trend, name: str, colour: QColor, pen: Qt.PenStyle) -> None:
        import pyqtgraph

        shares = [(point, getattr(point, name)) for point in trend.points]
        known = [(point, share) for point, share in shares if isinstance(share, Proportion)]
        line = plot.plot(
            _array(_middle(trend, point) for point, _ in known),
            _array(100.0 * share.estimate for _, share in known),
            pen=pyqtgraph.mkPen(colour, width=2, style=pen),
            symbol="o",
            symbolSize=7,
            symbolBrush=colour,
            symbolPen=None,
            data=[point for point, _ in known],
        )
        line.sigPointsClicked.connect(lambda _line, spots, _event: self._on_spots(spots))

    def _on_spots(self, spots: Any) -> None:
        for spot in list(spots)[:1]:
            self.stretch_chosen.emit(spot.data())

    def _draw_changes(self, plot: pyqtgraph.PlotWidget, trend: Trend) -> None:
        import pyqtgraph

        colours = self._appearance.theme.colours
        apart = _NAMES_APART * (trend.points[-1].start + trend.stretch - trend.points[0].start)
        named: dict[ChangeKind, datetime] = {}
        for change in reversed(trend.changes):  # of several close together the last is what stays in force
            level = change.kind is ChangeKind.LEVEL
            name = level_name(Level(change.name)) if level else change.name
            if change.kind in named and named[change.kind] - change.at < apart:
                name = ""  # its name would lie on the next one; the report lists them all
            else:
                named[change.kind] = change.at
            style = Qt.PenStyle.SolidLine if level else Qt.PenStyle.DashLine
            # Levels hang from the top and models stand on the floor, so that a switch of both at once can be read.
            place = {"position": 1.0, "anchors": _HANGING} if level else {"position": 0.0, "anchors": _STANDING}
            options = {**place, "color": colours.muted, "rotateAxis": (1, 0)}
            line = pyqtgraph.InfiniteLine(
                change.at.timestamp(), 90, pyqtgraph.mkPen(colours.edge, style=style), label=name, labelOpts=options
            )
            plot.addItem(line)


_HANGING = [(1.0, 0.0), (1.0, 1.0)]
_STANDING = [(0.0, 0.0), (0.0, 1.0)]
"""Where a name touches its line: the two corners that pyqtgraph chooses from, by the side with room."""


def _top(trend: Trend) -> float:
    """Return the highest share shown in %, with some room above it."""
    shares = (share for point in trend.points for share in (point.differing, point.human_rejects, point.model_rejects))
    return min(105.0, max(1.0, *(120.0 * share.estimate for share in shares if isinstance(share, Proportion))))


def _middle(trend: Trend, point: TrendPoint) -> float:
    return (point.start + trend.stretch / 2).timestamp()


def _array(values: Any) -> Any:
    import numpy as np

    return np.fromiter(values, dtype=np.float64)
