"""From a count to the filter of what it counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inspector_app.agreement.drill import HUMAN_UNSURE, MODEL_ABSENT, TableCell, cell_counts, narrowed, verdicts_behind
from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.twoway import TwoWay
from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def test_sums_are_those_of_the_four_counts_and_the_rest_stands_beside() -> None:
    counts = cell_counts(TwoWay(1, 2, 4, 8, 16, 32))
    sums = {(cell.answer, cell.judgement): n for cell, n in counts.items() if cell.judged}
    reject, accept = Answer.REJECT, Answer.ACCEPT
    assert [sums[answer, None] for answer in (reject, accept, None)] == [3, 12, 15]
    assert [sums[None, judgement] for judgement in (Judgement.REJECT, Judgement.ACCEPT)] == [5, 10]
    assert (counts[HUMAN_UNSURE], counts[MODEL_ABSENT], len(counts)) == (16, 32, 11)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (Group(Dimension.OVERALL, "all"), LogFilter(since=SINCE)),
        (Group(Dimension.IMPORT, "old.csv"), LogFilter(since=SINCE)),
        (Group(Dimension.LEVEL, "shadow"), LogFilter(since=SINCE, level=Level.SHADOW)),
        (Group(Dimension.MODEL_VERSION, "m 1"), LogFilter(since=SINCE, model_version="m 1")),
        (Group(Dimension.INSPECTOR, "Bob"), LogFilter(since=SINCE, inspector="Bob")),
    ],
)
def test_a_group_narrows_what_was_chosen(group, expected) -> None:
    assert narrowed(LogFilter(since=SINCE), group) == expected


@pytest.mark.parametrize(
    ("cell", "fields"),
    [
        (TableCell(Answer.REJECT, Judgement.ACCEPT), {"answer": Answer.REJECT, "judgement": Judgement.ACCEPT}),
        (TableCell(Answer.REJECT, None), {"answer": Answer.REJECT, "judged": True}),
        (TableCell(None, Judgement.ACCEPT), {"sure": True, "judgement": Judgement.ACCEPT}),
        (TableCell(None, None), {"sure": True, "judged": True}),
        (HUMAN_UNSURE, {"answer": Answer.UNSURE, "judged": True}),
        (MODEL_ABSENT, {"judged": False}),
    ],
)
def test_a_cell_says_which_verdicts_it_counts(cell, fields) -> None:
    kinds = (VerdictKind.AUDIT, VerdictKind.UNAIDED)
    which = verdicts_behind(LogFilter(since=SINCE), Condition.BLIND, cell)
    assert which == LogFilter(since=SINCE, kinds=kinds, seeded=False, **fields)
    assert which.tells_of_the_model
    assert which.tells_of_the_outcome


def test_decisions_from_outside_have_nothing_behind_them() -> None:
    with pytest.raises(ValueError, match="imported"):
        verdicts_behind(LogFilter(), Condition.IMPORTED, HUMAN_UNSURE)
