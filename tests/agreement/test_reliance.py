"""Reliance on the model, and hit rates on seeded parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector_app.agreement.reliance import SecondLook, reliance, seed_hits
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.frame import Judgement

GOOD, BAD = Judgement.ACCEPT, Judgement.REJECT


def counted(figure) -> tuple[int, int]:
    assert isinstance(figure, Proportion)
    return figure.k, figure.n


def test_leaning_on_wrong_advice_and_shutting_off_right_advice_are_told_apart():
    found = reliance(
        [
            SecondLook(BAD, GOOD, GOOD, truth=BAD, n=3),  # was right, let the model mislead
            SecondLook(BAD, GOOD, BAD, truth=BAD, n=17),  # was right, stayed
            SecondLook(GOOD, BAD, BAD, truth=BAD, n=8),  # was wrong, let the model help
            SecondLook(GOOD, BAD, GOOD, truth=BAD, n=2),  # was wrong, stayed
            SecondLook(GOOD, GOOD, GOOD, truth=BAD, n=50),  # no advice to take
            SecondLook(GOOD, GOOD, BAD, truth=GOOD, n=1),  # changed against both
        ],
        0.95,
    )
    assert counted(found.over) == (3, 20)
    assert counted(found.under) == (2, 10)
    assert counted(found.switched) == (11, 30)


def test_without_disagreement_nothing_is_measurable():
    found = reliance([SecondLook(GOOD, GOOD, GOOD, GOOD)], 0.95)
    assert all(isinstance(figure, NotMeasurable) for figure in (found.over, found.under, found.switched))


judgements = st.sampled_from(Judgement)


@given(st.lists(st.builds(SecondLook, judgements, judgements, judgements, judgements, st.integers(1, 5)), max_size=20))
def test_each_disagreement_is_a_chance_to_be_misled_or_helped(looks):
    found = reliance(looks, 0.95)
    sizes = [0 if isinstance(f, NotMeasurable) else f.n for f in (found.over, found.under, found.switched)]
    assert sizes[0] + sizes[1] == sizes[2]


def test_hit_rates_of_inspectors_carry_their_number():
    shown = [("Bo", True)] * 99 + [("Ana", i % 10 != 0) for i in range(100)]
    ana, bo = seed_hits(shown, 0.95)
    assert (ana.inspector, counted(ana.hits)) == ("Ana", (90, 100))
    assert (bo.inspector, counted(bo.hits)) == ("Bo", (99, 99))
    assert bo.hits.contract.low < 0.97
    assert seed_hits([], 0.95) == ()
