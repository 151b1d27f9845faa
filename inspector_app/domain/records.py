"""The public shape of a part's record, as `run --json` and `log --json` print it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inspector_app.domain.decision import Draw
from inspector_app.domain.inspection import LogEntry, PictureFault
from inspector_app.domain.prediction import Asked, ModelIdentity, Prediction, Region
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.seed import Seed
from inspector_app.domain.verdict import Verdict
from inspector_app.domain.views import ViewPlace, view_at


def utc_text(moment: datetime) -> str:
    """Return a UTC time in ISO 8601 with milliseconds and ``Z``."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def region_record(region: Region, views: Sequence[ViewPlace] = ()) -> dict[str, Any]:
    """Return a region as plain JSON values; the box is ``[x, y, w, h]`` in px, mm are ``None`` without calibration.

    In a picture of several views, ``view`` names the one that the middle of the box lies in.
    """
    box = region.box
    view = view_at(views, box.x + box.w / 2, box.y + box.h / 2)
    return {
        **({"view": None if view is None else view.name} if views else {}),
        "class": region.class_name,
        "score": region.score,
        "box": [box.x, box.y, box.w, box.h],
        "polygon": [list(point) for point in region.polygon],
        "length_px": region.length_px,
        "width_px": region.width_px,
        "length_mm": region.length_mm,
        "width_mm": region.width_mm,
        "rejects": region.rejects,
    }


def identity_record(model: ModelIdentity) -> dict[str, str]:
    """Return which model spoke as plain JSON values."""
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "preprocessing_sha256": model.preprocessing_sha256,
    }


def prediction_record(prediction: Prediction, views: Sequence[ViewPlace] = ()) -> dict[str, Any]:
    """Return a prediction as plain JSON values; with views, each region says which one it lies in."""
    model = prediction.model
    return {
        "status": prediction.status.value,
        "probability": prediction.probability,
        "regions": [region_record(region, views) for region in prediction.regions],
        "model": None if model is None else identity_record(model),
        "elapsed_ms": prediction.elapsed_ms,
        "detail": prediction.detail,
        **_asked_record(prediction.asked),
    }


def _asked_record(asked: Asked | None) -> dict[str, Any]:
    """Return who answered, at a station that asks a prediction server first; both ``None`` elsewhere."""
    if asked is None:
        return {"answered_by": None, "server": None}
    server = {
        "url": asked.server,
        "picture": asked.picture,
        "why_not": asked.why_not,
        "waited_ms": asked.waited_ms,
        "late_ms": asked.late_ms,
    }
    return {"answered_by": None if asked.by is None else asked.by.value, "server": server}


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain JSON values."""
    return {
        "by": verdict.by,
        "decision": verdict.answer.value,
        "kind": verdict.kind.value,
        "classes": list(verdict.classes),
        "at": utc_text(verdict.at),
        "seconds": verdict.seconds,
        "retracted": verdict.retracted,
    }


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return what the model that was not in charge said, as plain JSON values."""
    return {
        "slot": comparison.slot.value,
        **prediction_record(comparison.prediction),
        "judgement": None if comparison.judgement is None else comparison.judgement.value,
        "differs": comparison.differs,
    }


def seed_record(seed: Seed) -> dict[str, Any]:
    """Return what makes a part a seeded one, as plain JSON values."""
    probe = seed.probe
    return {
        "defect": seed.defect.name,
        "class": seed.defect.class_name,
        "truth": seed.defect.truth,
        "after": seed.after,
        "salt": seed.salt,
        "draw": _draw_record(seed.draw),
        "probe": None if probe is None else _draw_record(probe.draw),
        "shown_probability": None if probe is None else probe.shown,
    }


def entry_record(entry: LogEntry) -> dict[str, Any]:
    """Return a part's whole record as plain JSON values; the keys are a public contract."""
    inspection = entry.inspection
    decision, prediction = inspection.decision, inspection.prediction
    return {
        "inspection_id": inspection.inspection_id,
        "part_id": inspection.part_id,
        "captured_at": utc_text(inspection.captured_at),
        "source": inspection.source,
        "product": inspection.product,
        "level": inspection.control.level.value,
        "control_version": inspection.control.version,
        "picture": _picture_record(entry),
        "prediction": None if prediction is None else prediction_record(prediction, _views(entry)),
        "route": decision.route.value,
        "reasons": [reason.value for reason in decision.reasons],
        "canary": bool(decision.canary and decision.canary.drawn),
        "audit": _draw_record(decision.audit),
        "targeted_audit": _draw_record(decision.targeted),
        "first_look": _draw_record(decision.first_look),
        "presentation": None if decision.presentation is None else decision.presentation.value,
        "challenger": _draw_record(decision.challenger),
        "beside": None if entry.beside is None else comparison_record(entry.beside),
        "model_judgement": None if decision.model_judgement is None else decision.model_judgement.value,
        "verdicts": [verdict_record(verdict) for verdict in entry.verdicts],
        "disposition": entry.disposition.value,
        "line_told": entry.line_told and inspection.seed is None,
        "reference": None
        if inspection.reference is None
        else {"decision": inspection.reference.judgement.value, "source": inspection.reference.source.value},
        "seed": None if inspection.seed is None else seed_record(inspection.seed),
    }


def _views(entry: LogEntry) -> tuple[ViewPlace, ...]:
    picture = entry.inspection.picture
    return () if isinstance(picture, PictureFault) else picture.views


def _draw_record(draw: Draw | None) -> dict[str, Any] | None:
    return None if draw is None else {"drawn": draw.drawn, "probability": draw.probability, "u": draw.u}


def _picture_record(entry: LogEntry) -> dict[str, Any]:
    """Return the picture's place; ``sha256`` is of the file on disk and ``None`` until it is stored."""
    picture = entry.inspection.picture
    origin = {"origin": entry.inspection.path}
    if isinstance(picture, PictureFault):
        fault = {"problem": picture.problem.value, "detail": picture.sentence}
        return {"path": None, "sha256": None, "state": "unusable", **fault, **origin}
    stored, unfit = entry.stored_picture, picture.unfit
    return {
        "path": stored.path if stored else None,
        "sha256": stored.file_sha256 if stored else None,
        "state": stored.state.value if stored else "pending",
        "detail": stored.detail if stored else None,
        "pixels_sha256": picture.pixels_sha256,
        "width": picture.width,
        "height": picture.height,
        "channels": picture.channels,
        "unfit": None if unfit is None else {"flaw": unfit.flaw.value, "detail": unfit.sentence},
        "views": [{"name": view.name, "box": [view.x, view.y, view.w, view.h]} for view in picture.views],
        **origin,
    }
