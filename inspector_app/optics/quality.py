"""Whether a picture is good enough to be judged by a model: limits taught from good pictures, and what they say.

Every limit is taken from pictures that somebody vouches for, so no number here has to be guessed for a plant's light,
lens and part. A limit stands outside everything that the good pictures showed, by at least one of their spreads, and at
least four from their median: a good picture is seldom held back, and a bad one has to differ visibly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.frame import PictureFlaw, Pixels, Unfit
from inspector_app.domain.shares import percent
from inspector_app.optics.measures import Grey, PictureMeasures, fine_detail, grey_of, measure
from inspector_app.optics.placement import place, small_picture

FEWEST: Final = 10
"""Good pictures that limits are taught from, at least."""
_SPREADS: Final = 4.0
_MAD_TO_SIGMA: Final = 1.4826
_LEAST_SHARPNESS: Final = 0.05
_LEAST_MEAN: Final = 4.0
_LEAST_SHARE: Final = 0.01
_LEAST_SHIFT: Final = 0.005
_LEAST_TURN_DEG: Final = 0.5
_LEAST_LIKENESS: Final = 0.05
_ALIKE: Final = 0.5
"""Likeness that most good pictures must have with their reference for placement to be judged at all."""
_WIDEST_SHIFT: Final = 0.15
"""Limit of shift, as share of the picture, beyond which placement says nothing."""


@dataclass(frozen=True, slots=True)
class PlacementLimits:
    """Where a part may lie, against a reference picture.

    Attributes
    ----------
    reference : Grey
        Small picture, see `placement.small_picture`.
    right, down, turned_deg : (float, float)
        Least and greatest, as of `Placement`.
    likeness : float
        Least.
    """

    reference: Grey
    right: tuple[float, float]
    down: tuple[float, float]
    turned_deg: tuple[float, float]
    likeness: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What a picture must keep to.

    Attributes
    ----------
    pictures : int
        How many good pictures they were taught from.
    size : (int, int)
        Width and height in px.
    sharpness : float
        Least, see `measures.PictureMeasures`; 0: not judged, for no picture has less.
    mean : (float, float)
        Least and greatest mean grey level.
    black, clipped : float
        Greatest shares.
    placement : PlacementLimits or None
        ``None`` where the good pictures differ too much for it.
    frozen : bool
        True: a picture that is the same as the one before, px for px, is one of a camera that hangs.
    """

    pictures: int
    size: tuple[int, int]
    sharpness: float
    mean: tuple[float, float]
    black: float
    clipped: float
    placement: PlacementLimits | None
    frozen: bool


def teach(pictures: Sequence[Pixels], *, live: bool) -> QualityLimits:
    """Return the limits that good pictures give.

    Parameters
    ----------
    pictures : sequence of Pixels
        At least 10 of one size, as they are judged (corrected), of different parts.
    live : bool
        True for a camera, whose noise makes no two pictures the same; False for files, which may be shown again.

    Raises
    ------
    OpticsRefused
        If they are too few, of several sizes, or one of them shows nothing.
    """
    if len(pictures) < FEWEST:
        raise OpticsRefused(f"Quality is taught from at least {FEWEST} good pictures; these are {len(pictures)}.")
    sizes = {(picture.shape[1], picture.shape[0]) for picture in pictures}
    if len(sizes) > 1:
        named = ", ".join(f"{w} × {h}" for w, h in sorted(sizes))
        raise OpticsRefused(f"The good pictures have several sizes ({named} px); limits hold for one.")
    greys = [grey_of(picture) for picture in pictures]
    found = [measure(grey) for grey in greys]
    for number, measures in enumerate(found, start=1):
        if measures.blank:
            raise OpticsRefused(f"Good picture {number} shows nothing: it is all black, all white or all of one grey.")
    mean = _band([measures.mean for measures in found], _LEAST_MEAN)
    return QualityLimits(
        pictures=len(pictures),
        size=sizes.pop(),
        sharpness=max(0.0, _band([measures.sharpness for measures in found], _LEAST_SHARPNESS)[0]),
        mean=(max(0.0, mean[0]), min(255.0, mean[1])),
        black=min(1.0, _band([measures.black for measures in found], _LEAST_SHARE)[1]),
        clipped=min(1.0, _band([measures.clipped for measures in found], _LEAST_SHARE)[1]),
        placement=_teach_placement([small_picture(grey) for grey in greys]),
        frozen=live,
    )


def complaint(pixels: Pixels, limits: QualityLimits | None) -> Unfit | None:
    """Return what speaks against having a model judge a picture, the plainest first; ``None`` if nothing does.

    Without limits only a picture on which nothing can be seen is refused.
    """
    grey = grey_of(pixels)
    if limits is not None and limits.size != (grey.shape[1], grey.shape[0]):
        now, then = f"{grey.shape[1]} × {grey.shape[0]}", f"{limits.size[0]} × {limits.size[1]}"
        return Unfit(PictureFlaw.OTHER_SIZE, f"The picture has {now} px; the camera was set up with {then} px.")
    measures = measure(grey) if limits is not None else _rough(grey)
    if measures.blank:
        return Unfit(PictureFlaw.BLANK, "The picture shows nothing: it is all black, all white or all of one grey.")
    if limits is None:
        return None
    return _exposure_complaint(measures, limits) or _placement_complaint(grey, limits) or _blur(measures, limits)


