"""What an inspector is shown of a part, what kind of verdict that makes, and what the verdict does: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inspector_app.domain.decision import Disposition, Presentation
from inspector_app.domain.inspection import (
    Inspection,
    LogEntry,
    PictureFacts,
    PictureFault,
    PictureState,
    StoredPicture,
)
from inspector_app.domain.review import ModelView, ReviewItem
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind


def first_item(inspection: Inspection) -> ReviewItem:
    """Return the part as the inspector first sees it: with the model only where it is to be shown at once."""
    complaint = inspection.picture_complaint
    shown = inspection.decision.presentation is Presentation.HIGHLIGHT
    return ReviewItem(
        inspection_id=inspection.inspection_id,
        part_id=inspection.part_id,
        captured_at=inspection.captured_at,
        picture_fault=None if complaint is None else complaint.sentence,
        model_view=_model_view(inspection) if shown else None,
        views=inspection.picture.views if isinstance(inspection.picture, PictureFacts) else (),
    )


def has_second_look(inspection: Inspection) -> bool:
    """Return True if the model is revealed after a first verdict."""
    second = inspection.decision.presentation is Presentation.SECOND_LOOK
    return second and _model_view(inspection) is not None


def revealed_item(inspection: Inspection) -> ReviewItem:
    """Return the second stage of a second look: the same part with the model revealed."""
    return replace(first_item(inspection), model_view=_model_view(inspection), revealed=True)


def verdict_kind(inspection: Inspection, item: ReviewItem) -> VerdictKind:
    """Return the conditions under which a verdict on this item is given."""
    if inspection.decision.presentation is None:
        return VerdictKind.ADJUDICATION  # decided without an inspector; two models differ about it
    if item.revealed:
        return VerdictKind.SECOND_LOOK
    if item.model_view is not None:
        return VerdictKind.AIDED
    return VerdictKind.AUDIT if inspection.decision.audited else VerdictKind.UNAIDED


def disposition_after(inspection: Inspection, item: ReviewItem, answer: Answer) -> Disposition:
    """Return what counts for the part after a verdict on this item.

    A part that the line was told to accept or reject at once (an audit that is not held) stays what it was. A first
    look that is followed by a second one still holds the part.
    """
    if inspection.decision.disposition is not Disposition.HOLD:
        return inspection.decision.disposition
    if has_second_look(inspection) and not item.revealed:
        return Disposition.HOLD
    return answer.disposition


def standing(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts that have not been retracted, oldest first."""
    return tuple(verdict for verdict in verdicts if not verdict.retracted)


def entry_so_far(inspection: Inspection, verdicts: Sequence[Verdict] = ()) -> LogEntry:
    """Return a freshly committed part as the log has it, before the line has heard of it."""
    pending = None if isinstance(inspection.picture, PictureFault) else StoredPicture(PictureState.PENDING)
    return LogEntry(inspection, pending, tuple(verdicts), inspection.decision.disposition, line_told=False)


def _model_view(inspection: Inspection) -> ModelView | None:
    """Return what may be shown of a usable prediction, ``None`` of any other; on a probe, what is shown instead."""
    prediction, seed = inspection.prediction, inspection.seed
    if seed is not None and seed.probe is not None and seed.probe.shown is not None:
        return ModelView((), seed.probe.shown)
    if prediction is None or prediction.probability is None:
        return None
    return ModelView(prediction.regions, prediction.probability)
