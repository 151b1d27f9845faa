"""Anomalib's answers, read from files, come out of our evaluation as they must; anomalib itself is not needed."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.side_by_side.answers import LEVELS, Order, StoredAnswers
from benchmarks.side_by_side.job import Answers, Job, map_file, read_answers, read_job
from benchmarks.side_by_side.sets import Case, Chosen, chosen, make_job
from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Pixels
from model.evaluation import EvaluationResult, evaluate

HEIGHT, WIDTH = 240, 320
CASE = Case("tiny", "tiny", "train", "val", None, 120, 160)
BOX = (100, 80, 60, 24)
"""Where each reject has its scratch."""


def read(path: Path) -> Pixels:
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twelve pictures: of each split three good ones and three with a scratch in `BOX`."""
    folder = tmp_path / "data" / "tiny"
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for number in range(12):
        split, bad = ("train", "val")[number // 6], number % 2 == 1
        cv2.imwrite(str(folder / "images" / f"{number:02}.png"), np.full((HEIGHT, WIDTH), 90, np.uint8))
        images.append(
            {
                "id": number,
                "file_name": f"{number:02}.png",
                "width": WIDTH,
                "height": HEIGHT,
                "group": f"part{number}",
                "split": split,
            }
        )
        if bad:
            annotations.append(
                {"id": number, "image_id": number, "category_id": 1, "bbox": list(BOX), "area": 1440, "iscrowd": 0}
            )
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "scratch"}]}
    (folder / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def pictures(data: Path) -> Chosen:
    return chosen(CASE, data / "tiny", 80, 0)


@pytest.fixture
def job(pictures: Chosen, tmp_path: Path) -> Job:
    return make_job(CASE, pictures, read, tmp_path, epochs=1, bank=10, seed=0, weights="")


def quiet_map(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(10.0, 0.1, (CASE.height, CASE.width)).astype(np.float32)


def evaluated(job: Job, pictures: Chosen, folder: Path, maps: list[NDArray[np.float32]] | None) -> EvaluationResult:
    """Evaluate what a model says whose scores put every reject on top."""
    (folder / "maps").mkdir()
    scores = tuple(100.0 + number if path.endswith(("7.png", "9.png", "11.png")) else number - 50.0
                   for number, path in enumerate(job.judged))  # fmt: skip
    for number, each in enumerate(maps or []):
        np.save(map_file(folder, number), each)
    Answers("padim", None, {}, 1.0, scores, maps is not None).write(folder)
    answers = read_answers(folder)
    assert answers is not None
    stored = StoredAnswers(job, answers, folder, read)
    return evaluate(stored, pictures.judged, stored.read, lambda _done, _all: None, lambda: False)


def with_peak(base: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return a map with a soft peak in a box of the picture."""
    peak = np.zeros_like(base)
    x, y, w, h = (side // 2 for side in box)
    peak[y : y + h, x : x + w] = 25.0
    return np.asarray(base + cv2.GaussianBlur(peak, (0, 0), 4.0), np.float32)


def rejected(job: Job, number: int) -> bool:
    return int(Path(job.judged[number]).stem) % 2 == 1


def test_peaks_on_the_truth_are_found_without_false_regions(job: Job, pictures: Chosen, tmp_path: Path) -> None:
    maps = [with_peak(quiet_map(n), BOX) if rejected(job, n) else quiet_map(n) for n in range(6)]
    result = evaluated(job, pictures, tmp_path, maps)
    assert len(result.usable) == 6
    assert result.auroc.value == 1.0
    assert result.average_precision.value == 1.0
    assert [point.recall.value for point in result.froc] == [1.0] * 4
    assert result.main_hit.k == result.main_hit.n == 3


def test_higher_peaks_elsewhere_cost_recall(job: Job, pictures: Chosen, tmp_path: Path) -> None:
    elsewhere = (220, 180, 30, 16)
    maps = []
    for number in range(6):
        base = with_peak(with_peak(quiet_map(number), elsewhere), elsewhere)
        maps.append(with_peak(base, BOX) if rejected(job, number) else base)
    result = evaluated(job, pictures, tmp_path, maps)
    recall = {point.false_per_picture: point.recall.value for point in result.froc}
    assert recall[0.5] == 0.0
    assert recall[1.0] == 1.0


def test_a_model_without_maps_has_picture_figures_only(job: Job, pictures: Chosen, tmp_path: Path) -> None:
    result = evaluated(job, pictures, tmp_path, None)
    assert result.auroc.value == 1.0
    assert result.froc[-1].recall.value == 0.0


def test_scores_for_other_pictures_are_refused(job: Job, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 scores for 6 pictures"):
        StoredAnswers(job, Answers("padim", scores=(1.0, 2.0)), tmp_path, read)


def test_the_order_keeps_what_is_higher() -> None:
    maps = [quiet_map(seed) for seed in range(3)]
    order = Order.of(maps)
    values = np.linspace(8.0, 12.0, 500, dtype=np.float32)
    placed = order(values)
    assert (np.diff(placed) >= 0).all()
    assert placed.min() == 0.0
    assert placed.max() == 1.0
    every = np.concatenate([order(each).ravel() for each in maps])
    assert np.mean(every > LEVELS[-1]) == pytest.approx(0.1, rel=0.2)


def test_job_and_masks_come_back(job: Job, tmp_path: Path) -> None:
    job.write(tmp_path / "job.json")
    assert read_job(tmp_path / "job.json") == job
    assert (len(job.normal), len(job.abnormal), len(job.judged)) == (3, 3, 6)
    mask = read(Path(job.abnormal[0][1]))
    x, y, w, h = BOX
    assert mask.shape == (HEIGHT, WIDTH)
    assert (mask[y : y + h, x : x + w] == 255).all()


def test_without_splits_half_of_the_good_groups_are_learned_from(data: Path) -> None:
    whole = Case("tiny", "tiny", None, None, None, 120, 160)
    found = chosen(whole, data / "tiny", 80, 0)
    assert [image.judgement.value for image in found.learned] == ["accept"] * 3
    assert len(found.judged.images) == 9
    assert not {image.group for image in found.learned} & {image.group for image in found.judged.images}


def test_a_set_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="no data set is here"):
        chosen(CASE, tmp_path, 80, 0)


def test_an_unfinished_answer_is_none(tmp_path: Path) -> None:
    assert read_answers(tmp_path) is None
