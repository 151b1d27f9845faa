"""From a figure to its parts: which parts a count of a table stands for, and in words which."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.agreement.drill import TableCell, narrowed, verdicts_behind
from inspector_app.agreement.groups import Dimension
from inspector_app.agreement.report import AgreementTable
from inspector_app.domain.logquery import LogFilter
from ui.agreement.figures import condition_name, group_name
from ui.texts import tr
from ui.wording import answer_name, judgement_name


@dataclass(frozen=True, slots=True)
class ChosenParts:
    """Some parts, and in words which.

    Attributes
    ----------
    which : LogFilter
        The verdicts meant; the history shows a line for each.
    words : str
        For the inspector.
    """

    which: LogFilter
    words: str


def parts_of_cell(table: AgreementTable, chosen: LogFilter, cell: TableCell) -> ChosenParts:
    """Return the parts behind a count.

    Parameters
    ----------
    table : AgreementTable
        Whose count.
    chosen : LogFilter
        What the report was made of.
    cell : TableCell
        Which count.
    """
    said = [
        tr("human: {answer}").format(
            answer=tr("accept or reject") if cell.answer is None else answer_name(cell.answer)
        ),
        tr("model: {answer}").format(answer=_model_words(cell)),
        "" if table.group.dimension is Dimension.OVERALL else group_name(table.group),
        condition_name(table.condition),
    ]
    if not cell.judged:
        said[0] = ""
    which = verdicts_behind(narrowed(chosen, table.group), table.condition, cell)
    return ChosenParts(which, " · ".join(each for each in said if each))


def _model_words(cell: TableCell) -> str:
    if not cell.judged:
        return tr("no judgement")
    return tr("accept or reject") if cell.judgement is None else judgement_name(cell.judgement)
