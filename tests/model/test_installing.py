"""The way of a model into the registry: the gate, the measured precision, the papers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError, ModelError
from inspector_app.domain.frame import Pixels, frozen_pixels
from model.classifier import OpenVinoClassifier
from model.dataset import load_dataset
from model.dataset.fingerprint import dataset_fingerprint
from model.installing.candidate import open_candidate
from model.installing.check import check_installed
from model.installing.choosing import AP_LOSS_ALLOWED, Figures, measurements, quickest
from model.installing.golden import GOLDEN_NAME, Answer, golden_pictures, read_golden
from model.installing.install import InstallOptions, install
from model.installing.parity import MASK_TOLERANCE, SCORE_TOLERANCE, Answers, check_parity
from model.installing.pictures import InstallPictures
from model.installing.progress import InstallationCancelled, Watch
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ClassSpec, ModelManifest, write_manifest
from model.model_files import ModelFiles, network_sha256
from model.precision import Precision
from model.registry import ModelRegistry, RegisteredModel
from model.registry.entry import PrecisionMeasurement
from model.registry.store import QUANTISED_NAME

NOW = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
QUIET = Watch(lambda stage, done, total: None, lambda: False)


def read_plain(path: Path) -> Pixels:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise DataSetError(f"{path} is no picture.")
    return frozen_pixels(np.asarray(found, np.uint8))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of eight parts, every second one with a bright line; one file is damaged."""
    folder = tmp_path_factory.mktemp("parts")
    (folder / "images").mkdir()
    images, annotations = [], []
    for number in range(8):
        picture: NDArray[np.uint8] = np.full((100, 160), 40 + number, np.uint8)
        if number % 2:
            cv2.line(picture, (20, 30), (140, 60 + number), 190, 3)
            annotations.append({"image_id": number, "category_id": 1, "bbox": [19, 29, 123, 34 + number]})
        (folder / "images" / f"{number}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        split = "train" if number < 4 else "val"
        images.append({"id": number, "file_name": f"{number}.png", "group": f"g{number}", "split": split})
        images[-1] |= {"width": 160, "height": 100}
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "scratch"}]}
    (folder / "annotations.json").write_text(json.dumps(document))
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "data" / "models")


def put_in(folder: Path, registry: ModelRegistry, labelled: Path, **changes: Any) -> RegisteredModel:
    options = InstallOptions(**({"dataset": load_dataset(labelled), "int8": False, "threads": 1} | changes))
    return install(open_candidate(folder), registry, options, read_plain, NOW, QUIET)


def test_an_installed_model_carries_its_papers(tiny_folder: Path, registry: ModelRegistry, labelled: Path) -> None:
    (tiny_folder / "README.md").write_text("# my card")
    found = put_in(tiny_folder, registry, labelled)
    entry = found.entry
    assert entry is not None
    assert (entry.installed_utc, entry.source, entry.source_format) == (NOW, str(tiny_folder), "onnx")
    assert {"README.md", MANIFEST_NAME, NETWORK_NAME, GOLDEN_NAME} == set(entry.files)
    assert (Path(found.place) / "README.md").read_text() == "# my card"
    assert (entry.dataset, entry.dataset_sha256) == (str(labelled), dataset_fingerprint(load_dataset(labelled)))
    (pair,) = entry.parity.pairs
    assert pair.first.startswith("ONNX Runtime")
    assert pair.second.startswith("OpenVINO")
    assert pair.mask <= 1e-5
    assert sum(name.startswith("own picture") for name in entry.parity.pictures) == 4
    assert entry.precision is not None
    assert (entry.precision.pictures, entry.precision.height, entry.precision.width) == (4, 100, 160)
    assert entry.precision.basis == f"{labelled.name} (val)"
    tried = {each.precision: each for each in entry.precision.measured}
    assert tried[Precision.F32].average_precision == 1.0
    assert tried[Precision.INT8].because == "not asked for"
    assert tried[entry.precision.chosen].usable
    judge = OpenVinoClassifier(registry.load("top-hat"), threads=1)
    assert judge.precision is entry.precision.chosen
    judge.close()
    with pytest.raises(ModelError, match="installed already"):
        put_in(tiny_folder, registry, labelled)


