"""What a model folder says about itself: ``model.json`` beside ``model.onnx``, read strictly, written canonically."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, MinLen
from pydantic import ConfigDict, JsonValue, StringConstraints

from inspector_app.domain.errors import ModelError
from inspector_app.domain.prediction import ModelIdentity
from model.documents import parse_document, write_document

MANIFEST_NAME = "model.json"
NETWORK_NAME = "model.onnx"
BACKGROUND = "background"

CODE_VERSION = 1
"""Raised by hand whenever the code between picture and regions or probability gives other results."""

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, title="model.json")
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$")]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Share = Annotated[float, Gt(0), Le(1)]
_PerChannel = Annotated[tuple[float, ...], Len(1, 3)]


class Color(StrEnum):
    """What the network is fed: one grey channel, or blue, green, red in this order."""

    GREY = "grey"
    BGR = "bgr"

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return 1 if self is Color.GREY else 3


class Activation(StrEnum):
    """What turns the network's output into probabilities; ``NONE``: they are probabilities already."""

    SOFTMAX = "softmax"
    SIGMOID = "sigmoid"
    NONE = "none"


class Feature(StrEnum):
    """The number of a picture that Platt's scaling turns into the probability of a reject."""

    TOPK_MEAN_LOGIT = "topk_mean_logit"
    LOG_SUM_EXP_LOGIT = "log_sum_exp_logit"


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
        Height and width are padded by reflection, right and below, to a multiple of it.
    layout : str
        ``"NCHW"``.
    tile_px : int
        A picture with a side above it is cut into tiles of at most this side.
    margin_px : int
        Context on each inner side of a tile whose output is thrown away; tiles agree with the whole picture where
        it is at least the network's reach (half its receptive field).
    """

    __pydantic_config__ = _STRICT

    color: Color
    scale: Annotated[float, Gt(0)]
    mean: _PerChannel
    std: Annotated[tuple[Annotated[float, Gt(0)], ...], Len(1, 3)]
    stride: Annotated[int, Ge(1), Le(256)]
    layout: Literal["NCHW"] = "NCHW"
    tile_px: Annotated[int, Ge(256), Le(8192)] = 2048
    margin_px: Annotated[int, Ge(0), Le(1024)] = 192

    def __post_init__(self) -> None:
        channels = self.color.channels
        if len(self.mean) != channels or len(self.std) != channels:
            raise ValueError(f"'mean' and 'std' have {channels} value(s) for color '{self.color}'")
        if 2 * self.margin_px + self.stride > self.tile_px:
            raise ValueError("'tile_px' holds two margins and one stride")


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """The network's only output: ``(1, classes, padded H / stride, padded W / stride)``."""

    __pydantic_config__ = _STRICT

    activation: Activation
    stride: Annotated[int, Ge(1), Le(64)]


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """One output channel; ``reject``: a region of this class makes the part a reject."""

    __pydantic_config__ = _STRICT

    name: _Word
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

    __pydantic_config__ = _STRICT

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

    __pydantic_config__ = _STRICT

    a: Annotated[float, Gt(0)]
    b: float


@dataclass(frozen=True, slots=True)
class ProbabilitySpec:
    """From probability map to the part's probability; ``k`` is in output px."""

    __pydantic_config__ = _STRICT

    feature: Feature
    k: Annotated[int, Ge(1)]
    platt: Platt


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """A model's card, in full.

    Attributes
    ----------
    name, version : str
        Letters, digits and ``. _ + -``.
    sha256 : str
        Of ``model.onnx``, 64 lower-case hex digits.
    created_utc : datetime
        When it was exported, UTC.
    licence : str
        SPDX expression or plain words.
    task : str
        ``"segmentation"``.
    input, output, regions, probability
        See the classes; they and ``classes`` shape every result, see `preprocessing_sha256`.
    classes : tuple of ClassSpec
        In channel order. With softmax the first is the background; elsewhere only if it is called so.
    training, metrics : dict
        What it was made from and how good it was found, free of form.
    schema : int
        1.
    """

    __pydantic_config__ = _STRICT

    name: _Word
    version: _Word
    sha256: _Sha256
    created_utc: datetime
    licence: Annotated[str, MinLen(1)]
    task: Literal["segmentation"]
    input: InputSpec
    output: OutputSpec
    classes: Annotated[tuple[ClassSpec, ...], Len(1, 64)]
    regions: RegionSpec
    probability: ProbabilitySpec
    training: dict[str, JsonValue] = field(default_factory=dict)
    metrics: dict[str, JsonValue] = field(default_factory=dict)
    schema: Literal[1] = 1

    def __post_init__(self) -> None:
        names = [spec.name for spec in self.classes]
        if len(set(names)) != len(names):
            raise ValueError("'classes' have different names")
        if self.output.activation is Activation.SOFTMAX and names[0] != BACKGROUND:
            raise ValueError(f"with softmax the first of 'classes' is '{BACKGROUND}'")
        if BACKGROUND in names[1:] or (names[0] == BACKGROUND and self.classes[0].reject):
            raise ValueError(f"'{BACKGROUND}' is the first of 'classes' and never a reject")
        if not any(spec.reject for spec in self.classes):
            raise ValueError("at least one of 'classes' is a reject")
        if self.input.stride % self.output.stride:
            raise ValueError("'input.stride' is a multiple of 'output.stride'")
        if self.created_utc.utcoffset() != timedelta(0):
            raise ValueError("'created_utc' is a time in UTC, for example 2026-01-31T12:00:00Z")

    @property
    def reject_classes(self) -> frozenset[str]:
        """Names of the classes that make a part a reject."""
        return frozenset(spec.name for spec in self.classes if spec.reject)

    def channels(self, reject: bool) -> tuple[int, ...]:
        """Return the output channels of the classes that do (or do not) make a reject, without the background."""
        return tuple(
            index for index, spec in enumerate(self.classes) if spec.reject is reject and spec.name != BACKGROUND
        )

    @property
    def preprocessing_sha256(self) -> str:
        """SHA-256 of everything but the network that lies between a picture and its regions and probability.

        Over the canonical JSON (sorted keys, no spaces, every number as shortest float) of input, output, classes,
        regions and probability, with defaults filled in, and `CODE_VERSION`.
        """
        parts = ("input", "output", "classes", "regions", "probability")
        plain = _plain(self)
        document = {name: plain[name] for name in parts} | {"code": CODE_VERSION}
        canonical = json.dumps(
            _floats(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def identity(self) -> ModelIdentity:
        """The four values that go into every record."""
        return ModelIdentity(self.name, self.version, self.sha256, self.preprocessing_sha256)


def read_manifest(path: Path) -> ModelManifest:
    """Read and check a ``model.json``.

    Raises
    ------
    ModelError
        With one sentence that names the file, the key and what is allowed.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: the model's manifest cannot be read ({error.strerror}).") from error
    return parse_manifest(text, str(path))


def parse_manifest(text: bytes, where: str) -> ModelManifest:
    """Check the text of a ``model.json``; ``where`` names it in the sentence of a `ModelError`."""
    return parse_document(ModelManifest, text, where)


def write_manifest(manifest: ModelManifest, path: Path) -> None:
    """Write a ``model.json`` that `read_manifest` reads back to an equal value; replaces the file in one step."""
    write_document(_plain(manifest), path)


def _plain(manifest: ModelManifest) -> dict[str, Any]:
    document = asdict(manifest)
    document["created_utc"] = manifest.created_utc.isoformat().replace("+00:00", "Z")
    return document


def _floats(value: Any) -> Any:
    """Return the same document with every number as float: ``1`` and ``1.0`` mean the same model."""
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
