"""The recorded studies as a Qt table model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from inspector_app.agreement.study.guided import Standing, progress_of
from inspector_app.domain.study import StudyPlan
from ui.texts import local_time, tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True, eq=False)
class StudyRow:
    """A study and the answers that count."""

    plan: StudyPlan
    standing: Standing

    def left(self, appraiser: str) -> int:
        """Return how many decisions somebody still owes."""
        done, whole = progress_of(self.plan, self.standing, appraiser)
        return whole - done

    @property
    def through(self) -> tuple[str, ...]:
        """Everybody who has judged every part in every trial."""
        return tuple(who for who in self.plan.judges if not self.left(who))


class StudiesTableModel(QAbstractTableModel):
    """Name, size, and how far everybody is."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[StudyRow, ...] = ()
        self._headings = (tr("Study"), tr("Planned"), tr("Parts × trials"), tr("Decisions given"))

    def show_rows(self, rows: tuple[StudyRow, ...]) -> None:
        """Show these studies."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of studies."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self._headings[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text; its tip is the whole of it."""
        if not index.isValid() or role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        row = self.rows[index.row()]
        plan = row.plan
        return (
            plan.name,
            tr("{day} by {who}").format(day=local_time(plan.at, date=True)[:10], who=plan.by),
            f"{len(plan.parts)} × {plan.trials}",
            ", ".join(_progress(row, who) for who in plan.judges),
        )[index.column()]


def _progress(row: StudyRow, who: str) -> str:
    done, whole = progress_of(row.plan, row.standing, who)
    return tr("{who} through").format(who=who) if done == whole else f"{who} {done}/{whole}"
