"""A tensor of the Open Inference Protocol as a value: its name, its type, its shape and its raw bytes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import KnownFault

BYTES: Final = "BYTES"
UINT8: Final = "UINT8"
FP64: Final = "FP64"

_WIDTHS: Final = {UINT8: 1, FP64: 8}
_LENGTH: Final = struct.Struct("<I")


class ProtocolFault(KnownFault):
    """A message of the prediction protocol is malformed; one sentence says which part and what is allowed."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A tensor as a model declares it.

    Attributes
    ----------
    name : str
        Its name.
    datatype : str
        ``BYTES``, ``UINT8`` or ``FP64``.
    shape : tuple of int
        -1: any size.
    optional : bool
        True if a request may leave it out.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    optional: bool = False

    def fits(self, shape: Sequence[int]) -> bool:
        """Return True if a tensor may have this shape."""
        same_rank = len(shape) == len(self.shape)
        return same_rank and all(allowed in {-1, size} for allowed, size in zip(self.shape, shape, strict=True))


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor on its way.

    Attributes
    ----------
    name, datatype : str
        As of `TensorSpec`; whatever the other side wrote.
    shape : tuple of int
        None negative.
    data : bytes
        Elements in row-major order, little-endian; each element of ``BYTES`` has its length in four bytes before it.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: bytes | memoryview


def bytes_tensor(name: str, content: bytes) -> Tensor:
    """Return a ``BYTES`` tensor ``[1]`` of one element."""
    return Tensor(name, BYTES, (1,), packed((content,)))


def packed(elements: Iterable[bytes]) -> bytes:
    """Return the elements of a ``BYTES`` tensor as its raw bytes."""
    return b"".join(_LENGTH.pack(len(element)) + element for element in elements)


def number_tensor(name: str, value: float) -> Tensor:
    """Return an ``FP64`` tensor ``[1]``."""
    return Tensor(name, FP64, (1,), struct.pack("<d", value))


def array_tensor(name: str, array: NDArray[np.uint8]) -> Tensor:
    """Return a ``UINT8`` tensor of an array's shape."""
    return Tensor(name, UINT8, array.shape, np.ascontiguousarray(array).tobytes())


def one_content(tensor: Tensor) -> bytes:
    """Return the element of a ``BYTES`` tensor ``[1]``; `ProtocolFault` if it is another kind of tensor."""
    _expect(tensor, BYTES)
    data = bytes(tensor.data)
    if len(data) < _LENGTH.size or _LENGTH.unpack_from(data)[0] != len(data) - _LENGTH.size:
        raise ProtocolFault(f"Tensor {shown(tensor.name)}: its bytes are not one element with its length before it.")
    return data[_LENGTH.size :]


def one_number(tensor: Tensor) -> float:
    """Return the value of an ``FP64`` tensor ``[1]``; `ProtocolFault` if it is another kind of tensor."""
    _expect(tensor, FP64)
    check_size(tensor)
    return float(struct.unpack("<d", tensor.data)[0])


def uint8_array(tensor: Tensor) -> NDArray[np.uint8]:
    """Return the array of a ``UINT8`` tensor, read-only and without a copy; `ProtocolFault` if it is another kind."""
    if tensor.datatype != UINT8:
        raise ProtocolFault(f"Tensor {shown(tensor.name)} is {shown(tensor.datatype)}; {UINT8} is expected.")
    check_size(tensor)
    array = np.frombuffer(tensor.data, np.uint8).reshape(tensor.shape)
    array.flags.writeable = False
    return array


def check_size(tensor: Tensor) -> None:
    """Raise `ProtocolFault` unless a tensor of numbers has as many bytes as its shape says."""
    wanted = math.prod(tensor.shape) * _WIDTHS[tensor.datatype]
    if len(tensor.data) != wanted:
        raise ProtocolFault(
            f"Tensor {shown(tensor.name)} has {len(tensor.data):,} bytes;"
            f" its shape {list(tensor.shape)} takes {wanted:,}."
        )


def shown(text: str) -> str:
    """Return what the other side wrote, quoted and short enough for a sentence."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _expect(tensor: Tensor, datatype: str) -> None:
    if tensor.datatype != datatype or tensor.shape != (1,):
        raise ProtocolFault(
            f"Tensor {shown(tensor.name)} is {shown(tensor.datatype)} {list(tensor.shape)[:8]};"
            f" {datatype} [1] is expected."
        )
