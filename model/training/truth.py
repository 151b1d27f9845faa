"""What is known about each px of a picture: class, background, or nothing.

Masks and outlines are taken at their word. A box says only that its mark lies somewhere inside, so the px of the
box that stand out from their surroundings get its class and the others are left open. A box over the whole picture,
and a rejected picture without any mark, say even less: nothing of such a picture is known, but that some place of it
is reason to reject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.frame import Judgement
from model.dataset.masks import read_mask
from model.dataset.values import Annotation, DataSetImage

OPEN = 255
"""Label of px of which nothing is known."""
BACKGROUND = 0

WHOLE_PICTURE_SHARE = 0.9
"""A box over this share of a picture is a label of the whole picture."""
_SURROUNDINGS_PX = 31
"""Side of the window whose median stands for the surface without its marks."""
_SMALL_BOX_PX = 8
"""In a box this small no px can be told from the others: all of it is the mark."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture with what is known of it.

    Attributes
    ----------
    grey : (H, W) uint8
    labels : (H, W) uint8
        Channel of the network, or `OPEN`.
    rejected_somewhere : bool
        True where the picture is a reject and nobody said where.
    """

    grey: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    rejected_somewhere: bool


def load_labelled(image: DataSetImage, channels: Mapping[str, int]) -> LabelledPicture:
    """Return a picture in grey with its labels.

    Parameters
    ----------
    image : DataSetImage
    channels : mapping of str to int
        Channel of the network by class name, background aside.

    Raises
    ------
    DataSetError
        If picture or mask cannot be read.
    """
    grey = read_grey(image.path)
    if says_nowhere(image, (grey.shape[0], grey.shape[1])):
        return LabelledPicture(grey, np.full(grey.shape, OPEN, np.uint8), rejected_somewhere=True)
    labels = np.zeros(grey.shape, np.uint8)
    contrast: NDArray[np.float32] | None = None
    # what rejects is painted last, and small marks over large ones
    for mark in sorted(image.annotations, key=lambda mark: (mark.rejects, not mark.ignored, -mark.box.w * mark.box.h)):
        if image.mask is not None and mark.rejects:
            continue
        if mark.ignored:
            labels[mark.box.y : mark.box.y + mark.box.h, mark.box.x : mark.box.x + mark.box.w] = OPEN
        elif mark.polygon is not None:
            cv2.fillPoly(labels, [np.rint(np.array(mark.polygon)).astype(np.int32)], channels[mark.class_name])
        else:
            contrast = standing_out(grey) if contrast is None else contrast
            _paint_box(labels, contrast, mark, channels[mark.class_name])
    if image.mask is not None:
        _paint_mask(labels, read_mask(image.mask, (grey.shape[0], grey.shape[1])), image, channels)
    return LabelledPicture(grey, labels, rejected_somewhere=False)


def read_grey(path: Path) -> NDArray[np.uint8]:
    """Return a picture file in grey, ``(H, W)``.

    Raises
    ------
    DataSetError
        If it cannot be read.
    """
    try:
        decoded = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    except (OSError, cv2.error):
        decoded = None
    if decoded is None:
        raise DataSetError(f"{path}: the picture cannot be read.")
    return np.asarray(decoded, np.uint8)


def says_nowhere(image: DataSetImage, size: tuple[int, int]) -> bool:
    """Return True if a picture is rejected and nothing says where."""
    if image.judgement is not Judgement.REJECT or image.mask is not None:
        return False
    marks = [mark for mark in image.annotations if mark.rejects]
    whole = WHOLE_PICTURE_SHARE * size[0] * size[1]
    return not marks or all(mark.polygon is None and mark.box.w * mark.box.h >= whole for mark in marks)


def standing_out(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return by how many grey levels each px differs from its surroundings, ``(H, W)`` float32."""
    surface = cv2.medianBlur(grey, _SURROUNDINGS_PX)
    difference = np.abs(grey.astype(np.float32) - surface.astype(np.float32))
    return np.asarray(cv2.GaussianBlur(difference, (0, 0), 1.0), np.float32)


def _paint_box(labels: NDArray[np.uint8], contrast: NDArray[np.float32], mark: Annotation, channel: int) -> None:
    box = mark.box
    window = (slice(box.y, box.y + box.h), slice(box.x, box.x + box.w))
    if min(box.w, box.h) <= _SMALL_BOX_PX:
        labels[window] = channel
        return
    seen = contrast[window]
    scale = 255.0 / max(float(seen.max()), 1e-6)
    levels = np.asarray(np.rint(seen * scale), np.uint8)
    cut, _ = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    target = labels[window]
    target[target == BACKGROUND] = OPEN
    target[levels > cut] = channel


def _paint_mask(
    labels: NDArray[np.uint8], mask: NDArray[np.uint8], image: DataSetImage, channels: Mapping[str, int]
) -> None:
    """Give the px of a mask the class of the mark around them; the first class that rejects where there is none."""
    rejecting = [mark for mark in image.annotations if mark.rejects]
    names = [mark.class_name for mark in rejecting] or list(channels)
    labels[mask == 1] = channels[names[0]]
    for mark in rejecting:
        box = mark.box
        window = (slice(box.y, box.y + box.h), slice(box.x, box.x + box.w))
        labels[window][mask[window] == 1] = channels[mark.class_name]
