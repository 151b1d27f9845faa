"""The OpenVINO classifier on a small real network."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import frozen_pixels
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import PredictionStatus
from model.classifier import OpenVinoClassifier, default_threads
from model.manifest import Activation, ClassSpec, ModelManifest, OutputSpec
from model.model_files import ModelFiles, read_model_files
from model.precision import Precision

MakeManifest = Callable[..., ModelManifest]
MakeNetwork = Callable[..., bytes]


def part_with_scratch(height: int = 240, width: int = 320) -> NDArray[np.uint8]:
    """Return a dark part with a bright line from (60, 50) to (210, 130), 170 px long and 3 wide."""
    pixels = np.full((height, width), 40, np.uint8)
    cv2.line(pixels, (60, 50), (210, 130), 200, 3)
    return frozen_pixels(pixels)


@pytest.fixture(scope="module")
def classifier(tiny_files: ModelFiles) -> Iterator[OpenVinoClassifier]:
    found = OpenVinoClassifier(tiny_files, threads=1, precision=Precision.F32)
    yield found
    found.close()


def test_it_is_a_classifier_and_finds_the_line(classifier: OpenVinoClassifier, tiny_files: ModelFiles) -> None:
    port: Classifier = classifier
    prediction = port.predict(part_with_scratch())
    assert prediction.status is PredictionStatus.OK
    assert prediction.model == tiny_files.manifest.identity == port.model
    assert prediction.probability is not None
    assert prediction.probability > 0.99
    (region,) = prediction.regions
    assert (region.class_name, region.rejects) == ("scratch", True)
    assert region.length_px == pytest.approx(172, rel=0.05)
    assert 3 <= region.width_px <= 7  # a 2 px block counts as soon as the line touches it
    assert abs(region.box.x - 60) <= 3
    assert abs(region.box.y - 50) <= 3
    assert prediction.elapsed_ms > 0


def test_a_calibrated_camera_gives_sizes_on_the_part(tiny_files: ModelFiles, classifier: OpenVinoClassifier) -> None:
    calibrated = OpenVinoClassifier(tiny_files, threads=1, precision=Precision.F32, mm_per_px=0.02)
    (region,) = calibrated.predict(part_with_scratch()).regions
    calibrated.close()
    (plain,) = classifier.predict(part_with_scratch()).regions
    assert (plain.length_mm, plain.width_mm) == (None, None)
    assert region == plain.on_part(0.02)
    assert region.length_mm == pytest.approx(0.02 * plain.length_px)
    assert region.width_mm == pytest.approx(0.02 * plain.width_px)


def test_a_clean_part_is_no_reject(classifier: OpenVinoClassifier) -> None:
    prediction = classifier.predict(frozen_pixels(np.full((100, 130), 90, np.uint8)))
    assert prediction.status is PredictionStatus.OK
    assert prediction.regions == ()
    assert prediction.probability is not None
    assert prediction.probability < 0.01


def test_grey_and_its_bgr_copy_are_judged_alike(classifier: OpenVinoClassifier) -> None:
    grey = part_with_scratch()
    color = frozen_pixels(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8))
    assert _essence(classifier, color) == _essence(classifier, grey)


@settings(max_examples=25)
@given(height=st.integers(1, 60), width=st.integers(1, 60), seed=st.integers(0, 5))
def test_every_size_gets_an_answer_inside_the_picture(
    height: int, width: int, seed: int, classifier: OpenVinoClassifier
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    prediction = classifier.predict(frozen_pixels(pixels))
    assert prediction.status is PredictionStatus.OK
    for region in prediction.regions:
        box = region.box
        assert 0 <= box.x < box.x + box.w <= width
        assert 0 <= box.y < box.y + box.h <= height
        assert all(0 <= x < width and 0 <= y < height for x, y in region.polygon)


def _essence(classifier: OpenVinoClassifier, pixels: NDArray[np.uint8]) -> tuple[object, ...]:
    prediction = classifier.predict(pixels)
    return prediction.status, prediction.probability, prediction.regions


@pytest.mark.parametrize("precision", [Precision.F32, Precision.BF16])
def test_the_same_picture_gives_the_same_answer_for_ever(tiny_files: ModelFiles, precision: Precision) -> None:
    rng = np.random.default_rng(3)
    picture = frozen_pixels(rng.integers(0, 256, (130, 170), dtype=np.uint8))
    first = OpenVinoClassifier(tiny_files, threads=2, precision=precision)
    second = OpenVinoClassifier(tiny_files, threads=2, precision=precision)
    maps = first.maps(picture)
    wanted = _essence(first, picture)
    assert wanted[2], "the picture must hold regions for this to prove anything"
    for size in (40, 90, 300, 410, 130):
        first.predict(frozen_pixels(rng.integers(0, 256, (size, size), dtype=np.uint8)))
        assert _essence(first, picture) == wanted
    assert _essence(second, picture) == wanted
    assert hashlib.sha256(second.maps(picture).tobytes()).digest() == hashlib.sha256(maps.tobytes()).digest()
    first.close()
    second.close()


def test_pictures_are_not_changed(classifier: OpenVinoClassifier) -> None:
    pixels = part_with_scratch()
    before = pixels.tobytes()
    classifier.predict(pixels)
    assert pixels.tobytes() == before


def test_a_large_picture_is_cut_into_tiles_with_the_same_result(tiny_files: ModelFiles) -> None:
    pixels = np.full((700, 900), 40, np.uint8)
    cv2.line(pixels, (30, 600), (850, 80), 220, 3)
    tiled = replace(tiny_files.manifest, input=replace(tiny_files.manifest.input, tile_px=256, margin_px=24))
    found = []
    for manifest in (tiny_files.manifest, tiled):
        judge = OpenVinoClassifier(ModelFiles(manifest, tiny_files.network), threads=1, precision=Precision.F32)
        found.append((judge.maps(frozen_pixels(pixels)), judge.predict(frozen_pixels(pixels)).regions))
        judge.close()
    np.testing.assert_allclose(found[0][0], found[1][0], atol=1e-6)
    assert len(found[0][1]) == 1
    assert found[0][1][0].box == found[1][1][0].box


def test_an_output_that_is_not_a_number_is_failed_never_ok(
    make_network: MakeNetwork, make_manifest: MakeManifest
) -> None:
    network = make_network(poison=True)
    judge = OpenVinoClassifier(ModelFiles(make_manifest(network), network), threads=1, precision=Precision.F32)
    white = judge.predict(frozen_pixels(np.full((32, 32), 255, np.uint8)))
    assert white.status is PredictionStatus.FAILED
    assert white.probability is None
    assert white.regions == ()
    assert "not finite" in (white.detail or "")
    grey = judge.predict(frozen_pixels(np.full((32, 32), 50, np.uint8)))
    assert grey.status is PredictionStatus.OK
    judge.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: replace(m, classes=(*m.classes, ClassSpec("dust", False))), "shape"),
        (lambda m: replace(m, output=OutputSpec(Activation.SOFTMAX, 4)), "shape"),
    ],
)
def test_a_network_that_does_not_fit_its_manifest_is_refused_at_once(
    change: Callable[[ModelManifest], ModelManifest], words: str, tiny_files: ModelFiles
) -> None:
    with pytest.raises(ModelError, match=words):
        OpenVinoClassifier(ModelFiles(change(tiny_files.manifest), tiny_files.network), threads=1)


@pytest.mark.parametrize("network", [b"", b"not a network", b"\x80\x04N."])
def test_bytes_that_are_no_onnx_are_refused(network: bytes, make_manifest: MakeManifest) -> None:
    with pytest.raises(ModelError, match="OpenVINO cannot run the network"):
        OpenVinoClassifier(ModelFiles(make_manifest(network), network), threads=1)


def test_it_opens_from_a_folder_and_closes_twice(tiny_folder: Path) -> None:
    judge = OpenVinoClassifier(read_model_files(tiny_folder), threads=1)
    assert judge.precision in {Precision.F32, Precision.BF16}
    assert judge.threads == 1
    judge.warm_up(64, 64)
    judge.close()
    judge.close()
    with pytest.raises(ModelError, match="closed"):
        judge.predict(part_with_scratch())


def test_threads_are_bounded(tiny_files: ModelFiles) -> None:
    assert 1 <= default_threads() <= 8
    with pytest.raises(ModelError, match="at least 1"):
        OpenVinoClassifier(tiny_files, threads=0)


def test_other_threads_run_while_it_infers(tiny_files: ModelFiles) -> None:
    """The lock of the interpreter is free during inference: another thread advances before one call returns."""
    judge = OpenVinoClassifier(tiny_files, threads=1, precision=Precision.F32)
    picture = frozen_pixels(np.zeros((1600, 1600), np.uint8))
    judge.warm_up(1600, 1600)
    started, turns, finished = threading.Event(), [0], threading.Event()

    def count() -> None:
        started.set()
        while not finished.wait(0.001):
            turns[0] += 1

    thread = threading.Thread(target=count, name="counting")
    thread.start()
    started.wait()
    before, calls, until = turns[0], 0, time.monotonic() + 60.0
    # With the lock held it would advance by one between two calls. How soon it gets a core is up to the machine.
    while turns[0] - before <= 2 * calls + 5 and time.monotonic() < until:
        judge._network(picture)
        calls += 1
    finished.set()
    thread.join()
    assert turns[0] - before > 2 * calls + 5
    judge.close()


def test_importing_and_running_it_brings_neither_torch_nor_telemetry(tiny_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from model.classifier import OpenVinoClassifier\n"
        "from model.model_files import read_model_files\n"
        "assert 'openvino' not in sys.modules\n"
        f"judge = OpenVinoClassifier(read_model_files(Path({str(tiny_folder)!r})), threads=1)\n"
        "print(judge.predict(np.zeros((64, 64), np.uint8)).status)\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in {'torch', 'onnx', 'sklearn'} or 'telemetry' in m]\n"
        "assert not bad, bad\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "ok"
