"""Requests and answers between values and gRPC messages, in raw contents; typed contents are read where they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.protocol.contract import TIMEOUT
from model.protocol.messages import message_class
from model.protocol.tensors import BYTES, FP64, UINT8, ProtocolFault, Tensor, packed, shown

MOST_TENSORS = 64
"""Of a message, in and out."""


@dataclass(frozen=True, slots=True)
class InferRequest:
    """A question to a model.

    Attributes
    ----------
    model : str
        Its name on the server.
    version : str
        Empty: the server chooses.
    inputs : tuple of Tensor
        See `model.protocol.contract`.
    outputs : tuple of str
        Names of the outputs that are wanted; empty: all.
    id : str
        Comes back with the answer; empty: none.
    timeout_us : int or None
        How long an answer is of use, µs.
    """

    model: str
    version: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[str, ...] = ()
    id: str = ""
    timeout_us: int | None = None


@dataclass(frozen=True, slots=True)
class InferAnswer:
    """What a server answered; `model`, `version` and `id` as of `InferRequest`."""

    model: str
    version: str
    outputs: tuple[Tensor, ...]
    id: str = ""


def request_message(request: InferRequest) -> Any:
    """Return a question as a ``ModelInferRequest``."""
    message = message_class("ModelInferRequest")(
        model_name=request.model,
        model_version=request.version,
        id=request.id,
        inputs=[_declared(tensor) for tensor in request.inputs],
        outputs=[{"name": name} for name in request.outputs],
        raw_input_contents=[bytes(tensor.data) for tensor in request.inputs],
    )
    if request.timeout_us is not None:
        message.parameters[TIMEOUT].int64_param = request.timeout_us
    return message


def read_request(message: Any) -> InferRequest:
    """Return the question that a ``ModelInferRequest`` holds; `ProtocolFault` if it is malformed."""
    timeout = message.parameters.get(TIMEOUT)
    return InferRequest(
        message.model_name,
        message.model_version,
        _tensors(message.inputs, message.raw_input_contents),
        tuple(output.name for output in message.outputs),
        message.id,
        None if timeout is None else timeout.int64_param or timeout.uint64_param,
    )


def answer_message(answer: InferAnswer) -> Any:
    """Return an answer as a ``ModelInferResponse``."""
    return message_class("ModelInferResponse")(
        model_name=answer.model,
        model_version=answer.version,
        id=answer.id,
        outputs=[_declared(tensor) for tensor in answer.outputs],
        raw_output_contents=[bytes(tensor.data) for tensor in answer.outputs],
    )


def read_answer(message: Any) -> InferAnswer:
    """Return the answer that a ``ModelInferResponse`` holds; `ProtocolFault` if it is malformed."""
    outputs = _tensors(message.outputs, message.raw_output_contents)
    return InferAnswer(message.model_name, message.model_version, outputs, message.id)


def _declared(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape}


def _tensors(declared: Sequence[Any], raw: Sequence[bytes]) -> tuple[Tensor, ...]:
    if len(declared) > MOST_TENSORS:
        raise ProtocolFault(f"The message has {len(declared)} tensors; at most {MOST_TENSORS} are taken.")
    if raw and len(raw) != len(declared):
        raise ProtocolFault(
            f"The message has {len(declared)} tensors and {len(raw)} raw contents; one each is expected."
        )
    contents = raw or [_typed(each) for each in declared]
    found = tuple(
        Tensor(each.name, each.datatype, _shape(each), data) for each, data in zip(declared, contents, strict=True)
    )
    if len({tensor.name for tensor in found}) != len(found):
        raise ProtocolFault("The message has two tensors of the same name.")
    return found


def _shape(declared: Any) -> tuple[int, ...]:
    shape = tuple(declared.shape)
    if len(shape) > 8 or any(side < 0 for side in shape):
        raise ProtocolFault(f"Tensor {shown(declared.name)} has a shape with more than 8 or with negative sides.")
    return shape


def _typed(declared: Any) -> bytes:
    """Return typed contents as raw ones."""
    contents = declared.contents
    if declared.datatype == BYTES:
        return packed(contents.bytes_contents)
    if declared.datatype == FP64:
        return np.asarray(contents.fp64_contents, "<f8").tobytes()
    if declared.datatype == UINT8:
        values = np.asarray(contents.uint_contents, np.uint32)
        if values.size and values.max() > 255:
            raise ProtocolFault(f"Tensor {shown(declared.name)} holds a value above 255; {UINT8} is expected.")
        return values.astype(np.uint8).tobytes()
    raise ProtocolFault(
        f"Tensor {shown(declared.name)} is {shown(declared.datatype)}; {BYTES}, {UINT8} and {FP64} are known."
    )