def frozen_complaint(pixels: Pixels, before: Pixels | None) -> Unfit | None:
    """Return a complaint if a picture is the one before once more, px for px."""
    if before is None or pixels.shape != before.shape:
        return None
    # A few rows tell nearly all pictures apart; the whole is compared only where they do not.
    if not np.array_equal(pixels[::64], before[::64]) or not np.array_equal(pixels, before):
        return None
    return Unfit(PictureFlaw.FROZEN, "The picture is the same as the one before, so the camera hangs.")


def _rough(grey: Grey) -> PictureMeasures:
    """Return the measures of every eighth row and column: enough to see whether there is anything on it."""
    return measure(np.ascontiguousarray(grey[::8, ::8]))


def _exposure_complaint(measures: PictureMeasures, limits: QualityLimits) -> Unfit | None:
    low, high = limits.mean
    if measures.mean < low or measures.black > limits.black:
        said = f"mean grey {measures.mean:.0f} (at least {low:.0f}), {percent(measures.black)} black"
        return Unfit(PictureFlaw.TOO_DARK, f"The picture is too dark: {said} (at most {percent(limits.black)}).")
    if measures.mean > high or measures.clipped > limits.clipped:
        said = f"mean grey {measures.mean:.0f} (at most {high:.0f}), {percent(measures.clipped)} clipped"
        return Unfit(PictureFlaw.TOO_BRIGHT, f"The picture is too bright: {said} (at most {percent(limits.clipped)}).")
    return None


def _blur(measures: PictureMeasures, limits: QualityLimits) -> Unfit | None:
    if measures.sharpness >= limits.sharpness:
        return None
    now, least = percent(fine_detail(measures.sharpness)), percent(fine_detail(limits.sharpness))
    said = f"sharpness {now}, at least {least}"
    return Unfit(PictureFlaw.BLURRED, f"The picture is out of focus or moved: {said}.")


def _placement_complaint(grey: Grey, limits: QualityLimits) -> Unfit | None:
    wanted = limits.placement
    if wanted is None:
        return None
    found = place(small_picture(grey), wanted.reference)
    if found.likeness < wanted.likeness:
        said = f"likeness {found.likeness:.2f}, at least {wanted.likeness:.2f}"
        return Unfit(PictureFlaw.NO_PART, f"No part was found where one should lie: {said}.")
    if not _inside(found.right, wanted.right) or not _inside(found.down, wanted.down):
        said = f"{found.right * limits.size[0]:+.0f} px across, {found.down * limits.size[1]:+.0f} px down"
        return Unfit(PictureFlaw.MISPLACED, f"The part does not lie where it should: {said}.")
    if not _inside(found.turned_deg, wanted.turned_deg):
        return Unfit(PictureFlaw.MISPLACED, f"The part is turned by {found.turned_deg:+.1f}°.")
    return None


def _teach_placement(smalls: Sequence[Grey]) -> PlacementLimits | None:
    """Return the limits against the good picture that is most like all others; ``None`` if they are too unlike."""
    reference = smalls[int(np.argmax(_mean_likeness(smalls)))]
    found = [place(small, reference) for small in smalls]
    if float(np.median([placement.likeness for placement in found])) < _ALIKE:
        return None
    limits = PlacementLimits(
        reference=reference,
        right=_band([placement.right for placement in found], _LEAST_SHIFT),
        down=_band([placement.down for placement in found], _LEAST_SHIFT),
        turned_deg=_band([placement.turned_deg for placement in found], _LEAST_TURN_DEG),
        likeness=_band([placement.likeness for placement in found], _LEAST_LIKENESS)[0],
    )
    widest = max(abs(value) for value in (*limits.right, *limits.down))
    return limits if widest <= _WIDEST_SHIFT and limits.likeness > 0.0 else None


def _mean_likeness(smalls: Sequence[Grey]) -> NDArray[np.float64]:
    rows = np.stack([small.astype(np.float64).ravel() for small in smalls])
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray((rows @ rows.T).mean(axis=1))


def _band(values: Sequence[float], least_spread: float) -> tuple[float, float]:
    """Return the limits around good values: one spread beyond all of them, and four from their median.

    The spread is the median absolute deviation, scaled to a standard deviation, and no smaller than ``least_spread``.
    """
    array = np.asarray(values, np.float64)
    middle = float(np.median(array))
    spread = max(_MAD_TO_SIGMA * float(np.median(np.abs(array - middle))), least_spread)
    low = min(float(array.min()) - spread, middle - _SPREADS * spread)
    high = max(float(array.max()) + spread, middle + _SPREADS * spread)
    return low, high


def _inside(value: float, band: tuple[float, float]) -> bool:
    return band[0] <= value <= band[1]