@pytest.mark.slow
def test_int8_is_made_measured_and_kept_apart(tiny_folder: Path, registry: ModelRegistry, labelled: Path) -> None:
    found = put_in(tiny_folder, registry, labelled, int8=True)
    assert found.entry is not None
    assert found.entry.precision is not None
    (int8,) = (each for each in found.entry.precision.measured if each.precision is Precision.INT8)
    assert int8.median_ms is not None, int8.because
    assert QUANTISED_NAME in found.entry.files
    quantised = registry.load("top-hat", precision=Precision.INT8)
    assert quantised.manifest.sha256 == network_sha256(quantised.network, quantised.weights)
    judge = OpenVinoClassifier(quantised, threads=1)
    pixels = np.full((100, 160), 40, np.uint8)
    cv2.line(pixels, (20, 30), (140, 60), 190, 3)
    assert judge.predict(frozen_pixels(pixels)).regions
    judge.close()


def test_a_stopped_installation_leaves_nothing(tiny_folder: Path, registry: ModelRegistry, labelled: Path) -> None:
    seen: list[str] = []
    watch = Watch(lambda stage, done, total: seen.append(stage), lambda: len(seen) >= 4)
    options = InstallOptions(load_dataset(labelled), int8=False, threads=1)
    with pytest.raises(InstallationCancelled):
        install(open_candidate(tiny_folder), registry, options, read_plain, NOW, watch)
    assert seen[-1] == "Measuring precisions"
    assert list(registry.folder.iterdir()) == []


def trained(folder: Path, change: Callable[[onnx.ModelProto], None]) -> None:
    """Write a network trained here, its weights, and an export in which something was changed."""
    torch_network = pytest.importorskip("model.network").seeded_network(2, seed=1)
    from model.training.export import onnx_bytes
    from model.training.start import save_weights

    exported = onnx.load_from_string(onnx_bytes(torch_network))
    change(exported)
    network = exported.SerializeToString()
    classes = (ClassSpec("background", False), ClassSpec("scratch", True))
    save_weights(torch_network, classes, folder / "weights.npz")
    (folder / NETWORK_NAME).write_bytes(network)
    document = json.loads((folder / MANIFEST_NAME).read_text())
    document["input"] |= {"stride": 32}
    document["sha256"] = network_sha256(network)
    (folder / MANIFEST_NAME).write_text(json.dumps(document))


def swap_an_op(exported: onnx.ModelProto) -> None:
    node = next(node for node in exported.graph.node if node.op_type == "Relu")
    node.op_type = "Softplus"


def scale_a_weight(exported: onnx.ModelProto) -> None:
    weight = next(each for each in exported.graph.initializer if each.name == "head.1.weight")
    weight.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weight) * np.float32(1.5), weight.name))


def test_a_sound_export_passes_three_runtimes(tiny_folder: Path, registry: ModelRegistry, labelled: Path) -> None:
    trained(tiny_folder, lambda exported: None)
    entry = put_in(tiny_folder, registry, labelled).entry
    assert entry is not None
    names = [(pair.first.split()[0], pair.second.split()[0]) for pair in entry.parity.pairs]
    assert names == [("PyTorch", "ONNX"), ("PyTorch", "OpenVINO"), ("ONNX", "OpenVINO")]
    assert entry.parity.left_out == ()


@pytest.mark.parametrize("change", [swap_an_op, scale_a_weight])
def test_a_broken_export_is_refused_and_the_sentence_says_where(
    change: Callable[[onnx.ModelProto], None], tiny_folder: Path, registry: ModelRegistry, labelled: Path
) -> None:
    trained(tiny_folder, change)
    with pytest.raises(ModelError, match=r"PyTorch \S+ and ONNX Runtime \S+ disagree on '") as caught:
        put_in(tiny_folder, registry, labelled)
    assert f"allowed {MASK_TOLERANCE:g}" in str(caught.value)
    assert list(registry.folder.iterdir()) == []


