"""Teaching from a data set: what is known of a px, what is held out, what crops show, and whole runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from inspector_app.domain.errors import DataSetError, ModelError  # noqa: E402
from inspector_app.domain.prediction import Box  # noqa: E402
from model.dataset import Annotation, DataSet, load_dataset  # noqa: E402
from model.manifest import ClassSpec  # noqa: E402
from model.model_files import read_model_files  # noqa: E402
from model.registry import load_bundled  # noqa: E402
from model.training import judge  # noqa: E402
from model.training.classes import starting_channels, taught_classes  # noqa: E402
from model.training.config import (  # noqa: E402
    HeldOutTried,
    JudgeWeighed,
    JudgingProgressed,
    StartWeighed,
    Teaching,
    TrainingConfig,
    TrainingEvent,
    TrainingStarted,
    WeighingProgressed,
)
from model.training.export import open_onnx  # noqa: E402
from model.training.held_out import KnownPart, SeenPart, choose_score_length, look_at  # noqa: E402
from model.training.lighting import relit  # noqa: E402
from model.training.mistakes import Memory, Origin, SecondLooks  # noqa: E402
from model.training.painted import unrest, with_scratches  # noqa: E402
from model.training.picture_crops import Aim, PictureCrops, block_labels  # noqa: E402
from model.training.pictures import PictureStore  # noqa: E402
from model.training.release import train  # noqa: E402
from model.training.splits import divided  # noqa: E402
from model.training.start import known_weights, starting_network  # noqa: E402
from model.training.trainer import TrainingCancelled  # noqa: E402
from model.training.truth import OPEN, load_labelled  # noqa: E402

SIDE = 128


def surface(seed: int) -> NDArray[np.uint8]:
    """Return a grey noisy surface."""
    noise = np.random.default_rng(seed).normal(70.0, 3.0, (SIDE, SIDE))
    return np.clip(np.rint(noise), 0, 255).astype(np.uint8)


def scratched(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[int, int, int, int]]:
    """Return a picture with one bright scratch, its mask 0/255, and its box."""
    rng = np.random.default_rng([seed, 1])
    picture, mask = surface(seed), np.zeros((SIDE, SIDE), np.uint8)
    start = rng.integers(20, 50, 2)
    stop = start + rng.integers(30, 60, 2)
    cv2.line(mask, start.tolist(), stop.tolist(), 255, 3)
    picture[mask > 0] = 200
    x, y, w, h = cv2.boundingRect(mask)
    return picture, mask, (x, y, w, h)


def write_coco(folder: Path, truth: str, parts: int = 12, splits: tuple[str, ...] = ("train",)) -> Path:
    """Write a COCO data set: every other part bears a scratch, every part dust.

    `truth`: ``mask``, ``box``, ``outline`` or ``whole`` (a box over the whole picture).
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    for number in range(parts):
        bad = number % 2 == 0
        picture, mask, box = scratched(number) if bad else (surface(number), np.zeros((SIDE, SIDE), np.uint8), None)
        picture = picture.copy()
        cv2.circle(picture, (100, 20), 4, 20, -1)
        name = f"part_{number:02d}.png"
        cv2.imwrite(str(folder / "images" / name), picture)
        entry: dict[str, Any] = {"id": number + 1, "file_name": name, "width": SIDE, "height": SIDE}
        entry |= {"group": f"g{number // 2}", "split": splits[number // 2 % len(splits)]}
        if truth == "mask":
            cv2.imwrite(str(folder / "masks" / name), mask)
            entry["mask"] = name
        elif box is not None:
            shown = {"box": box, "outline": box, "whole": (0, 0, SIDE, SIDE)}[truth]
            mark: dict[str, Any] = {"id": len(marks) + 1, "image_id": number + 1, "category_id": 1, "bbox": list(shown)}
            if truth == "outline":
                outline = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0][0].reshape(-1)
                mark["segmentation"] = [outline.tolist()]
            marks.append(mark)
        dust = {"id": len(marks) + 1, "image_id": number + 1, "category_id": 2, "bbox": [95, 15, 11, 11]}
        marks.append(dust)
        images.append(entry)
    classes = [{"id": 1, "name": "scratch"}, {"id": 2, "name": "dust"}]
    document = {"images": images, "annotations": marks, "categories": classes}
    (folder / "annotations.json").write_text(json.dumps(document))
    return folder


def write_mvtec(folder: Path, defects: bool, parts: int = 8) -> Path:
    """Write an MVTec AD folder; with `defects`, rejects without pixel truth among the pictures to learn from."""
    for name in ("train/good", "test/good", *(["train/scratch"] if defects else [])):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(parts):
        cv2.imwrite(str(folder / "train" / "good" / f"{number:03d}.png"), surface(number))
        if defects:
            cv2.imwrite(str(folder / "train" / "scratch" / f"{number:03d}.png"), scratched(50 + number)[0])
    cv2.imwrite(str(folder / "test" / "good" / "000.png"), surface(99))
    return folder


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SCRATCH, DUST = 1, 2


def opened(folder: Path) -> tuple[DataSet, PictureStore]:
    dataset = load_dataset(folder)
    classes = taught_classes(dataset)
    return dataset, PictureStore(dataset.images, classes.channels)


@pytest.mark.parametrize("truth", ["mask", "outline"])
def test_masks_and_outlines_are_taken_at_their_word(tmp_path: Path, truth: str) -> None:
    _, store = opened(write_coco(tmp_path, truth))
    labels = store[0].labels
    drawn = scratched(0)[1] > 0
    assert (labels[drawn] == SCRATCH).all()
    assert not (labels[~drawn] == SCRATCH).any()
    assert labels[20, 100] == DUST
    assert not store[0].rejected_somewhere


def test_in_a_box_what_stands_out_is_the_mark_and_the_rest_is_open(tmp_path: Path) -> None:
    _, store = opened(write_coco(tmp_path, "box"))
    _, mask, (x, y, w, h) = scratched(0)
    labels = store[0].labels
    box = np.zeros(labels.shape, bool)
    box[y : y + h, x : x + w] = True
    marked = labels == SCRATCH
    assert marked[mask > 0].mean() > 0.8
    assert (mask[marked] > 0).mean() > 0.4
    assert set(np.unique(labels[box])) == {SCRATCH, OPEN}
    assert not marked[~box].any()


def test_a_box_over_the_whole_picture_says_nowhere(tmp_path: Path) -> None:
    _, store = opened(write_coco(tmp_path, "whole"))
    assert store[0].rejected_somewhere
    assert (store[0].labels == OPEN).all()
    assert not store[1].rejected_somewhere
    assert not (store[1].labels == OPEN).all()


def test_an_ignored_place_is_open(tmp_path: Path) -> None:
    write_coco(tmp_path, "mask")
    document = json.loads((tmp_path / "annotations.json").read_text())
    document["categories"].append({"id": 3, "name": "ignore"})
    document["annotations"].append({"id": 99, "image_id": 2, "category_id": 3, "bbox": [0, 0, 30, 40]})
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    dataset, store = opened(tmp_path)
    assert (store[1].labels[:40, :30] == OPEN).all()
    assert (store[1].labels[40:] == 0).all()
    assert [spec.name for spec in taught_classes(dataset).specs] == ["background", "scratch", "dust"]


def test_a_missing_picture_is_a_known_fault(tmp_path: Path) -> None:
    dataset, _ = opened(write_coco(tmp_path, "mask"))
    dataset.images[0].path.write_bytes(b"no picture")
    with pytest.raises(DataSetError, match=dataset.images[0].path.name):
        load_labelled(dataset.images[0], {"scratch": 1, "dust": 2})


def test_groups_are_held_out_whole_with_both_kinds_on_both_sides(tmp_path: Path) -> None:
    dataset, _ = opened(write_coco(tmp_path, "mask", parts=20, splits=("train", "train", "val")))
    division = divided(dataset, Teaching(tmp_path, validation_share=0.25), seed=1)
    learned, held = ({image.group for image in side} for side in (division.learning, division.held_out))
    assert not learned & held
    assert {image.split for image in (*division.learning, *division.held_out)} == {"train"}
    for side in (division.learning, division.held_out):
        assert len({image.judgement for image in side}) == 2
    assert division == divided(dataset, Teaching(tmp_path, validation_share=0.25), seed=1)
    assert 0.15 <= len(division.held_out) / (len(division.learning) + len(division.held_out)) <= 0.35


def test_a_split_that_is_not_there_is_named(tmp_path: Path) -> None:
    dataset, _ = opened(write_coco(tmp_path, "mask", splits=("fold1", "fold2")))
    with pytest.raises(DataSetError, match="'fold3'"):
        divided(dataset, Teaching(tmp_path, ("fold3",)), seed=1)
    with pytest.raises(DataSetError, match="name one of fold1, fold2"):
        divided(dataset, Teaching(tmp_path), seed=1)
    assert divided(dataset, Teaching(tmp_path, ("fold2",)), seed=1).learning[0].split == "fold2"


def test_one_group_alone_cannot_be_held_out(tmp_path: Path) -> None:
    dataset, _ = opened(write_coco(tmp_path, "mask", parts=2))
    with pytest.raises(DataSetError, match="1 group"):
        divided(dataset, Teaching(tmp_path), seed=1)


def test_crops_repeat_and_keep_picture_and_labels_together(tmp_path: Path) -> None:
    _, store = opened(write_coco(tmp_path, "mask"))
    crops = PictureCrops(store, (SCRATCH,), 1, 64)
    again = PictureCrops(store, (SCRATCH,), 1, 64)
    seen = 0
    for index in range(40):
        crop, same = crops.crop(index, SecondLooks()), again.crop(index, SecondLooks())
        assert np.array_equal(crop.grey, same.grey)
        assert np.array_equal(crop.labels, same.labels)
        bright = crop.grey[::2, ::2][crop.labels == SCRATCH]
        others = crop.grey[::2, ::2][crop.labels == 0]
        if bright.size > 20:
            seen += 1
            assert np.median(bright) > np.median(others) + 40
            assert crop.rejected == 1.0
        assert (crop.rejected == 0.0) == (not (crop.labels == SCRATCH).any())
    assert seen >= 10


def test_a_crop_knows_where_it_was_cut(tmp_path: Path) -> None:
    _, store = opened(write_coco(tmp_path, "mask"))
    crops = PictureCrops(store, (SCRATCH,), 3, 64)
    checked = 0
    for index in range(60):
        crop = crops.crop(index, SecondLooks())
        rows, columns = np.nonzero(crop.labels == DUST)
        if rows.size > 10 and crop.origin is not None:
            x, y = crop.origin.place(float(columns.mean() * 2 + 1), float(rows.mean() * 2 + 1))
            checked += abs(x - 100) <= 6 and abs(y - 20) <= 6
    assert checked >= 5


def test_crops_look_again_where_the_network_was_wrong(tmp_path: Path) -> None:
    _, store = opened(write_coco(tmp_path, "mask"))
    memory = Memory()
    chances = np.zeros((1, 32, 32), np.float32)
    chances[0, 10, 5] = 0.9
    memory.note([Origin(3, np.array([[1.0, 0.0, 50.0], [0.0, 1.0, 60.0]]), nowhere=False)], chances)
    (mistake,) = memory.second_looks().mistakes
    assert (mistake.picture, mistake.x, mistake.y) == (3, 61, 81)
    crops = PictureCrops(store, (SCRATCH,), 1, 64)
    origins = [crops.crop(index, memory.second_looks()).origin for index in range(300)]
    without = [crops.crop(index, SecondLooks()).origin for index in range(300)]
    count, base = (sum(origin is not None and origin.picture == 3 for origin in some) for some in (origins, without))
    assert count > base + 20


def test_crops_look_at_rare_classes_too(tmp_path: Path) -> None:
    source = write_coco(tmp_path, "mask", parts=16)
    document = json.loads((source / "annotations.json").read_text())
    document["categories"].append({"id": 3, "name": "oil"})
    document["annotations"].append({"id": 999, "image_id": 16, "category_id": 3, "bbox": [10, 90, 8, 8]})
    (source / "annotations.json").write_text(json.dumps(document))
    _, store = opened(source)
    assert sorted(store.spots(15)) == [2, 3]
    assert store.spots(15)[3].shape == (64, 2)
    assert (store.spots(15)[3] >= (10, 90)).all()
    aim = Aim(reject=0.0, harmless=1.0)
    crops = PictureCrops(store, (SCRATCH,), 1, 64, aim=aim)
    shown = [crops.crop(index, SecondLooks()).labels for index in range(200)]
    # one of sixteen pictures shows oil, and it has an eighth of the dust's pictures: sqrt(1 / 17) of the looks
    assert 25 <= sum(bool((labels == 3).any()) for labels in shown) <= 80


def test_light_changes_tones_and_repeats() -> None:
    picture = surface(3)
    again = [[relit(np.random.default_rng(seed), picture, 0.25) for seed in range(40)] for _ in range(2)]
    for first, second in zip(*again, strict=True):
        assert np.array_equal(first, second)
        assert (first.dtype, first.shape) == (np.uint8, picture.shape)
    means = [float(relit_picture.mean()) for relit_picture in again[0]]
    assert 15 <= sum(abs(mean - float(picture.mean())) > 1.0 for mean in means) <= 32  # six of ten


def test_guesses_where_nothing_is_known_are_kept_apart_and_renewed() -> None:
    memory = Memory()
    back = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    for chance, row in ((0.4, 10), (0.7, 12), (0.01, 60)):
        chances = np.zeros((1, 64, 64), np.float32)
        chances[0, row, 10] = chance
        memory.note([Origin(2, back, nowhere=True)], chances)
    looks = memory.second_looks()
    assert not looks.mistakes
    assert [round(hint.chance, 2) for hint in looks.hints[2]] == [0.7, 0.01]


def test_blocks_put_rejects_before_marks_before_open_before_surface() -> None:
    labels = np.array([[0, 1, 0, OPEN], [2, OPEN, 0, 0], [0, 2, 0, 0], [OPEN, 3, 0, 0]], np.uint8)
    assert block_labels(labels, (1,)).tolist() == [[1, OPEN], [3, 0]]


def test_painted_scratches_show_where_they_are_labelled() -> None:
    picture = surface(5)
    found = 0
    for seed in range(12):
        seen, where = with_scratches(np.random.default_rng(seed), picture)
        changed = np.abs(seen.astype(int) - picture.astype(int))
        if where.sum() > 30:
            found += 1
            assert changed[where].mean() > 4.0
            assert changed[where].mean() > 5 * changed[~where].mean()
    assert found >= 6
    assert unrest(picture) == pytest.approx(3.0, rel=0.1)


def test_length_adds_to_a_score_where_the_short_ones_are_false() -> None:
    manifest = load_bundled().manifest

    def part(number: int, long_px: int, short_px: int) -> SeenPart:
        """Return a part with a long faint place that is marked, and short strong ones that are not."""
        heat = np.zeros((128, 128), np.float16)
        heat[20, 10 : 10 + long_px // 2] = 0.5
        heat[60, 10 : 10 + short_px // 2] = heat[90, 10 : 10 + short_px // 2] = 0.8
        mark = Annotation("scratch", Box(20, 36, long_px, 8), None, rejects=True)
        return SeenPart(heat, (256, 256), (mark,), None, good=number % 2 == 0, located=True)

    quiet = replace(manifest, regions=replace(manifest.regions, min_length_px=0.0))
    assert choose_score_length([part(n, 180, 16) for n in range(4)], quiet, 0.5)[0] == 24.0
    assert choose_score_length([part(n, 180, 0) for n in range(4)], quiet, 0.5)[0] == 0.0


def test_classes_start_from_what_is_most_like_them() -> None:
    known = [ClassSpec("background", False), ClassSpec("scratch", True), ClassSpec("stain", False)]
    wanted = [*known[:1], ClassSpec("crack", True), ClassSpec("dust", False), ClassSpec("stain_dry", False)]
    assert starting_channels(wanted, known) == (0, 1, 2, 2)


def small(teaching: Teaching, **changes: object) -> TrainingConfig:
    settings: dict[str, object] = {"steps": 3, "batch": 2, "crop_px": 64, "threads": 1, "looks": 1}
    return TrainingConfig(teaching=teaching, **(settings | changes))  # type: ignore[arg-type]


def ignore(_event: TrainingEvent) -> None:
    """Hear nothing."""


@pytest.mark.parametrize("truth", ["mask", "box", "outline", "whole"])
def test_each_kind_of_truth_becomes_a_model(tmp_path: Path, truth: str) -> None:
    events: list[TrainingEvent] = []
    source = write_coco(tmp_path / "set", truth)
    made = train(small(Teaching(source)), tmp_path / "model", NOON, events.append, lambda: False)
    files = read_model_files(made.folder)
    assert [(spec.name, spec.reject) for spec in files.manifest.classes] == [
        ("background", False),
        ("scratch", True),
        ("dust", False),
    ]
    started = next(event for event in events if isinstance(event, TrainingStarted))
    assert started.learning + started.held_out == 12
    assert any(isinstance(event, HeldOutTried) and event.best for event in events)
    assert files.manifest.metrics["choosing"]["parts"] == started.held_out  # type: ignore[index, call-overload]
    assert files.manifest.metrics["calibrated"] is True
    assert files.manifest.training["data"] == "data set set"


def test_good_pictures_alone_become_a_model(tmp_path: Path) -> None:
    source = write_mvtec(tmp_path / "set", defects=False)
    made = train(small(Teaching(source)), tmp_path / "model", NOON, ignore, lambda: False)
    assert made.manifest.reject_classes == {"scratch"}
    assert made.manifest.metrics["calibrated"] is True


def test_rejects_without_a_mark_become_a_model(tmp_path: Path) -> None:
    source = write_mvtec(tmp_path / "set", defects=True)
    made = train(small(Teaching(source)), tmp_path / "model", NOON, ignore, lambda: False)
    assert made.manifest.reject_classes == {"scratch"}


def test_the_same_seed_teaches_the_same_weights(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "set", "mask")
    made = [
        train(small(Teaching(source), half_precision=False), tmp_path / name, NOON, ignore, lambda: False)
        for name in ("a", "b")
    ]
    first, second = ((each.folder / "weights.npz").read_bytes() for each in made)
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    assert made[0].manifest.sha256 == made[1].manifest.sha256


def test_stopping_keeps_weights_to_go_on_from(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "set", "mask")
    answers = iter([*[False] * 12, True])  # asked at each picture that is read, then at each step
    with pytest.raises(TrainingCancelled):
        train(small(Teaching(source), steps=9), tmp_path / "a", NOON, ignore, lambda: next(answers))
    assert not (tmp_path / "a" / "model.json").exists()
    again = small(Teaching(source), start_from=str(tmp_path / "a" / "weights.npz"))
    assert train(again, tmp_path / "a", NOON, ignore, lambda: False).folder == tmp_path / "a"


def test_a_model_is_a_start_for_the_next(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "set", "mask")
    made = train(small(Teaching(source)), tmp_path / "a", NOON, ignore, lambda: False)
    known = known_weights(str(made.folder))
    network = starting_network(known.classes, 1, known)
    kept = known_weights(str(made.folder / "weights.npz"))
    assert kept.classes == known.classes
    for name, value in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert np.array_equal(value.numpy(), kept.values[name]), name


def test_the_bundled_model_is_a_start() -> None:
    known = known_weights("bundled")
    network = starting_network((ClassSpec("background", False), ClassSpec("crack", True)), 1, known)
    names = [spec.name for spec in known.classes]
    row = network.state_dict()["head.1.weight"][1].numpy()
    assert np.array_equal(row, known.values["head.1.weight"][names.index("scratch")])


def test_teaching_that_harms_releases_the_start_and_says_so(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    source = write_coco(tmp_path / "set", "box")
    harmful = small(Teaching(source), learning_rate=0.5, start_from="bundled", half_precision=False)
    made = train(harmful, tmp_path / "model", NOON, events.append, lambda: False)
    (found,) = [event for event in events if isinstance(event, StartWeighed)]
    assert found.kept == 1.0
    looks = [event for event in events if isinstance(event, WeighingProgressed)]
    assert [event.part for event in looks] == list(range(1, looks[0].parts + 1))
    assert found.tried[-1].score > max(entry.score for entry in found.tried[:-1])
    assert "so the start is released" in (made.folder / "README.md").read_text(encoding="utf-8")
    released = known_weights(str(made.folder))
    start = starting_network(released.classes, 1, known_weights("bundled")).state_dict()
    for name, value in released.values.items():
        assert np.allclose(value, start[name].numpy(), atol=1e-6), name
    kept = known_weights(str(made.folder / "weights.npz"))
    assert all(np.array_equal(value, kept.values[name]) for name, value in released.values.items())


def test_a_judge_of_regions_is_fitted_on_the_marks_and_weighed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "FEWEST", 1)
    events: list[TrainingEvent] = []
    source = write_coco(tmp_path / "set", "box")
    made = train(small(Teaching(source), start_from="bundled"), tmp_path / "model", NOON, events.append, lambda: False)
    (found,) = [event for event in events if isinstance(event, JudgeWeighed)]
    assert (read_model_files(made.folder).manifest.judge is not None) is found.kept
    assert found.sentence in (made.folder / "README.md").read_text(encoding="utf-8")
    measured = [event for event in events if isinstance(event, JudgingProgressed)]
    started = next(event for event in events if isinstance(event, TrainingStarted))
    assert [event.part for event in measured] == list(range(1, started.learning + 1))


def test_a_network_of_another_kind_is_no_start(tmp_path: Path, tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match="nothing can start from it"):
        known_weights(str(tiny_folder))
    with pytest.raises(ModelError, match="no weights"):
        known_weights(str(tmp_path / "weights.npz"))


def test_a_time_limit_sets_the_number_of_steps(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "set", "mask")
    ticks = iter(float(tick) for tick in range(10_000))
    config = small(Teaching(source), steps=5000, minutes=0.5)
    made = train(config, tmp_path / "model", NOON, ignore, lambda: False, clock_s=lambda: next(ticks))
    # the clock of this test ticks once a step, more where it is asked more often
    assert 20 < made.manifest.training["steps"] <= 31  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("truth", ["box", "good"])
def test_teaching_finds_the_scratches(tmp_path: Path, truth: str) -> None:
    source = tmp_path / "set"
    source = write_mvtec(source, defects=False, parts=16) if truth == "good" else write_coco(source, truth, parts=24)
    # Scratches that are painted on good pictures are faint ones too, and take longer to learn.
    config = small(Teaching(source), steps=180 if truth == "good" else 50, batch=4, crop_px=96)
    choosing = train(config, tmp_path / "model", NOON, ignore, lambda: False).manifest.metrics["choosing"]
    assert choosing["recall"] == 1.0  # type: ignore[index, call-overload]
    assert choosing["auroc"] == 1.0  # type: ignore[index, call-overload]


@pytest.mark.slow
def test_rejects_without_a_mark_teach_what_they_have_in_common(tmp_path: Path) -> None:
    source = write_coco(tmp_path / "set", "whole", parts=24)
    config = small(Teaching(source), steps=60, batch=8, crop_px=96, learning_rate=8e-4, start_from="bundled")
    made = train(config, tmp_path / "model", NOON, ignore, lambda: False)
    assert made.manifest.metrics["choosing"]["auroc"] == 1.0  # type: ignore[index, call-overload]
    run = open_onnx((made.folder / "model.onnx").read_bytes(), 1)
    picture, mask, _ = scratched(777)
    part = KnownPart(picture, (), None, good=False)
    heat = look_at(part, made.manifest, run).heat.astype(np.float32)
    on_mark = mask[::2, ::2] > 0
    assert heat[on_mark].mean() > 2 * heat[~on_mark].mean()
