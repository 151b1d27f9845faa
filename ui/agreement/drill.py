"""From a figure to its parts: which parts a count of a table stands for, and in words which."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.agreement.drill import TableCell, narrowed, verdicts_behind
from inspector_app.agreement.report import AgreementTable
from inspector_app.domain.logquery import LogFilter
from ui.agreement.figures import condition_name
from ui.texts import local_time, tr
from ui.wording import answer_name, judgement_name, level_name


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
    of_group = narrowed(chosen, table.group)
    said = [
        tr("human: {answer}").format(
            answer=tr("accept or reject") if cell.answer is None else answer_name(cell.answer)
        ),
        tr("model: {answer}").format(answer=_model_words(cell)),
        condition_name(table.condition),
        *filter_words(of_group),
    ]
    if not cell.judged:
        said[0] = ""
    which = verdicts_behind(of_group, table.condition, cell)
    return ChosenParts(which, " · ".join(each for each in said if each))


def filter_words(which: LogFilter) -> tuple[str, ...]:
    """Return what limits a report, in words for the window."""
    since = "" if which.since is None else tr("from {time}").format(time=local_time(which.since, date=True))
    until = "" if which.until is None else tr("to {time}").format(time=local_time(which.until, date=True))
    said = (
        (tr("Level: {name}"), None if which.level is None else level_name(which.level)),
        (tr("Model: {name}"), which.model_version),
        (tr("Inspector: {name}"), which.inspector),
        (tr("Station: {name}"), which.station),
        (tr("Product: {name}"), which.product),
        ("{name}", " ".join(words for words in (since, until) if words)),
    )
    return tuple(words.format(name=name) for words, name in said if name)


def _model_words(cell: TableCell) -> str:
    if not cell.judged:
        return tr("no judgement")
    return tr("accept or reject") if cell.judgement is None else judgement_name(cell.judgement)
