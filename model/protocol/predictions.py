"""A prediction as tensors and back, unchanged to the last bit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Le, MinLen
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.records import identity_record, region_record
from model.protocol.contract import DETAIL, ELAPSED_MS, MODEL, OUTPUTS, PROBABILITY, REGIONS, STATUS
from model.protocol.tensors import (
    ProtocolFault,
    Tensor,
    TensorSpec,
    bytes_tensor,
    number_tensor,
    one_content,
    one_number,
    shown,
)

_Size = Annotated[float, Ge(0.0)]
_Side = Annotated[int, Ge(0), Le(1_000_000)]
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Read = TypeVar("_Read")


class _Record(BaseModel):
    """More keys are welcome; those that are known are what they have to be."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, frozen=True)


class _RegionRecord(_Record):
    class_name: _Word = Field(alias="class")
    score: Annotated[float, Ge(0.0), Le(1.0)]
    box: tuple[_Side, _Side, _Side, _Side]
    polygon: Annotated[list[tuple[_Side, _Side]], MinLen(3)]
    length_px: _Size
    width_px: _Size
    rejects: bool
    length_mm: _Size | None = None
    width_mm: _Size | None = None

    def region(self) -> Region:
        return Region(
            self.class_name,
            self.score,
            Box(*self.box),
            tuple(self.polygon),
            self.length_px,
            self.width_px,
            self.rejects,
            self.length_mm,
            self.width_mm,
        )


class _IdentityRecord(_Record):
    name: _Word
    version: _Word
    sha256: _Sha256
    preprocessing_sha256: _Sha256

    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name, self.version, self.sha256, self.preprocessing_sha256)


_REGIONS = TypeAdapter(list[_RegionRecord])
_IDENTITY = TypeAdapter(_IdentityRecord | None)


def prediction_tensors(prediction: Prediction) -> tuple[Tensor, ...]:
    """Return a prediction as the outputs of `model.protocol.contract`, in their order."""
    probability = math.nan if prediction.probability is None else prediction.probability
    model = None if prediction.model is None else identity_record(prediction.model)
    return (
        bytes_tensor(STATUS.name, prediction.status.value.encode()),
        number_tensor(PROBABILITY.name, probability),
        bytes_tensor(REGIONS.name, _json([region_record(region) for region in prediction.regions])),
        bytes_tensor(MODEL.name, _json(model)),
        number_tensor(ELAPSED_MS.name, prediction.elapsed_ms),
        bytes_tensor(DETAIL.name, (prediction.detail or "").encode()),
    )


def read_prediction(tensors: Iterable[Tensor]) -> Prediction:
    """Return the prediction that a server's outputs hold.

    Raises
    ------
    ProtocolFault
        If an output lacks, is of another type or shape, or holds what no prediction can hold.
    """
    found = {tensor.name: tensor for tensor in tensors}
    lacking = [spec.name for spec in OUTPUTS if spec.name not in found]
    if lacking:
        raise ProtocolFault(f"The answer lacks the output {', '.join(lacking)}; it is no model of this product.")
    probability = one_number(found[PROBABILITY.name])
    regions = _read(_REGIONS, found, REGIONS)
    identity = _read(_IDENTITY, found, MODEL)
    detail = _text(found, DETAIL)
    try:
        return Prediction(
            PredictionStatus(_text(found, STATUS)),
            None if math.isnan(probability) else probability,
            tuple(region.region() for region in regions),
            None if identity is None else identity.identity(),
            _elapsed(one_number(found[ELAPSED_MS.name])),
            detail or None,
        )
    except ValueError as error:
        raise ProtocolFault(f"The answer is no prediction: {error}.") from error


def _elapsed(value: float) -> float:
    if not math.isfinite(value) or value < 0.0:
        raise ValueError(f"elapsed_ms is {value}")
    return value


def _read(kind: TypeAdapter[_Read], found: Mapping[str, Tensor], spec: TensorSpec) -> _Read:
    try:
        return kind.validate_json(one_content(found[spec.name]))
    except ValidationError as error:
        raise ProtocolFault(f"The output '{spec.name}' cannot be read: {_first(error)}.") from error


def _text(found: Mapping[str, Tensor], spec: TensorSpec) -> str:
    content = one_content(found[spec.name])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ProtocolFault(f"The output '{spec.name}' is no UTF-8 text.") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return shown(f"{where}: {first['msg']}" if where else first["msg"])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
