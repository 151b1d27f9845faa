"""The probability of detection as plain JSON values and as one HTML file."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

import numpy as np

from inspector_app.agreement.probit import CONFIDENCE
from model.evaluation.detectability import SIZES, UNITS, Detectability
from model.evaluation.html import page, section, table
from model.evaluation.record import share_record
from model.evaluation.svg import Axis, Chart, share_axis, share_bar
from model.evaluation.values import Share

_POINTS = 80
_METHOD = (
    "Generated parts carry scratches of known width, contrast and length, drawn uniformly in their logarithms, and no"
    " others. A scratch is found if a reject region of the model, at its own threshold, hits it. The curve is a probit"
    " line in the logarithms of the sizes (MIL-HDBK-1823A); its confidence allows for scratches of one part being"
    " alike. a90/95: the size at which the lower 95 % limit of the curve reaches 90 %. Nothing is extrapolated beyond"
    " the tested sizes: a size equal to the smallest tested one means at most that. Generated parts are no substitute"
    " for master parts of the plant."
)


NO_FIT = (
    "The counts contradict the curve (Hosmer-Lemeshow, p below 0.01), so its sizes mislead: go by the counts, or test"
    " one kind of part and a narrower range."
)


def detectability_record(found: Detectability) -> dict[str, Any]:
    """Return every figure as plain JSON values; ``null`` is "not reached" or "not measurable"."""
    line = found.line
    return {
        "model": {
            "name": found.model.name,
            "version": found.model.version,
            "sha256": found.model.sha256,
            "preprocessing_sha256": found.model.preprocessing_sha256,
        },
        "picture": {"width": found.frame[1], "height": found.frame[0]},
        "complete": found.complete,
        "counts": {
            "parts": found.parts,
            "asked": found.asked,
            "failed": found.failed,
            "scratches": len(found.trials),
            "found": sum(trial.hit for trial in found.trials),
        },
        "false_per_part": found.false_per_part,
        "curve": None
        if line is None
        else {
            "sizes": list(found.varied),
            "fit_p": found.fit_p,
            "fits": found.fits,
            "coefficients": [float(value) for value in line.coefficients],
            "covariance": {"clustered": line.clustered.tolist(), "independent": line.independent.tolist()},
        },
        "why_no_curve": found.why_no_line,
        "detection_sizes": [
            {"vary": each.vary, "fixed": dict(each.fixed), "a50": each.a50, "a90": each.a90, "a90_95": each.a90_95}
            for each in found.sizes
        ],
        "tested": {name: list(found.span(name)) for name in SIZES} if found.trials else None,
        "cells": [
            {"width_px": list(each.width), "contrast": list(each.contrast), "found": share_record(each.found)}
            for each in found.cells
        ],
        "looks": {name: share_record(share) for name, share in found.looks},
        "memory_mib": {"before": found.memory_before_mib, "peak": found.memory_peak_mib},
        "elapsed_ms": {"median": found.median_ms},
        "trials": [[t.part, t.look, t.width_px, t.contrast, t.length_px, t.hit] for t in found.trials],
        "method": _METHOD,
    }


def detectability_html(found: Detectability, written_at: datetime) -> str:
    """Return the whole document; ``written_at`` is UTC."""
    title = f"Probability of detection of {found.model.name} {found.model.version}"
    hits = sum(trial.hit for trial in found.trials)
    picture = f"{found.frame[1]} × {found.frame[0]} px"
    head = (
        f"<h1>{escape(title)}</h1><p>{found.parts} generated parts of {picture}, {len(found.trials)} scratches,"
        f" {hits} found. Written {written_at:%Y-%m-%d %H:%M} UTC.</p>"
    )
    if not found.complete:
        head += f'<p class="warn">Stopped early: only {found.parts} of {found.asked} parts were judged.</p>'
    if found.line is None:
        head += f'<p class="warn">There is no curve: {escape(found.why_no_line or "")}.</p>'
    if not found.fits:
        head += f'<p class="warn">{NO_FIT}</p>'
    sections = (
        head,
        "" if found.line is None else section("Sizes that are found", _sizes_table(found)),
        "" if found.line is None else section("Curves", _charts(found)),
        section("As counted", _cells_table(found)),
        section("Kinds of parts", _looks_table(found)),
        section("Resources", _resources(found)),
        section("How it was measured", f'<p class="note">{escape(_METHOD)}</p>'),
    )
    return page(title, sections)


def _sizes_table(found: Detectability) -> str:
    rows = [
        (
            each.vary,
            ", ".join(f"{name} {value:.1f} {UNITS[name]}" for name, value in each.fixed),
            *(_shown(size, each.vary, found.span(each.vary)[0]) for size in (each.a50, each.a90, each.a90_95)),
        )
        for each in found.sizes
    ]
    return table(("", "at", "n:a50", "n:a90", "n:a90/95"), rows)


def _charts(found: Detectability) -> str:
    shown = "".join(f"<div><h3>By {name}</h3>{_chart(found, name)}</div>" for name in found.varied)
    note = (
        "Line: fitted, other sizes at their median. Dashed: lower 95 % limit. Dots: as counted, other sizes as drawn."
    )
    return f'<div class="two">{shown}</div><p class="note">{note}</p>'


def _chart(found: Detectability, name: str) -> str:
    assert found.line is not None  # noqa: S101 - asked by the caller
    low, high = found.span(name)
    chosen = [SIZES.index(each) for each in found.varied]
    sizes = np.array([trial.sizes for trial in found.trials], np.float64)
    grid = np.geomspace(low, high, _POINTS)
    logs = np.tile(np.log(np.median(sizes[:, chosen], axis=0)), (_POINTS, 1))
    logs[:, found.varied.index(name)] = np.log(grid)
    ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500) if low <= tick <= high]
    axis = Axis(f"{name} ({UNITS[name]})", low, high, ticks, log=True)
    chart = Chart(axis, share_axis("share found"), f"Probability of detection by {name}.")
    chart.line([(low, 0.9), (high, 0.9)], "guide")
    chart.line(list(zip(grid, found.line.probability(logs), strict=True)))
    chart.line(list(zip(grid, found.line.probability(logs, CONFIDENCE), strict=True)), "band")
    for middle, share in found.counted(name):
        chart.dot(middle, share.value or 0.0, share.low, share.high)
    return chart.render()


def _cells_table(found: Detectability) -> str:
    rows = [
        (
            f"{each.width[0]:.1f} to {each.width[1]:.1f} px",
            f"{each.contrast[0]:.0f} to {each.contrast[1]:.0f}",
            *_counted(each.found),
        )
        for each in found.cells
    ]
    return table(("width", "n:contrast, grey levels", "n:found", ""), rows)


def _looks_table(found: Detectability) -> str:
    return table(("", "n:found", ""), [(escape(name), *_counted(share)) for name, share in found.looks])


def _counted(share: Share) -> tuple[str, str]:
    return f"{share.k} of {share.n}", share_bar(share.value, share.low, share.high)


def _resources(found: Detectability) -> str:
    peak, before = found.memory_peak_mib, found.memory_before_mib
    lines = ["Memory: this system does not tell it."]
    if peak is not None and before is not None:
        lines = [f"Memory of the whole process: {peak:.0f} MiB at the peak of a prediction, {before:.0f} MiB before."]
    if found.median_ms is not None:
        lines.append(f"Time per picture: median {found.median_ms:.0f} ms.")
    if found.false_per_part is not None:
        lines.append(f"False regions per part: {found.false_per_part:.2f}.")
    return "".join(f"<p>{line}</p>" for line in lines)


def _shown(size: float | None, name: str, smallest: float) -> str:
    return f"{size_text(size, smallest)} {'' if size is None else UNITS[name]}"


def size_text(size: float | None, smallest: float) -> str:
    """Return a size for people; one at the smallest tested size says only that it is at most that."""
    if size is None:
        return "not reached"
    return f"at most {size:.1f}" if size < smallest * 1.001 else f"{size:.1f}"
