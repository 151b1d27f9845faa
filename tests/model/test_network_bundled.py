"""The model that comes with the program: intact, small, and as good as its card says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector_app.domain.prediction import PredictionStatus, Region
from model.classifier import OpenVinoClassifier
from model.dataset.loading import load_dataset
from model.dataset.masks import read_mask
from model.precision import Precision
from model.registry import load_bundled
from model.synthesis import Label, Look, render_part

TOUCH_PX = 5


@pytest.fixture(scope="module")
def classifier() -> Iterator[OpenVinoClassifier]:
    opened = OpenVinoClassifier(load_bundled(), threads=2, precision=Precision.F32)
    yield opened
    opened.close()


def rejecting(classifier: OpenVinoClassifier, pixels: np.ndarray) -> list[Region]:
    found = classifier.predict(pixels)
    assert found.status is PredictionStatus.OK
    return [region for region in found.regions if region.rejects]


def touches(region: Region, mask: np.ndarray) -> bool:
    sheet = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(sheet, [np.array(region.polygon, np.int32)], 1)
    return bool(mask[sheet == 1].any())


def grown(mask: np.ndarray) -> np.ndarray:
    side = 2 * TOUCH_PX + 1
    return cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) == 1


def test_it_is_small_and_says_what_it_is() -> None:
    files = load_bundled()
    assert len(files.network) < 10_000_000
    assert files.manifest.licence == "Apache-2.0"
    assert files.manifest.reject_classes == {"scratch"}
    assert [spec.name for spec in files.manifest.classes] == [label.name.lower() for label in Label]


def test_it_finds_strong_scratches_of_parts_it_never_saw(classifier: OpenVinoClassifier) -> None:
    strong = found = 0
    for seed in range(7_000_000, 7_000_020):
        part = render_part(seed, defective=True, look=Look.PHONE)
        visible = [s for s in part.scratches if abs(s.contrast) > 60 and s.length_px > 60 and s.width_px > 2.0]
        regions = rejecting(classifier, part.pixels)
        for scratch in visible:
            x, y, w, h = scratch.box
            mask = np.zeros(part.labels.shape, bool)
            mask[y : y + h, x : x + w] = part.labels[y : y + h, x : x + w] == Label.SCRATCH
            strong += 1
            found += any(touches(region, grown(mask)) for region in regions)
    assert strong >= 8
    assert found >= 0.5 * strong  # the card tells the share of all scratches


@pytest.mark.slow
def test_real_phones_that_nobody_trained_on(classifier: OpenVinoClassifier, real_pictures: Path) -> None:
    """At least 20 of the 21 main scratches, at most one false region per picture."""
    hits = false_regions = 0
    images = load_dataset(real_pictures / "phones").images
    for image in images:
        regions = rejecting(classifier, cv2.imread(str(image.path)))
        if image.mask is None:
            false_regions += len(regions)
            continue
        mask = read_mask(image.mask)
        count, numbered, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        main = numbered == 1 + int(np.argmax(stats[1:count, cv2.CC_STAT_AREA]))
        hits += any(touches(region, main) for region in regions)
        near = grown(mask)
        false_regions += sum(not touches(region, near) for region in regions)
    assert len(images) == 49
    assert hits >= 20
    assert false_regions <= len(images)
