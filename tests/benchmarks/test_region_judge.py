"""The figures of a judge of regions: no group is judged by one that was fitted on it, and every mark counts once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks import region_judge
from model.dataset import DataSet, load_dataset
from model.manifest import JudgeSpec
from model.registry import load_bundled
from model.synthesis.dataset_writer import write_dataset
from model.training.judge import Examples, fit_judge

GROUPS = 6


@pytest.fixture
def pairs(tmp_path: Path) -> DataSet:
    """Two pictures of each of six parts, every second one with scratches; more groups than folds."""
    write_dataset(tmp_path / "data", 2 * GROUPS, 5, (128, 160))
    found = load_dataset(tmp_path / "data", None)
    images = tuple(replace(image, group=f"part{number % GROUPS}") for number, image in enumerate(found.images))
    return replace(found, images=images)


@pytest.mark.slow
def test_each_group_is_judged_once_by_a_judge_fitted_on_all_others(
    pairs: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = load_bundled()
    gathered, fit, judged = region_judge.gathered_examples, [], []
    groups_of: dict[bytes, frozenset[str]] = {}
    known, evaluated = region_judge.known_part, region_judge._judged
    seen: set[str] = set()

    def note_part(image):
        seen.add(image.group)
        return known(image)

    def gather(*asked):
        seen.clear()
        examples = gathered(*asked)
        for row in examples.measures:
            groups_of[row.tobytes()] = frozenset(seen)
        return examples

    def note_fit(examples: Examples) -> JudgeSpec:
        fit.append(frozenset().union(*(groups_of[row.tobytes()] for row in examples.measures)))
        return fit_judge(examples)

    def note_judged(asked, dataset, manifest, threads):
        judged.append(frozenset(image.group for image in dataset.images))
        return evaluated(asked, dataset, manifest, threads)

    for name, spy in (
        ("known_part", note_part),
        ("gathered_examples", gather),
        ("fit_judge", note_fit),
        ("_judged", note_judged),
    ):
        monkeypatch.setattr(region_judge, name, spy)
    result = region_judge._cross_judged(files, pairs, 1)

    everyone = {image.group for image in pairs.images}
    assert sorted(group for fold in judged for group in fold) == sorted(everyone)
    assert len(fit) == region_judge.FOLDS
    for learned, held in zip(fit, judged, strict=True):
        assert learned == everyone - held
    assert len(result.pictures) == len(pairs.images)
    marks = sum(len(picture.places) for picture in result.pictures)
    assert marks == sum(place.rejects for image in pairs.images for place in image.annotations) > 0
    recall = result.froc[region_judge.ONE_FALSE].recall
    assert recall.value is not None
    assert float(recall.value * marks) == pytest.approx(np.round(recall.value * marks))
    assert f"{2 * GROUPS} pictures, {marks} marks: recall at 1 false a picture {recall.value:.3f}" in region_judge._row(
        "with a judge", result
    )