def test_check_finds_another_answer_and_a_changed_file(
    tiny_folder: Path, registry: ModelRegistry, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = put_in(tiny_folder, registry, labelled)
    well = check_installed(found)
    assert (well.problem, well.title) == (None, "top-hat 1.0")
    assert well.mask == 0.0
    pictures, golden = read_golden(Path(found.place))
    moved = {name: Answer(each.probability, each.maps + np.float32(0.2)) for name, each in golden.items()}
    monkeypatch.setattr("model.installing.check.openvino_answers", lambda *_: Answers("OpenVINO 2099.0", moved))
    assert "no longer gives the golden answer to" in (check_installed(found).problem or "")
    monkeypatch.undo()
    assert found.entry is not None
    assert found.entry.precision is not None
    elsewhere = replace(found.entry, precision=replace(found.entry.precision, processor="another"))
    assert "measured on another processor" in check_installed(replace(found, entry=elsewhere)).notes[0]
    (Path(found.place) / GOLDEN_NAME).write_bytes(b"")
    assert "was changed after it was installed" in (check_installed(found).problem or "")
    assert list(pictures) == list(golden_pictures()) + [name for name in pictures if name.startswith("own picture")]


def answers(runtime: str, value: float, **changes: float) -> Answers:
    maps = {name: np.full((2, 3, 4), changes.get(name, value), np.float32) for name in ("one", "two")}
    return Answers(runtime, {name: Answer(float(each[0, 0, 0]), each) for name, each in maps.items()})


def test_the_gate_names_pair_picture_and_distance() -> None:
    with pytest.raises(ModelError, match=r"m 1 is not installed: b and c disagree on 'two': a map differs by 0\.25"):
        check_parity("m 1", [answers("a", 0.5), answers("b", 0.5), answers("c", 0.5, two=0.75)][1:])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.5 + 2 * MASK_TOLERANCE])
def test_the_gate_lets_nothing_pass_that_is_not_close(value: float) -> None:
    with pytest.raises(ModelError, match="disagree on 'one'"):
        check_parity("m 1", [answers("a", 0.5), answers("b", 0.5, one=value)])


def test_the_gate_proves_nothing_with_one_runtime_or_other_shapes() -> None:
    with pytest.raises(ModelError, match=r"no second runtime could judge it\. X is away\."):
        check_parity("m 1", [answers("a", 0.5)], ["X is away."])
    small = Answers("b", {"one": Answer(0.5, np.full((2, 3, 3), 0.5, np.float32))})
    with pytest.raises(ModelError, match="a map differs by inf"):
        check_parity("m 1", [answers("a", 0.5), small])


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_gate_passes_what_lies_within_both_tolerances(one: float, other: float) -> None:
    near = abs(np.float32(one) - np.float32(other)) <= min(MASK_TOLERANCE, SCORE_TOLERANCE) * 0.99
    if near:
        record = check_parity("m 1", [answers("a", one), answers("b", other)])
        assert record.pairs[0].mask <= MASK_TOLERANCE
    elif abs(one - other) > 1.01 * max(MASK_TOLERANCE, SCORE_TOLERANCE):
        with pytest.raises(ModelError):
            check_parity("m 1", [answers("a", one), answers("b", other)])


def figures(precision: Precision, ms: float, scores: tuple[float, ...], mask: float = 0.0) -> Figures:
    return Figures(precision, (ms, ms, ms * 9), scores, mask)


TRUTH = (False, False, True, True)
GOOD = (0.1, 0.2, 0.8, 0.9)


def test_a_precision_that_costs_accuracy_is_not_used_however_quick() -> None:
    measured = measurements(
        [figures(Precision.F32, 100, GOOD), figures(Precision.INT8, 10, (0.1, 0.95, 0.8, 0.9))], TRUTH
    )
    assert [each.usable for each in measured] == [True, False]
    assert measured[0].average_precision == 1.0
    assert (measured[1].average_precision or 1.0) < 1.0 - AP_LOSS_ALLOWED
    assert quickest(measured) is Precision.F32


