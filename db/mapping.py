"""Between the domain's values and the log's rows, without loss in either direction.

Rows hold only text, whole numbers, floats and flags, so that a row digests to the same bytes before it is written
and after it is read back from any database (see `db.audit_chain`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.decision import Decision, Disposition, Draw, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem, Reference, ReferenceSource, Unfit
from inspector_app.domain.inspection import Inspection, PictureFacts, PictureFault, PictureState, StoredPicture
from inspector_app.domain.ports import LineTold
from inspector_app.domain.prediction import Answerer, Asked, Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.rollout import Comparison, Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.seed import KnownDefect, Probe, Seed
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind
from inspector_app.domain.views import ViewPlace

Row = dict[str, Any]
"""Column name → text, int, float, bool or ``None``."""

Read = Mapping[Any, Any]
"""A row as the database gave it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Return whole microseconds since 1970 UTC; `ValueError` for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time in the log has a zone, unlike {moment!r}")
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the UTC time of `to_us`."""
    return _EPOCH + timedelta(microseconds=microseconds)


def canonical_json(value: object) -> str:
    """Return the one spelling of a JSON value that the log stores and digests: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def printable(text: str) -> str:
    """Return text that every database can hold: bytes of a file name that are no Unicode, and NUL, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def control_change(row: Read, before: ControlState | None, after: ControlState) -> ControlChange:
    """Return the control change of a row, between two states."""
    return ControlChange(
        by=row["by"],
        because=row["because"],
        at=from_us(row["at_us"]),
        before=before,
        after=after,
        signed=bool(row["signed"]),
        against=row["against"],
        certificate=row["certificate"],
    )


def control_row(change: ControlChange) -> Row:
    """Return the columns of a control change that come from the value."""
    after = change.after
    return {
        "version": int(after.version),
        "by": printable(change.by),
        "because": printable(change.because),
        "at_us": to_us(change.at),
        "before_version": None if change.before is None else int(change.before.version),
        "level": after.level.value,
        "style": after.style.value,
        "accept_below": float(after.accept_below),
        "cut": float(after.cut),
        "reject_above": float(after.reject_above),
        "canary_share": float(after.canary_share),
        "audit_share": float(after.audit_share),
        "unaided_share": float(after.unaided_share),
        "hold_audits": bool(after.hold_audits),
        "salt_canary": after.salts.canary,
        "salt_audit": after.salts.audit,
        "salt_first_look": after.salts.first_look,
        "slots": None if after.slots is None else canonical_json(_slots_json(after.slots)),
        "rollout": None if after.rollout is None else canonical_json(_rollout_json(after.rollout)),
        "latched": canonical_json(list(after.latched)) if after.latched else None,
        "signed": True if change.signed else None,
        "against": None if change.against is None else printable(change.against),
        "certificate": change.certificate,
        "reject_audit_share": float(after.reject_audit_share) or None,
        "targeted_share": float(after.targeted_share) or None,
        "targeted_above": float(after.targeted_above) or None,
    }


def _slots_json(slots: Slots) -> Row:
    held = {slot.value: slots.model(slot) for slot in Slot}
    return {"in_charge": slots.in_charge.value} | {
        name: None if model is None else model_row(model) for name, model in held.items()
    }


def _slots(text: str | None) -> Slots | None:
    if text is None:
        return None
    values = json.loads(text)
    blue, green = (None if values[slot] is None else ModelIdentity(**values[slot]) for slot in Slot)
    return Slots(Slot(values["in_charge"]), blue, green)


def _rollout_json(rollout: Rollout) -> Row:
    return {
        "experiment": printable(rollout.experiment),
        "phase": rollout.phase.value,
        "share": float(rollout.share),
        "audit_share": float(rollout.audit_share),
    }


def _rollout(text: str | None) -> Rollout | None:
    if text is None:
        return None
    values = json.loads(text)
    return Rollout(**(values | {"phase": RolloutPhase(values["phase"])}))


def control_state(row: Read) -> ControlState:
    """Return the state that a control change put in force."""
    return ControlState(
        version=row["version"],
        level=Level(row["level"]),
        style=AssistStyle(row["style"]),
        accept_below=row["accept_below"],
        cut=row["cut"],
        reject_above=row["reject_above"],
        canary_share=row["canary_share"],
        audit_share=row["audit_share"],
        unaided_share=row["unaided_share"],
        hold_audits=bool(row["hold_audits"]),
        salts=Salts(row["salt_canary"], row["salt_audit"], row["salt_first_look"]),
        slots=_slots(row["slots"]),
        rollout=_rollout(row["rollout"]),
        latched=tuple(json.loads(row["latched"] or "[]")),
        reject_audit_share=row["reject_audit_share"] or 0.0,
        targeted_share=row["targeted_share"] or 0.0,
        targeted_above=row["targeted_above"] or 0.0,
    )


def inspection_row(inspection: Inspection) -> Row:
    """Return the columns of an inspection that come from the value; the model is left to the caller."""
    reference = inspection.reference
    return {
        "inspection_id": inspection.inspection_id,
        "part_id": printable(inspection.part_id),
        "captured_us": to_us(inspection.captured_at),
        "source": printable(inspection.source),
        "sequence": int(inspection.sequence),
        "skipped": int(inspection.skipped),
        "path": None if inspection.path is None else printable(inspection.path),
        "control_version": int(inspection.control.version),
        "level": inspection.control.level.value,
        "reference": None if reference is None else reference.judgement.value,
        "reference_source": None if reference is None else reference.source.value,
        "product": None if inspection.product is None else printable(inspection.product),
        **_picture_columns(inspection.picture),
        **_prediction_columns(inspection.prediction),
        **_decision_columns(inspection.decision),
        "seeded": None if inspection.seed is None else True,
        "seed": None if inspection.seed is None else canonical_json(_seed_json(inspection.seed)),
    }


def _seed_json(seed: Seed) -> Row:
    probe = seed.probe
    return {
        "defect": printable(seed.defect.name),
        "class": printable(seed.defect.class_name),
        "truth": printable(seed.defect.truth),
        "after": printable(seed.after),
        "salt": printable(seed.salt),
        "draw": _draw_json(seed.draw),
        "probe": None if probe is None else {"draw": _draw_json(probe.draw), "shown": probe.shown},
    }


def _draw_json(draw: Draw) -> list[Any]:
    return [bool(draw.drawn), float(draw.probability), float(draw.u)]


def seed(text: str | None) -> Seed | None:
    """Return what is recorded of a seeded part, ``None`` for a part of production."""
    if text is None:
        return None
    values = json.loads(text)
    probe = values["probe"]
    return Seed(
        defect=KnownDefect(values["defect"], values["class"], values["truth"]),
        after=values["after"],
        salt=values["salt"],
        draw=Draw(*values["draw"]),
        probe=None if probe is None else Probe(Draw(*probe["draw"]), probe["shown"]),
    )


def _picture_columns(picture: PictureFacts | PictureFault) -> Row:
    facts = picture if isinstance(picture, PictureFacts) else None
    fault = picture if isinstance(picture, PictureFault) else None
    unfit = facts.unfit if facts else None
    return {
        "pixels_sha256": facts.pixels_sha256 if facts else None,
        "width": int(facts.width) if facts else None,
        "height": int(facts.height) if facts else None,
        "channels": int(facts.channels) if facts else None,
        "picture_problem": fault.problem.value if fault else None,
        "picture_sentence": printable(fault.sentence) if fault else None,
        "unfit_flaw": unfit.flaw.value if unfit else None,
        "unfit_sentence": printable(unfit.sentence) if unfit else None,
        "views": json.dumps([asdict(view) for view in facts.views]) if facts and facts.views else None,
    }


def _prediction_columns(prediction: Prediction | None) -> Row:
    if prediction is None:
        return dict.fromkeys(
            ("prediction_status", "probability", "regions", "elapsed_ms", "prediction_detail", "asked")
        )
    return {
        "prediction_status": prediction.status.value,
        "probability": None if prediction.probability is None else float(prediction.probability),
        "regions": canonical_json([_region_json(region) for region in prediction.regions]),
        "elapsed_ms": float(prediction.elapsed_ms),
        "prediction_detail": None if prediction.detail is None else printable(prediction.detail),
        "asked": None if prediction.asked is None else _asked_json(prediction.asked),
    }


def _asked_json(asked: Asked) -> str:
    """Return who was asked; what is not known is left out."""
    why_not = None if asked.why_not is None else printable(asked.why_not)
    values = {
        "by": None if asked.by is None else asked.by.value,
        "server": printable(asked.server),
        "picture": asked.picture,
        "why_not": why_not,
        "waited_ms": None if asked.waited_ms is None else float(asked.waited_ms),
        "late_ms": None if asked.late_ms is None else float(asked.late_ms),
    }
    return canonical_json({name: value for name, value in values.items() if value is not None})


def _asked(text: str | None) -> Asked | None:
    if text is None:
        return None
    values = json.loads(text)
    by = values.pop("by", None)
    return Asked(None if by is None else Answerer(by), **values)


def _decision_columns(decision: Decision) -> Row:
    judgement = decision.model_judgement
    return {
        "route": decision.route.value,
        "reasons": canonical_json([reason.value for reason in decision.reasons]),
        "presentation": None if decision.presentation is None else decision.presentation.value,
        "first_disposition": decision.disposition.value,
        "model_judgement": None if judgement is None else judgement.value,
        **_draw_columns("canary", decision.canary),
        **_draw_columns("audit", decision.audit),
        **_draw_columns("first_look", decision.first_look),
        **_draw_columns("challenger", decision.challenger),
        **_draw_columns("targeted", decision.targeted),
    }


def _draw_columns(name: str, draw: Draw | None) -> Row:
    return {
        f"{name}_drawn": None if draw is None else bool(draw.drawn),
        f"{name}_probability": None if draw is None else float(draw.probability),
        f"{name}_u": None if draw is None else float(draw.u),
    }


def _region_json(region: Region) -> list[Any]:
    """Return a region as a list in the order of `Region`'s fields: short, for there may be many.

    Sizes in mm stand at its end where they are known, so that regions without them are written as they always were.
    """
    box = region.box
    in_mm = () if region.length_mm is None or region.width_mm is None else (region.length_mm, region.width_mm)
    return [
        region.class_name,
        float(region.score),
        [int(box.x), int(box.y), int(box.w), int(box.h)],
        [[int(x), int(y)] for x, y in region.polygon],
        float(region.length_px),
        float(region.width_px),
        bool(region.rejects),
        *(float(size) for size in in_mm),
    ]


def _region(values: list[Any]) -> Region:
    class_name, score, box, polygon, *sizes = values
    return Region(class_name, score, Box(*box), tuple((x, y) for x, y in polygon), *sizes)


def inspection(row: Read, control: ControlState, model: ModelIdentity | None) -> Inspection:
    """Return the inspection as it was committed."""
    reference = row["reference"]
    return Inspection(
        inspection_id=row["inspection_id"],
        part_id=row["part_id"],
        captured_at=from_us(row["captured_us"]),
        source=row["source"],
        sequence=row["sequence"],
        skipped=row["skipped"],
        path=row["path"],
        picture=_picture(row),
        prediction=_prediction(row, model),
        control=control,
        decision=_decision(row),
        reference=None
        if reference is None
        else Reference(Judgement(reference), ReferenceSource(row["reference_source"])),
        product=row["product"],
        seed=seed(row["seed"]),
    )


def _picture(row: Read) -> PictureFacts | PictureFault:
    if row["pixels_sha256"] is None:
        return PictureFault(PictureProblem(row["picture_problem"]), row["picture_sentence"])
    flaw = row["unfit_flaw"]
    unfit = None if flaw is None else Unfit(PictureFlaw(flaw), row["unfit_sentence"])
    return PictureFacts(row["pixels_sha256"], row["width"], row["height"], row["channels"], unfit, _views(row["views"]))


def _views(text: str | None) -> tuple[ViewPlace, ...]:
    return () if text is None else tuple(ViewPlace(**view) for view in json.loads(text))


def _prediction(row: Read, model: ModelIdentity | None) -> Prediction | None:
    if row["prediction_status"] is None:
        return None
    return Prediction(
        status=PredictionStatus(row["prediction_status"]),
        probability=row["probability"],
        regions=tuple(_region(values) for values in json.loads(row["regions"])),
        model=model,
        elapsed_ms=row["elapsed_ms"],
        detail=row["prediction_detail"],
        asked=_asked(row["asked"]),
    )


def _decision(row: Read) -> Decision:
    presentation, judgement = row["presentation"], row["model_judgement"]
    return Decision(
        route=Route(row["route"]),
        reasons=tuple(Reason(reason) for reason in json.loads(row["reasons"])),
        canary=draw_of(row, "canary"),
        audit=draw_of(row, "audit"),
        first_look=draw_of(row, "first_look"),
        presentation=None if presentation is None else Presentation(presentation),
        disposition=Disposition(row["first_disposition"]),
        model_judgement=None if judgement is None else Judgement(judgement),
        challenger=draw_of(row, "challenger"),
        targeted=draw_of(row, "targeted"),
    )


def draw_of(row: Read, name: str) -> Draw | None:
    """Return a recorded draw by its name, ``None`` where nothing was drawn."""
    if row[f"{name}_drawn"] is None:
        return None
    return Draw(bool(row[f"{name}_drawn"]), row[f"{name}_probability"], row[f"{name}_u"])


def verdict_row(verdict: Verdict, disposition: Disposition) -> Row:
    """Return the columns of a verdict that come from the value; the copied facts of the part are left out."""
    return {
        "verdict_id": verdict.verdict_id,
        "inspection_id": verdict.inspection_id,
        "by": printable(verdict.by),
        "answer": verdict.answer.value,
        "kind": verdict.kind.value,
        "classes": canonical_json([printable(name) for name in verdict.classes]),
        "at_us": to_us(verdict.at),
        "seconds": float(verdict.seconds),
        "disposition": disposition.value,
    }


def verdict(row: Read) -> Verdict:
    """Return the verdict as it stands now."""
    return Verdict(
        verdict_id=row["verdict_id"],
        inspection_id=row["inspection_id"],
        by=row["by"],
        answer=Answer(row["answer"]),
        kind=VerdictKind(row["kind"]),
        classes=tuple(json.loads(row["classes"])),
        at=from_us(row["at_us"]),
        seconds=row["seconds"],
        retracted=bool(row["retracted"]),
    )


def comparison_row(comparison: Comparison) -> Row:
    """Return the columns of a comparison that come from the value; the model is left to the caller."""
    return {
        "inspection_id": comparison.inspection_id,
        "slot": comparison.slot.value,
        **_prediction_columns(comparison.prediction),
        "judgement": None if comparison.judgement is None else comparison.judgement.value,
        "differs": bool(comparison.differs),
        "at_us": to_us(comparison.at),
    }


def comparison(row: Read, model: ModelIdentity | None) -> Comparison:
    """Return the comparison as it was committed."""
    prediction, judgement = _prediction(row, model), row["judgement"]
    if prediction is None:
        raise ValueError("a comparison has a prediction")
    return Comparison(
        inspection_id=row["inspection_id"],
        slot=Slot(row["slot"]),
        prediction=prediction,
        judgement=None if judgement is None else Judgement(judgement),
        differs=bool(row["differs"]),
        at=from_us(row["at_us"]),
    )


def told_row(told: LineTold) -> Row:
    """Return the columns of a line message that come from the value."""
    return {"inspection_id": told.inspection_id, "disposition": told.disposition.value, "at_us": to_us(told.at)}


def picture_row(pixels_sha256: str, picture: StoredPicture) -> Row:
    """Return the columns of a picture record that come from the value."""
    return {
        "pixels_sha256": pixels_sha256,
        "state": picture.state.value,
        "path": picture.path,
        "file_sha256": picture.file_sha256,
        "detail": None if picture.detail is None else printable(picture.detail),
    }


def stored_picture(row: Read) -> StoredPicture:
    """Return where a picture is."""
    return StoredPicture(PictureState(row["state"]), row["path"], row["file_sha256"], row["detail"])


def model_row(model: ModelIdentity) -> Row:
    """Return the columns of a model."""
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "preprocessing_sha256": model.preprocessing_sha256,
    }


def model_identity(row: Read) -> ModelIdentity:
    """Return the model of a row with `model_row`'s columns."""
    return ModelIdentity(row["name"], row["version"], row["sha256"], row["preprocessing_sha256"])
