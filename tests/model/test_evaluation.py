"""Matching of regions to truth, and whole evaluations with a small real model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from model.candidates import LOWEST_LEVEL, candidate_regions
from model.classifier import OpenVinoClassifier
from model.dataset import Annotation, DataSet, load_dataset
from model.evaluation import evaluate, evaluation_record
from model.evaluation.candidates import examine
from model.evaluation.matching import Matched, TruthPatches
from model.evaluation.matching import match_regions as match_truth
from model.manifest import ModelManifest
from model.model_files import ModelFiles
from model.precision import Precision

SIZE = (200, 300)


def region(x: int, y: int, w: int, h: int, score: float = 0.9, rejects: bool = True) -> Region:
    corners = ((x, y), (x + w - 1, y), (x + w - 1, y + h - 1), (x, y + h - 1))
    return Region("scratch", score, Box(x, y, w, h), corners, float(w), float(h), rejects)


def place(x: int, y: int, w: int, h: int, rejects: bool = True) -> Annotation:
    return Annotation("scratch" if rejects else "dust", Box(x, y, w, h), None, rejects)


def ignored(x: int, y: int, w: int, h: int) -> Annotation:
    return Annotation("ignore", Box(x, y, w, h), None, rejects=False, ignored=True)


def match_regions(
    regions: Sequence[Region], annotations: Sequence[Annotation], truth: NDArray[np.uint8] | None, size: tuple[int, int]
) -> Matched:
    return match_truth(regions, TruthPatches.of(annotations, truth, size))


def scores_of(found: Matched) -> tuple[float, ...]:
    return tuple(region.score for region in found.false_regions)


def test_a_region_on_a_place_hits_it_and_the_others_are_false() -> None:
    found = match_regions([region(20, 20, 60, 3), region(200, 150, 40, 3, 0.4)], [place(15, 15, 80, 20)], None, SIZE)
    assert list(found.hit_scores) == [0.9]
    assert scores_of(found) == (0.4,)


def test_the_highest_score_that_hits_counts() -> None:
    regions = [region(20, 20, 30, 3, 0.3), region(60, 20, 30, 3, 0.8)]
    found = match_regions(regions, [place(15, 15, 100, 20)], None, SIZE)
    assert list(found.hit_scores) == [0.8]


def test_a_region_over_the_whole_picture_is_false_and_hits_nothing() -> None:
    found = match_regions([region(0, 0, 300, 200)], [place(50, 50, 40, 10)], None, SIZE)
    assert list(found.hit_scores) == [None]
    assert scores_of(found) == (0.9,)


def test_one_long_region_hits_every_place_on_its_way() -> None:
    found = match_regions(
        [region(20, 100, 200, 3)], [place(20, 95, 60, 12), place(100, 95, 50, 12), place(20, 20, 60, 12)], None, SIZE
    )
    assert list(found.hit_scores) == [0.9, 0.9, None]
    assert scores_of(found) == ()


def test_pixel_truth_narrows_a_box() -> None:
    truth = np.zeros(SIZE, np.uint8)
    cv2.line(truth, (20, 20), (140, 140), 1, 2)
    diagonal = place(20, 20, 121, 121)
    corner = region(100, 25, 40, 4)
    assert scores_of(match_regions([corner], [diagonal], None, SIZE)) == ()
    assert scores_of(match_regions([corner], [diagonal], truth, SIZE)) == (0.9,)


def test_an_outline_narrows_a_box() -> None:
    outline = ((20.0, 20.0), (140.0, 140.0), (136.0, 140.0), (16.0, 20.0))
    slanting = Annotation("scratch", Box(16, 20, 125, 121), outline, rejects=True)
    assert scores_of(match_regions([region(100, 25, 40, 4)], [slanting], None, SIZE)) == (0.9,)


def test_regions_that_do_not_reject_count_for_nothing_and_dust_taken_for_a_scratch_is_told() -> None:
    found = match_regions(
        [region(20, 20, 30, 3, rejects=False), region(100, 100, 30, 10)],
        [place(15, 15, 50, 20), place(95, 95, 40, 20, rejects=False), place(250, 20, 10, 10, rejects=False)],
        None,
        SIZE,
    )
    assert list(found.hit_scores) == [None]
    assert scores_of(found) == (0.9,)
    assert found.harmless == (("dust", True), ("dust", False))
    assert found.false_regions[0].on_class == "dust"


def test_what_lies_on_an_ignore_zone_is_neither_found_nor_false() -> None:
    regions = [region(20, 20, 60, 3), region(100, 100, 60, 3), region(200, 150, 40, 3)]
    found = match_regions(regions, [place(15, 15, 80, 20), ignored(90, 90, 90, 20)], None, SIZE)
    assert list(found.hit_scores) == [0.9]
    assert [each.box.x for each in found.false_regions] == [200]
    assert found.harmless == ()
    both = match_regions([region(20, 20, 60, 3)], [place(15, 15, 80, 20), ignored(0, 0, 300, 200)], None, SIZE)
    assert list(both.hit_scores) == [0.9], "a true region stays true"


def read_plain(path: Path) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise KnownFault(f"{path}: no picture.")
    return frozen_pixels(np.asarray(picture, np.uint8))


@pytest.fixture(scope="module")
def classifier(tiny_files: ModelFiles) -> Iterator[OpenVinoClassifier]:
    judge = OpenVinoClassifier(tiny_files, threads=1, precision=Precision.F32)
    yield judge
    judge.close()


@pytest.fixture
def parts(tmp_path: Path) -> DataSet:
    """Return eight parts of four groups: two scratched (one faintly), one dusty, one clean, each twice."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    (tmp_path / "images").mkdir()
    for number in range(8):
        kind = ("scratch", "faint", "dust", "clean")[number % 4]
        picture: NDArray[np.uint8] = np.full(SIZE, 50, np.uint8)
        entry = {"image_id": number, "bbox": [38, 58, 145, 45]}
        if kind in {"scratch", "faint"}:
            cv2.line(picture, (40, 60), (180, 100), 200 if kind == "scratch" else 85, 3)
            annotations.append(entry | {"category_id": 1})
        if kind == "dust":
            cv2.line(picture, (40, 60), (180, 100), 200, 3)
            annotations.append(entry | {"category_id": 2})
        (tmp_path / "images" / f"{number}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        images.append({"id": number, "file_name": f"{number}.png", "group": f"{kind}", "split": "test"})
        images[-1] |= {"width": SIZE[1], "height": SIZE[0]}
    categories = [{"id": 1, "name": "scratch"}, {"id": 2, "name": "dust"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    return load_dataset(tmp_path)


def test_an_evaluation_counts_what_the_model_does(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    told: list[tuple[int, int]] = []
    result = evaluate(classifier, parts, read_plain, lambda done, total: told.append((done, total)), lambda: False)
    assert told == [(n, 8) for n in range(1, 9)]
    assert result.complete
    assert (result.misses.k, result.misses.n) == (2, 4)
    assert (result.false_alarms.k, result.false_alarms.n) == (2, 4)
    # a scratch against dust is a tie (0.5), a faint one is below dust (0), both are above a clean part (1, 1)
    assert result.auroc.value == pytest.approx((0.5 + 1 + 0 + 1) / 4)
    assert (result.main_hit.k, result.main_hit.n) == (2, 4)
    assert result.region_recall.value == 0.5
    assert result.false_per_picture.value == 0.25
    assert [point.false_per_picture for point in result.froc] == [0.1, 0.5, 1.0, 2.0]
    # scratches and dust score alike, so no score tells them apart; the faint line is a candidate only
    assert [point.recall.value for point in result.froc] == [0.0, 1.0, 1.0, 1.0]
    assert [point.reached for point in result.froc] == [True, False, False, False]
    by_class = {each.class_name: (each.rejects, each.marked.k, each.marked.n) for each in result.classes}
    assert by_class == {"scratch": (True, 2, 4), "dust": (False, 2, 2)}
    by_group = {each.group: (each.pictures, each.rejects, each.false_per_picture) for each in result.groups}
    assert by_group == {"scratch": (2, 2, 0.0), "faint": (2, 2, 0.0), "dust": (2, 0, 1.0), "clean": (2, 0, 0.0)}


def test_the_record_is_plain_json_and_lists_what_went_wrong(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    result = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: False)
    record = json.loads(json.dumps(evaluation_record(result), allow_nan=False))
    assert [Path(entry["image"]).stem for entry in record["misses"]] == ["1", "5"]
    assert [Path(entry["image"]).stem for entry in record["false_alarms"]] == ["2", "6"]
    assert [Path(entry["image"]).stem for entry in record["main_missed"]] == ["1", "5"]
    assert record["counts"] == {
        "pictures": 8,
        "rejects": 4,
        "groups": 4,
        "places": 4,
        "failed": 0,
        "problems": 0,
    }
    assert record["model"]["name"] == "top-hat"
    assert record["elapsed_ms"]["median"] > 0
    assert record["regions"]["main_hit"]["estimate"] == 0.5
    assert record["picture"]["auroc"]["estimate"] == result.auroc.value


def test_candidates_go_below_the_threshold_and_keep_the_extent_at_which_they_first_stand_apart(
    make_manifest: Callable[..., ModelManifest],
) -> None:
    heat = np.zeros((100, 150), np.float32)
    heat[20:22, 10:60] = 0.9
    heat[18:24, 5:70] = np.maximum(heat[18:24, 5:70], 0.1)
    heat[60:62, 10:60] = 0.2
    heat[80:82, 10:60] = LOWEST_LEVEL / 2
    found = candidate_regions(np.stack([1 - heat, heat]), make_manifest(), 200, 300)
    assert [(each.box, round(each.score, 3)) for each in found] == [
        (Box(20, 40, 100, 4), 0.9),
        (Box(20, 120, 100, 4), 0.2),
    ]


def test_a_model_without_maps_is_measured_by_its_regions() -> None:
    class Plain:
        model = ModelIdentity("plain", "1", "0" * 64, "0" * 64)

        def predict(self, pixels: Pixels) -> Prediction:
            regions = (region(20, 20, 60, 3), region(20, 80, 60, 3, rejects=False))
            return Prediction(PredictionStatus.OK, 0.7, regions, self.model, 1.0)

    found = examine(Plain(), np.zeros(SIZE, np.uint8))
    assert found.prediction.probability == 0.7
    assert [each.box.y for each in found.candidates] == [20]
    assert found.heat is None
    assert found.feature is None


def test_the_answer_is_the_stations(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    for image in parts.images:
        pixels = read_plain(image.path)
        ours, stations = examine(classifier, pixels).prediction, classifier.predict(pixels)
        assert replace(ours, elapsed_ms=0.0) == replace(stations, elapsed_ms=0.0)


def test_an_evaluation_is_repeatable(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    records = []
    for _ in range(2):
        result = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: False)
        record = evaluation_record(result)
        record.pop("elapsed_ms")
        records.append(record)
    assert records[0] == records[1]


def test_files_that_cannot_be_used_are_listed(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    parts.images[0].path.write_bytes(b"no picture")
    small = cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1]
    parts.images[1].path.write_bytes(small.tobytes())
    result = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: False)
    assert len(result.pictures) == 6
    assert [problem.path.name for problem in result.problems] == ["0.png", "1.png"]
    assert "300x200" in result.problems[1].sentence


def test_a_stopped_evaluation_says_so(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    done: list[int] = []
    result = evaluate(classifier, parts, read_plain, lambda number, _: done.append(number), lambda: len(done) >= 3)
    assert not result.complete
    assert len(result.pictures) == 3


def test_failed_predictions_are_counted_apart(
    make_network: Callable[..., bytes], make_manifest: Callable[..., ModelManifest], parts: DataSet
) -> None:
    network = make_network(poison=True)
    judge = OpenVinoClassifier(ModelFiles(make_manifest(network), network), threads=1, precision=Precision.F32)
    white = cv2.imencode(".png", np.full(SIZE, 255, np.uint8))[1]
    parts.images[0].path.write_bytes(white.tobytes())
    result = evaluate(judge, parts, read_plain, lambda _done, _total: None, lambda: False)
    judge.close()
    assert result.failed == 1
    assert len(result.pictures) == 8
    assert result.misses.n == 3
    assert evaluation_record(result)["failed"][0]["detail"]


def test_nothing_judged_is_not_measurable(classifier: OpenVinoClassifier, parts: DataSet) -> None:
    result = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: True)
    assert result.pictures == ()
    assert result.auroc.value is None
    assert result.false_per_picture.value is None
    assert result.median_ms is None
    json.dumps(evaluation_record(result), allow_nan=False)


def test_slices_cover_every_place_and_tell_what_false_regions_lie_on(
    classifier: OpenVinoClassifier, parts: DataSet
) -> None:
    result = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: False)
    by_kind: dict[str, list[tuple[str, int, int]]] = {}
    for each in result.place_slices:
        by_kind.setdefault(each.by, []).append((each.name, each.shown.k, each.shown.n))
    # the faint line is 35 grey levels above its surface, the others 150; all are boxes, so no width is known
    assert by_kind["contrast"] == [("35 to 92 grey levels", 0, 2), ("92 to 150 grey levels", 2, 2)]
    assert "width" not in by_kind
    assert by_kind["position"] == [("middle centre", 2, 4)]
    assert by_kind["group"] == [("faint", 0, 2), ("scratch", 2, 2)]
    lies_on = [(each.name, each.count, each.share) for each in result.false_slices if each.by == "lies_on"]
    assert lies_on == [("dust", 2, 1.0)]


def test_pixel_figures_need_pixel_truth(classifier: OpenVinoClassifier, parts: DataSet, tmp_path: Path) -> None:
    boxes = evaluate(classifier, parts, read_plain, lambda _done, _total: None, lambda: False)
    assert boxes.pixels is None
    mask = np.zeros(SIZE, np.uint8)
    cv2.line(mask, (40, 60), (180, 100), 255, 3)
    (tmp_path / "mask.png").write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    drawn = replace(parts, images=(replace(parts.images[0], mask=tmp_path / "mask.png"), *parts.images[1:]))
    found = evaluate(classifier, drawn, read_plain, lambda _done, _total: None, lambda: False).pixels
    assert found is not None
    # three rejects have a box only: their pixels are neither sound nor marked
    assert (found.pictures, found.regions) == (5, 1)
    assert found.aupro.value is not None
    assert found.aupro.value > 0.9
    place = evaluate(classifier, drawn, read_plain, lambda _done, _total: None, lambda: False).pictures[0].places[0]
    assert place.length_px == pytest.approx(146, rel=0.05)
    assert place.width_px == pytest.approx(np.count_nonzero(mask) / 146, rel=0.05)
