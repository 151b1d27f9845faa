"""The simulated plant: what it makes is what the exact rates say, and it changes as the scenario says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.simulation.people import rejects_advised, rejects_alone
from inspector_app.simulation.plant import (
    Calibrated,
    Plant,
    decided,
    make_parts,
    people_in,
    plant_in,
    rates_of,
    said_of,
    seen_by,
    true_rates,
)
from inspector_app.simulation.scenario import InspectorSection, RolloutSection

PLANT = Plant(0.05, 0.2, 0.3, 3.0, 0.5, -0.2, 1.1)
MODEL = Calibrated(3.0, 0.05)


def test_what_is_made_has_the_exact_rates():
    parts = make_parts(PLANT, MODEL, 400_000, np.random.default_rng(1))
    bad, p = np.array(parts.bad), np.array(parts.probability)
    rates = true_rates(PLANT, MODEL, 0.1, 0.7)
    assert bad.mean() == pytest.approx(0.05, abs=0.002)
    assert np.mean(np.array(parts.critical)[bad]) == pytest.approx(0.2, abs=0.01)
    assert bad[p < 0.1].mean() == pytest.approx(rates.escape, abs=0.001)
    assert (p[bad] < 0.1).mean() == pytest.approx(rates.missed, abs=0.01)
    assert (~bad[p > 0.7]).mean() == pytest.approx(rates.false_reject, abs=0.01)


def test_a_model_is_calibrated_on_the_plant_it_was_made_for():
    parts = make_parts(Plant(0.05, 0.0, 0.0, 3.0, 0.0, 0.0, 1.0), MODEL, 400_000, np.random.default_rng(2))
    bad, p = np.array(parts.bad), np.array(parts.probability)
    for low, high in ((0.0, 0.01), (0.1, 0.3), (0.5, 0.7), (0.9, 1.0)):
        inside = (p >= low) & (p < high)
        assert bad[inside].mean() == pytest.approx(p[inside].mean(), abs=0.02)


def test_two_models_on_the_same_parts_have_the_exact_rates_of_their_mixture():
    newcomer = RolloutSection(at_shift=1, name="next", separation=2.0, new_separation=1.0)
    chance = np.random.default_rng(4)
    parts = make_parts(PLANT, MODEL, 400_000, chance)
    other = np.array(said_of(parts, seen_by(PLANT, newcomer), MODEL, 0.6, chance))
    bad, p = np.array(parts.bad), np.array(parts.probability)
    used = np.where(np.arange(len(bad)) % 4 == 0, other, p)  # a quarter of the parts is the newcomer's
    models = (PLANT, seen_by(PLANT, newcomer))
    own, others = (decided(each, MODEL, 0.1, 0.7) for each in models)
    rates = rates_of(PLANT.defect_rate, (0.75, own), (0.25, others))
    assert bad[used < 0.1].mean() == pytest.approx(rates.escape, abs=0.001)
    assert (used[bad] < 0.1).mean() == pytest.approx(rates.missed, abs=0.01)
    assert (~bad[used > 0.7]).mean() == pytest.approx(rates.false_reject, abs=0.01)
    alike = np.corrcoef(log_odds(p[~bad]), log_odds(other[~bad]))[0, 1]
    assert alike == pytest.approx(0.6, abs=0.01)


def log_odds(probabilities):
    return np.log(probabilities / (1.0 - probabilities))


@given(st.floats(0.001, 0.999))
def test_a_probability_goes_back_to_its_score(probability):
    assert MODEL.probabilities(np.array([MODEL.score(probability)]))[0] == pytest.approx(probability)


def test_thresholds_at_the_ends_decide_nothing_or_all():
    nothing, everything = true_rates(PLANT, MODEL, 0.0, 1.0), true_rates(PLANT, MODEL, 1.0, 1.0)
    assert (nothing.escape, nothing.missed, nothing.false_reject) == (0.0, 0.0, 0.0)
    assert (everything.escape, everything.missed) == (pytest.approx(0.05), 1.0)


def test_the_same_numbers_are_drawn_whatever_the_plant_is_like():
    one, other = (
        make_parts(plant, MODEL, 1000, np.random.default_rng(3)) for plant in (PLANT, replace(PLANT, defect_rate=0.5))
    )
    assert one.u_answer == other.u_answer
    assert all(b for a, b in zip(one.bad, other.bad, strict=True) if a)


def test_changes_come_at_once_or_little_by_little(scenario):
    found = scenario(
        change=[
            {"at_shift": 3, "defect_rate": 0.2},
            {"at_shift": 5, "over_shifts": 3, "shift": -1.0},
            {"at_shift": 4, "inspector": "Bo", "sensitivity": 0.1},
            {"at_shift": 9, "inspector": "Bo", "anchoring": 1.0},
        ]
    )
    assert [plant_in(found, s).defect_rate for s in (2, 3, 12)] == [0.05, 0.2, 0.2]
    assert [plant_in(found, s).shift for s in (4, 5, 6, 8, 12)] == [0.0, -0.25, -0.5, -1.0, -1.0]
    assert [p.sensitivity for p in people_in(found, 3)] == [0.95, 0.95]
    assert [p.sensitivity for p in people_in(found, 4)] == [0.95, 0.1]
    assert people_in(found, 9)[1].anchoring == 1.0
    assert people_in(found, 9)[0].anchoring == 0.05


def test_an_inspector_tires_and_leans_on_the_model():
    person = InspectorSection(name="Ana", sensitivity=0.9, specificity=0.98, fatigue_per_hour=0.1, anchoring=0.3)
    assert rejects_alone(person, True, 0, 0.89)
    assert not rejects_alone(person, True, 1, 0.82)
    assert not rejects_alone(person, True, 20, 0.0)
    assert rejects_alone(person, False, 5, 0.985)
    assert not rejects_alone(person, False, 5, 0.97)
    assert rejects_advised(person, False, True, 0.2)
    assert not rejects_advised(person, False, True, 0.4)
    assert rejects_advised(person, True, True, 0.0)
