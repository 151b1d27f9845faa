"""From a figure to what it counts: which verdicts stand behind a count of a two-way table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.twoway import TwoWay
from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer


@dataclass(frozen=True, slots=True)
class TableCell:
    """One count of a two-way table, a sum or a count beside it.

    Attributes
    ----------
    answer : Answer or None
        The human's; ``None``: accept and reject together where the model judged, any answer where it did not.
    judgement : Judgement or None
        The model's; ``None``: accept and reject together.
    judged : bool
        False: the verdicts on parts that the model did not judge.
    """

    answer: Answer | None
    judgement: Judgement | None
    judged: bool = True


HUMAN_UNSURE: Final = TableCell(Answer.UNSURE, None)
MODEL_ABSENT: Final = TableCell(None, None, judged=False)


def cell_counts(table: TwoWay) -> dict[TableCell, int]:
    """Return every count of a table: the four cells, their sums, and what is beside them."""
    (a, b), (c, d) = table.square
    reject, accept = Judgement.REJECT, Judgement.ACCEPT
    return {
        TableCell(Answer.REJECT, reject): a,
        TableCell(Answer.REJECT, accept): b,
        TableCell(Answer.REJECT, None): a + b,
        TableCell(Answer.ACCEPT, reject): c,
        TableCell(Answer.ACCEPT, accept): d,
        TableCell(Answer.ACCEPT, None): c + d,
        TableCell(None, reject): a + c,
        TableCell(None, accept): b + d,
        TableCell(None, None): table.n,
        HUMAN_UNSURE: table.human_unsure,
        MODEL_ABSENT: table.model_absent,
    }


def narrowed(which: LogFilter, group: Group) -> LogFilter:
    """Return a filter that leaves a group of the chosen parts; the same one for all of them and for an import."""
    match group.dimension:
        case Dimension.LEVEL:
            return replace(which, level=Level(group.value))
        case Dimension.MODEL_VERSION:
            return replace(which, model_version=group.value)
        case Dimension.INSPECTOR:
            return replace(which, inspector=group.value)
        case _:
            return which


def verdicts_behind(which: LogFilter, condition: Condition, cell: TableCell) -> LogFilter:
    """Return the filter whose verdicts a cell counts.

    Parameters
    ----------
    which : LogFilter
        What the table was made of.
    condition : Condition
        Of the table; not that of decisions from outside, which have no parts in the log.
    cell : TableCell
        Which count.

    Raises
    ------
    ValueError
        For decisions from outside.
    """
    if not condition.kinds:
        raise ValueError(f"decisions under the condition {condition} are not in the log")
    return replace(
        which,
        kinds=tuple(sorted(condition.kinds)),
        answer=cell.answer,
        sure=True if cell.answer is None and cell.judged else None,
        judgement=cell.judgement,
        judged=cell.judged if cell.judgement is None else None,
        seeded=False,  # as the figure counts
    )
