"""Calibration at the level of the decision: the fit, held-out groups, refusals, the move to another defect rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from model.evaluation.calibrating import CalibrationRefused, Method, calibrate
from model.evaluation.calibration_report import calibration_html, calibration_record
from model.manifest import Platt


def parts(seed: int, count: int = 400, groups: int = 40) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return features whose true probability is 1 / (1 + exp(-(0.8 x - 1)))."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0.0, 3.0, count)
    rejects = rng.random(count) < 1.0 / (1.0 + np.exp(-(0.8 * features - 1.0)))
    return features, rejects, [f"g{number % groups}" for number in range(count)]


def test_an_overconfident_model_is_set_right_on_groups_it_was_not_fitted_on() -> None:
    features, rejects, groups = parts(1)
    found = calibrate(features, rejects, groups, Platt(4.0, 1.0), Method.PLATT)
    assert (found.pictures, found.groups, found.folds) == (400, 40, 10)
    assert found.platt.a == pytest.approx(0.8, abs=0.2)
    assert found.platt.b == pytest.approx(-1.0, abs=0.3)
    assert found.gain.high is not None
    assert found.gain.high < 0
    assert (found.after.ece_debiased or 0) < 0.04 < (found.before.ece_debiased or 0)


def test_held_out_probabilities_are_those_of_fits_without_their_group() -> None:
    """Leave one group out by hand, fitted by scikit-learn without penalty (Platt's softening is small here)."""
    features, rejects, groups = parts(2, 300, 6)
    found = calibrate(features, rejects, groups, Platt(1.0, 0.0), Method.PLATT)
    assert found.folds == 6
    losses = np.empty(300)
    for group in set(groups):
        out = np.array([name == group for name in groups])
        fit = LogisticRegression(C=np.inf).fit(features[~out, None], rejects[~out])
        said = fit.predict_proba(features[out, None])[:, 1]
        losses[out] = -np.log(np.where(rejects[out], said, 1 - said))
    assert found.after.log_loss.value == pytest.approx(losses.mean(), abs=0.004)


def test_temperature_divides_the_log_odds_by_one_number() -> None:
    features, rejects, groups = parts(3, 2000)
    found = calibrate(features, rejects, groups, Platt(2.4, -3.0), Method.TEMPERATURE)
    assert found.platt.a / 2.4 == pytest.approx(found.platt.b / -3.0)
    assert found.platt.a == pytest.approx(0.8, abs=0.1)


def test_the_probability_is_moved_to_the_defect_rate_of_the_line() -> None:
    features, rejects, groups = parts(4)
    plain = calibrate(features, rejects, groups, Platt(1.0, 0.0), Method.PLATT)
    moved = calibrate(features, rejects, groups, Platt(1.0, 0.0), Method.PLATT, defect_rate=0.01)
    share = rejects.mean()
    odds = np.log(0.01 / 0.99) - np.log(share / (1 - share))
    assert moved.platt.b - plain.platt.b == pytest.approx(odds)
    assert moved.platt.a == plain.platt.a
    assert moved.after == plain.after, "measured at the share of the pictures"


def test_what_does_not_allow_a_calibration_is_refused_with_the_reason() -> None:
    features, rejects, groups = parts(5)
    with pytest.raises(CalibrationRefused, match="below about 1000 rejects"):
        calibrate(features, rejects, groups, Platt(1.0, 0.0), Method.ISOTONIC)
    one = ["bad" if reject else group for reject, group in zip(rejects, groups, strict=True)]
    with pytest.raises(CalibrationRefused, match=r"rejects must come from at least two groups \(there are 1\)"):
        calibrate(features, rejects, one, Platt(1.0, 0.0), Method.PLATT)
    with pytest.raises(CalibrationRefused, match=r"good pictures must come from at least two groups \(there are 0\)"):
        calibrate(features, np.ones(400, bool), groups, Platt(1.0, 0.0), Method.PLATT)


def test_the_papers_name_both_versions(make_manifest) -> None:
    features, rejects, groups = parts(6)
    old = make_manifest()
    found = calibrate(features, rejects, groups, old.probability.platt, Method.PLATT)
    new = replace(old, version="1.1", probability=replace(old.probability, platt=found.platt))
    record = calibration_record(found, old, new)
    assert record["from"]["preprocessing_sha256"] != record["to"]["preprocessing_sha256"]
    assert record["platt"] == {"a": found.platt.a, "b": found.platt.b}
    text = calibration_html(found, old, new, datetime(2026, 1, 31, tzinfo=UTC))
    assert "certified anew" in text
    assert text.count('<svg class="chart"') == 1
