"""Labelled pictures on disk: COCO ``annotations.json`` with groups and splits, and the MVTec AD folder layout."""

from model.dataset.loading import load_dataset, references
from model.dataset.values import (
    HARMLESS_CLASSES,
    IGNORE_CLASS,
    MASK_CLASS,
    Annotation,
    DataSet,
    DataSetImage,
    FileProblem,
)

__all__ = [
    "HARMLESS_CLASSES",
    "IGNORE_CLASS",
    "MASK_CLASS",
    "Annotation",
    "DataSet",
    "DataSetImage",
    "FileProblem",
    "load_dataset",
    "references",
]
