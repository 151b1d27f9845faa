"""One hash that says which pictures with which truth a figure was measured on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from model.dataset.values import DataSet, DataSetImage


def dataset_fingerprint(dataset: DataSet) -> str:
    """Return the SHA-256, 64 hex digits, of a data set's pictures and their truth, wherever they lie and in any order.

    Over a line of JSON for each picture: name, group, split, judgement, annotations, and the SHA-256 of the picture's
    file and of its mask's. A file that is missing counts as such.
    """
    lines = sorted(_line(image) for image in dataset.images)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(image: DataSetImage) -> str:
    marks = sorted(json.dumps(asdict(each), sort_keys=True) for each in image.annotations)
    files = [_file_sha256(image.path), None if image.mask is None else _file_sha256(image.mask)]
    return json.dumps([image.name, image.group, image.split, image.judgement.value, marks, files])


def _file_sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
