"""A calibration as plain JSON values and as one HTML file."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from model.evaluation.calibrating import Calibration
from model.evaluation.charts import calibration_chart
from model.evaluation.html import figure, page, section, table
from model.evaluation.record import estimate_record, reliability_record
from model.manifest import ModelManifest


def calibration_record(found: Calibration, old: ModelManifest, new: ModelManifest) -> dict[str, Any]:
    """Return every figure as plain JSON values."""
    return {
        "method": found.method.value,
        "from": {"version": old.version, "preprocessing_sha256": old.preprocessing_sha256},
        "to": {"version": new.version, "preprocessing_sha256": new.preprocessing_sha256},
        "platt": {"a": found.platt.a, "b": found.platt.b},
        "defect_rate": found.defect_rate,
        "pictures": found.pictures,
        "rejects": found.rejects,
        "groups": found.groups,
        "folds": found.folds,
        "before": reliability_record(found.before),
        "after": reliability_record(found.after),
        "log_loss_difference": estimate_record(found.gain),
    }


def calibration_html(found: Calibration, old: ModelManifest, new: ModelManifest, written_at: datetime) -> str:
    """Return the whole document; ``written_at`` is UTC."""
    title = f"Calibration of {new.name} {new.version}"
    rate = "that of the pictures" if found.defect_rate is None else f"{found.defect_rate:g}"
    counts = f"{found.pictures} pictures of {found.groups} groups, {found.rejects} of them rejects"
    head = (
        f"<h1>{escape(title)}</h1><p>From {escape(old.version)} by {found.method.value}, on {counts}."
        f" Share of rejects that the probability is for: {rate}. Written {written_at:%Y-%m-%d %H:%M} UTC.</p>"
        '<p class="warn">The probability means something else than before: thresholds must be chosen and certified'
        " anew.</p>"
    )
    before, after = found.before, found.after
    rows = [
        ("Log loss", *figure(before.log_loss), *figure(after.log_loss)),
        ("Brier score", *figure(before.brier), *figure(after.brier)),
        ("Difference of log losses; below 0 is better", "", "", *figure(found.gain)),
        ("Calibration error", _number(before.ece), "", _number(after.ece), ""),
        ("… of true probabilities", _number(before.ece_if_calibrated), "", _number(after.ece_if_calibrated), ""),
    ]
    heads = ("", "n:before", "n:95 %", "n:after, held-out groups", "n:95 %")
    note = (
        f"After: each group is judged by a calibration fitted on the other {found.folds - 1} of {found.folds} folds of"
        " groups, at the pictures' share of rejects. Filled: after; hollow: before. Bars: 95 % Wilson interval."
    )
    chart = calibration_chart(found.after, found.before)
    sections = (
        head,
        section("Figures", table(heads, rows)),
        section("Reliability", chart + f'<p class="note">{note}</p>'),
    )
    return page(title, sections)


def _number(value: float | None) -> str:
    return "not measurable" if value is None else f"{value:.3f}"
