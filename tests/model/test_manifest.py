"""model.json: what is read is what was written, and every wrong value gets one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from inspector_app.domain.errors import ModelError
from model.manifest import (
    MANIFEST_NAME,
    NETWORK_NAME,
    ClassSpec,
    InputSpec,
    ModelManifest,
    Platt,
    RegionSpec,
    read_manifest,
    write_manifest,
)
from model.model_files import read_model_files

MakeManifest = Callable[..., ModelManifest]
Change = Callable[[dict[str, Any]], object]


def test_a_written_manifest_is_read_back_equal(make_manifest: MakeManifest, tmp_path: Path) -> None:
    manifest = make_manifest(training={"seed": 7, "hours": [1, 2.5]}, metrics={"auroc": 0.93, "note": "Größe µm"})
    write_manifest(manifest, tmp_path / MANIFEST_NAME)
    again = read_manifest(tmp_path / MANIFEST_NAME)
    assert again == manifest
    assert again.identity == manifest.identity
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST_NAME]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("sha256"), ["'sha256'", "required"]),
        (lambda d: d.update(sha256="ABC"), ["'sha256'", "[0-9a-f]{64}"]),
        (lambda d: d.update(colour="grey"), ["'colour'", "Unexpected"]),
        (lambda d: d.update(task="detection"), ["'task'", "'segmentation' or 'classification'"]),
        (lambda d: d.update(task="classification"), ["'output.stride'", "1"]),
        (lambda d: d.update(schema=2), ["'schema'", "1"]),
        (lambda d: d.update(name="two words"), ["'name'", "two words"]),
        (lambda d: d.update(created_utc="2026-01-31T12:00:00+02:00"), ["created_utc", "UTC"]),
        (lambda d: d.update(created_utc="2026-01-31T12:00:00"), ["created_utc", "UTC"]),
        (lambda d: d.update(classes=[]), ["'classes'"]),
        (lambda d: d["input"].update(color="red"), ["'input.color'", "'grey', 'bgr' or 'rgb'", "red"]),
        (lambda d: d["input"].update(color="bgr"), ["'mean' and 'std'", "3"]),
        (lambda d: d["input"].update(scale="0.1"), ["'input.scale'", "number"]),
        (lambda d: d["input"].update(scale=0), ["'input.scale'", "greater than 0"]),
        (lambda d: d["input"].update(scale=float("nan")), ["'input.scale'", "finite"]),
        (lambda d: d["input"].update(std=[0.0]), ["'input.std.0'", "greater than 0"]),
        (lambda d: d["input"].update(stride=3), ["'input.stride'", "multiple"]),
        (lambda d: d["input"].update(layout="CHW"), ["'input.layout'", "'NCHW' or 'NHWC'"]),
        (lambda d: d["input"].update(fixed={"height": 100, "width": 96, "fit": "resize"}), ["multiples of 'stride'"]),
        (lambda d: d["input"].update(fixed={"height": 96, "width": 96, "fit": "tile"}), ["'margin_px', twice"]),
        (lambda d: d["input"].update(tile_px=256, margin_px=128), ["two margins"]),
        (lambda d: d["output"].update(activation="relu"), ["'output.activation'", "'softmax', 'sigmoid' or 'none'"]),
        (lambda d: d["output"].pop("stride"), ["'output.stride'", "required"]),
        (lambda d: d["regions"].update(threshold=1.2), ["'regions.threshold'", "less than or equal to 1"]),
        (lambda d: d["regions"].update(low_threshold=0.9), ["low_threshold", "threshold"]),
        (lambda d: d["probability"].update(feature="max"), ["'probability.feature'", "topk_mean_logit"]),
        (lambda d: d["probability"]["platt"].update(a=-1), ["'probability.platt.a'", "greater than 0"]),
        (lambda d: d["classes"][1].update(reject="yes"), ["'classes.1.reject'", "boolean"]),
        (lambda d: d["classes"][1].update(reject=False), ["at least one", "reject"]),
        (lambda d: d["classes"].append({"name": "scratch", "reject": False}), ["different names"]),
        (lambda d: d["classes"].reverse(), ["first of 'classes'", "background"]),
        (lambda d: d["classes"][0].update(reject=True), ["'background'", "never a reject"]),
    ],
)
def test_a_wrong_value_is_one_sentence(
    change: Change, words: list[str], make_manifest: MakeManifest, tmp_path: Path
) -> None:
    path = tmp_path / MANIFEST_NAME
    write_manifest(make_manifest(), path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ModelError) as caught:
        read_manifest(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff"])
def test_a_file_that_is_no_manifest_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / MANIFEST_NAME
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelError, match=r"model\.json: .+\.$"):
        read_manifest(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.json: .+cannot be read"):
        read_manifest(tmp_path / MANIFEST_NAME)


def test_the_constructor_checks_too(make_manifest: MakeManifest) -> None:
    with pytest.raises(ValueError, match="UTC"):
        make_manifest(created_utc=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))))


def test_the_preprocessing_hash_follows_everything_that_shapes_a_result(make_manifest: MakeManifest) -> None:
    manifest = make_manifest()
    shaping = [
        replace(manifest, input=replace(manifest.input, std=(0.5,))),
        replace(manifest, input=replace(manifest.input, tile_px=1024)),
        replace(manifest, output=replace(manifest.output, stride=4)),
        replace(manifest, classes=(*manifest.classes, ClassSpec("stain", False))),
        replace(manifest, regions=replace(manifest.regions, merge_gap_px=5.0)),
        replace(manifest, probability=replace(manifest.probability, platt=Platt(1.0, 0.1))),
    ]
    hashes = {changed.preprocessing_sha256 for changed in shaping}
    assert len(hashes) == len(shaping)
    assert manifest.preprocessing_sha256 not in hashes
    telling = replace(manifest, name="other", metrics={"auroc": 1.0}, created_utc=datetime(2027, 1, 1, tzinfo=UTC))
    assert telling.preprocessing_sha256 == manifest.preprocessing_sha256


def test_the_preprocessing_hash_does_not_tell_whole_floats_from_integers(make_manifest: MakeManifest) -> None:
    one = make_manifest(probability=replace(make_manifest().probability, platt=Platt(1, 0)))
    assert one.preprocessing_sha256 == make_manifest().preprocessing_sha256


def test_channels_of_rejects_and_others_leave_the_background_out(make_manifest: MakeManifest) -> None:
    names = (("background", False), ("stain", False), ("scratch", True), ("crack", True))
    manifest = make_manifest(classes=tuple(ClassSpec(*pair) for pair in names))
    assert manifest.channels(reject=True) == (2, 3)
    assert manifest.channels(reject=False) == (1,)
    assert manifest.reject_classes == {"scratch", "crack"}


def test_specs_are_values(make_manifest: MakeManifest) -> None:
    spec = make_manifest().input
    assert spec == InputSpec(**{name: getattr(spec, name) for name in InputSpec.__slots__})
    assert RegionSpec(0.5, 0.5).merge_gap_px > 0


def test_a_changed_network_is_refused(tiny_folder: Path) -> None:
    network = bytearray((tiny_folder / NETWORK_NAME).read_bytes())
    network[-1] ^= 1
    (tiny_folder / NETWORK_NAME).write_bytes(bytes(network))
    with pytest.raises(ModelError, match="SHA-256") as caught:
        read_model_files(tiny_folder)
    assert NETWORK_NAME in str(caught.value)


def test_a_missing_network_is_one_sentence(tiny_folder: Path) -> None:
    (tiny_folder / NETWORK_NAME).unlink()
    with pytest.raises(ModelError, match=r"model\.onnx: the network cannot be read"):
        read_model_files(tiny_folder)
