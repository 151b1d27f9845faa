"""What a manifest fixes between a picture and its regions and probability: input, output, classes, regions, score."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Gt, Le, Len
from pydantic import ConfigDict, StringConstraints

BACKGROUND = "background"

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, title="model.json")
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[float, Gt(0), Le(1)]
_PerChannel = Annotated[tuple[float, ...], Len(1, 3)]


class Color(StrEnum):
    """What the network is fed: one grey channel, or three in the order of the letters."""

    GREY = "grey"
    BGR = "bgr"
    RGB = "rgb"

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return 1 if self is Color.GREY else 3


class Layout(StrEnum):
    """Where a tensor has its channels: after the batch (PyTorch), or last (TensorFlow)."""

    NCHW = "NCHW"
    NHWC = "NHWC"


class Fit(StrEnum):
    """How a picture comes to a network that takes one size only.

    ``RESIZE``: stretched to it, whatever its shape. ``TILE``: cut into tiles of it, at full resolution.
    """

    RESIZE = "resize"
    TILE = "tile"


class Activation(StrEnum):
    """What turns the network's output into probabilities; ``NONE``: they are probabilities already."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"
    NONE = "none"


class Feature(StrEnum):
    """The number of a picture that Platt's scaling turns into the probability of a reject."""

    TOPK_MEAN_LOGIT = "topk_mean_logit"
    LOG_SUM_EXP_LOGIT = "log_sum_exp_logit"
    JUDGED_REGIONS = "judged_regions"
    """The regions' odds, as their judge has them, summed; see `model.judging`."""


@dataclass(frozen=True, slots=True)
class FixedSize:
    """The only size, in px, that a network takes, and how pictures are made to fit."""

    __pydantic_config__ = STRICT

    height: Annotated[int, Ge(1), Le(8192)]
    width: Annotated[int, Ge(1), Le(8192)]
    fit: Fit


