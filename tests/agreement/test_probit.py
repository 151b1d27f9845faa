"""The probit line of hits and misses against statsmodels, and what its limits cover."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from inspector_app.agreement.probit import NotFitted, fit_probit, misfit


def trials(seed: int, count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logs = np.log(rng.uniform((1, 10), (8, 120), (count, 2)))
    parts = np.arange(count) // 5
    mood = rng.normal(0, 0.5, parts.max() + 1)[parts]
    hits = rng.random(count) < norm.cdf(-6 + 1.5 * logs[:, 0] + 1.2 * logs[:, 1] + mood)
    return logs, hits, parts


@pytest.mark.parametrize("seed", range(3))
def test_the_line_and_its_clustered_covariance_are_those_of_statsmodels(seed: int) -> None:
    logs, hits, parts = trials(seed)
    line = fit_probit(logs, hits, parts)
    oracle = sm.Probit(hits.astype(float), sm.add_constant(logs)).fit(disp=0)
    assert line.coefficients == pytest.approx(oracle.params, abs=1e-6)
    family = sm.families.Binomial(link=sm.families.links.Probit())
    clustered = sm.GLM(hits.astype(float), sm.add_constant(logs), family=family).fit(
        cov_type="cluster", cov_kwds={"groups": parts}, tol=1e-12, maxiter=200
    )
    assert line.independent == pytest.approx(oracle.cov_params(), rel=1e-5)
    assert line.clustered == pytest.approx(clustered.cov_params(), rel=1e-5)


def test_sizes_follow_from_the_line() -> None:
    """One size alone: a50 = exp(-c0/c1), a90 = exp((1.2816 - c0)/c1); the limit needs a larger size."""
    rng = np.random.default_rng(3)
    logs = np.log(rng.uniform(1, 20, (500, 1)))
    hits = rng.random(500) < norm.cdf(-3 + 2 * logs[:, 0])
    line = fit_probit(logs, hits, np.arange(500))
    c0, c1 = line.coefficients
    point, span = np.zeros(1), (1.0, 20.0)
    assert line.size_for(0.5, 0, point, span) == pytest.approx(np.exp(-c0 / c1), rel=0.003)
    a90 = line.size_for(0.9, 0, point, span)
    assert a90 == pytest.approx(np.exp((norm.ppf(0.9) - c0) / c1), rel=0.003)
    sure = line.size_for(0.9, 0, point, span, 0.95)
    assert sure is not None
    assert a90 is not None
    assert a90 < sure < 20
    at = np.log([[sure]])
    point = np.array([1, at[0, 0]])
    spread = np.sqrt(max(point @ line.independent @ point, point @ line.clustered @ point))
    assert line.probit(at)[0] - 1.6449 * spread == pytest.approx(norm.ppf(0.9), abs=0.01)
    assert line.size_for(0.9, 0, np.zeros(1), (1.0, 2.0)) is None, "nothing is extrapolated"
    assert line.size_for(0.01, 0, np.zeros(1), (5.0, 20.0)) == pytest.approx(5.0)


def test_the_lower_limit_covers_as_often_as_it_says() -> None:
    """The true 90 % size (exp of (1.2816+3)/2 = 8.51) lies below a90/95 in about 95 % of experiments."""
    rng = np.random.default_rng(11)
    covered, made = 0, 300
    for _ in range(made):
        logs = np.log(rng.uniform(1, 40, (200, 1)))
        hits = rng.random(200) < norm.cdf(-3 + 2 * logs[:, 0])
        sure = fit_probit(logs, hits, np.arange(200)).size_for(0.9, 0, np.zeros(1), (1.0, 40.0), 0.95)
        covered += sure is None or sure >= np.exp((norm.ppf(0.9) + 3) / 2)
    assert 0.92 < covered / made < 0.985


def test_a_line_through_a_step_is_said_not_to_fit() -> None:
    """Nothing shorter than 40 px is ever found, and one in seven of the longer ones is not: no probit line."""
    rng = np.random.default_rng(2)
    logs = np.log(rng.uniform(20, 200, (800, 1)))
    step = (logs[:, 0] > np.log(40)) & (rng.random(800) < 0.86)
    assert misfit(fit_probit(logs, step, np.arange(800)), logs, step) < 0.01
    true = rng.random(800) < norm.cdf(-8 + 2 * logs[:, 0])
    assert misfit(fit_probit(logs, true, np.arange(800)), logs, true) > 0.01


@pytest.mark.parametrize(
    ("hits", "says"),
    [([True] * 8, "all of the 8"), ([False] * 8, "none of the 8"), ([False] * 4 + [True] * 4, "without overlap")],
)
def test_trials_that_determine_no_curve_are_refused_with_the_reason(hits: list[bool], says: str) -> None:
    with pytest.raises(NotFitted, match=says):
        fit_probit(np.log(np.arange(1.0, 9.0))[:, None], np.array(hits), np.arange(8))


def test_too_few_parts_give_no_confidence() -> None:
    logs, hits, _ = trials(0)
    with pytest.raises(NotFitted, match="2 parts are too few for 3"):
        fit_probit(logs, hits, np.arange(len(hits)) % 2)


@pytest.mark.parametrize("count", [8, 60, 1000])
def test_however_many_trials_without_overlap_they_give_no_curve(count: int) -> None:
    sizes = np.linspace(1.0, 9.0, count)
    with pytest.raises(NotFitted, match="without overlap"):
        fit_probit(np.log(sizes)[:, None], sizes > 5.0, np.arange(count))
