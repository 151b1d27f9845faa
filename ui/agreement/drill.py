"""From a figure to its parts: which parts a cell of a table stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inspector_app.agreement.groups import Dimension, Group
from inspector_app.agreement.report import AgreementTable
from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer
from ui.agreement.figures import condition_name, group_name
from ui.texts import tr
from ui.wording import answer_name, judgement_name


@dataclass(frozen=True, slots=True)
class ChosenParts:
    """Some parts, and in words which.

    Attributes
    ----------
    which : LogFilter
        For the history.
    words : str
        For the inspector.
    """

    which: LogFilter
    words: str


def parts_of_cell(table: AgreementTable, period: LogFilter, answer: Answer, judgement: Judgement) -> ChosenParts:
    """Return the parts behind a cell.

    Parameters
    ----------
    table : AgreementTable
        Whose cell.
    period : LogFilter
        What the report was made of.
    answer, judgement : Answer, Judgement
        Row and column.
    """
    which = replace(
        _of_group(period, table.group),
        kinds=tuple(sorted(table.condition.kinds)),
        answer=answer,
        judgement=judgement,
        seeded=False,  # as the figure counts
    )
    said = [
        tr("human: {answer}").format(answer=answer_name(answer)),
        tr("model: {answer}").format(answer=judgement_name(judgement)),
        "" if table.group.dimension is Dimension.OVERALL else group_name(table.group),
        condition_name(table.condition),
    ]
    return ChosenParts(which, " · ".join(each for each in said if each))


def _of_group(period: LogFilter, group: Group) -> LogFilter:
    match group.dimension:
        case Dimension.LEVEL:
            return replace(period, level=Level(group.value))
        case Dimension.MODEL_VERSION:
            return replace(period, model_version=group.value)
        case Dimension.INSPECTOR:
            return replace(period, inspector=group.value)
        case _:
            return period
