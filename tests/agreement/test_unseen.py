"""Defects that human and model have both missed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector_app.agreement.unseen import joint_misses
from inspector_app.agreement.values import NotMeasurable


def test_a_known_recapture():
    found = joint_misses(5, 10, 5, 0.95)
    assert found.found == 20
    assert found.defects.estimate == pytest.approx(28.333, abs=5e-4)
    assert found.missed_by_both.estimate == pytest.approx(28.333 - 20, abs=5e-4)
    assert found.defects.standard_error == pytest.approx(math.sqrt(11 * 16 * 5 * 10 / (36 * 7)))
    assert found.defects.interval.low > 20
    assert found.missed_by_both.interval.low > 0


def test_with_independent_judges_the_interval_covers_what_both_missed():
    chance, inside, runs = np.random.default_rng(2), 0, 400
    for _ in range(runs):
        human, model = chance.random(400) < 0.6, chance.random(400) < 0.7
        interval = joint_misses(
            int((human & ~model).sum()), int((~human & model).sum()), int((human & model).sum()), 0.95
        )
        inside += interval.defects.interval.low <= 400 <= interval.defects.interval.high
    assert inside / runs > 0.9


def test_hard_parts_make_it_too_low_as_its_words_say():
    chance = np.random.default_rng(3)
    hard = chance.random(4000) < 0.3
    human, model = (chance.random(4000) < np.where(hard, 0.2, 0.9) for _ in range(2))
    found = joint_misses(int((human & ~model).sum()), int((~human & model).sum()), int((human & model).sum()), 0.95)
    assert found.missed_by_both.estimate < (~human & ~model).sum() * 0.75


def test_two_that_found_the_same_say_nothing_of_the_rest():
    found = joint_misses(0, 3, 5, 0.95)
    assert found.missed_by_both.estimate == 0.0
    assert isinstance(found.missed_by_both.interval, NotMeasurable)
    with pytest.raises(ValueError, match="negative"):
        joint_misses(-1, 3, 5, 0.95)
