"""The picture of a request as a tensor."""

from __future__ import annotations

from inspector_app.domain.frame import Pixels, frozen_pixels
from model.protocol.contract import PICTURE, PIXELS
from model.protocol.tensors import ProtocolFault, Tensor, array_tensor, bytes_tensor, uint8_array


def file_tensor(content: bytes) -> Tensor:
    """Return the input that carries a picture file's content."""
    return bytes_tensor(PICTURE.name, content)


def pixels_tensor(pixels: Pixels) -> Tensor:
    """Return the input that carries a picture without loss: ``(H, W)`` or ``(H, W, 3)`` BGR uint8."""
    return array_tensor(PIXELS.name, pixels if pixels.ndim == 3 else pixels[:, :, None])


def tensor_pixels(tensor: Tensor) -> Pixels:
    """Return the picture that a ``pixels`` input carries; `ProtocolFault` if it carries none."""
    array = uint8_array(tensor)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] != 3) or not array.size:
        raise ProtocolFault(
            f"Tensor '{PIXELS.name}' has shape {list(tensor.shape)}; [H, W], [H, W, 1] or [H, W, 3] is expected,"
            " with no side of 0."
        )
    return frozen_pixels(array)
