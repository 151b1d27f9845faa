"""How a picture goes to the server: without loss, or as JPEG where the network is too slow for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from model.protocol.contract import PICTURE, PIXELS
from model.protocol.pictures import file_tensor, pixels_tensor
from model.protocol.tensors import Tensor, TensorSpec

PictureForm = Literal["raw", "png", "jpeg"]


@dataclass(frozen=True, slots=True)
class SentPicture:
    """The form of pictures on their way.

    Attributes
    ----------
    form : str
        ``raw`` sends the pixels, ``png`` the same packed; ``jpeg`` changes them, so that the server's answer is no
        longer bit for bit that of the local model.
    quality : int
        Of JPEG, 1 to 100.
    """

    form: PictureForm = "raw"
    quality: int = 95

    def __str__(self) -> str:
        return f"jpeg {self.quality}" if self.form == "jpeg" else self.form

    @property
    def input(self) -> TensorSpec:
        """The input that carries it."""
        return PIXELS if self.form == "raw" else PICTURE

    def tensor(self, pixels: Pixels) -> Tensor:
        """Return a picture as the input's tensor."""
        if self.form == "raw":
            return pixels_tensor(pixels)
        # The quickest packing: what it saves in bytes beyond that takes longer than sending them.
        quality = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        parameters = quality if self.form == "jpeg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
        done, content = cv2.imencode(".jpg" if self.form == "jpeg" else ".png", pixels, parameters)
        if not done:
            raise ModelError(f"The picture cannot be packed as {self.form}.")
        return file_tensor(content.tobytes())
