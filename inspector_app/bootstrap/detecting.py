"""The vision engineer's work: which scratch sizes a model finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector_app.bootstrap.evaluating import write_files
from inspector_app.bootstrap.models import open_model
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.domain.errors import KnownFault
from model.evaluation.detectability import UNITS, Bench, Detectability, DetectionSize, measure_detectability
from model.evaluation.detectability_report import NO_FIT, detectability_html, detectability_record, size_text
from model.evaluation.probes import ProbeSpans
from model.synthesis.part import Look

RECORD_NAME = "detectability.json"
LOOKS = tuple(look.name.lower() for look in Look)


@dataclass(frozen=True, slots=True)
class DetectabilityRequest:
    """What to test; spans are from-to, see `model.evaluation.probes.ProbeSpans`."""

    parts: int
    frame: tuple[int, int]
    per_part: int
    width_px: tuple[float, float]
    length_px: tuple[float, float]
    contrast: tuple[float, float]
    seed: int
    look: str | None


@dataclass(frozen=True, slots=True)
class MeasuredDetectability:
    """A model's probability of detection, and the files of its report."""

    found: Detectability
    files: tuple[Path, ...]

    def record(self) -> dict[str, Any]:
        """Return every figure as plain JSON values."""
        return detectability_record(self.found)

    def lines(self) -> tuple[str, ...]:
        """Return the main figures as lines for people."""
        found = self.found
        hits = sum(trial.hit for trial in found.trials)
        stopped = () if found.complete else (f"stopped: only {found.parts} of {found.asked} parts were judged",)
        memory = (
            ()
            if found.memory_peak_mib is None
            else (f"memory at its peak {found.memory_peak_mib:.0f} MiB, {found.memory_before_mib:.0f} MiB before",)
        )
        return (
            f"{found.parts} parts of {found.frame[1]}x{found.frame[0]} px",
            f"{hits} of {len(found.trials)} scratches found",
            *stopped,
            *(() if found.why_no_line is None else (f"no curve: {found.why_no_line}",)),
            *(() if found.fits else (NO_FIT,)),
            *(_size_line(each, found.span(each.vary)[0]) for each in found.sizes),
            *(() if found.false_per_part is None else (f"false regions per part {found.false_per_part:.2f}",)),
            *memory,
            *(() if found.median_ms is None else (f"{found.median_ms:.0f} ms a picture (median)",)),
            *(str(path) for path in self.files),
        )


def _size_line(size: DetectionSize, smallest: float) -> str:
    shown = [size_text(at, smallest) for at in (size.a50, size.a90, size.a90_95)]
    line = f"{size.vary} ({UNITS[size.vary]}): a50 {shown[0]}, a90 {shown[1]}, a90/95 {shown[2]}"
    at = ", ".join(f"{name} {value:.1f} {UNITS[name]}" for name, value in size.fixed)
    return f"{line} at {at}" if at else line


def model_detectability(
    folder: SettledFolder,
    model: Path | None,
    request: DetectabilityRequest,
    out: Path | None,
    on_progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> MeasuredDetectability:
    """Test a model on generated parts, and write the report into a folder if one is named.

    Raises
    ------
    ModelError
        With one sentence.
    KnownFault
        If a span is not from a smaller to a larger size above 0, or the folder holds a report or cannot be written.
    """
    for name, span in (("widths", request.width_px), ("lengths", request.length_px), ("contrasts", request.contrast)):
        if not 0.0 < span[0] <= span[1]:
            raise KnownFault(f"{name} go from above 0 to the same or a larger size, not {span[0]:g} to {span[1]:g}.")
    if out is not None and (out / RECORD_NAME).exists():
        raise KnownFault(f"{out} already holds {RECORD_NAME}; choose another folder.")
    spans = ProbeSpans(request.width_px, request.length_px, request.contrast)
    look = None if request.look is None else Look[request.look.upper()]
    bench = Bench(request.parts, request.frame, request.per_part, spans, request.seed, look)
    classifier = open_model(folder, model)
    try:
        found = measure_detectability(classifier, bench, on_progress, cancelled)
    finally:
        classifier.close()
    if out is None:
        return MeasuredDetectability(found, ())
    text = json.dumps(detectability_record(found), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    contents = {RECORD_NAME: text.encode(), "detectability.html": detectability_html(found, utc_now()).encode()}
    return MeasuredDetectability(found, write_files(out, contents))
