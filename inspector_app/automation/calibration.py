"""From the log's judged parts to those that may certify thresholds: one model, one camera, drawn evenly, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.contract import ScoredPart
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.judged import JudgedPart, truth_of
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer


class LeftOut(StrEnum):
    """Why a judged part does not count."""

    OTHER_MODEL = "other_model"
    OTHER_CAMERA = "other_camera"
    SEEDED = "seeded"
    NOT_DRAWN_EVENLY = "not_drawn_evenly"
    SEEN_BEFORE = "seen_before"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The parts that count, and what is known of where they come from.

    Attributes
    ----------
    parts : tuple of ScoredPart
        In the order of the log.
    model : ModelIdentity or None
        The newest model among the judged parts; ``None`` without parts.
    source : str or None
        The camera of that model's newest part; one that another station calls alike is another camera.
    first, last : datetime or None
        Of the parts that count, UTC.
    left_out : dict of LeftOut to int
        How many judged parts do not count, and why.
    """

    parts: tuple[ScoredPart, ...]
    model: ModelIdentity | None
    source: str | None
    first: datetime | None
    last: datetime | None
    left_out: dict[LeftOut, int]


def calibration(judged: Iterable[JudgedPart]) -> Calibration:
    """Return the parts that may certify thresholds.

    Parameters
    ----------
    judged : iterable of JudgedPart
        Oldest first.
    """
    rows = tuple(judged)
    if not rows:
        return Calibration((), None, None, None, None, {})
    newest = rows[-1]
    left_out: Counter[LeftOut] = Counter()
    kept: dict[str, JudgedPart] = {}
    for row in rows:
        why = _why_not(row, newest) or (LeftOut.SEEN_BEFORE if row.part_id in kept else None)
        if why is None:
            kept[row.part_id] = row
        else:
            left_out[why] += 1
    times = [row.captured_at for row in kept.values()]
    return Calibration(
        parts=tuple(ScoredPart(row.part_id, row.probability, truth(row)) for row in kept.values()),
        model=newest.model,
        source=newest.source,
        first=min(times, default=None),
        last=max(times, default=None),
        left_out={why: left_out[why] for why in LeftOut if left_out[why]},
    )


def truth(row: JudgedPart) -> bool | None:
    """Return True for a defective part, ``None`` where nobody decided; see `truth_of`."""
    answer = truth_of(row.answers)
    return None if answer in {None, Answer.UNSURE} else answer is Answer.REJECT


def drawn_evenly(row: JudgedPart) -> bool:
    """Return True if the part is of a sample in which every part of its time had the same chance, whatever its score.

    In shadow, and where no model is in charge, every part is judged blind. Above, parts that the model decides are
    judged with one probability and parts for humans with another. The draws are recorded and uniform, so the stream
    with the larger probability is thinned to the smaller one by the very same numbers.
    """
    if row.level is Level.SHADOW or row.beside:
        return True
    drawn = row.audit or row.first_look
    if drawn is None:
        return False
    share = 1.0 if row.style is AssistStyle.SECOND_LOOK else row.unaided_share
    if row.level is not Level.ASSIST:
        share = min(share, row.audit_share)
    return drawn.u < share


def _why_not(row: JudgedPart, newest: JudgedPart) -> LeftOut | None:
    if row.model != newest.model:
        return LeftOut.OTHER_MODEL
    if (row.station, row.source) != (newest.station, newest.source):
        return LeftOut.OTHER_CAMERA
    if row.seeded:
        return LeftOut.SEEDED
    return None if drawn_evenly(row) else LeftOut.NOT_DRAWN_EVENLY
