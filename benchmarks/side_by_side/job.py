"""What is asked of anomalib, and what it answers, as plain files between two environments.

A job is ``job.json``. Each model answers with a folder ``<model>/``:

- ``answers.json``, written last, so that a folder without it is done again;
- ``maps/<number>.npy``, float32 ``(h, w)``, for each judged picture in the job's order, where the model gives maps;
- its export to OpenVINO, ``model.xml`` beside ``model.bin``.

Nothing here needs more than Python.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ANSWERS = "answers.json"
NETWORK = "model.xml"


@dataclass(frozen=True, slots=True)
class Job:
    """One data set, one direction.

    Attributes
    ----------
    name : str
        Of the case.
    height, width : int
        Size in px that pictures are brought to for anomalib.
    normal : tuple of str
        Files of pictures without a reason to reject, to learn from.
    abnormal : tuple of (str, str)
        Picture and mask (0/255) of rejects; only supervised models learn from them.
    judged : tuple of str
        Pictures to judge.
    epochs : int
        Passes over the pictures, for models that are trained.
    bank : int
        Most patches that PatchCore remembers.
    seed : int
        Of all that is random.
    weights : str
        Folder with weights of backbones as ``<timm's name>.safetensors`` or ``.pth``; may be empty.
    """

    name: str
    height: int
    width: int
    normal: tuple[str, ...]
    abnormal: tuple[tuple[str, str], ...]
    judged: tuple[str, ...]
    epochs: int
    bank: int
    seed: int
    weights: str

    def write(self, path: Path) -> None:
        """Write it; `read_job` gives it back."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def read_job(path: Path) -> Job:
    """Read what `Job.write` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    for name in ("normal", "judged"):
        found[name] = tuple(found[name])
    found["abnormal"] = tuple((picture, mask) for picture, mask in found["abnormal"])
    return Job(**found)


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model said.

    Attributes
    ----------
    model : str
        Its name.
    not_run : str or None
        Why there are no figures; the rest is then empty.
    setting : dict
        Backbone, size, pictures learned from and what else was chosen.
    seconds : float
        Time to learn.
    scores : tuple of float
        Of each judged picture, higher is worse; any range.
    maps : bool
        Whether there are maps.
    """

    model: str
    not_run: str | None = None
    setting: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    scores: tuple[float, ...] = ()
    maps: bool = False

    def write(self, folder: Path) -> None:
        """Write it in one step."""
        partial = folder / "answers.partial"
        partial.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        partial.replace(folder / ANSWERS)


def read_answers(folder: Path) -> Answers | None:
    """Return what a model answered, ``None`` if it has not yet."""
    path = folder / ANSWERS
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    return Answers(**(found | {"scores": tuple(found["scores"])}))


def map_file(folder: Path, number: int) -> Path:
    """Return the file of the map of the judged picture of this number, from 0."""
    return folder / "maps" / f"{number}.npy"
