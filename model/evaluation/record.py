"""An evaluation as plain JSON values."""

from __future__ import annotations

from typing import Any

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import PredictionStatus
from model.evaluation.matching import HIT_SHARE, TOLERANCE_PX, TRUE_SHARE
from model.evaluation.reliability import Reliability
from model.evaluation.result import EvaluationResult
from model.evaluation.values import Estimate, PictureResult, Share

MATCHING = (
    f"A reject region is true if at least {TRUE_SHARE:.0%} of its pixels lie on annotated reasons to reject (pixel"
    f" truth, else outline, else box) grown by {TOLERANCE_PX} px, and hits each of them with which it shares at least"
    f" {HIT_SHARE:.0%} of the smaller one's pixels. Every other reject region is false, on harmless classes too, unless"
    f" {TRUE_SHARE:.0%} of it lie on ignore zones."
)
FROC = (
    "Recall of places at the lowest region score that keeps to so many false regions per picture of the whole set;"
    " regions are looked for below the model's own threshold too."
)


def evaluation_record(result: EvaluationResult) -> dict[str, Any]:
    """Return every figure as plain JSON values; ``null`` is "not measurable". Pictures come without regions."""
    model = result.model
    return {
        "model": {
            "name": model.name,
            "version": model.version,
            "sha256": model.sha256,
            "preprocessing_sha256": model.preprocessing_sha256,
        },
        "dataset": result.dataset,
        "complete": result.complete,
        "asked": result.asked,
        "counts": _counts(result),
        "cut": result.cut,
        "picture": {
            "auroc": estimate_record(result.auroc),
            "average_precision": estimate_record(result.average_precision),
            "misses": share_record(result.misses),
            "false_alarms": share_record(result.false_alarms),
        },
        "regions": {
            "recall": estimate_record(result.region_recall),
            "false_per_picture": estimate_record(result.false_per_picture),
            "main_hit": share_record(result.main_hit),
            "froc": [
                {
                    "false_per_picture": point.false_per_picture,
                    "recall": estimate_record(point.recall),
                    "above_score": point.score,
                    "reached": point.reached,
                }
                for point in result.froc
            ],
            "curve": [[point.score, point.false_per_picture, point.recall] for point in result.curve],
        },
        "classes": [
            {
                "class": each.class_name,
                "rejects": each.rejects,
                "marked": share_record(each.marked),
                "recall_at_one_false": None if each.recall_at_one is None else estimate_record(each.recall_at_one),
                "auroc": estimate_record(each.auroc),
            }
            for each in result.classes
        ],
        "groups": [
            {
                "group": each.group,
                "pictures": each.pictures,
                "rejects": each.rejects,
                "places": share_record(each.places),
                "false_per_picture": each.false_per_picture,
                "misses": share_record(each.misses),
                "false_alarms": share_record(each.false_alarms),
                "auroc": each.auroc,
            }
            for each in result.groups
        ],
        "pixels": None
        if result.pixels is None
        else {
            "aupro": estimate_record(result.pixels.aupro),
            "limit": result.pixels.limit,
            "pictures": result.pixels.pictures,
            "regions": result.pixels.regions,
        },
        "reliability": reliability_record(result.reliability),
        "slices": {
            "places": [
                {
                    "by": each.by.value,
                    "name": each.name,
                    "found": share_record(each.found),
                    "shown": share_record(each.shown),
                }
                for each in result.place_slices
            ],
            "false_regions": [
                {"by": each.by.value, "name": each.name, "count": each.count, "share": each.share}
                for each in result.false_slices
            ],
        },
        "elapsed_ms": {"median": result.median_ms, "p95": result.p95_ms},
        "misses": _worst(result, Judgement.REJECT),
        "false_alarms": _worst(result, Judgement.ACCEPT),
        "main_missed": [_picture(picture) for picture in result.pictures if _main_missed(picture)],
        "failed": [
            {"image": picture.path, "detail": picture.prediction.detail}
            for picture in result.pictures
            if picture.prediction.status is not PredictionStatus.OK
        ],
        "problems": [{"file": str(problem.path), "detail": problem.sentence} for problem in result.problems],
        "method": {
            "estimate": "95 % percentile interval of the figures of resampled groups; too few groups give none",
            "seed": result.seed,
            "resamples": result.resamples,
            "share": "95 % Wilson interval",
            "matching": MATCHING,
            "froc": FROC,
            "slices": "found: at one false region per picture; shown: at the model's own threshold",
            "aupro": "mean overlap with the connected regions of truth over the share of sound pixels marked",
            "reliability": "bins of equal mass; ece_debiased: excess over what true probabilities would show",
        },
    }


def reliability_record(found: Reliability) -> dict[str, Any]:
    """Return the figures of a reliability as plain JSON values."""
    return {
        "log_loss": estimate_record(found.log_loss),
        "base_log_loss": found.base_log_loss,
        "brier": estimate_record(found.brier),
        "ece": found.ece,
        "ece_if_calibrated": found.ece_if_calibrated,
        "ece_debiased": found.ece_debiased,
        "rms_debiased": found.rms_debiased,
        "bins": [
            {
                "low": each.low,
                "high": each.high,
                "mean_probability": each.mean_probability,
                "rejects": share_record(each.rejects),
            }
            for each in found.bins
        ],
    }


def _counts(result: EvaluationResult) -> dict[str, int]:
    return {
        "pictures": len(result.pictures),
        "rejects": sum(picture.truth is Judgement.REJECT for picture in result.pictures),
        "groups": len({picture.group for picture in result.pictures}),
        "places": sum(len(picture.places) for picture in result.pictures),
        "failed": result.failed,
        "problems": len(result.problems),
    }


def _worst(result: EvaluationResult, truth: Judgement) -> list[dict[str, Any]]:
    """Return the pictures that the model judges wrongly at the cut, worst first."""
    wrong = [
        (probability, picture)
        for picture in result.pictures
        if picture.truth is truth
        and (probability := picture.prediction.probability) is not None
        and (probability >= result.cut) is (truth is Judgement.ACCEPT)
    ]
    wrong.sort(key=lambda pair: pair[0], reverse=truth is Judgement.ACCEPT)
    return [_picture(picture) for _, picture in wrong]


def _main_missed(picture: PictureResult) -> bool:
    main = picture.main_place
    usable = picture.prediction.status is PredictionStatus.OK
    return usable and main is not None and main.hit_score is None


def _picture(picture: PictureResult) -> dict[str, Any]:
    return {
        "image": picture.path,
        "name": picture.name,
        "group": picture.group,
        "probability": picture.prediction.probability,
        "places": len(picture.places),
        "hit": sum(place.hit_score is not None for place in picture.places),
        "false_regions": len(picture.false_regions),
    }


def estimate_record(estimate: Estimate) -> dict[str, float | int | None]:
    """Return an estimate and its interval as plain JSON values."""
    plain = {"estimate": estimate.value, "low": estimate.low, "high": estimate.high}
    return plain | {"degenerate": estimate.degenerate}


def share_record(share: Share) -> dict[str, float | int | None]:
    """Return counts, estimate and interval as plain JSON values."""
    return {"k": share.k, "n": share.n, "estimate": share.value, "low": share.low, "high": share.high}
