"""The protocol's REST bodies: JSON, or JSON followed by binary tensors (the binary tensor data extension)."""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from model.protocol.contract import TIMEOUT
from model.protocol.tensors import BYTES, FP64, UINT8, ProtocolFault, Tensor, one_content, one_number, packed, shown
from model.protocol.wire import MOST_TENSORS, InferAnswer, InferRequest

LENGTH_HEADER: Final = "Inference-Header-Content-Length"
JSON_TYPE: Final = "application/json"
BINARY_TYPE: Final = "application/octet-stream"

_MOST_JSON_BYTES: Final = 4 * 1024 * 1024
"""Of the JSON itself. Pictures travel as binary data; as lists of numbers they take a hundred times as long."""
_MOST_DIGITS: Final = 20
_Size = Annotated[int, Ge(0), Le(1 << 40)]
_Name = Annotated[str, MaxLen(200)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _InputParameters(_Part):
    binary_data_size: _Size | None = None


class _Input(_Part):
    name: _Name
    datatype: _Name
    shape: Annotated[tuple[_Size, ...], MaxLen(8)]
    data: list[Any] | None = None
    parameters: _InputParameters = _InputParameters()


class _OutputParameters(_Part):
    binary_data: bool = False


class _Output(_Part):
    name: _Name
    parameters: _OutputParameters | None = None


class _Parameters(_Part):
    timeout: _Size | None = Field(None, alias=TIMEOUT)
    binary_data_output: bool = False


class _Body(_Part):
    id: _Name = ""
    parameters: _Parameters = _Parameters()
    inputs: Annotated[list[_Input], MaxLen(MOST_TENSORS)]
    outputs: Annotated[list[_Output], MaxLen(MOST_TENSORS)] = []


_BODY = TypeAdapter(_Body)


@dataclass(frozen=True, slots=True)
class RestRequest:
    """A request and which of its outputs are wanted as binary data.

    Attributes
    ----------
    request : InferRequest
        The question.
    binary : frozenset of str or None
        Names of those outputs; ``None``: all.
    """

    request: InferRequest
    binary: frozenset[str] | None

    def is_binary(self, output: str) -> bool:
        """Return True if an output is wanted as binary data."""
        return self.binary is None or output in self.binary


def read_body(model: str, version: str, body: bytes, json_length: str | None) -> RestRequest:
    """Return the request that a body holds.

    Parameters
    ----------
    model, version : str
        From the address.
    body : bytes
        JSON, and behind it the binary data of the inputs that have some, in their order.
    json_length : str or None
        Of the header ``Inference-Header-Content-Length``; ``None``: everything is JSON.

    Raises
    ------
    ProtocolFault
        If it is malformed; the sentence names the key.
    """
    end = _json_end(json_length, len(body))
    try:
        parsed = _BODY.validate_json(body[:end])
    except ValidationError as error:
        raise ProtocolFault(f"The request {_first(error)}.") from error
    inputs = _inputs(parsed.inputs, memoryview(body)[end:])
    names = tuple(output.name for output in parsed.outputs)
    chosen = {output.name: output.parameters for output in parsed.outputs}
    by_default = parsed.parameters.binary_data_output
    binary = {name for name, told in chosen.items() if (by_default if told is None else told.binary_data)}
    everything = by_default and not names
    return RestRequest(
        InferRequest(model, version, inputs, names, parsed.id, parsed.parameters.timeout),
        None if everything else frozenset(binary),
    )


def answer_body(answer: InferAnswer, asked: RestRequest) -> tuple[bytes, int | None]:
    """Return an answer as a body, and how much of it is JSON; ``None``: all of it."""
    outputs: list[dict[str, Any]] = []
    contents: list[bytes] = []
    for tensor in answer.outputs:
        output: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}
        if asked.is_binary(tensor.name):
            content = bytes(tensor.data)
            contents.append(content)
            output["parameters"] = {"binary_data_size": len(content)}
        else:
            output["data"] = _listed(tensor)
        outputs.append(output)
    document = {"model_name": answer.model, "model_version": answer.version, "outputs": outputs}
    if answer.id:
        document["id"] = answer.id
    head = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return (b"".join([head, *contents]), len(head)) if contents else (head, None)


def _json_end(json_length: str | None, size: int) -> int:
    end = size
    if json_length is not None:
        digits = json_length.isascii() and json_length.isdecimal() and len(json_length) <= _MOST_DIGITS
        if not digits or int(json_length) > size:
            raise ProtocolFault(
                f"The header {LENGTH_HEADER} is {shown(json_length)}; it is the size of the JSON, at most {size}."
            )
        end = int(json_length)
    if end > _MOST_JSON_BYTES:
        raise ProtocolFault(
            f"The JSON has {end:,} bytes; at most {_MOST_JSON_BYTES:,} are taken: send pictures as binary data"
            f" (header {LENGTH_HEADER})."
        )
    return end


def _inputs(declared: Sequence[_Input], rest: memoryview) -> tuple[Tensor, ...]:
    found, at = [], 0
    for each in declared:
        size = each.parameters.binary_data_size
        if (size is None) == (each.data is None):
            raise ProtocolFault(f"Input {shown(each.name)} has data or the parameter binary_data_size, one of the two.")
        if size is None:
            found.append(Tensor(each.name, each.datatype, each.shape, _packed(each)))
            continue
        if at + size > len(rest):
            raise ProtocolFault(
                f"Input {shown(each.name)} has {size:,} bytes of binary data; only {len(rest) - at:,} follow the JSON."
            )
        found.append(Tensor(each.name, each.datatype, each.shape, rest[at : at + size]))
        at += size
    if at != len(rest):
        raise ProtocolFault(f"{len(rest) - at:,} bytes follow the JSON that belong to no input.")
    return tuple(found)


def _packed(given: _Input) -> bytes:
    """Return the data of an input as raw contents; a picture file in JSON is base64."""
    values = list(_flat(given.data or []))
    if len(values) != math.prod(given.shape):
        raise ProtocolFault(f"Input {shown(given.name)} has {len(values):,} values; its shape is {list(given.shape)}.")
    try:
        if given.datatype == UINT8:
            return bytes(values)
        if given.datatype == FP64:
            return struct.pack(f"<{len(values)}d", *values)
        if given.datatype == BYTES:
            return packed(base64.b64decode(value, validate=True) for value in values)
    except (ValueError, TypeError, struct.error, binascii.Error) as error:
        raise ProtocolFault(
            f"Input {shown(given.name)} holds a value that is no {given.datatype}"
            f"{' in base64' if given.datatype == BYTES else ''}."
        ) from error
    raise ProtocolFault(f"Input {shown(given.name)} is {shown(given.datatype)}; {BYTES} and {UINT8} are taken.")


def _flat(values: list[Any]) -> list[Any]:
    """Return the values of a list, or of lists in lists."""
    while values and all(isinstance(value, list) for value in values):
        values = [inner for value in values for inner in value]
    return values


def _listed(tensor: Tensor) -> list[Any]:
    """Return the element of an output as JSON has it; what is no number is ``null``."""
    if tensor.datatype == BYTES:
        return [one_content(tensor).decode()]
    value = one_number(tensor)
    return [value if math.isfinite(value) else None]


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    message = first["msg"][:1].lower() + first["msg"][1:]
    return f"key {shown(where)}: {message[:200]}" if where else message[:200]
