"""The judge of regions: what is measured, how it is fitted, and what becomes of a model's verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from inspector_app.domain.frame import frozen_pixels
from inspector_app.domain.prediction import Box
from model.classifier import OpenVinoClassifier
from model.dataset import Annotation
from model.evaluation.candidates import examine
from model.judging import judged_chances, judged_feature, judged_regions, measured_candidates, verdict
from model.manifest import Feature, JudgeSpec, ModelManifest, measure_names, read_manifest, write_manifest
from model.preprocessing import Maps
from model.probability import part_feature
from model.regions import find_regions
from model.registry import load_bundled
from model.training import judge as judge_room
from model.training.choices import chosen
from model.training.held_out import KnownPart, SeenPart, choose_judge_threshold
from model.training.judge import PENALTY, Examples, fit_judge, gathered_examples

HEIGHT, WIDTH = 256, 320
BARE = load_bundled().manifest
NAMES = measure_names(len(BARE.classes))
PLAIN = JudgeSpec((0.0,) * len(NAMES), (1.0,) * len(NAMES), (0.0,) * len(NAMES), 0.0, 0.5)


def with_judge(judge: JudgeSpec, feature: Feature = Feature.JUDGED_REGIONS) -> ModelManifest:
    return replace(BARE, judge=judge, probability=replace(BARE.probability, feature=feature))


def judge_of(name: str, weight: float, bias: float = 0.0, threshold: float = 0.5) -> JudgeSpec:
    """Return a judge that goes by one measure alone."""
    return replace(PLAIN, weight=tuple(weight * (entry == name) for entry in NAMES), bias=bias, threshold=threshold)


FOOLED, RIGHT = (60, 255), (255, 60)
"""How much of a scratch the maps see in line and blob, of 255."""


def drawn(lines: bool = True, blobs: bool = True, levels: tuple[int, int] = FOOLED) -> tuple[NDArray[np.uint8], Maps]:
    """Return a picture with a straight line and a blob, and its maps."""
    picture = np.full((HEIGHT, WIDTH), 90, np.uint8)
    scratch = np.zeros((HEIGHT, WIDTH), np.uint8)
    if lines:
        cv2.line(scratch, (40, 60), (80, 80), levels[0], 3)
    if blobs:
        cv2.circle(scratch, (220, 180), 40, levels[1], -1)
    picture[scratch > 0] = 150
    maps = np.zeros((len(BARE.classes), HEIGHT // 2, WIDTH // 2), np.float32)
    maps[1] = cv2.resize(scratch, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) / 255.0 * 0.9
    maps[2, 20:28, 120:150] = 0.9
    maps[0] = 1.0 - maps[1:].sum(axis=0)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8), maps


def test_a_straight_line_coheres_and_a_blob_does_not() -> None:
    picture, maps = drawn()
    regions, measures = measured_candidates(picture, maps, BARE)
    by_name = {name: measures[:, number] for number, name in enumerate(NAMES)}
    line, blob = (next(i for i, region in enumerate(regions) if (region.box.x < 130) is left) for left in (True, False))
    assert by_name["coherence"][line] > 0.8 > 0.3 > by_name["coherence"][blob]
    assert by_name["log long side"][line] == pytest.approx(np.log(48.0), abs=0.1)
    assert by_name["straightness"][line] == pytest.approx(1.0, abs=0.1)
    assert by_name["mean tone"][line] > 20.0
    assert measures.shape == (len(regions), len(NAMES))


@pytest.mark.parametrize("size", [(33, 47), (64, 200), (256, 31)])
def test_measures_are_finite_whatever_the_maps_say(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(size[0])
    maps = rng.random((5, -(-size[0] // 2), -(-size[1] // 2)), np.float32)
    maps /= maps.sum(axis=0)
    for picture in (np.zeros(size, np.uint8), rng.integers(0, 256, (*size, 3), dtype=np.uint8)):
        _, measures = measured_candidates(picture, maps, BARE)
        assert len(measures)
        assert np.isfinite(measures).all()


def test_the_judge_decides_what_a_region_is_and_the_network_where() -> None:
    picture, maps = drawn()
    unjudged = verdict(picture, maps, BARE)
    assert unjudged.judged is None
    assert unjudged.regions == find_regions(maps, BARE, HEIGHT, WIDTH)
    assert unjudged.feature == part_feature(maps, BARE)
    straight = judge_of("coherence", 40.0, -22.0)
    found = verdict(picture, maps, with_judge(straight))
    assert found.judged is not None
    assert [region.box.x < 130 for region in found.judged] == [True, False]
    rejecting = [region for region in found.regions if region.rejects]
    assert rejecting == [found.judged[0]]
    assert rejecting[0].score > 0.99
    # what does not reject stands as the maps have it
    harmless = [region for region in unjudged.regions if not region.rejects]
    assert harmless
    assert [region for region in found.regions if not region.rejects] == harmless


def test_a_part_is_as_bad_as_its_regions_odds_together() -> None:
    picture, maps = drawn()
    even = with_judge(judge_of("coherence", 0.0))
    assert verdict(picture, maps, even).feature == pytest.approx(np.log(2.0), abs=1e-3)
    assert judged_feature([]) == pytest.approx(np.log(1e-4))
    assert np.isfinite(judged_feature([1.0]))
    by_map = with_judge(judge_of("coherence", 0.0), Feature.TOPK_MEAN_LOGIT)
    assert verdict(picture, maps, by_map).feature == part_feature(maps, BARE)
    clean, bare_maps = drawn(lines=False, blobs=False)
    assert verdict(clean, bare_maps, even).judged == ()


def test_a_far_measure_counts_as_four_deviations() -> None:
    measures = np.zeros((2, len(NAMES)))
    measures[:, 3] = (4.0, 1e9)
    near, far = judged_chances(measures, judge_of(NAMES[3], 0.7))
    assert near == far == pytest.approx(1.0 / (1.0 + np.exp(-2.8)))


def test_a_judge_that_does_not_fit_its_classes_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{len(NAMES)} values"):
        replace(BARE, judge=replace(PLAIN, weight=(1.0,)))
    with pytest.raises(ValueError, match="goes with a 'judge'"):
        replace(BARE, probability=replace(BARE.probability, feature=Feature.JUDGED_REGIONS))


def test_the_judge_is_part_of_what_a_record_names() -> None:
    one, other = (replace(BARE, judge=judge_of("coherence", weight)).preprocessing_sha256 for weight in (1.0, 2.0))
    assert len({one, other, BARE.preprocessing_sha256}) == 3


def made_examples(count: int = 300) -> Examples:
    rng = np.random.default_rng(4)
    measures = rng.normal(3.0, 2.0, (count, len(NAMES)))
    measures[:, 5] = 7.0
    true = measures[:, 1] + rng.normal(0.0, 1.0, count) > 4.0
    return Examples(measures, true)


def test_the_fit_is_scikit_learns() -> None:
    examples = made_examples()
    judge = fit_judge(examples)
    scaled = np.clip((examples.measures - examples.measures.mean(axis=0)) / np.array(judge.std), -4.0, 4.0)
    oracle = LogisticRegression(C=1.0 / PENALTY, tol=1e-8, max_iter=2000).fit(scaled, examples.true)
    wanted = oracle.predict_proba(scaled)[:, 1]
    assert np.allclose(judged_chances(examples.measures, judge), wanted, atol=2e-3)
    assert judge == fit_judge(examples)


def known(number: int) -> KnownPart:
    picture, _ = drawn()
    mark = Annotation("scratch", Box(38, 58, 86, 46), None, rejects=True)
    ignored = Annotation("ignore", Box(200, 160, 50, 50), None, rejects=False, ignored=True)
    places = (mark, ignored) if number % 2 else (mark,)
    return KnownPart(frozen_pixels(picture), places, None, good=False, located=number != 0)


def test_examples_are_true_by_the_rule_of_the_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    _, maps = drawn()
    monkeypatch.setattr(judge_room, "predict_maps", lambda *_: maps)
    monkeypatch.setattr(judge_room, "FEWEST", 2)
    looked: list[int] = []
    found = gathered_examples((known(number) for number in range(6)), BARE, lambda tensor: tensor, looked.append)
    # part 0 is not located; of the others the line is true, and the blob false where it is not to be ignored
    assert (int(found.true.sum()), int((~found.true).sum())) == (5, 2)
    assert looked == [1, 2, 3, 4, 5, 6]
    assert found.enough
    monkeypatch.setattr(judge_room, "FEWEST", 3)
    assert not found.enough
    assert not gathered_examples(iter(()), BARE, lambda tensor: tensor, looked.append).enough


def seen_parts(judge: JudgeSpec, levels: tuple[int, int] = FOOLED) -> list[SeenPart]:
    """Return looked-at parts: the line is the mark, the blob is none; every third is good, with the blob alone."""
    parts = []
    for number in range(9):
        good = number % 3 == 0
        picture, maps = drawn(lines=not good, levels=levels)
        judged = judged_regions(picture, maps, with_judge(judge), judge)
        mark = Annotation("scratch", Box(38, 58, 86, 46), None, rejects=True)
        places = () if good else (mark,)
        parts.append(SeenPart(maps[1].astype(np.float16), (HEIGHT, WIDTH), places, None, good, True, judged))
    return parts


def test_the_threshold_lets_through_as_many_false_regions_as_allowed() -> None:
    judge = judge_of("coherence", 40.0, -22.0)
    seen = seen_parts(judge)
    strict, count = choose_judge_threshold(seen, judge, 0.5)
    assert (count.found, count.places) == (6, 6)
    assert count.false_per_part <= 0.5
    loose, count = choose_judge_threshold(seen, judge, 2.0)
    assert loose.threshold <= strict.threshold


def test_a_judge_stays_where_it_ranks_held_out_parts_better_and_only_there() -> None:
    for weight, levels, kept in ((40.0, FOOLED, True), (-40.0, RIGHT, False)):
        judge = judge_of("coherence", weight, -0.55 * weight)
        choice = chosen(seen_parts(judge, levels), with_judge(judge, Feature.TOPK_MEAN_LOGIT), 0.5, lambda: None)
        assert choice.judge is not None
        assert choice.judge.kept is kept
        assert (choice.manifest.judge is not None) is kept
        assert ("part of" if kept else "left out of") in choice.judge.sentence
    assert chosen(seen_parts(PLAIN), BARE, 0.5, lambda: None).judge is None


def test_station_and_evaluation_come_to_the_same_verdict_and_the_manifest_keeps_it(tmp_path: Path) -> None:
    manifest = with_judge(judge_of("coherence", 40.0, -22.0))
    write_manifest(manifest, tmp_path / "model.json")
    assert read_manifest(tmp_path / "model.json") == manifest
    picture, _ = drawn()
    classifier = OpenVinoClassifier(replace(load_bundled(), manifest=manifest), threads=1)
    try:
        said, examined = classifier.predict(picture), examine(classifier, picture)
        seen = verdict(picture, classifier.maps(picture), manifest)
    finally:
        classifier.close()
    assert (said.regions, said.probability) == (seen.regions, seen.probability)
    assert (examined.prediction.regions, examined.candidates) == (seen.regions, seen.judged)
    assert examined.feature == seen.feature
