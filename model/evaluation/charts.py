"""The charts of an evaluation."""

from __future__ import annotations

import numpy as np

from model.evaluation.measures import Flags, Scores
from model.evaluation.reliability import Reliability
from model.evaluation.result import EvaluationResult
from model.evaluation.svg import Axis, Chart, share_axis


def froc_chart(result: EvaluationResult) -> str:
    """Return recall of places over false regions per picture, with the model's own threshold as a hollow dot."""
    x = Axis("false regions per picture", 0.01, 10.0, (0.01, 0.1, 0.5, 1.0, 2.0, 10.0), log=True)
    chart = Chart(x, share_axis("recall of places"), "Recall of places over false regions per picture.")
    chart.line([(point.false_per_picture, point.recall) for point in result.curve])
    for point in result.froc:
        if point.recall.value is not None:
            chart.dot(point.false_per_picture, point.recall.value, point.recall.low, point.recall.high)
    own, recall = result.false_per_picture.value, result.region_recall
    if own is not None and recall.value is not None:
        chart.dot(own, recall.value, recall.low, recall.high, second=True)
    return chart.render()


def roc_chart(scores: Scores, rejects: Flags) -> str:
    """Return hits over false alarms of pictures."""
    chart = Chart(share_axis("share of good pictures rejected"), share_axis("share of rejects found"), "ROC curve.")
    chart.line([(0.0, 0.0), (1.0, 1.0)], "guide")
    found, alarms = _so_far(scores, rejects)
    if rejects.any() and not rejects.all():
        chart.line([(0.0, 0.0), *zip(alarms / (~rejects).sum(), found / rejects.sum(), strict=True)])
    return chart.render()


def precision_recall_chart(scores: Scores, rejects: Flags) -> str:
    """Return precision over recall of pictures; dashed: what chance gives."""
    chart = Chart(share_axis("share of rejects found"), share_axis("precision"), "Precision over recall.")
    found, alarms = _so_far(scores, rejects)
    if rejects.any() and not rejects.all():
        chart.line([(0.0, float(rejects.mean())), (1.0, float(rejects.mean()))], "guide")
        chart.line(list(zip(found / rejects.sum(), found / (found + alarms), strict=True)))
    return chart.render()


def calibration_chart(after: Reliability, before: Reliability | None = None) -> str:
    """Return the share of rejects over the mean probability of bins; hollow dots: before calibration."""
    chart = Chart(share_axis("probability that the model says"), share_axis("share of rejects"), "Reliability diagram.")
    chart.line([(0.0, 0.0), (1.0, 1.0)], "guide")
    for found, second in ((before, True), (after, False)):
        for each in () if found is None else found.bins:
            share = each.rejects
            chart.dot(each.mean_probability, share.value or 0.0, share.low, share.high, second)
    return chart.render()


def _so_far(scores: Scores, rejects: Flags) -> tuple[Scores, Scores]:
    """Return rejects and good pictures at or above each distinct score, from the highest down."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)) if scores.size else np.zeros(0, np.intp)
    found = np.cumsum(rejects[order])[last].astype(np.float64)
    return found, last + 1.0 - found
