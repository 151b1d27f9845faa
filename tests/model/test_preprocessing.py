"""Pictures to tensors and back to maps, whole or in tiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.manifest import Activation, Color, InputSpec, ModelManifest
from model.preprocessing import (
    UnusableOutput,
    convert_color,
    fit_picture,
    normalise,
    pad_to_stride,
    predict_maps,
    probabilities,
    spans,
)

GREY = InputSpec(Color.GREY, 1 / 255, (0.4,), (0.2,), 32)
BGR = InputSpec(Color.BGR, 1 / 255, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), 32)
MakeManifest = Callable[..., ModelManifest]


def picture(height: int, width: int, channels: int = 1, seed: int = 0) -> NDArray[np.uint8]:
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@given(height=st.integers(1, 70), width=st.integers(1, 70), channels=st.sampled_from([1, 3]))
def test_any_size_becomes_a_padded_tensor(height: int, width: int, channels: int) -> None:
    pixels = picture(height, width, channels)
    pixels.flags.writeable = False
    for spec in (GREY, BGR):
        tensor = normalise(fit_picture(pixels, spec), spec)
        assert tensor.dtype == np.float32
        assert tensor.flags.c_contiguous
        assert tensor.shape == (1, spec.color.channels, -(-height // 32) * 32, -(-width // 32) * 32)
        assert np.isfinite(tensor).all()


def test_values_are_scaled_and_normalised_per_channel_in_bgr_order() -> None:
    pixels = picture(32, 64, 3)
    tensor = normalise(fit_picture(pixels, BGR), BGR)
    wanted = (pixels.astype(np.float64) / 255 - BGR.mean) / BGR.std
    np.testing.assert_allclose(tensor[0].transpose(1, 2, 0), wanted, atol=1e-6)


def test_grey_for_a_grey_network_is_taken_as_it_is() -> None:
    pixels = picture(20, 30)
    np.testing.assert_allclose(
        normalise(fit_picture(pixels, GREY), GREY)[0, 0, :20, :30], (pixels / 255 - 0.4) / 0.2, atol=1e-6
    )


def test_colors_are_converted_both_ways() -> None:
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 2] = 200
    assert convert_color(red, Color.GREY)[0, 0] == round(0.299 * 200)
    grey = picture(4, 4)
    assert (convert_color(grey, Color.BGR) == grey[..., None]).all()


def test_padding_reflects_right_and_below() -> None:
    padded = pad_to_stride(np.arange(6, dtype=np.uint8).reshape(2, 3), 4)
    assert padded.tolist() == [[0, 1, 2, 1], [3, 4, 5, 4], [0, 1, 2, 1], [3, 4, 5, 4]]


@given(
    length=st.integers(1, 1500),
    tile=st.integers(256, 700),
    margin=st.integers(0, 110),
    stride=st.sampled_from([1, 2, 8, 32]),
)
def test_spans_cover_a_side_once_with_their_margins(length: int, tile: int, margin: int, stride: int) -> None:
    spec = replace(GREY, stride=stride, tile_px=tile, margin_px=margin)
    length = -(-length // stride) * stride
    found = spans(length, spec)
    assert [span.keep_start for span in found] == [0, *(span.keep_stop for span in found[:-1])]
    assert found[-1].keep_stop == length
    assert len({span.stop - span.start for span in found}) == 1
    for span in found:
        assert 0 <= span.start <= span.keep_start < span.keep_stop <= span.stop <= length
        assert span.start % stride == span.keep_start % stride == 0
        assert span.start == 0 or span.keep_start - span.start >= margin
        assert span.stop == length or span.stop - span.keep_stop >= margin
        # the margin is rounded up to whole strides, and a core is at least one stride
        assert span.stop - span.start <= max(tile, 2 * (margin + stride) + stride)


def blurring_network(reach: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return a network of known reach: a box blur, then every second pixel; zeros outside, as convolutions pad."""

    def run(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        blurred = cv2.blur(tensor[0, 0], (2 * reach + 1,) * 2, borderType=cv2.BORDER_CONSTANT)[::2, ::2]
        return np.stack([-blurred, blurred])[None]

    return run


@given(
    height=st.integers(250, 420),
    width=st.integers(250, 700),
    reach=st.integers(1, 30),
    stride=st.sampled_from([2, 8, 16]),
)
def test_tiles_give_what_the_whole_picture_gives(
    height: int, width: int, reach: int, stride: int, make_manifest: MakeManifest
) -> None:
    manifest = _blurring(make_manifest(), stride, margin_px=reach)
    whole = replace(manifest, input=replace(manifest.input, tile_px=8192))
    pixels = picture(height, width)
    tiled, untiled = (predict_maps(pixels, each, blurring_network(reach)) for each in (manifest, whole))
    assert tiled.shape == untiled.shape == (2, -(-height // 2), -(-width // 2))
    # the blur sums its window running, so equal places differ in the last float32 digit
    np.testing.assert_allclose(tiled, untiled, atol=2e-5)


def test_too_small_a_margin_shows_at_the_cuts_only(make_manifest: MakeManifest) -> None:
    manifest = _blurring(make_manifest(), 8, margin_px=0)
    whole = replace(manifest, input=replace(manifest.input, tile_px=8192))
    pixels = picture(200, 500)
    difference = np.abs(
        predict_maps(pixels, manifest, blurring_network(8)) - predict_maps(pixels, whole, blurring_network(8))
    ).max(axis=(0, 1))
    wrong = np.flatnonzero(difference > 1e-3)
    assert wrong.size
    assert np.abs(wrong * 2 - 256).max() <= 9


def _blurring(manifest: ModelManifest, stride: int, margin_px: int) -> ModelManifest:
    return replace(
        manifest, input=InputSpec(Color.GREY, 1 / 64, (2.0,), (1.0,), stride, tile_px=256, margin_px=margin_px)
    )


def test_softmax_and_sigmoid_do_not_overflow() -> None:
    logits = np.array([[[[1e30, -1e30, 0.0]], [[-1e30, 1e30, 0.0]]]], np.float32)
    with np.errstate(over="raise", invalid="raise"):
        soft = probabilities(logits, Activation.SOFTMAX)
        sigmoid = probabilities(logits, Activation.SIGMOID)
    for found in (soft, sigmoid):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found[:, 0], [[1, 0, 0.5], [0, 1, 0.5]])


@given(st.lists(st.floats(-30, 30, width=32), min_size=3, max_size=3))
def test_activations_are_the_textbook_ones(logits: list[float]) -> None:
    values = np.array(logits, np.float32).reshape(1, 3, 1, 1)
    exact = np.exp(np.array(logits, np.float64))
    np.testing.assert_allclose(probabilities(values, Activation.SOFTMAX).ravel(), exact / exact.sum(), rtol=1e-5)
    np.testing.assert_allclose(probabilities(values, Activation.SIGMOID).ravel(), exact / (1 + exact), rtol=1e-5)


def test_ready_probabilities_are_only_clipped() -> None:
    values = np.array([0.25, -0.1, 1.5], np.float32).reshape(1, 3, 1, 1)
    assert probabilities(values, Activation.NONE).ravel().tolist() == [0.25, 0.0, 1.0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_output_that_is_not_finite_is_refused(value: float, make_manifest: MakeManifest) -> None:
    def network(tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        output = np.zeros((1, 2, tensor.shape[2] // 2, tensor.shape[3] // 2), np.float32)
        output[0, 0, -1, -1] = value
        return output

    with pytest.raises(UnusableOutput, match="not finite"):
        predict_maps(picture(20, 20), make_manifest(), network)


def test_an_output_of_another_shape_is_refused(make_manifest: MakeManifest) -> None:
    with pytest.raises(UnusableOutput, match=r"\(1, 2, 12, 12\)"):
        predict_maps(picture(20, 20), make_manifest(), lambda tensor: tensor)


def test_normalise_wants_no_copy_of_what_it_reads() -> None:
    pixels = picture(8, 8)
    before = pixels.copy()
    normalise(pixels, GREY)
    assert (pixels == before).all()