@dataclass(frozen=True, slots=True)
class InputSpec:
    """From picture to tensor.

    Attributes
    ----------
    color : Color
        Channels of the tensor.
    scale : float
        Grey values 0 … 255 are multiplied by it first, usually 1/255.
    mean, std : tuple of float
        Per channel; the tensor is ``(value * scale - mean) / std``.
    stride : int
        Height and width are padded by reflection, right and below, to a multiple of it; a fixed size is one.
    layout : Layout
        Of the network's input tensor.
    tile_px : int
        A picture with a side above it is cut into tiles of at most this side; without meaning where the size is fixed.
    margin_px : int
        Context on each inner side of a tile whose output is thrown away; tiles agree with the whole picture where
        it is at least the network's reach (half its receptive field).
    fixed : FixedSize or None
        ``None``: the network takes any size.
    """

    __pydantic_config__ = STRICT

    color: Color
    scale: Annotated[float, Gt(0)]
    mean: _PerChannel
    std: Annotated[tuple[Annotated[float, Gt(0)], ...], Len(1, 3)]
    stride: Annotated[int, Ge(1), Le(256)]
    layout: Layout = Layout.NCHW
    tile_px: Annotated[int, Ge(256), Le(8192)] = 2048
    margin_px: Annotated[int, Ge(0), Le(1024)] = 192
    fixed: FixedSize | None = None

    def __post_init__(self) -> None:
        channels = self.color.channels
        if len(self.mean) != channels or len(self.std) != channels:
            raise ValueError(f"'mean' and 'std' have {channels} value(s) for color '{self.color}'")
        if 2 * self.margin_px + self.stride > self.tile_px:
            raise ValueError("'tile_px' holds two margins and one stride")
        if self.fixed is not None:
            self._check_fixed(self.fixed)

    def _check_fixed(self, fixed: FixedSize) -> None:
        if fixed.height % self.stride or fixed.width % self.stride:
            raise ValueError("'fixed.height' and 'fixed.width' are multiples of 'stride'")
        margins = 2 * -(-self.margin_px // self.stride) * self.stride
        if fixed.fit is Fit.TILE and margins >= min(fixed.height, fixed.width):
            raise ValueError("'margin_px', twice, is less than 'fixed.height' and 'fixed.width'")


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """The network's first output, in the order of ``layout``.

    ``(1, classes, padded H / stride, padded W / stride)`` for a segmentation; ``(1, classes)``, and a stride of 1, for
    a classification.
    """

    __pydantic_config__ = STRICT

    activation: Activation
    stride: Annotated[int, Ge(1), Le(64)]
    layout: Layout = Layout.NCHW


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """One output channel; ``reject``: a region of this class makes the part a reject."""

    __pydantic_config__ = STRICT

    name: Word
    reject: bool


@dataclass(frozen=True, slots=True)
class RegionSpec:
    """From probability map to regions; every ``_px`` is in px of the full picture.

    Attributes
    ----------
    threshold : float
        A region holds at least one pixel of this probability, 0 … 1.
    low_threshold : float
        It spreads over connected pixels of at least this probability, 0 … ``threshold``.
    min_area_px, min_length_px : float
        Smaller or shorter regions are dropped, after merging.
    merge_gap_px : float
        Pieces of one line are joined over gaps up to this length; 0: never.
    merge_angle_deg : float
        And only if both ends point across the gap within this angle.
    simplify_px : float
        The outline may deviate this much from the pixels.
    score_length_px : float
        The score is the mean probability times ``length / (length + score_length_px)``: a long line is better
        evidence than a speck. 0: the mean probability.
    max_regions : int
        At most this many, best first.
    """

    __pydantic_config__ = STRICT

    threshold: _Share
    low_threshold: _Share
    min_area_px: Annotated[float, Ge(0)] = 0.0
    min_length_px: Annotated[float, Ge(0)] = 0.0
    merge_gap_px: Annotated[float, Ge(0), Le(500)] = 24.0
    merge_angle_deg: Annotated[float, Ge(0), Le(90)] = 25.0
    simplify_px: Annotated[float, Ge(0), Le(20)] = 2.0
    score_length_px: Annotated[float, Ge(0)] = 0.0
    max_regions: Annotated[int, Ge(1), Le(1000)] = 100

    def __post_init__(self) -> None:
        if self.low_threshold > self.threshold:
            raise ValueError("'low_threshold' is at most 'threshold'")


@dataclass(frozen=True, slots=True)
class Platt:
    """``P = 1 / (1 + exp(-(a x + b)))`` (Platt 1999, signs turned so that a > 0 is usual)."""

    __pydantic_config__ = STRICT

    a: Annotated[float, Gt(0)]
    b: float


@dataclass(frozen=True, slots=True)
class ProbabilitySpec:
    """From probability map to the part's probability; ``k`` is in output px."""

    __pydantic_config__ = STRICT

    feature: Feature
    k: Annotated[int, Ge(1)]
    platt: Platt


MEASURES = (
    "mean probability",
    "log length",
    "log width",
    "log long side",
    "log short side",
    "straightness",
    "log area",
    "filling",
    "mean tone",
    "spread of tone",
    "darkest tone",
    "brightest tone",
    "tenth of tone",
    "nine tenths of tone",
    "mean tone around",
    "spread of tone around",
    "greatest tone around",
    "unrest around",
    "coherence",
    "log mean gradient",
    "log greatest gradient",
    "darkest grey near",
    "mean grey near",
)
"""What is measured of a region besides the maps; see `model.region_measures`."""
MAP_MEASURES = ("greatest near", "mean in", "greatest in")
"""And for each class of the map."""


def measure_names(classes: int) -> tuple[str, ...]:
    """Return what is measured of a region of a network with so many classes, in order."""
    return (*MEASURES, *(f"{name} class {number}" for name in MAP_MEASURES for number in range(classes)))


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """A second look at each candidate region: logistic regression on what is measured of it, see `model.judging`.

    Attributes
    ----------
    mean, std, weight : tuple of float
        Of each measure, in the order of `measure_names`: the odds are
        ``exp(bias + Σ weight (measure - mean) / std)``, where no measure counts for more than four deviations.
    bias : float
    threshold : float
        A candidate of this probability or more is a region.
    """

    __pydantic_config__ = STRICT

    mean: tuple[float, ...]
    std: tuple[Annotated[float, Gt(0)], ...]
    weight: tuple[float, ...]
    bias: float
    threshold: _Share
