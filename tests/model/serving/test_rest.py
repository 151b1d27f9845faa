"""REST bodies: what comes in, whatever it is, is a request or one sentence."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.protocol.tensors import ProtocolFault, Tensor, bytes_tensor, number_tensor, one_content
from model.protocol.wire import InferAnswer, InferRequest
from model.serving.rest import RestRequest, answer_body, read_body

PLAIN: dict[str, Any] = {"name": "pixels", "datatype": "UINT8", "shape": [1, 2, 1], "data": [[[1], [2]]]}


def body(*inputs: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"inputs": list(inputs), **more}).encode()


def test_json_is_read() -> None:
    file = {"name": "picture", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(b"abc").decode()]}
    content = body(PLAIN, file, id="7", parameters={"timeout": 9, "more": 1}, outputs=[{"name": "status"}])
    found = read_body("m", "2", content, None)
    assert found.request == InferRequest(
        "m", "2", (Tensor("pixels", "UINT8", (1, 2, 1), b"\1\2"), bytes_tensor("picture", b"abc")), ("status",), "7", 9
    )
    assert not found.is_binary("status")


def test_binary_data_follows_in_the_order_of_the_inputs() -> None:
    def given_size(name: str, size: int) -> dict[str, Any]:
        shape = [1, size, 1]
        return {"name": name, "datatype": "UINT8", "shape": shape, "parameters": {"binary_data_size": size}}

    head = body(given_size("a", 2), PLAIN, given_size("b", 3), parameters={"binary_data_output": True})
    first, _, last = read_body("m", "", head + b"xxyyy", str(len(head))).request.inputs
    assert (bytes(first.data), bytes(last.data)) == (b"xx", b"yyy")
    for rest, says in ((b"xxyy", "only 2 follow"), (b"xxyyyz", "1 bytes follow")):
        with pytest.raises(ProtocolFault, match=says):
            read_body("m", "", head + rest, str(len(head)))


@pytest.mark.parametrize(
    ("content", "header", "says"),
    [
        (b"", None, "JSON"),
        (b"[1]", None, "object"),
        (b"{}", None, "'inputs'"),
        (body(PLAIN | {"shape": [-1]}), None, "inputs.0.shape"),
        (body(PLAIN | {"shape": [1] * 9}), None, "shape"),
        (body(PLAIN | {"data": [1]}), None, "1 values"),
        (body(PLAIN | {"data": [1, 256]}), None, "no UINT8"),
        (body(PLAIN | {"data": [1, "a"]}), None, "no UINT8"),
        (body(PLAIN | {"data": [1, 1.5]}), None, "no UINT8"),
        (body(PLAIN | {"data": None}), None, "one of the two"),
        (body(PLAIN | {"parameters": {"binary_data_size": 2}}), None, "one of the two"),
        (body(PLAIN | {"parameters": {"binary_data_size": -2}}), None, "binary_data_size"),
        (body(PLAIN | {"datatype": "BYTES", "shape": [1], "data": ["#"]}), None, "base64"),
        (body(PLAIN | {"datatype": "FP16"}), None, "'FP16'"),
        (body(*[PLAIN] * 65), None, "inputs"),
        (body(PLAIN, parameters={"timeout": "x"}), None, "timeout"),
        (body(PLAIN), "-1", "Inference-Header"),
        (body(PLAIN), "²", "Inference-Header"),
        (body(PLAIN), "9999", "Inference-Header"),
        (body(PLAIN), "9" * 5000, "Inference-Header"),
        (body(PLAIN), "5", "JSON"),
        (b" " * 5_000_000, None, "binary data"),
        (b'{"inputs":' + b"[" * 100_000, None, "JSON"),
    ],
)
def test_what_is_malformed_is_one_sentence(content: bytes, header: str | None, says: str) -> None:
    with pytest.raises(ProtocolFault, match=says) as caught:
        read_body("m", "", content, header)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
INPUT = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("pixels") | JSON,
        "datatype": st.sampled_from(["UINT8", "BYTES", "FP64"]) | JSON,
        "shape": st.lists(st.integers(0, 3), max_size=4) | JSON,
        "data": JSON,
        "parameters": st.fixed_dictionaries({}, optional={"binary_data_size": st.integers(0, 20) | JSON}) | JSON,
    },
)
DOCUMENT = st.fixed_dictionaries(
    {}, optional={"inputs": st.lists(INPUT, max_size=3) | JSON, "outputs": JSON, "id": JSON}
)


@given(DOCUMENT, st.binary(max_size=30), st.booleans())
def test_any_document_is_a_request_or_a_sentence(document: Any, rest: bytes, right: bool) -> None:
    head = json.dumps(document).encode()
    with suppress(ProtocolFault):
        read_body("m", "", head + rest, str(len(head)) if right else "3")


@given(st.binary(max_size=60), st.none() | st.text(max_size=4))
def test_any_bytes_are_a_request_or_a_sentence(content: bytes, header: str | None) -> None:
    with suppress(ProtocolFault):
        read_body("m", "", content, header)


def test_an_answer_in_json_has_no_number_that_json_lacks() -> None:
    tensors = (number_tensor("probability", float("nan")), bytes_tensor("detail", "schräg".encode()))
    request = RestRequest(InferRequest("m", "", ()), frozenset())
    content, json_length = answer_body(InferAnswer("m", "1", tensors, "x"), request)
    assert json_length is None
    document = json.loads(content, parse_constant=pytest.fail)
    assert [output["data"] for output in document["outputs"]] == [[None], ["schräg"]]
    assert (document["id"], document["model_name"], document["model_version"]) == ("x", "m", "1")


def test_an_answer_gives_as_binary_data_what_was_asked_so() -> None:
    tensors = (bytes_tensor("status", b"ok"), number_tensor("probability", 0.5))
    asked = body(PLAIN, outputs=[{"name": "status", "parameters": {"binary_data": True}}, {"name": "probability"}])
    content, json_length = answer_body(InferAnswer("m", "1", tensors), read_body("m", "", asked, None))
    assert json_length is not None
    status, probability = json.loads(content[:json_length])["outputs"]
    assert status["parameters"]["binary_data_size"] == len(content) - json_length
    assert one_content(Tensor("status", "BYTES", (1,), content[json_length:])) == b"ok"
    assert probability["data"] == [0.5]
