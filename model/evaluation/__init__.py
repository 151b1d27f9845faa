"""How good a model is on a labelled data set: pictures, regions, classes, groups, time."""

from model.evaluation.record import evaluation_record
from model.evaluation.result import EvaluationResult
from model.evaluation.runner import evaluate
from model.evaluation.values import (
    ClassCount,
    CurvePoint,
    Estimate,
    FalseRegion,
    FrocPoint,
    GroupCount,
    PictureResult,
    PlaceResult,
    Share,
)

__all__ = [
    "ClassCount",
    "CurvePoint",
    "Estimate",
    "EvaluationResult",
    "FalseRegion",
    "FrocPoint",
    "GroupCount",
    "PictureResult",
    "PlaceResult",
    "Share",
    "evaluate",
    "evaluation_record",
]
