"""Asks every runtime that can be asked about the golden pictures, and lets the candidate pass or not."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

from inspector_app.domain.frame import Pixels
from model.installing.candidate import Candidate
from model.installing.golden import golden_pictures, write_golden
from model.installing.parity import Answers, check_parity
from model.installing.runtimes import (
    WEIGHTS_NAME,
    ReadPixels,
    onnx_answers,
    openvino_answers,
    recorded_answers,
    torch_answers,
)
from model.registry.entry import ParityRecord


def pass_gate(
    candidate: Candidate, own: Mapping[str, Pixels], reference: Path | None, read: ReadPixels, draft: Path
) -> ParityRecord:
    """Compare the runtimes, and leave golden pictures and answers in a folder.

    Parameters
    ----------
    candidate : Candidate
        The model.
    own : mapping of str to Pixels
        The plant's own golden pictures.
    reference : Path or None
        See `recorded_answers`.
    read : ReadPixels
        Reads the reference's pictures.
    draft : Path
        Gets `model.installing.golden.GOLDEN_NAME`.

    Raises
    ------
    ModelError
        See `check_parity`.
    """
    files, manifest = candidate.files, candidate.files.manifest
    pictures = golden_pictures(own)
    answers: list[Answers] = []
    left_out: list[str] = []
    if reference is not None:
        recorded, first = recorded_answers(reference, manifest, read)
        pictures |= recorded
        answers.append(first)
    weights = None if candidate.folder is None else candidate.folder / WEIGHTS_NAME
    if weights is None or not weights.is_file():
        left_out.append(f"PyTorch: no {WEIGHTS_NAME} lies beside the network.")
    elif importlib.util.find_spec("torch") is None:
        left_out.append("PyTorch is not installed.")
    else:
        answers.append(torch_answers(weights, manifest, pictures))
    if files.weights:
        left_out.append("ONNX Runtime does not read this format; give recorded outputs with --reference DIR.")
    else:
        answers.append(onnx_answers(files, pictures))
    station = openvino_answers(files, pictures)
    record = check_parity(candidate.title, [*answers, station], left_out)
    write_golden(draft, pictures, station.by_picture)
    return record
