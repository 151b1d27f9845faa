"""What a camera delivers: a picture of one part, or the typed reason why there is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.views import ViewPlace

Pixels = NDArray[np.uint8]
"""``(H, W)`` grey or ``(H, W, 3)`` BGR, uint8, C-contiguous, read-only."""


class Judgement(StrEnum):
    """What a part is: the two values of a reference and of a binary comparison."""

    ACCEPT = "accept"
    REJECT = "reject"


class ReferenceSource(StrEnum):
    """Where the truth about a part comes from."""

    ANNOTATION = "annotation"
    GENERATOR = "generator"
    SEEDED = "seeded"


@dataclass(frozen=True, slots=True)
class Reference:
    """Known truth about a part (MSA: reference value). Never shown to inspector or model."""

    judgement: Judgement
    source: ReferenceSource


class PictureProblem(StrEnum):
    """Why a picture cannot be judged by the model; the part goes to a human."""

    EMPTY_FILE = "empty_file"
    NOT_A_PICTURE = "not_a_picture"
    TRUNCATED = "truncated"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNREADABLE = "unreadable"
    DAMAGED_TRANSFER = "damaged_transfer"
    OVERFLOW = "overflow"
    MISSED_TRIGGER = "missed_trigger"


class PictureFlaw(StrEnum):
    """Why a picture that is there must not be judged by the model; the part goes to a human, who sees the picture."""

    BLANK = "blank"
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    NO_PART = "no_part"
    MISPLACED = "misplaced"
    FROZEN = "frozen"
    OTHER_SIZE = "other_size"
    NOT_CORRECTED = "not_corrected"
    VIEW_MISSING = "view_missing"
    LATE = "late"
    NOT_ASKED_FOR = "not_asked_for"
    DOUBLED = "doubled"
    PART_ID = "part_id"


@dataclass(frozen=True, slots=True)
class Unfit:
    """What is wrong with a picture that is there: it is stored and shown, and the model is not asked about it.

    Attributes
    ----------
    flaw : PictureFlaw
        For counting.
    sentence : str
        One sentence for the inspector and the record; about the picture only.
    """

    flaw: PictureFlaw
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one part.

    Attributes
    ----------
    pixels : Pixels
        The picture, see `Pixels`.
    captured_at : datetime
        UTC, taken by the host when the picture arrived.
    source : str
        URI of the camera.
    sequence : int
        The camera's own count since it was opened, from 1; gaps are in `skipped`.
    skipped : int
        Pictures that the camera took but lost immediately before this one.
    name : str or None
        The part's natural name where the source has one (file stem); ``None``: the station numbers the part.
    path : str or None
        The file the picture was read from.
    reference : Reference or None
        Known truth, for data sets and generators only.
    note : str or None
        What was converted on the way in (for example ``"16-bit scaled to 8"``), one clause.
    unfit : Unfit or None
        Why the model must not judge it; ``None``: it may.
    views : tuple of ViewPlace
        Where each view lies in a picture of several; empty for one.
    """

    pixels: Pixels
    captured_at: datetime
    source: str
    sequence: int
    skipped: int = 0
    name: str | None = None
    path: str | None = None
    reference: Reference | None = None
    note: str | None = None
    unfit: Unfit | None = None
    views: tuple[ViewPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class UnusableFrame:
    """A part whose picture cannot be used; the part still exists and goes to a human.

    Attributes are those of `Frame`, with the problem and one sentence in place of the pixels.
    """

    problem: PictureProblem
    sentence: str
    captured_at: datetime
    source: str
    sequence: int
    skipped: int = 0
    name: str | None = None
    path: str | None = None
    reference: Reference | None = None


Capture = Frame | UnusableFrame
"""What `Camera.grab` returns for a part."""


def may_be_judged(capture: Capture) -> bool:
    """Return True if there is a picture and nothing is known against asking a model about it."""
    return isinstance(capture, Frame) and capture.unfit is None


def frozen_pixels(array: NDArray[np.uint8]) -> Pixels:
    """Return a C-contiguous, read-only view or copy of a picture.

    Parameters
    ----------
    array : ndarray of uint8, shape (H, W) or (H, W, 3)
        Grey or BGR.

    Raises
    ------
    ValueError
        If dtype or shape is another.
    """
    if array.dtype != np.uint8 or array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] != 3):
        raise ValueError(f"a picture is uint8 (H, W) or (H, W, 3), not {array.dtype} {array.shape}")
    pixels = np.ascontiguousarray(array)
    if pixels is array:
        pixels = array.view()
    pixels.flags.writeable = False
    return pixels


def pixels_sha256(pixels: Pixels) -> str:
    """Return the identity of a picture: SHA-256 over its shape and its bytes, as 64 hex digits.

    The shape goes in as ``"HxWxC"`` in ASCII and a newline, so that two pictures with equal bytes and different
    shapes differ. It does not depend on how the picture is encoded on disk.
    """
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    digest = hashlib.sha256(f"{height}x{width}x{channels}\n".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
