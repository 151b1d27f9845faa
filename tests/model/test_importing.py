"""Models from elsewhere: PyTorch and TensorFlow exports, segmentation and classification, as a station runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
from inspector_app.domain.prediction import PredictionStatus
from model.classifier import OpenVinoClassifier
from model.installing.candidate import Candidate, bring_candidate
from model.installing.gate import pass_gate
from model.manifest import Color, Fit, FixedSize, InputSpec, Layout
from model.model_files import ModelFiles
from model.precision import Precision
from model.preprocessing import fit_picture, fixed_spans, predict_maps

torch = pytest.importorskip("torch")

NOW = datetime(2026, 2, 3, tzinfo=UTC)
TENSORFLOW = Path(__file__).parent / "tensorflow_models"
RGB = {"color": "rgb", "scale": 1 / 255, "mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "stride": 2}
REDNESS: dict[str, Any] = {
    "name": "redness",
    "version": "1",
    "licence": "Apache-2.0",
    "task": "classification",
    "input": RGB | {"layout": "NHWC", "fixed": {"height": 64, "width": 64, "fit": "resize"}},
    "output": {"activation": "none", "stride": 1},
    "classes": [{"name": "good", "reject": False}, {"name": "stained", "reject": True}],
}
LINES: dict[str, Any] = REDNESS | {
    "name": "lines",
    "task": "segmentation",
    "input": RGB | {"layout": "NHWC"},
    "output": {"activation": "softmax", "stride": 2, "layout": "NHWC"},
    "classes": [{"name": "background", "reject": False}, {"name": "scratch", "reject": True}],
}


def read_plain(path: Path) -> Pixels:
    found = cv2.imread(str(path))
    if found is None:
        raise DataSetError(f"{path} is no picture.")
    return frozen_pixels(np.asarray(found, np.uint8))


def brought(source: Path, document: dict[str, Any], folder: Path) -> Candidate:
    manifest = folder / "my-manifest.json"
    manifest.write_text(json.dumps(document))
    return bring_candidate(source, manifest, NOW)


@contextmanager
def judge(files: ModelFiles) -> Iterator[OpenVinoClassifier]:
    opened = OpenVinoClassifier(files, threads=1, precision=Precision.F32)
    try:
        yield opened
    finally:
        opened.close()


def colored(bgr: tuple[int, int, int], height: int = 64, width: int = 64) -> Pixels:
    return frozen_pixels(np.full((height, width, 3), bgr, np.uint8))


def test_a_keras_classifier_from_a_saved_model_tells_red_from_blue(tmp_path: Path) -> None:
    candidate = brought(TENSORFLOW / "redness" / "model", REDNESS, tmp_path)
    assert candidate.source_format == "saved_model"
    record = pass_gate(candidate, {}, TENSORFLOW / "redness" / "reference", read_plain, tmp_path)
    (pair,) = record.pairs
    assert (pair.first, pair.second.split()[0]) == ("the recorded outputs", "OpenVINO")
    assert pair.mask < 1e-4
    with judge(candidate.files) as opened:
        red, blue = opened.predict(colored((0, 0, 200), 90, 130)), opened.predict(colored((200, 0, 0), 90, 130))
    assert red.status is blue.status is PredictionStatus.OK
    assert (red.probability or 0.0) > 0.9
    assert (blue.probability or 1.0) < 0.1
    assert red.regions == ()


def test_a_tensorflow_segmentation_of_any_size_finds_a_line(tmp_path: Path) -> None:
    candidate = brought(TENSORFLOW / "bright_lines" / "model", LINES, tmp_path)
    record = pass_gate(candidate, {}, TENSORFLOW / "bright_lines" / "reference", read_plain, tmp_path)
    assert record.pairs[0].mask < 1e-4
    pixels = np.full((121, 201, 3), 60, np.uint8)
    cv2.line(pixels, (20, 40), (180, 90), (230, 230, 230), 2)
    with judge(candidate.files) as opened:
        prediction = opened.predict(frozen_pixels(pixels))
    (region,) = prediction.regions
    assert region.class_name == "scratch"
    assert abs(region.box.x - 20) <= 4
    assert region.length_px == pytest.approx(168, rel=0.06)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("redness", {"color": "bgr"}),
        ("redness", {"scale": 1.0}),
        ("redness", {"mean": [0.2, 0.0, 0.0]}),
        ("bright_lines", {"color": "bgr"}),
        ("bright_lines", {"std": [0.5, 0.5, 0.5]}),
    ],
)
def test_a_wrong_word_in_the_manifest_fails_the_gate(name: str, change: dict[str, Any], tmp_path: Path) -> None:
    plain = REDNESS if name == "redness" else LINES
    candidate = brought(TENSORFLOW / name / "model", plain | {"input": plain["input"] | change}, tmp_path)
    with pytest.raises(ModelError, match=r"the recorded outputs and OpenVINO .* disagree on 'reference "):
        pass_gate(candidate, {}, TENSORFLOW / name / "reference", read_plain, tmp_path)


def test_a_saved_model_without_recorded_outputs_is_not_installed(tmp_path: Path) -> None:
    candidate = brought(TENSORFLOW / "redness" / "model", REDNESS, tmp_path)
    with pytest.raises(ModelError, match=r"no second runtime .* --reference DIR"):
        pass_gate(candidate, {}, None, read_plain, tmp_path)


class Pooled(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Grey classifier: bright pictures are rejects; one sigmoid score."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 1, 1)
        with torch.no_grad():
            self.conv.weight.fill_(20.0)
            self.conv.bias.fill_(-10.0)

    def forward(self, x: Any) -> Any:
        return self.conv(x).mean(dim=(2, 3))


GREY: dict[str, Any] = {"color": "grey", "scale": 1 / 255, "mean": [0.0], "std": [1.0], "stride": 32}
BRIGHT = REDNESS | {
    "name": "bright",
    "input": GREY | {"margin_px": 0, "fixed": {"height": 64, "width": 64, "fit": "tile"}},
    "output": {"activation": "sigmoid", "stride": 1},
    "classes": [{"name": "bright", "reject": True}],
}


def exported(path: Path, network: Any, example: Any) -> Path:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(network.eval(), (example,), path, dynamo=False)
    return path


def test_a_pytorch_classifier_of_one_size_looks_at_tiles_and_takes_the_worst(tmp_path: Path) -> None:
    source = exported(tmp_path / "bright.onnx", Pooled(), torch.zeros(1, 1, 64, 64))
    candidate = brought(source, BRIGHT, tmp_path)
    record = pass_gate(candidate, {}, None, read_plain, tmp_path)
    assert record.pairs[0].first.startswith("ONNX Runtime")
    pixels = np.zeros((150, 200), np.uint8)
    with judge(candidate.files) as opened:
        dark = opened.predict(frozen_pixels(pixels)).probability
        pixels[70:140, 130:200] = 255
        corner = opened.predict(frozen_pixels(pixels))
        assert opened.maps(frozen_pixels(pixels)).shape == (1, 3, 4)
    assert dark is not None
    assert dark < 0.01
    assert (corner.probability or 0.0) > 0.9
    assert corner.regions == ()


def test_weights_in_a_file_of_their_own_are_brought_under_one_hash(tmp_path: Path) -> None:
    source = exported(tmp_path / "bright.onnx", Pooled(), torch.zeros(1, 1, 64, 64))
    network = onnx.load(source)
    split = tmp_path / "split"
    split.mkdir()
    onnx.save(network, split / "bright.onnx", save_as_external_data=True, location="bright.data", size_threshold=0)
    candidate = brought(split / "bright.onnx", BRIGHT, tmp_path)
    (split / "bright.data").unlink()
    with judge(candidate.files) as opened:
        assert (opened.predict(frozen_pixels(np.full((64, 64), 255, np.uint8))).probability or 0.0) > 0.9


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.pt", b"PK", "torch.onnx.export"),
        ("model.pkl", b"\x80\x04N.", "may run code"),
        ("model.keras", b"PK", r"model\.export"),
        ("model.onnx", b"no onnx at all", "no sound ONNX file"),
        ("model.xml", b"<net/>", "OpenVINO cannot read"),
        ("model.tflite", b"TFL3", "cannot|not of a kind"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    (tmp_path / "model.bin").write_bytes(b"0")
    with pytest.raises(ModelError, match=words) as caught:
        brought(tmp_path / name, REDNESS, tmp_path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="does not exist"):
        brought(tmp_path / "absent.onnx", REDNESS, tmp_path)


def test_a_small_manifest_is_completed_and_a_wrong_one_named(tmp_path: Path) -> None:
    source = exported(tmp_path / "bright.onnx", Pooled(), torch.zeros(1, 1, 64, 64))
    manifest = brought(source, BRIGHT, tmp_path).files.manifest
    assert (manifest.created_utc, manifest.probability.k) == (NOW, 1)
    with pytest.raises(ModelError, match=r"my-manifest\.json: key 'input\.color'"):
        brought(source, BRIGHT | {"input": GREY | {"color": "blue"}}, tmp_path)
    with pytest.raises(ModelError, match=r"my-manifest\.json: key 'sha256' is of another file"):
        brought(source, BRIGHT | {"sha256": "0" * 64}, tmp_path)
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ModelError, match="not valid JSON"):
        bring_candidate(source, tmp_path / "broken.json", NOW)


def test_a_network_that_is_not_as_its_manifest_says_is_refused(tmp_path: Path) -> None:
    source = exported(tmp_path / "bright.onnx", Pooled(), torch.zeros(1, 1, 64, 64))
    two = BRIGHT | {"classes": [{"name": "a", "reject": True}, {"name": "b", "reject": False}]}
    with pytest.raises(ModelError, match=r"shape \(1, 1\), the manifest asks for \(1, 2\)"):
        judge(brought(source, two, tmp_path).files).__enter__()
    wide = BRIGHT | {"input": GREY | {"margin_px": 0, "fixed": {"height": 96, "width": 64, "fit": "tile"}}}
    found = brought(source, wide, tmp_path)
    with pytest.raises(ModelError, match=r"ONNX Runtime|OpenVINO"):
        pass_gate(found, {}, None, read_plain, tmp_path)


@given(
    length=st.integers(1, 700), size=st.integers(4, 20), margin=st.integers(0, 25), stride=st.sampled_from([1, 2, 8])
)
def test_fixed_tiles_cover_a_side_once_with_their_margins(length: int, size: int, margin: int, stride: int) -> None:
    tile = size * 8
    if 2 * -(-margin // stride) * stride >= tile:
        return
    spec = InputSpec(Color.GREY, 1.0, (0.0,), (1.0,), stride, margin_px=margin, fixed=FixedSize(tile, tile, Fit.TILE))
    padded = fit_picture(np.zeros((length, 8), np.uint8), spec).shape[0]
    assert padded >= max(length, tile)
    assert padded % stride == 0
    found = fixed_spans(padded, tile, spec)
    assert [span.keep_start for span in found] == [0, *(span.keep_stop for span in found[:-1])]
    assert found[-1].keep_stop == found[-1].stop == padded
    for span in found:
        assert span.stop - span.start == tile
        assert span.start % stride == span.keep_start % stride == 0
        assert span.start == 0 or span.keep_start - span.start >= margin
        assert span.stop == padded or span.stop - span.keep_stop >= margin


@pytest.mark.parametrize("layout", list(Layout))
def test_a_resized_segmentation_gives_maps_of_the_whole_picture(layout: Layout, make_manifest: Any) -> None:
    """A network that passes its input on: what it says lies where it was in the picture, however that was stretched."""
    plain = make_manifest()
    spec = replace(plain.input, stride=2, fixed=FixedSize(64, 128, Fit.RESIZE), layout=layout)
    manifest = replace(plain, input=spec, output=replace(plain.output, layout=layout))

    def passed_on(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        grey = tensor[0, 0] if layout is Layout.NCHW else tensor[0, :, :, 0]
        logits = np.stack([np.zeros_like(grey), 20 * grey - 10])[:, ::2, ::2][None]
        return logits if layout is Layout.NCHW else logits.transpose(0, 2, 3, 1)

    pixels = np.zeros((300, 500), np.uint8)
    pixels[150:210, 250:400] = 255
    maps = predict_maps(frozen_pixels(pixels), manifest, passed_on)
    assert maps.shape == (2, 150, 250)
    rows, columns = np.nonzero(maps[1] > 0.5)
    assert np.allclose([rows.min(), rows.max(), columns.min(), columns.max()], [75, 104, 125, 199], atol=3)
