"""Looks at an installed model again: its files, and whether this OpenVINO still gives the golden answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.errors import ModelError
from model.installing.golden import read_golden
from model.installing.measuring import processor
from model.installing.parity import MASK_TOLERANCE, SCORE_TOLERANCE, distance
from model.installing.runtimes import openvino_answers, openvino_name
from model.precision import Precision
from model.registry import RegisteredModel
from model.registry.store import load_installed


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What a check found.

    Attributes
    ----------
    title : str
        Name and version.
    runtime : str
        OpenVINO's version here.
    score, mask : float or None
        Largest differences to the golden answers; ``None`` if it could not be run.
    problem : str or None
        One sentence; ``None`` if all is well.
    notes : tuple of str
        What is no fault but worth knowing.
    """

    title: str
    runtime: str
    score: float | None
    mask: float | None
    problem: str | None
    notes: tuple[str, ...]


def check_installed(model: RegisteredModel) -> ModelCheck:
    """Check every hash of an installed model and run it on its golden pictures."""
    title = model.place if model.manifest is None else f"{model.manifest.name} {model.manifest.version}"
    try:
        folder = Path(model.place)
        files = load_installed(folder, Precision.F32)
        pictures, golden = read_golden(folder)
        found = openvino_answers(files, pictures).by_picture
    except ModelError as fault:
        return ModelCheck(title, openvino_name(), None, None, str(fault), ())
    apart = {name: distance(found[name], golden[name]) for name in pictures}
    score, mask = max(s for s, _ in apart.values()), max(m for _, m in apart.values())
    problem = None
    if not (score <= SCORE_TOLERANCE and mask <= MASK_TOLERANCE):
        worst = max(apart, key=lambda name: apart[name][::-1])
        problem = (
            f"{title}: {openvino_name()} no longer gives the golden answer to '{worst}': a map differs by"
            f" {apart[worst][1]:.2g} (allowed {MASK_TOLERANCE:g}), the part's probability by {apart[worst][0]:.2g}"
            f" (allowed {SCORE_TOLERANCE:g}); do not run this model on this version."
        )
    return ModelCheck(title, openvino_name(), score, mask, problem, _notes(model))


def _notes(model: RegisteredModel) -> tuple[str, ...]:
    record = None if model.entry is None else model.entry.precision
    if record is None or record.processor == processor():
        return ()
    note = (
        f"Its precision ({record.chosen.value}) was measured on another processor ({record.processor});"
        " remove it and install it again to measure on this one."
    )
    return (note,)
