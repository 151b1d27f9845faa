"""Which parts and verdicts the Agreement page is about: period, level, model, inspector, station, product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDateTime, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from inspector_app.agreement.drill import narrowed
from inspector_app.agreement.groups import Group
from inspector_app.domain.control import Level
from inspector_app.domain.logquery import LogContents, LogFilter
from ui.look.appearance import Appearance
from ui.texts import tr
from ui.widgets.basics import IconButton, column, label, row
from ui.widgets.choice_box import ChoiceBox
from ui.wording import level_name

_ANY_TIME, _BETWEEN = 0, -1
_DAY = 24
_SHORTEST = timedelta(seconds=1)
"""The fields show whole seconds."""


class FilterBar(QWidget):
    """Chooses what `report agreement` can choose; a box that leaves no choice is not shown.

    Parameters
    ----------
    appearance : Appearance
        For sizes.

    Signals
    -------
    changed()
        Something else is chosen.
    """

    changed = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        sizes = appearance.theme.sizes
        hours = (
            (tr("Last {n} hours").format(n=8), 8),
            (tr("Last {n} hours").format(n=24), 24),
            (tr("Last 7 days"), 168),
        )
        self.period = ChoiceBox[int](tr("Period"), ((tr("Any time"), _ANY_TIME), *hours, (tr("From … to …"), _BETWEEN)))
        self.level = ChoiceBox[Level | None](
            tr("Level"), ((tr("Any level"), None), *((level_name(level), level) for level in Level))
        )
        self.model = ChoiceBox[str | None](tr("Model"), ((tr("Any model"), None),))
        self.inspector = ChoiceBox[str | None](tr("Inspector"), ((tr("Any inspector"), None),))
        self.station = ChoiceBox[str | None](tr("Station"), ((tr("Any station"), None),))
        self.product = ChoiceBox[str | None](tr("Product"), ((tr("Any product"), None),))
        self.reset_button = IconButton(appearance, "reject", tr("Show all"))
        self.reset_button.setToolTip(tr("Any time, level, model, inspector, station and product again"))
        self.reset_button.clicked.connect(self.reset)
        boxes = row(sizes.space_3)
        for box in (self.period, self.level, self.model, self.inspector, self.station, self.product):
            box.currentIndexChanged.connect(self._on_choice)
            boxes.addWidget(box, 1)
        boxes.addWidget(self.reset_button)
        self.since, self.until = _time_field(tr("From")), _time_field(tr("To"))
        self._hours = _ANY_TIME
        self._asked_at: datetime | None = None
        self._trouble = label("", "bad")
        self._between = QWidget()
        times = row(sizes.space_3, self._between)
        for name, field in ((tr("From"), self.since), (tr("to"), self.until)):
            times.addWidget(label(name, "muted"))
            times.addWidget(field)
            field.editingFinished.connect(self._on_choice)
        times.addWidget(self._trouble)
        times.addStretch(1)
        body = column(sizes.space_2, self)
        body.addLayout(boxes)
        body.addWidget(self._between)
        self.offer(LogContents())
        self._show_state()

    @property
    def trouble(self) -> str:
        """Why nothing can be chosen like this, empty if all is well."""
        if self.period.value == _BETWEEN and _time_of(self.since) >= _time_of(self.until):
            return tr("The period ends before it begins.")
        return ""

    @property
    def chooses_all(self) -> bool:
        """True if no limit is set."""
        return not self.reset_button.isEnabled()

    def which(self, now: datetime) -> LogFilter:
        """Return what is chosen; a period of hours ends with ``now`` (UTC)."""
        self._asked_at = now
        hours = self.period.value or _ANY_TIME
        since = now - timedelta(hours=hours) if hours > 0 else None
        until = None
        if hours == _BETWEEN:
            since, until = _time_of(self.since), _time_of(self.until)
        return LogFilter(
            since=since,
            until=until,
            level=self.level.value,
            model_version=self.model.value,
            inspector=self.inspector.value,
            station=self.station.value,
            product=self.product.value,
        )

    def offer(self, contents: LogContents) -> None:
        """Offer what the log holds; what is chosen stays, for it says what is in view."""
        for box, anything, names, fewest in (
            (self.model, tr("Any model"), contents.models, 1),
            (self.inspector, tr("Any inspector"), contents.inspectors, 1),
            (self.station, tr("Any station"), contents.stations, 2),
            (self.product, tr("Any product"), contents.products, 1),
        ):
            _offer(box, anything, names)
            box.setVisible(len(names) >= fewest or box.value is not None)

    def choose(self, group: Group) -> None:
        """Choose a group of what is in view, by level, model or inspector; its last verdict may be undone by now."""
        chosen = narrowed(LogFilter(), group)
        self._choose(chosen.level, chosen.model_version, chosen.inspector)

    def choose_period(self, since: datetime, until: datetime) -> None:
        """Choose a stretch of time, UTC, in whole seconds."""
        with QSignalBlocker(self.period), QSignalBlocker(self.since), QSignalBlocker(self.until):
            self.since.setDateTime(_field_time(since))
            self.until.setDateTime(_field_time(max(until, since + _SHORTEST)))
            self.period.choose(_BETWEEN)
        self._hours = _BETWEEN
        self._on_choice()

    def reset(self) -> None:
        """Choose everything."""
        boxes = (self.period, self.level, self.model, self.inspector, self.station, self.product)
        blockers = [QSignalBlocker(box) for box in boxes]
        for box in boxes:
            box.setCurrentIndex(0)
        del blockers
        self._on_choice()

    def _choose(self, level: Level | None, model: str | None, inspector: str | None) -> None:
        with QSignalBlocker(self.level), QSignalBlocker(self.model), QSignalBlocker(self.inspector):
            if level is not None:
                self.level.choose(level)
            if model is not None:
                self.model.choose_or_add(model, model)
            if inspector is not None:
                self.inspector.choose_or_add(inspector, inspector)
        self._on_choice()

    def _on_choice(self) -> None:
        before, self._hours = self._hours, self.period.value or _ANY_TIME
        if self._hours == _BETWEEN != before and self._asked_at is not None:
            # Begin with what was in view, a day where that was everything.
            self.until.setDateTime(_field_time(self._asked_at))
            self.since.setDateTime(_field_time(self._asked_at - timedelta(hours=before or _DAY)))
        self._show_state()
        if not self.trouble:
            self.changed.emit()

    def _show_state(self) -> None:
        self._between.setVisible(self.period.value == _BETWEEN)
        self._trouble.setText(self.trouble)
        boxes = (self.period, self.level, self.model, self.inspector, self.station, self.product)
        self.reset_button.setEnabled(any(box.currentIndex() > 0 for box in boxes))


def _offer(box: ChoiceBox[str | None], anything: str, names: Sequence[str]) -> None:
    chosen = box.value
    gone = () if chosen is None or chosen in names else (chosen,)
    box.offer([(anything, None), *((name, name) for name in (*names, *gone))])


def _time_field(name: str) -> QDateTimeEdit:
    field = QDateTimeEdit(QDateTime.currentDateTime())
    field.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
    field.setAccessibleName(name)
    field.setCalendarPopup(False)
    field.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return field


def _time_of(field: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(field.dateTime().toSecsSinceEpoch(), UTC)


def _field_time(at: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
