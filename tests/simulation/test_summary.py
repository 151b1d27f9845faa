"""Figures over several runs: pooled counts, delays with their interval, and what cannot be measured."""

from __future__ import annotations

import pytest
from scipy.stats import t

from inspector_app.agreement.values import NotMeasurable
from inspector_app.simulation.results import RunResult, ShiftCounts, Spell
from inspector_app.simulation.summary import delay_figures, figures, lines, seed_figures, totals


def run(number: int, spells=(), seeds=(), **counts) -> RunResult:
    return RunResult(1, number, True, (ShiftCounts(1, "partial", **counts),), (), (), tuple(spells), (), tuple(seeds))


def test_counts_of_all_runs_are_pooled():
    runs = [run(1, parts=10, accepted=8, escapes=1), run(2, parts=10, accepted=9)]
    assert totals(runs)["parts"] == 20
    found = figures(runs)["escapes_of_accepted"]
    assert (found.k, found.n) == (1, 17)
    assert found.contract.low < 1 / 17 < found.contract.high


def test_delays_have_the_interval_of_their_mean_and_only_guards_have_delays():
    delays = [100, 140, 180]
    runs = [
        run(i, [Spell(1, 500, accepts, 50, "harm"), Spell(9, 9, 9, 9, "plant")]) for i, accepts in enumerate(delays)
    ]
    found = delay_figures(runs)
    assert set(found) == {"harm"}
    assert found["harm"].estimate == pytest.approx(140.0)
    low, high = t.interval(0.95, 2, loc=140.0, scale=40 / 3**0.5)
    assert found["harm"].interval.low == pytest.approx(low)
    assert found["harm"].interval.high == pytest.approx(high)
    assert (figures(runs)["runs_contract_broken"].k, figures(runs)["runs_contract_broken"].n) == (3, 3)


@pytest.mark.parametrize("delays", [[70], [70, 70]])
def test_a_delay_without_spread_has_no_interval(delays):
    found = delay_figures([run(i, [Spell(1, 99, accepts, 5, "harm")]) for i, accepts in enumerate(delays)])
    assert isinstance(found["harm"].interval, NotMeasurable)


def test_what_never_happened_is_not_measurable():
    found = figures([run(1, parts=5)])
    for name in ("escapes_of_accepted", "bad_of_model_accepts", "certificates_broken", "audits_and_seeds_say"):
        assert isinstance(found[name], NotMeasurable)


def test_seeded_defects_are_pooled_by_name():
    found = seed_figures([run(1, seeds=[("Ana", 3, 4)]), run(2, seeds=[("Ana", 1, 4), ("Bo", 0, 2)])])
    assert (found["Ana"].k, found["Ana"].n) == (4, 8)
    assert (found["Bo"].k, found["Bo"].n) == (0, 2)


def test_the_lines_say_the_delay_with_its_interval(scenario):
    runs = [run(i, [Spell(1, 500, accepts, 50, "harm")], parts=1) for i, accepts in enumerate([100, 140])]
    text = "\n".join(lines(scenario(), runs))
    assert "ended by harm: 2 times, on average after 120 (-134 to 374) accepts of the model and 50 audits" in text
