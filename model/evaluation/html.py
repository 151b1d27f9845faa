"""The error analysis as one HTML file that needs no network and no script, to be filed with the model's papers."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

import cv2
import numpy as np

from inspector_app.domain.frame import Judgement
from model.evaluation.charts import calibration_chart, froc_chart, precision_recall_chart, roc_chart
from model.evaluation.record import FROC, MATCHING
from model.evaluation.result import EvaluationResult
from model.evaluation.sheet import Tile, Worst
from model.evaluation.slices import By
from model.evaluation.svg import STYLE, share_bar
from model.evaluation.values import Estimate, Share

_PAGE = """
body { font: 14px/1.45 "IBM Plex Sans", system-ui, "Segoe UI", sans-serif; color: #1a1f24; background: #fff;
  margin: 0 auto; max-width: 1060px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 30px 0 8px; border-top: 1px solid #aeb6bd;
  padding-top: 12px; } h3 { font-size: 14px; margin: 16px 0 4px; }
p, .note { margin: 4px 0; } .note { color: #444d56; font-size: 13px; max-width: 78ch; }
.warn { background: #ffe7b0; padding: 8px 12px; margin: 12px 0; }
table { border-collapse: collapse; margin: 6px 0; } th, td { padding: 3px 12px 3px 0; text-align: left;
  vertical-align: middle; border-bottom: 1px solid #e1e5e8; } th { font-weight: 600; color: #444d56; }
td:first-child { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 8px 24px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, 240px); gap: 14px 12px; }
figure { margin: 0; break-inside: avoid; } figure img { display: block; width: 240px; height: 180px; }
figcaption { font-size: 12px; color: #444d56; overflow-wrap: anywhere; } figcaption b { color: #1a1f24; }
code { font-size: 12px; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""

_SLICE_TITLES = {
    By.CLASS: "Class",
    By.LENGTH: "Length",
    By.WIDTH: "Width",
    By.CONTRAST: "Contrast",
    By.POSITION: "Position in the picture",
    By.GROUP: "Group",
    By.LIES_ON: "What lies there",
}


def html_report(result: EvaluationResult, worst: Worst, written_at: datetime, extra: str = "") -> str:
    """Return the whole document.

    Parameters
    ----------
    result : EvaluationResult
        The figures.
    worst : Worst
        Tiles of the worst misses and false regions.
    written_at : datetime
        UTC.
    extra : str
        More sections, HTML.
    """
    model = result.model
    title = f"Error analysis of {model.name} {model.version}"
    sections = (
        _head(result, title, written_at),
        section("Figures", _headline(result)),
        section("Curves", _curves(result)),
        section("Classes", _classes(result)),
        section("Where the misses are", _place_slices(result)),
        section("Where the false regions are", _false_slices(result)),
        section(f"Worst misses: {len(worst.misses)} of {worst.all_misses}", _tiles(worst.misses, _MISSES)),
        section(f"Worst false regions: {len(worst.false)} of {worst.all_false}", _tiles(worst.false, _FALSE)),
        section("Pictures judged wrongly", _wrong_pictures(result)),
        section("Groups", _groups(result)),
        extra,
        section("How it was measured", _method(result)),
    )
    return page(title, sections)


def page(title: str, sections: Sequence[str]) -> str:
    """Return a document of sections."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_PAGE}{STYLE}</style></head>'
        f"<body>{''.join(sections)}</body></html>\n"
    )


_MISSES = "Not found at one false region per picture; the plainest first (contrast times length)."
_FALSE = "On no annotated reason to reject; the highest score first."


def _head(result: EvaluationResult, title: str, written_at: datetime) -> str:
    rejects = sum(picture.truth is Judgement.REJECT for picture in result.pictures)
    groups = len({picture.group for picture in result.pictures})
    counts = f"{len(result.pictures)} pictures of {groups} groups, {rejects} of them rejects"
    lines = [
        f"<h1>{escape(title)}</h1>",
        f"<p>Data set <code>{escape(result.dataset)}</code>: {counts}. Written {written_at:%Y-%m-%d %H:%M} UTC.</p>",
    ]
    if not result.complete:
        judged = len(result.pictures)
        lines.append(f'<p class="warn">Stopped early: only {judged} of {result.asked} pictures were judged.</p>')
    left_out = result.failed + len(result.problems)
    if left_out:
        lines.append(f'<p class="warn">{left_out} pictures are in no figure: they could not be read or judged.</p>')
    return "".join(lines)


def _headline(result: EvaluationResult) -> str:
    found = result.reliability
    rows: list[tuple[str, Estimate | Share, str]] = [
        ("Picture AUROC", result.auroc, "reject against the rest, by the picture's probability"),
        ("Picture average precision", result.average_precision, "no interpolation"),
        ("Misses", result.misses, f"rejects with a probability below {result.cut:g}"),
        ("False alarms", result.false_alarms, f"good pictures with a probability from {result.cut:g} on"),
    ]
    for point in result.froc:
        note = "" if point.reached else "there are no more false regions"
        rows.append((f"Region recall at {point.false_per_picture:g} false per picture", point.recall, note))
    rows += [
        ("Region recall at the model's threshold", result.region_recall, ""),
        ("False regions per picture at the model's threshold", result.false_per_picture, ""),
        ("Rejects whose longest place is marked", result.main_hit, "at the model's threshold"),
    ]
    if result.pixels is not None:
        truth = f"{result.pixels.regions} regions on {result.pixels.pictures} pictures"
        rows.append((f"AUPRO up to {result.pixels.limit:g}", result.pixels.aupro, truth))
    base = "" if found.base_log_loss is None else f"always saying the share of rejects gives {found.base_log_loss:.3f}"
    rows += [("Log loss", found.log_loss, base), ("Brier score", found.brier, "")]
    cells = [(escape(name), *figure(value), escape(note)) for name, value, note in rows]
    if found.ece is not None:
        chance = f"true probabilities would show {found.ece_if_calibrated:.3f} on so few pictures"
        rms = "" if found.rms_debiased is None else f"; root mean square without bias {found.rms_debiased:.3f}"
        cells.append(("Calibration error (ECE)", f"{found.ece:.3f}", "", chance + rms))
    return table(("", "n:estimate", "n:95 % interval", ""), cells)


def _curves(result: EvaluationResult) -> str:
    scores = np.array([picture.prediction.probability for picture in result.usable], np.float64)
    rejects = np.array([picture.truth is Judgement.REJECT for picture in result.usable], np.bool_)
    charts = (
        ("Regions: recall over false regions (FROC)", froc_chart(result)),
        ("Reliability of the probability", calibration_chart(result.reliability)),
        ("Pictures: ROC", roc_chart(scores, rejects)),
        ("Pictures: precision and recall", precision_recall_chart(scores, rejects)),
    )
    note = "Dots with 95 % intervals; the hollow one is the model's own threshold. Reliability: bins of equal mass."
    shown = "".join(f"<div><h3>{name}</h3>{chart}</div>" for name, chart in charts)
    return f'<div class="two">{shown}</div><p class="note">{note}</p>'


def _classes(result: EvaluationResult) -> str:
    cells = [
        (
            escape(each.class_name),
            "reject" if each.rejects else "harmless",
            f"{each.marked.k} of {each.marked.n}",
            *(("", "") if each.recall_at_one is None else figure(each.recall_at_one)),
            *figure(each.auroc),
        )
        for each in result.classes
    ]
    heads = ("class", "", "n:marked", "n:recall at 1 false", "n:95 %", "n:AUROC", "n:95 %")
    note = "Marked: at the model's own threshold. AUROC: pictures that bear the class against good ones that do not."
    return table(heads, cells) + f'<p class="note">{note}</p>'


def _place_slices(result: EvaluationResult) -> str:
    pieces = []
    for by in By:
        cells = [
            (
                escape(each.name),
                f"{each.found.k} of {each.found.n}",
                share_bar(each.found.value, each.found.low, each.found.high),
                f"{each.shown.k} of {each.shown.n}",
            )
            for each in result.place_slices
            if each.by is by
        ]
        if cells:
            shown = table(("", "n:found at 1 false", "", "n:at the threshold"), cells)
            pieces.append(f"<div><h3>{_SLICE_TITLES[by]}</h3>{shown}</div>")
    note = "Contrast: grey levels by which the place stands out from the surface around it. Bars: 95 % Wilson interval."
    return f'<div class="two">{"".join(pieces)}</div><p class="note">{note}</p>'


def _false_slices(result: EvaluationResult) -> str:
    pieces = []
    for by in By:
        chosen = [each for each in result.false_slices if each.by is by]
        cells = [(escape(each.name), f"{each.count}", share_bar(each.share, None, None)) for each in chosen]
        if cells:
            pieces.append(f"<div><h3>{_SLICE_TITLES[by]}</h3>{table(('', 'n:false regions', ''), cells)}</div>")
    return f'<div class="two">{"".join(pieces)}</div>' if pieces else "<p>There are none.</p>"


def _wrong_pictures(result: EvaluationResult) -> str:
    wrong = []
    for picture in result.usable:
        said = picture.prediction.probability or 0.0
        reject = picture.truth is Judgement.REJECT
        if (said >= result.cut) is not reject:
            wrong.append((1.0 - said if reject else said, picture, said, "miss" if reject else "false alarm"))
    wrong.sort(key=lambda each: -each[0])
    cells = [(kind, escape(p.name), escape(p.group), f"{said:.3f}") for _, p, said, kind in wrong[:40]]
    note = f'<p class="note">{len(wrong)} in all at a probability of {result.cut:g}; the most certain 40 at most.</p>'
    return note + (table(("", "picture", "group", "n:probability"), cells) if cells else "")


def _groups(result: EvaluationResult) -> str:
    cells = [
        (
            escape(each.group),
            f"{each.pictures}",
            f"{each.rejects}",
            f"{each.misses.k}",
            f"{each.false_alarms.k}",
            f"{each.places.k} of {each.places.n}",
            f"{each.false_per_picture:.2f}",
            "" if each.auroc is None else f"{each.auroc:.3f}",
        )
        for each in result.groups
    ]
    heads = ("group", "n:pictures", "n:rejects", "n:misses", "n:false alarms", "n:places marked", "n:false per picture")
    return table((*heads, "n:AUROC"), cells)


def _method(result: EvaluationResult) -> str:
    model, spans = result.model, f"{result.resamples} resamples of whole groups, seed {result.seed}"
    notes = [
        MATCHING,
        FROC,
        f"Intervals of estimates: 95 % percentile, {spans}; none where groups are too few. Of counts: Wilson, 95 %.",
        f"Network SHA-256 {model.sha256}. Preprocessing SHA-256 {model.preprocessing_sha256}.",
    ]
    if result.median_ms is not None:
        notes.append(
            f"Time per picture, reading excluded: median {result.median_ms:.0f} ms, 95 % {result.p95_ms:.0f} ms."
        )
    return "".join(f'<p class="note">{escape(note)}</p>' for note in notes)


def _tiles(tiles: Sequence[Tile], note: str) -> str:
    if not tiles:
        return "<p>There are none.</p>"
    figures = "".join(
        f'<figure><img alt="{escape(tile.detail)}" src="data:image/jpeg;base64,{_jpeg(tile)}">'
        f"<figcaption><b>{escape(tile.title)}</b><br>{escape(tile.detail)}</figcaption></figure>"
        for tile in tiles
    )
    return f'<p class="note">{note}</p><div class="tiles">{figures}</div>'


def _jpeg(tile: Tile) -> str:
    _, packed = cv2.imencode(".jpg", tile.pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return base64.b64encode(packed.tobytes()).decode()


def figure(value: Estimate | Share) -> tuple[str, str]:
    """Return a figure and its interval as cells."""
    if value.value is None:
        return "not measurable", ""
    shown = f"{value.value:.3f}"
    if isinstance(value, Share):
        shown = f"{value.k} of {value.n}"
    if value.low is None or value.high is None:
        return shown, "too few groups"
    return shown, f"{value.low:.3f} to {value.high:.3f}"


def section(title: str, body: str) -> str:
    """Return a part of the document under a heading."""
    return f"<h2>{escape(title)}</h2>{body}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a head that begins with ``n:`` makes a column of numbers."""
    marks = [' class="n"' if head.startswith("n:") else "" for head in heads]
    top = "".join(f"<th{mark}>{escape(head.removeprefix('n:'))}</th>" for mark, head in zip(marks, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{mark}>{cell}</td>" for mark, cell in zip(marks, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