def test_without_labels_the_answers_themselves_must_stay() -> None:
    moved = (0.1, 0.2, 0.8, 0.93)
    exact = figures(Precision.F32, 100, GOOD)
    labelled = measurements([exact, figures(Precision.INT8, 10, moved)], TRUTH)
    unlabelled = measurements([exact, figures(Precision.INT8, 10, moved)], None)
    assert (labelled[1].usable, unlabelled[1].usable) == (True, False)
    assert "no labels" in unlabelled[1].because
    changed = measurements([exact, figures(Precision.BF16, 10, GOOD, mask=0.01)], None)
    assert not changed[1].usable


def measured(precision: Precision, ms: float | None, usable: bool = True) -> PrecisionMeasurement:
    return PrecisionMeasurement(precision, ms, 0.0, 0.0, None, usable, "made up")


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        ({Precision.F32: 100.0, Precision.BF16: 60.0, Precision.INT8: 30.0}, Precision.INT8),
        ({Precision.F32: 100.0, Precision.BF16: 97.0, Precision.INT8: 96.0}, Precision.F32),
        ({Precision.F32: 100.0, Precision.BF16: 60.0, Precision.INT8: None}, Precision.BF16),
        ({Precision.INT8: 99.0, Precision.F32: 100.0}, Precision.F32),
    ],
)
def test_the_quickest_is_chosen_unless_it_is_noise(times: dict[Precision, float | None], wanted: Precision) -> None:
    assert quickest([measured(precision, ms) for precision, ms in times.items()]) is wanted
    assert quickest([measured(Precision.F32, 9.0), measured(Precision.INT8, 1.0, usable=False)]) is Precision.F32


def test_a_fingerprint_follows_pictures_and_truth(labelled: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(labelled, copy)
    before = dataset_fingerprint(load_dataset(labelled))
    assert dataset_fingerprint(load_dataset(copy)) == before
    assert dataset_fingerprint(load_dataset(copy).part("val")) != before
    document = json.loads((copy / "annotations.json").read_text())
    document["annotations"].pop()
    (copy / "annotations.json").write_text(json.dumps(document))
    fewer = dataset_fingerprint(load_dataset(copy))
    assert fewer != before
    (copy / "images" / "0.png").write_bytes((copy / "images" / "2.png").read_bytes())
    assert dataset_fingerprint(load_dataset(copy)) not in {before, fewer}


def test_an_unreadable_data_set_is_one_sentence(
    tiny_folder: Path, registry: ModelRegistry, labelled: Path, make_manifest: Callable[..., ModelManifest]
) -> None:
    def refuse(path: Path) -> Pixels:
        raise DataSetError(f"{path} is no picture.")

    options = InstallOptions(load_dataset(labelled), int8=False, threads=1)
    with pytest.raises(DataSetError, match="no picture can be read"):
        install(open_candidate(tiny_folder), registry, options, refuse, NOW, QUIET)


def test_the_basis_says_where_calibration_has_seen_the_judged_pictures(labelled: Path) -> None:
    everything = load_dataset(labelled)
    assert InstallPictures(everything, read_plain).basis == f"{labelled.name} (val)"
    for split in ("train", "val"):
        alone = InstallPictures(everything.part(split), read_plain)
        assert alone.basis == f"{labelled.name} ({split}), on which int8 was calibrated too"


def test_golden_pictures_never_change() -> None:
    first, second = golden_pictures(), golden_pictures()
    assert list(first) == list(second)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert len({pixels.shape for pixels in first.values()}) == len(first)


def test_a_network_of_another_manifest_is_refused(tiny_folder: Path, tiny_files: ModelFiles) -> None:
    write_manifest(replace(tiny_files.manifest, sha256="0" * 64), tiny_folder / MANIFEST_NAME)
    with pytest.raises(ModelError, match="SHA-256"):
        open_candidate(tiny_folder)
    with pytest.raises(ModelError, match="models import"):
        open_candidate(tiny_folder.parent)
