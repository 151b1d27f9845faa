"""Pixel truth in mask files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import DataSetError
from inspector_app.domain.prediction import Box
from model.dataset.values import Annotation

_BREAK_PX = 9
"""Marks that a gap below this parts are one place: drawn masks of thin lines break."""

_SMALLEST_PX = 4
"""Smaller marks are specks of drawing or compression, but they keep a part a reject."""


def read_mask(path: Path, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Return a mask as ``(H, W)`` uint8, 0 or 1.

    Parameters
    ----------
    path : Path
        Any picture file; a value above 127 is marked.
    size : (int, int) or None
        Height and width that it must have.

    Raises
    ------
    DataSetError
        If the file is missing, no picture, or of another size.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise DataSetError(f"{path}: the mask cannot be read ({error.strerror}).") from error
    grey = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if grey is None:
        raise DataSetError(f"{path}: the mask is no picture.")
    if size is not None and grey.shape != size:
        found = f"{grey.shape[1]}x{grey.shape[0]}"
        raise DataSetError(f"{path}: the mask has {found} px, its picture {size[1]}x{size[0]}.")
    return np.asarray(grey > 127, np.uint8)


def marked_places(mask: NDArray[np.uint8], class_name: str) -> tuple[Annotation, ...]:
    """Return the places that a mask marks; marks a few px apart are one place."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BREAK_PX, _BREAK_PX))
    count, labels = cv2.connectedComponents(cv2.dilate(mask, kernel), connectivity=8)
    labels = np.where(mask == 1, labels, 0)
    found = []
    for label in range(1, count):
        rows, columns = np.nonzero(labels == label)
        if rows.size >= _SMALLEST_PX:
            found.append(Annotation(class_name, _box(rows, columns), None, rejects=True))
    return tuple(found)


def _box(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Box:
    top, left = int(rows.min()), int(columns.min())
    return Box(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
