"""The part's probability from the map of its reject classes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.manifest import ClassSpec, Feature, ModelManifest, Platt, ProbabilitySpec
from model.probability import heat_feature, highest_values, part_feature, platt_probability


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    k=st.integers(1, 2000),
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(["free", "steps", "zero", "one", "low"]),
)
def test_the_highest_values_are_those_of_a_full_sort(height: int, width: int, k: int, seed: int, kind: str) -> None:
    heat = np.random.default_rng(seed).random((height, width)).astype(np.float32)
    shaped = {"steps": np.round(heat * 1024) / 1024, "zero": heat * 0, "one": heat * 0 + 1, "low": heat * 1e-3}
    heat = np.asarray(shaped.get(kind, heat), np.float32)
    wanted = np.sort(heat.ravel())[max(heat.size - k, 0) :]
    assert highest_values(heat, k).tolist() == wanted.astype(np.float64).tolist()


def test_features_are_the_mean_and_the_log_mean_exp_of_the_highest_logits() -> None:
    heat = np.array([[0.1, 0.9], [0.8, 0.2]], np.float32)
    logits = [math.log(0.9 / 0.1), math.log(0.8 / 0.2)]
    mean = heat_feature(heat, ProbabilitySpec(Feature.TOPK_MEAN_LOGIT, 2, Platt(1, 0)))
    soft = heat_feature(heat, ProbabilitySpec(Feature.LOG_SUM_EXP_LOGIT, 2, Platt(1, 0)))
    assert mean == pytest.approx(sum(logits) / 2, rel=1e-5)
    assert soft == pytest.approx(math.log((math.exp(logits[0]) + math.exp(logits[1])) / 2), rel=1e-5)


@pytest.mark.parametrize("feature", list(Feature))
def test_certain_maps_give_finite_probabilities(feature: Feature) -> None:
    spec = ProbabilitySpec(feature, 5, Platt(40.0, -3.0))
    for value in (0.0, 1.0):
        probability = platt_probability(heat_feature(np.full((9, 9), value, np.float32), spec), spec.platt)
        assert probability == pytest.approx(value, abs=1e-6)


@given(st.floats(-1e6, 1e6), st.floats(0.01, 100), st.floats(-100, 100))
def test_platt_stays_between_0_and_1_and_rises(feature: float, a: float, b: float) -> None:
    low, high = platt_probability(feature, Platt(a, b)), platt_probability(feature + 1, Platt(a, b))
    assert 0.0 <= low <= high <= 1.0


def test_only_reject_classes_speak_for_the_part(make_manifest: Callable[..., ModelManifest]) -> None:
    names = (("background", False), ("scratch", True), ("dust", False), ("crack", True))
    manifest = make_manifest(classes=tuple(ClassSpec(*pair) for pair in names))
    dusty = np.zeros((4, 30, 30), np.float32)
    dusty[2] = 1.0
    assert part_feature(dusty, manifest) < -5.0
    torn = np.zeros((4, 30, 30), np.float32)
    torn[1] = torn[3] = 0.5
    assert part_feature(torn, manifest) > 5.0
