"""The agreement report: read from the log, written as PDF, XLSX, CSV and JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import cv2

from inspector_app.agreement.as_csv import csv_text, table_csv
from inspector_app.agreement.as_json import document_record, to_json
from inspector_app.agreement.content import agreement_document
from inspector_app.agreement.course import Course, course_of
from inspector_app.agreement.disagreements import Disagreements
from inspector_app.agreement.document import Document, Picture
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report
from inspector_app.agreement.step_tables import GuardPromises
from inspector_app.agreement.trend import BLIND_KINDS, Trend, stretch_for, trend_of
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.fingerprints import code_sha256, settings_sha256
from inspector_app.bootstrap.settled import utc_now
from inspector_app.domain.errors import LogProblem, LogUnavailable, Stopped
from inspector_app.domain.inspection import LogEntry, PictureState
from inspector_app.domain.logquery import CountedParts, LogFilter, LookCounts, Span, StationChange

REPORT_FORMATS: Final = ("pdf", "xlsx", "csv", "json")
LISTED: Final = 200
"""Disagreements listed, the newest first."""
PICTURED: Final = 24
"""Of those, how many are shown with their picture."""

_EDGE_PX: Final = 900
_JPEG_QUALITY: Final = 85
_VERSIONS: Final = ("numpy", "scipy")

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ReportContent:
    """One report: its figures, and the document that all formats are written from."""

    figures: AgreementReport
    document: Document


def agreement_figures(folder: DataFolder, which: LogFilter) -> AgreementReport:
    """Return the figures of the chosen parts, from counts made in the database."""
    with _beside() as beside:
        return _figures(folder, which, beside)[0]


def _beside() -> ThreadPoolExecutor:
    """Return threads beside this one; while the database counts for one, another has a core of its own."""
    return ThreadPoolExecutor(2, thread_name_prefix="report")


def _figures(folder: DataFolder, which: LogFilter, beside: Executor) -> tuple[AgreementReport, CountedParts]:
    log = folder.log

    def looks_then_parts() -> tuple[LookCounts, CountedParts]:
        # Looks first: on a log that grows meanwhile, no part is then counted as looked at that is not counted at all.
        return log.reports.look_counts(which), log.reports.counted_parts(which)

    header = ReportHeader(
        generated_at=utc_now(),
        program_version=version("inspection-station"),
        which=which,
        facts=tuple(_facts(folder)),
    )
    counted = beside.submit(looks_then_parts)
    verdicts, imported = log.reader.verdict_counts(which), log.imports.counts(which)
    looks, parts = counted.result()
    return agreement_report(verdicts, parts.counts, header, imported, looks), parts


def agreement_trend(folder: DataFolder, which: LogFilter) -> Trend:
    """Return how agreement went over the period of the chosen parts."""
    return _trend(folder, which, folder.log.reports.counted_parts(which), _steps(folder, which))


def agreement_content(
    folder: DataFolder,
    which: LogFilter,
    on_progress: OnProgress = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
    formats: Sequence[str] = (),
) -> ReportContent:
    """Return the whole report of the chosen parts.

    Parameters
    ----------
    folder : DataFolder
        Its log and pictures.
    which : LogFilter
        The parts.
    on_progress : callable
        Told how many steps of how many are done: counting, then each picture.
    cancelled : callable
        Asked between the steps.
    formats : sequence of str
        What it will be written as: what that takes is loaded meanwhile.

    Raises
    ------
    Stopped
        If it was stopped.
    LogUnavailable
        If the log cannot be read.
    """
    reports = folder.log.reports
    with _beside() as beside:
        beside.submit(_load_writers, formats)
        figures, parts = _figures(folder, which, beside)
        steps = _steps(folder, which)
        trend = beside.submit(_trend, folder, which, parts, steps)
        evidence = Evidence(
            span=parts.span,
            models=parts.models,
            steps=steps,
            chains=reports.chain_ends(),
            seeded=reports.seeded_parts(which),
            disagreements=_disagreements(folder, which, on_progress, cancelled),
            third_looks=folder.log.third_looks.count(None, utc_now(), which),
            certificates=folder.log.certificates.all(),
            unusable=reports.unusable_pictures(which),
            course=_course(folder, which, parts.span, figures.header.confidence),
            promises=_promises(folder),
            trend=trend.result(),
        )
    return ReportContent(figures, agreement_document(figures, evidence))


def agreement_json(content: ReportContent) -> dict[str, Any]:
    """Return a report as plain JSON values."""
    return {**to_json(content.figures), "document": document_record(content.document)}


def write_agreement(content: ReportContent, out: Path, formats: Sequence[str]) -> tuple[Path, ...]:
    """Write ``agreement.pdf``, ``.xlsx``, ``.json`` and ``.csv`` (all figures, and beside it a folder of its tables).

    Each file is written whole under another name first, so that no reader meets half of it.

    Raises
    ------
    LogUnavailable
        If the folder cannot be written.
    """
    files = [file for kind in formats for file in _WRITERS[kind](content)]
    paths = tuple(out / name for name, _ in files)
    try:
        for path, (_, data) in zip(paths, files, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            begun = path.with_name(f"{path.name}.part")
            begun.write_bytes(data)
            begun.replace(path)
    except OSError as error:
        raise LogUnavailable(
            LogProblem.READ_ONLY, f"The report cannot be written to {out}: {error.strerror}."
        ) from error
    return paths


def _load_writers(formats: Sequence[str]) -> None:
    """Load the libraries of these formats; what fails here fails again, and is said, where they are used."""
    if "pdf" in formats:
        import inspector_app.agreement.as_pdf
    if "xlsx" in formats:
        import inspector_app.agreement.as_xlsx  # noqa: F401


Files = Iterator[tuple[str, bytes]]


def _pdf(content: ReportContent) -> Files:
    from inspector_app.agreement.as_pdf import pdf_bytes

    yield "agreement.pdf", pdf_bytes(content.document)


def _xlsx(content: ReportContent) -> Files:
    from inspector_app.agreement.as_xlsx import xlsx_bytes

    yield "agreement.xlsx", xlsx_bytes(content.document)


def _csv(content: ReportContent) -> Files:
    yield "agreement.csv", csv_text(content.figures).encode()
    for table in content.document.tables():
        yield f"agreement-tables/{table.key}.csv", table_csv(table).encode()


def _json(content: ReportContent) -> Files:
    text = json.dumps(agreement_json(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    yield "agreement.json", text.encode()


_WRITERS: Final[dict[str, Callable[[ReportContent], Files]]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "csv": _csv,
    "json": _json,
}


def _facts(folder: DataFolder) -> Iterator[tuple[str, str]]:
    head = folder.log.head()
    yield "station", folder.settings.station.id
    yield "product made now", folder.settings.station.product or "not named in the settings"
    yield "audit chain length", str(head.seq)
    yield "audit chain head", head.digest
    yield "settings sha256", settings_sha256(folder.path)
    yield "code sha256", code_sha256()
    yield "python", platform.python_version()
    for name in _VERSIONS:
        yield name, version(name)
    yield "random seed", "none: no figure of this report is drawn at random"


def _steps(folder: DataFolder, which: LogFilter) -> tuple[StationChange, ...]:
    steps = folder.log.reports.control_changes(which.station)
    return tuple(step for step in steps if which.until is None or step.change.at < which.until)


def _trend(folder: DataFolder, which: LogFilter, parts: CountedParts, steps: Sequence[StationChange]) -> Trend:
    span = parts.span
    if span.first is None or span.last is None:
        return Trend(timedelta(hours=1), (), ())
    stretch = stretch_for(span.last - span.first)
    rows = folder.log.reports.trend(replace(which, kinds=BLIND_KINDS), span.first, span.last, stretch)
    return trend_of(rows, steps, parts.models, stretch, 0.95)


def _course(folder: DataFolder, which: LogFilter, span: Span, confidence: float) -> Course | None:
    if span.first is None or span.last is None:
        return None
    rows = folder.log.reports.audited_stretches(which, stretch_for(span.last - span.first))
    return course_of(rows, folder.settings.contract.escape, confidence)


def _promises(folder: DataFolder) -> GuardPromises | None:
    guards = folder.settings.guards
    if not guards.enabled:
        return None
    delta = round(1.0 - guards.confidence, 12)
    return GuardPromises(guards.drift_parts, delta, guards.escape_limit, folder.settings.audits.plan())


def _disagreements(
    folder: DataFolder, which: LogFilter, on_progress: OnProgress, cancelled: Callable[[], bool]
) -> Disagreements:
    differing = replace(which, disagreement=True, seeded=False)
    count = folder.log.reader.count(differing)
    newest = folder.log.reader.search(differing, LISTED)
    pictured = newest[:PICTURED]
    pictures: list[tuple[str, Picture | str]] = []
    for done, entry in enumerate(pictured, start=1):
        if cancelled():
            raise Stopped("The report was stopped; nothing was written.")
        pictures.append((entry.inspection.inspection_id, _picture(folder, entry)))
        on_progress(done, len(pictured))
    return Disagreements(count, newest, tuple(pictures))


def _picture(folder: DataFolder, entry: LogEntry) -> Picture | str:
    """Return a part's picture made small, or one sentence why there is none."""
    stored = entry.stored_picture
    if stored is None:
        return "No usable picture."
    if stored.state is not PictureState.STORED:
        return stored.detail or "The picture is not stored yet."
    try:
        pixels = folder.log.pictures.read(stored)
    except LogUnavailable as fault:
        return str(fault)
    height, width = pixels.shape[:2]
    scale = min(1.0, _EDGE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    prediction = entry.inspection.prediction
    outlines = () if prediction is None else tuple(region.polygon for region in prediction.regions)
    return Picture(encoded.tobytes(), width, height, outlines)
