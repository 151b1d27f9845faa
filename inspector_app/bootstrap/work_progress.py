"""What a command tells as JSON lines, folded into the snapshot that a window shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inspector_app.domain.model_work import LossPoint, TriedPoint, WorkView

_COUNTED = {
    "PictureRead": ("Reading the pictures", "picture", "pictures"),
    "WeighingProgressed": ("Weighing what was learned against its start", "part", "parts"),
    "JudgingProgressed": ("Measuring regions for their judge", "part", "parts"),
    "ValidationProgressed": ("Choosing thresholds on held-out pictures", "part", "parts"),
}
"""Phase, and the names of what is done and of how many, by event."""
_BUG = "Traceback (most recent call last)"


def record_of(line: str) -> Mapping[str, Any] | None:
    """Return the record in a line, ``None`` if it is a line for people."""
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "event" in record else None


def folded(view: WorkView, record: Mapping[str, Any], phase_s: float) -> WorkView:
    """Return the snapshot with one more record in it.

    Parameters
    ----------
    view : WorkView
        Before.
    record : mapping
        Of `inspector_app.bootstrap.models.TrainingNews`, or a ``Progress`` of `inspector_app.cli.output`.
    phase_s : float
        Seconds since the phase of ``view`` began.
    """
    match record["event"]:
        case "TrainingStarted":
            phase = f"Learning from {record['learning']} pictures, {record['held_out']} held out"
            return replace(view, phase=phase, done=0, total=record["steps"])
        case "TrainingProgressed":
            point = LossPoint(record["step"], record["loss"])
            return replace(
                view,
                done=point.step,
                total=record["steps"],
                left_s=record["left_s"],
                losses=(*view.losses, point),
            )
        case "HeldOutTried":
            tried = TriedPoint(record["step"], record["average_precision"], record["recall"], record["best"])
            return replace(view, tried=(*view.tried, tried))
        case "StartWeighed" | "JudgeWeighed":
            return replace(view, sentence=f"{view.sentence} {record['sentence']}".strip())
        case "Progress" | "PictureRead" | "WeighingProgressed" | "JudgingProgressed" | "ValidationProgressed" as event:
            phase, done, total = _COUNTED.get(event) or (record["stage"], "done", "total")
            return _stepped(view, phase, record[done], record[total], phase_s)
        case _:
            return view


def _stepped(view: WorkView, phase: str, done: int, total: int, phase_s: float) -> WorkView:
    begun = phase == view.phase and 0 < done < total
    left_s = phase_s / done * (total - done) if begun else None
    return replace(view, phase=phase, done=done, total=total, left_s=left_s)


@dataclass(slots=True)
class Said:
    """What a command has said for people, as far as it explains how it ended."""

    last: str = ""
    bug: bool = False

    def take(self, line: str) -> None:
        """Take one line."""
        self.bug |= line.startswith(_BUG)
        if line.strip():
            self.last = line.strip()


def why_failed(status: int, said: Said) -> str:
    """Return one sentence about a command that ended with a status other than 0."""
    if status == 1 and said.last and not said.bug:
        return said.last
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    reason = f": {said.last}" if said.bug else ""
    return f"The work ended unexpectedly {how}{reason}; its log says more. The station was not touched by it."
