"""The protocol that station and server share: what goes in comes out unchanged, what is malformed is one sentence."""

from __future__ import annotations

import math
import struct
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inspector_app.domain.prediction import (
    Box,
    ModelIdentity,
    Prediction,
    PredictionStatus,
    Region,
    unusable_prediction,
)
from model.protocol.contract import ELAPSED_MS, INPUTS, MODEL, OUTPUTS, PICTURE, PIXELS, PROBABILITY, REGIONS, STATUS
from model.protocol.messages import DATA_TYPES, METHODS, message_class
from model.protocol.pictures import file_tensor, pixels_tensor, tensor_pixels
from model.protocol.predictions import prediction_tensors, read_prediction
from model.protocol.tensors import (
    BYTES,
    FP64,
    UINT8,
    ProtocolFault,
    Tensor,
    bytes_tensor,
    number_tensor,
    one_content,
    one_number,
)
from model.protocol.wire import InferAnswer, InferRequest, answer_message, read_answer, read_request, request_message

IDENTITY = ModelIdentity("scratch-net", "1.2.0", "a" * 64, "b" * 64)
SHARE = st.floats(0.0, 1.0)
SIZE = st.floats(0.0, 1e12)
SIDE = st.integers(0, 100_000)
REGION = st.builds(
    Region,
    class_name=st.sampled_from(["scratch", "Kratzer", "скол"]),
    score=SHARE,
    box=st.builds(Box, SIDE, SIDE, SIDE, SIDE),
    polygon=st.lists(st.tuples(SIDE, SIDE), min_size=3, max_size=6).map(tuple),
    length_px=SIZE,
    width_px=SIZE,
    rejects=st.booleans(),
    length_mm=st.none() | SIZE,
    width_mm=st.none() | SIZE,
)
GOOD = st.builds(
    Prediction,
    status=st.just(PredictionStatus.OK),
    probability=SHARE,
    regions=st.lists(REGION, max_size=4).map(tuple),
    model=st.just(IDENTITY),
    elapsed_ms=SIZE,
)
UNUSABLE = st.builds(
    unusable_prediction,
    st.sampled_from([PredictionStatus.FAILED, PredictionStatus.LATE, PredictionStatus.ABSENT]),
    st.sampled_from([None, IDENTITY]),
    SIZE,
    st.text(min_size=1, max_size=40),
)


@given(GOOD | UNUSABLE)
def test_a_prediction_comes_back_unchanged_over_the_wire(prediction: Prediction) -> None:
    answer = InferAnswer("default", "1", prediction_tensors(prediction), "7")
    sent = answer_message(answer).SerializeToString()
    heard = read_answer(message_class("ModelInferResponse").FromString(sent))
    assert heard == answer
    assert read_prediction(heard.outputs) == prediction


@given(GOOD)
def test_the_outputs_are_what_the_contract_declares(prediction: Prediction) -> None:
    tensors = prediction_tensors(prediction)
    assert [(t.name, t.datatype) for t in tensors] == [(spec.name, spec.datatype) for spec in OUTPUTS]
    assert all(spec.fits(t.shape) for spec, t in zip(OUTPUTS, tensors, strict=True))


@given(
    array_shapes(min_dims=2, max_dims=2, max_side=40).flatmap(
        lambda side: arrays(np.uint8, st.sampled_from([side, (*side, 3)]))
    )
)
def test_pixels_come_back_unchanged_over_the_wire(array: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    request = InferRequest("blue", "", (pixels_tensor(array),), ("status",), "id-1", 1500)
    heard = read_request(message_class("ModelInferRequest").FromString(request_message(request).SerializeToString()))
    assert heard == request
    assert PIXELS.fits(heard.inputs[0].shape)
    pixels = tensor_pixels(heard.inputs[0])
    assert pixels.shape == array.shape
    assert (pixels == array).all()
    assert not pixels.flags.writeable


def test_a_picture_file_comes_back_unchanged() -> None:
    tensor = file_tensor(b"\xff\xd8 picture \x00")
    assert PICTURE.fits(tensor.shape)
    assert one_content(tensor) == b"\xff\xd8 picture \x00"


@pytest.mark.parametrize("shape", [(3,), (2, 3, 2), (1, 2, 3, 3), (0, 4), (4, 0, 3)])
def test_pixels_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ProtocolFault, match=r"pixels.*\[H, W\]"):
        tensor_pixels(Tensor(PIXELS.name, UINT8, shape, bytes(math.prod(shape))))


def test_pixels_that_are_fewer_than_their_shape_says_are_refused() -> None:
    with pytest.raises(ProtocolFault, match="has 11 bytes"):
        tensor_pixels(Tensor(PIXELS.name, UINT8, (2, 2, 3), bytes(11)))


@given(st.binary(max_size=30), st.sampled_from([BYTES, FP64, UINT8, "INT8"]), st.lists(st.integers(0, 3), max_size=3))
def test_any_tensor_is_read_or_refused_in_a_sentence(data: bytes, datatype: str, shape: list[int]) -> None:
    tensor = Tensor("x", datatype, tuple(shape), data)
    for read in (one_content, one_number, tensor_pixels):
        with suppress(ProtocolFault):
            read(tensor)


