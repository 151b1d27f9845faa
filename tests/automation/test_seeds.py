"""Seeded parts: how often, how far apart, under which number; probes are off unless turned on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from inspector_app.automation.policy import decide
from inspector_app.automation.seed_hits import leans_too_far
from inspector_app.automation.seeds import (
    SeedRules,
    SeedShown,
    probe,
    probe_draw,
    seed_alias,
    seed_draw,
    seed_replays,
    seed_to_show,
)
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus
from inspector_app.domain.seed import KnownDefect, Seed

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
RULES = SeedRules()
PARTS = [f"GLASS-{i:06d}" for i in range(20_000)]


def test_seeded_parts_come_as_often_as_asked():
    drawn = sum(seed_draw(RULES, "s", part).drawn for part in PARTS)
    assert binomtest(drawn, len(PARTS), RULES.share).pvalue > 1e-4


def test_no_advice_is_wrong_on_purpose_unless_the_plant_says_so():
    assert not any(probe_draw(RULES, "s", part).drawn for part in PARTS)
    assert all(probe_draw(SeedRules(probe_share=1.0), "s", part).drawn for part in PARTS[:20])


@pytest.mark.parametrize(
    ("parts_ago", "days_ago", "comes"), [(199, 6.9, False), (200, 0.0, True), (0, 7.0, True), (500, 30.0, True)]
)
def test_a_defect_comes_back_after_enough_parts_or_enough_days(parts_ago, days_ago, comes):
    shown = {"a": SeedShown(1000 - parts_ago, NOON - timedelta(days=days_ago))}
    found = seed_to_show(RULES, "s", "P-1", ["a"], shown, SeedShown(1000, NOON))
    assert found == ("a" if comes else None)


def test_only_those_that_may_come_are_chosen_and_each_of_them_is():
    shown = {"b": SeedShown(990, NOON)}
    chosen = {seed_to_show(RULES, "s", part, "abc", shown, SeedShown(1000, NOON)) for part in PARTS[:100]}
    assert chosen == {"a", "c"}
    assert seed_to_show(RULES, "s", "P-1", [], {}, SeedShown(0, NOON)) is None


@given(st.integers(1, 400), st.integers(1, 5))
def test_no_defect_comes_back_too_soon_in_a_long_run(parts, defects):
    library, shown, rules = [str(i) for i in range(defects)], {}, SeedRules(share=0.1, apart_parts=50)
    for count in range(parts):
        now = SeedShown(count, NOON)
        seed = seed_to_show(rules, "s", f"P-{count}", library, shown, now)
        if seed is not None:
            assert seed not in shown or count - shown[seed].part >= 50
            shown[seed] = now


def test_the_same_choice_comes_out_again():
    again = [seed_to_show(RULES, "s", "P-7", order, {}, SeedShown(0, NOON)) for order in ("abcd", "dcba", "aabbccdd")]
    assert len(set(again)) == 1


@given(st.text(min_size=1, max_size=20), st.text(max_size=5))
def test_the_number_of_a_seeded_part_looks_like_any_other(like, seed):
    alias = seed_alias("s", like, seed)
    assert alias == seed_alias("s", like, seed)
    shape = ["0" if c in "0123456789" else c for c in alias]
    plain = ["0" if c in "0123456789" else c for c in like]
    assert shape == (plain if "0" in plain else [*plain, *"-00000000"])


def test_numbers_of_seeded_parts_are_neighbours_and_others_are_found_where_one_is_taken():
    aliases = [seed_alias("s", "GLASS-004711-2", "seed", attempt) for attempt in range(59)]
    assert {alias[:8] + alias[-2:] for alias in aliases} == {"GLASS-00-2"}
    assert sorted(int(alias[6:12]) for alias in aliases) == list(range(4713, 4772))
    assert seed_alias("s", "P-99", "seed").startswith("P-")
    assert seed_alias("s", "left", "seed", 0) != seed_alias("s", "left", "seed", 1)


CONTROL = ControlState(
    1, Level.ASSIST, AssistStyle.SECOND_LOOK, 0.2, 0.5, 0.8, 1.0, 0.1, 1e-9, True, Salts("c", "a", "f")
)
MODEL = ModelIdentity("m", "1", "a" * 64, "b" * 64)
ALL_PROBES = SeedRules(probe_share=1.0)


def decision(probability, **changes):
    control = replace(CONTROL, **changes)
    return decide(control, "P-1", True, Prediction(PredictionStatus.OK, probability, (), MODEL, 1.0)), control


def test_a_probe_says_that_the_part_is_good_as_plausibly_as_such_parts_have_it():
    for probability, changes, low, high in (
        (0.9, {}, 0.0, 0.2),
        (0.6, {"level": Level.PARTIAL}, 0.2, 0.5),
        (0.6, {"level": Level.PARTIAL, "canary_share": 0.0}, 0.0, 0.2),
    ):
        made, control = decision(probability, **changes)
        found = probe(ALL_PROBES, "s", "P-1", made, control)
        assert found is not None
        assert found.shown is not None
        assert low <= found.shown < high


@pytest.mark.parametrize(
    ("probability", "changes"),
    [(0.1, {}), (0.9, {"unaided_share": 1.0}), (0.9, {"level": Level.SHADOW}), (0.9, {"level": Level.FULL})],
)
def test_nothing_is_probed_where_nothing_true_is_shown(probability, changes):
    assert probe(ALL_PROBES, "s", "P-1", *decision(probability, **changes)) is None


def test_draws_of_a_seeded_part_replay_and_altered_ones_do_not():
    made, control = decision(0.9)
    rules = SeedRules(share=0.1, probe_share=0.5)
    after = next(part for part in PARTS if seed_draw(rules, "s", part).drawn)
    seed = Seed(KnownDefect("a", "scratch", "cut open"), after, "s", seed_draw(rules, "s", after))
    assert seed_replays(seed, "P-1", made, control)
    for alias in ("P-1", "P-2", "P-3", "P-4"):
        probed = replace(seed, probe=probe(rules, "s", alias, made, control))
        assert seed_replays(probed, alias, made, control)
        assert not seed_replays(probed, "P-5", made, control)
    assert not seed_replays(replace(seed, after=f"{after}1"), "P-1", made, control)
    assert not seed_replays(replace(seed, draw=seed_draw(SeedRules(share=0.0), "s", after)), "P-1", made, control)


def test_leaning_on_the_model_is_said_only_when_it_is_shown():
    assert not leans_too_far(0, 0)
    assert not leans_too_far(1, 5)
    assert not leans_too_far(10, 100)
    assert leans_too_far(30, 100)


@pytest.mark.parametrize(
    "values", [{"share": 0.2}, {"share": -0.1}, {"probe_share": 1.1}, {"apart_parts": 0}, {"apart_days": 0.0}]
)
def test_rules_out_of_range_are_refused(values):
    with pytest.raises(ValueError):
        SeedRules(**values)
