"""The recorded studies as a Qt table model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt

from inspector_app.agreement.study.guided import Standing, progress_of
from inspector_app.domain.study import StudyPlan
from ui.texts import local_time, tr
from ui.widgets.rows_table_model import Column, RowsTableModel


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


class StudiesTableModel(RowsTableModel[StudyRow]):
    """Name, size, and how far everybody is."""

    def __init__(self) -> None:
        super().__init__(
            Column(tr("Study")), Column(tr("Planned")), Column(tr("Parts × trials")), Column(tr("Decisions given"))
        )

    def cell(self, row: StudyRow, column: int, role: int) -> Any:
        """Return a cell's text; its tip is the whole of it."""
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return None
        plan = row.plan
        return (
            plan.name,
            tr("{day} by {who}").format(day=local_time(plan.at, date=True)[:10], who=plan.by),
            f"{len(plan.parts)} × {plan.trials}",
            ", ".join(_progress(row, who) for who in plan.judges),
        )[column]


def _progress(row: StudyRow, who: str) -> str:
    done, whole = progress_of(row.plan, row.standing, who)
    return tr("{who} through").format(who=who) if done == whole else f"{who} {done}/{whole}"