def _good() -> dict[str, Tensor]:
    prediction = Prediction(PredictionStatus.OK, 0.25, (), IDENTITY, 3.0)
    return {tensor.name: tensor for tensor in prediction_tensors(prediction)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (bytes_tensor(STATUS.name, b"fine"), "no prediction"),
        (bytes_tensor(STATUS.name, b"\xff"), "no UTF-8"),
        (bytes_tensor(STATUS.name, b"failed"), "neither probability"),
        (number_tensor(PROBABILITY.name, 1.5), "probability in 0"),
        (number_tensor(PROBABILITY.name, math.nan), "probability in 0"),
        (Tensor(PROBABILITY.name, "FP32", (1,), bytes(4)), "FP64"),
        (Tensor(PROBABILITY.name, FP64, (2,), bytes(16)), "FP64"),
        (Tensor(PROBABILITY.name, FP64, (1,), bytes(7)), "7 bytes"),
        (number_tensor(ELAPSED_MS.name, math.inf), "elapsed_ms"),
        (number_tensor(ELAPSED_MS.name, -1.0), "elapsed_ms"),
        (bytes_tensor(REGIONS.name, b"[{}]"), "'regions'"),
        (bytes_tensor(REGIONS.name, b"["), "'regions'"),
        (bytes_tensor(MODEL.name, b'{"name":"x"}'), "'model'"),
        (bytes_tensor(MODEL.name, b"null"), "carries its model"),
        (Tensor(MODEL.name, BYTES, (1,), struct.pack("<I", 9) + b"abc"), "one element"),
    ],
)
def test_an_answer_that_is_no_prediction_is_refused(wrong: Tensor, says: str) -> None:
    assert read_prediction(_good().values()).probability == 0.25
    with pytest.raises(ProtocolFault, match=says):
        read_prediction((_good() | {wrong.name: wrong}).values())


@pytest.mark.parametrize("name", [spec.name for spec in OUTPUTS])
def test_an_answer_that_lacks_an_output_is_refused(name: str) -> None:
    with pytest.raises(ProtocolFault, match=name):
        read_prediction(tensor for tensor in _good().values() if tensor.name != name)


def test_typed_contents_are_read_as_raw_ones() -> None:
    kind = message_class("ModelInferRequest")
    message = kind(model_name="m")
    message.inputs.add(name="picture", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"abc")
    message.inputs.add(name="pixels", datatype="UINT8", shape=[1, 2, 1]).contents.uint_contents.extend([7, 255])
    first, second = read_request(message).inputs
    assert one_content(first) == b"abc"
    assert tensor_pixels(second).tolist() == [[7, 255]]
    message.inputs[1].contents.uint_contents[0] = 256
    with pytest.raises(ProtocolFault, match="above 255"):
        read_request(message)


def test_malformed_messages_are_refused() -> None:
    kind = message_class("ModelInferRequest")
    good = {"name": "picture", "datatype": "BYTES", "shape": [1]}
    for message, says in (
        (kind(inputs=[good, good], raw_input_contents=[b"", b""]), "same name"),
        (kind(inputs=[good], raw_input_contents=[b"", b""]), "one each"),
        (kind(inputs=[good | {"shape": [-1]}], raw_input_contents=[b""]), "negative"),
        (kind(inputs=[good | {"datatype": "FP16"}]), "FP16"),
        (kind(inputs=[good] * 65), "at most 64"),
    ):
        with pytest.raises(ProtocolFault, match=says):
            read_request(message)


@given(st.binary(max_size=200))
def test_bytes_that_protobuf_takes_for_a_request_are_read_or_refused(data: bytes) -> None:
    from google.protobuf.message import DecodeError

    try:
        message = message_class("ModelInferRequest").FromString(data)
    except DecodeError:
        return
    with suppress(ProtocolFault):
        read_request(message)


def test_the_messages_are_those_of_the_published_protocol() -> None:
    """Wire bytes written out by hand from the published field numbers."""
    request = InferRequest("m", "2", (Tensor("picture", "BYTES", (1,), b"\x01\x00\x00\x00z"),), ("status",), "i", 5)
    tensor = b"\x0a\x07picture" + b"\x12\x05BYTES" + b"\x1a\x01\x01"
    parameter = b"\x0a\x07timeout" + b"\x12\x02\x10\x05"
    by_hand = (
        b"\x0a\x01m" + b"\x12\x012" + b"\x1a\x01i"
        + b"\x22" + bytes([len(parameter)]) + parameter
        + b"\x2a" + bytes([len(tensor)]) + tensor
        + b"\x32\x08\x0a\x06status"
        + b"\x3a\x05\x01\x00\x00\x00z"
    )  # fmt: skip
    assert request_message(request).SerializeToString(deterministic=True) == by_hand
    config = message_class("ModelConfig")(name="m", max_batch_size=0, backend="b")
    config.parameters["k"].string_value = "v"
    config.input.add(name="p", data_type=DATA_TYPES["BYTES"], dims=[1], optional=True)
    entry, given_input = b"\x0a\x01k\x12\x03\x0a\x01v", b"\x0a\x01p\x10\x0d\x22\x01\x01\x40\x01"
    by_hand = (
        b"\x0a\x01m"
         b"\x2a" + bytes([len(given_input)]) + given_input
        + b"\x72" + bytes([len(entry)]) + entry
        + b"\x8a\x01\x01b"
    )  # fmt: skip
    assert config.SerializeToString(deterministic=True) == by_hand
    assert {message_class(each).DESCRIPTOR.full_name for pair in METHODS.values() for each in pair}


def test_a_declared_shape_says_what_fits() -> None:
    assert PIXELS.fits((4, 5, 3))
    assert not PIXELS.fits((4, 5))
    assert not STATUS.fits((2,))
    assert all(spec.optional for spec in INPUTS)
    assert replace(PIXELS, optional=False) != PIXELS
