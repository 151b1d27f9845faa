"""What a model folder says about itself: ``model.json`` beside the network, read strictly, written canonically."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Len, MinLen
from pydantic import JsonValue

from inspector_app.domain.errors import ModelError
from inspector_app.domain.prediction import ModelIdentity
from model.documents import parse_document, write_document
from model.specs import (
    BACKGROUND,
    STRICT,
    Activation,
    ClassSpec,
    Color,
    Feature,
    Fit,
    FixedSize,
    InputSpec,
    JudgeSpec,
    Layout,
    OutputSpec,
    Platt,
    ProbabilitySpec,
    RegionSpec,
    Sha256,
    Word,
    measure_names,
)

__all__ = [
    "BACKGROUND",
    "CODE_VERSION",
    "MANIFEST_NAME",
    "NETWORK_NAME",
    "Activation",
    "ClassSpec",
    "Color",
    "Feature",
    "Fit",
    "FixedSize",
    "InputSpec",
    "JudgeSpec",
    "Layout",
    "ModelManifest",
    "OutputSpec",
    "Platt",
    "ProbabilitySpec",
    "RegionSpec",
    "measure_names",
    "parse_manifest",
    "read_manifest",
    "write_manifest",
]

MANIFEST_NAME = "model.json"
NETWORK_NAME = "model.onnx"
CARD_NAME = "README.md"

CODE_VERSION = 2
"""Raised by hand whenever the code between picture and regions or probability gives other results.

2: normalisation and activation run inside OpenVINO, which moves the last digit of a probability.
"""


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """A model's card, in full.

    Attributes
    ----------
    name, version : str
        Letters, digits and ``. _ + -``.
    sha256 : str
        Of the network, 64 lower-case hex digits; see `model.model_files.network_sha256`.
    created_utc : datetime
        When it was exported, UTC.
    licence : str
        SPDX expression or plain words.
    task : str
        ``"segmentation"``: a map for each class, from which regions come; ``"classification"``: one score for each
        class and picture, and no regions.
    input, output, regions, probability
        See the classes; they and ``classes`` shape every result, see `preprocessing_sha256`.
    classes : tuple of ClassSpec
        In channel order. In a segmentation with softmax the first is the background; elsewhere only if it is called so.
    judge : JudgeSpec or None
        Looks at the regions of a segmentation again; ``None``: they stand as the maps have them.
    training, metrics : dict
        What it was made from and how good it was found, free of form.
    schema : int
        1.
    """

    __pydantic_config__ = STRICT

    name: Word
    version: Word
    sha256: Sha256
    created_utc: datetime
    licence: Annotated[str, MinLen(1)]
    task: Literal["segmentation", "classification"]
    input: InputSpec
    output: OutputSpec
    classes: Annotated[tuple[ClassSpec, ...], Len(1, 64)]
    regions: RegionSpec
    probability: ProbabilitySpec
    judge: JudgeSpec | None = None
    training: dict[str, JsonValue] = field(default_factory=dict)
    metrics: dict[str, JsonValue] = field(default_factory=dict)
    schema: Literal[1] = 1

    def __post_init__(self) -> None:
        names = [spec.name for spec in self.classes]
        if len(set(names)) != len(names):
            raise ValueError("'classes' have different names")
        if self.segments and self.output.activation is Activation.SOFTMAX and names[0] != BACKGROUND:
            raise ValueError(f"with softmax the first of 'classes' is '{BACKGROUND}'")
        if BACKGROUND in names[1:] or (names[0] == BACKGROUND and self.classes[0].reject):
            raise ValueError(f"'{BACKGROUND}' is the first of 'classes' and never a reject")
        if not any(spec.reject for spec in self.classes):
            raise ValueError("at least one of 'classes' is a reject")
        self._check_sizes()
        self._check_judge()
        if self.created_utc.utcoffset() != timedelta(0):
            raise ValueError("'created_utc' is a time in UTC, for example 2026-01-31T12:00:00Z")

    def _check_judge(self) -> None:
        if self.judge is None:
            if self.probability.feature is Feature.JUDGED_REGIONS:
                raise ValueError(f"'probability.feature' '{Feature.JUDGED_REGIONS}' goes with a 'judge'")
            return
        if not self.segments:
            raise ValueError("a 'judge' goes with a segmentation")
        wanted = len(measure_names(len(self.classes)))
        if not wanted == len(self.judge.mean) == len(self.judge.std) == len(self.judge.weight):
            raise ValueError(f"'judge' has {wanted} values of 'mean', 'std' and 'weight' for these classes")

    def _check_sizes(self) -> None:
        if not self.segments and self.output.stride != 1:
            raise ValueError("'output.stride' is 1 for a classification, which gives no maps")
        if self.input.stride % self.output.stride:
            raise ValueError("'input.stride' is a multiple of 'output.stride'")

    @property
    def segments(self) -> bool:
        """True for a segmentation, which gives maps and regions."""
        return self.task == "segmentation"

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
        regions, probability and, where there is one, judge, with defaults filled in, and `CODE_VERSION`.
        """
        parts = ("input", "output", "classes", "regions", "probability", *(() if self.judge is None else ("judge",)))
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
    if manifest.judge is None:
        # programs from before there were judges read such a file too
        del document["judge"]
    return document


def _floats(value: Any) -> Any:
    """Return the same document with every number as float: ``1`` and ``1.0`` mean the same model."""
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
