"""The two-way table and its figures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from statsmodels.stats.contingency_tables import mcnemar

from inspector_app.agreement.sentence import percent, plain_sentence
from inspector_app.agreement.twoway import Agreement, TwoWay, agreement, mcnemar_exact, two_way
from inspector_app.agreement.values import NotMeasurable
from inspector_app.domain.control import Level
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import VerdictCount
from inspector_app.domain.verdict import Answer, VerdictKind

cell = st.integers(0, 5000)
tables = st.builds(TwoWay, cell, cell, cell, cell)


def row(answer: str, judgement: str | None, n: int) -> VerdictCount:
    model = None if judgement is None else Judgement(judgement)
    return VerdictCount(Level.SHADOW, "glass 1.0", "Ana", VerdictKind.UNAIDED, Answer(answer), model, None, n)


def test_counts_fall_into_their_cells():
    rows = [
        row("reject", "reject", 1),
        row("reject", "accept", 2),
        row("accept", "reject", 4),
        row("accept", "accept", 8),
        row("unsure", "accept", 16),
        row("unsure", "reject", 32),
        row("accept", None, 64),
        row("unsure", None, 128),
        row("reject", "accept", 256),
    ]
    table = two_way(rows)
    assert table == TwoWay(1, 258, 4, 8, human_unsure=48, model_absent=192)
    assert table == two_way(reversed(rows))
    assert (table.n, table.discordant, table.rejects_by_human, table.rejects_by_model) == (271, 262, 259, 5)
    assert table.square == ((1, 258), (4, 8))


# Feinstein and Cicchetti (1990) as in Gerstman, table 10.6, and low defect rates.
@pytest.mark.parametrize(
    ("cells", "observed", "pabak", "on_rejects", "on_accepts"),
    [
        ((40, 9, 6, 45), 0.85, 0.70, 0.842, 0.857),
        ((80, 10, 5, 5), 0.85, 0.70, 0.914, 0.400),
        ((5, 5, 5, 985), 0.99, 0.98, 0.50, 0.995),
        ((1, 4, 4, 991), 0.992, 0.984, 0.20, 0.996),
        ((8, 1, 1, 990), 0.998, 0.996, 0.889, 0.999),
    ],
)
def test_known_tables(cells, observed, pabak, on_rejects, on_accepts):
    figures = agreement(TwoWay(*cells), 0.95)
    assert figures.observed.estimate == pytest.approx(observed, abs=1e-12)
    assert figures.pabak == pytest.approx(pabak, abs=1e-12)
    assert round(figures.on_rejects.estimate, 3) == on_rejects
    assert round(figures.on_accepts.estimate, 3) == on_accepts


def test_the_signs_of_the_indices():
    # Mostly accepts; the human rejects more often than the model.
    figures = agreement(TwoWay(both_reject=1, human_rejects=3, model_rejects=2, both_accept=4), 0.95)
    assert figures.prevalence_index == pytest.approx(-0.3, abs=1e-12)
    assert figures.bias_index == pytest.approx(0.1, abs=1e-12)


# statsmodels' own tests, which quote R and Vassar.
@pytest.mark.parametrize(("b", "c", "p"), [(70, 59, 0.378688), (80, 59, 0.089452)])
def test_mcnemar_published(b, c, p):
    assert mcnemar_exact(b, c) == pytest.approx(p, abs=5e-7)


@given(cell, cell)
def test_mcnemar_is_statsmodels(b, c):
    assume(b + c)
    theirs = mcnemar([[1, b], [c, 1]], exact=True).pvalue
    assert mcnemar_exact(b, c) == pytest.approx(theirs, abs=1e-9)
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)


def test_mcnemar_without_differences_is_not_measurable():
    assert mcnemar_exact(0, 0) == NotMeasurable("the two never differ, so there is nothing to test")


@given(tables)
def test_kappa_follows_from_pabak_prevalence_and_bias(table):
    # Byrt, Bishop and Carlin (1993): kappa = (PABAK - PI² + BI²) / (1 - PI² + BI²).
    figures = agreement(table, 0.95)
    assume(not isinstance(figures.kappa, NotMeasurable))
    prevalence, bias = figures.prevalence_index**2, figures.bias_index**2
    assert figures.kappa.estimate == pytest.approx(
        (figures.pabak - prevalence + bias) / (1 - prevalence + bias), abs=1e-9
    )


@given(tables)
def test_calling_accept_positive_swaps_the_specific_agreements(table):
    flipped = TwoWay(table.both_accept, table.model_rejects, table.human_rejects, table.both_reject)
    ours, theirs = agreement(table, 0.95), agreement(flipped, 0.95)
    for one, other in ((ours.on_rejects, theirs.on_accepts), (ours.on_accepts, theirs.on_rejects)):
        assert one == other or (isinstance(one, NotMeasurable) and isinstance(other, NotMeasurable))
    for same in ("observed", "kappa", "max_kappa", "pabak", "ac1", "mcnemar_p"):
        assert getattr(ours, same) == getattr(theirs, same)
    if table.n:
        assert ours.prevalence_index == -theirs.prevalence_index
        assert ours.bias_index == -theirs.bias_index


@given(tables)
def test_swapping_human_and_model_changes_only_the_bias(table):
    swapped = dataclasses.replace(table, human_rejects=table.model_rejects, model_rejects=table.human_rejects)
    ours, theirs = agreement(table, 0.95), agreement(swapped, 0.95)
    if table.n:
        theirs = dataclasses.replace(theirs, bias_index=-theirs.bias_index)
    assert ours == theirs


@given(tables)
def test_agreement_on_rejects_is_the_f1_of_either_against_the_other(table):
    assume(table.n)
    (a, b), (c, d) = table.square
    assume(a + b + c)
    human, by_model = np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])
    theirs = f1_score(human, by_model, sample_weight=[a, b, c, d], zero_division=0.0)
    assert agreement(table, 0.95).on_rejects.estimate == pytest.approx(theirs, abs=1e-9)


def test_nothing_of_an_empty_table_is_measurable():
    figures = agreement(TwoWay(human_unsure=3, model_absent=5), 0.95)
    for field in dataclasses.fields(Agreement):
        assert isinstance(getattr(figures, field.name), NotMeasurable), field.name


def test_without_any_reject_only_the_accepts_are_measurable():
    figures = agreement(TwoWay(both_accept=50), 0.95)
    assert figures.on_rejects == NotMeasurable("nobody rejected any part that both judged")
    assert figures.on_accepts.estimate == 1.0
    assert isinstance(figures.kappa, NotMeasurable)
    mirrored = agreement(TwoWay(both_reject=50), 0.95)
    assert mirrored.on_accepts == NotMeasurable("nobody accepted any part that both judged")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (
            (5, 5, 5, 985),
            (
                "Kappa is low (0.49) because only 10 of 1000 parts were rejected; agreement on rejects is 50 %, on "
                "accepts 99.5 %."
            ),
        ),
        (
            (5, 5, 9, 981),
            (
                "Kappa is low (0.41) because only 10 (by the human) and 14 (by the model) of 1000 parts were rejected; "
                "agreement on rejects is 41.7 %, on accepts 99.3 %."
            ),
        ),
        (
            (985, 5, 5, 5),
            (
                "Kappa is low (0.49) because only 10 of 1000 parts were accepted; agreement on rejects is 99.5 %, on "
                "accepts 50 %."
            ),
        ),
        (
            (0, 1, 1, 98),
            (
                "Kappa is low (-0.01) because only 1 of 100 parts was rejected; agreement on rejects is 0 %, on "
                "accepts 99 %."
            ),
        ),
        ((8, 1, 1, 990), "Kappa is 0.89; agreement on rejects is 88.9 %, on accepts 99.9 %."),
        (
            (20, 30, 5, 45),
            (
                "Kappa is low (0.30) because 35 of 100 parts were judged differently; agreement on rejects is 53.3 %, "
                "on accepts 72 %. The human rejects more often than the model (alone on 30 against 5)."
            ),
        ),
        (
            (20, 5, 30, 45),
            (
                "Kappa is low (0.30) because 35 of 100 parts were judged differently; agreement on rejects is 53.3 %, "
                "on accepts 72 %. The model rejects more often than the human (alone on 30 against 5)."
            ),
        ),
        (
            (1, 1, 0, 1),
            (
                "Kappa is low (0.40) because 1 of 3 parts was judged differently; agreement on rejects is 66.7 %, on "
                "accepts 66.7 %."
            ),
        ),
        (
            (0, 0, 0, 1),
            (
                "Kappa is not measurable because one of the two gave the same answer to every part; agreement on "
                "rejects is not measurable, on accepts 100 %."
            ),
        ),
        ((0, 0, 0, 0), "No part in this group was judged by both human and model."),
    ],
)
def test_the_plain_sentence(cells, sentence):
    table = TwoWay(*cells)
    assert plain_sentence(table, agreement(table, 0.95)) == sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.5, "50 %"),
        (0.995, "99.5 %"),
        (0.99999, "more than 99.9 %"),
        (0.00001, "less than 0.1 %"),
        (0.01, "1 %"),
    ],
)
def test_percent_never_rounds_to_all_or_none(share, text):
    assert percent(share) == text
