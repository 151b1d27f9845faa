"""One document, four formats: the same figures in each, and files that a plant can keep."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import re
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import openpyxl
import pypdf
import pytest
from PIL import Image, ImageCms

from inspector_app.agreement.as_csv import cell_csv, table_csv
from inspector_app.agreement.as_json import cell_record, document_record
from inspector_app.agreement.as_pdf import pdf_bytes
from inspector_app.agreement.as_xlsx import sheet_names, xlsx_bytes
from inspector_app.agreement.content import agreement_document
from inspector_app.agreement.course import course_of
from inspector_app.agreement.disagreements import Disagreements
from inspector_app.agreement.document import Column, Picture, Share, Table, cell_text
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.print_archive import srgb_profile, with_line_ends
from inspector_app.agreement.print_style import marked_plain, marked_up
from inspector_app.agreement.print_tables import printed_row
from inspector_app.agreement.report import agreement_report
from inspector_app.agreement.trend import Trend, stretch_for, trend_of
from inspector_app.agreement.values import NotMeasurable
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.decision import Decision, Disposition, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem, Reference, ReferenceSource
from inspector_app.domain.inspection import Inspection, LogEntry, PictureFacts
from inspector_app.domain.logquery import (
    AuditedStretch,
    ChainEnd,
    ImportedCount,
    LogFilter,
    ModelUse,
    PictureCount,
    SeededPart,
    Span,
    StationChange,
    TrendCount,
    VerdictCount,
)
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.seed import KnownDefect
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind

START = datetime(2026, 3, 1, tzinfo=UTC)
MODEL = ModelIdentity("glass", "1.0", "ab" * 32, "cd" * 32)
FIRST = ControlState(
    1, Level.SHADOW, AssistStyle.SECOND_LOOK, 0.05, 0.5, 0.95, 1.0, 0.1, 0.1, True, Salts("c", "a", "f")
)
SEEDED = tuple(
    SeededPart(
        KnownDefect("folder:a.png", "scratch", "cut open"),
        START,
        Route.HUMAN,
        Judgement.REJECT,
        misled=False,
        waits=False,
        answers=((by, VerdictKind.UNAIDED, answer),),
    )
    for by, answer in (("Ana", Answer.REJECT), ("Ana", Answer.ACCEPT), ("王小明", Answer.REJECT))
)
NAMES = ("Ana Müller", "Ана Петрова", "Ελένη Παππά", "王小明", "=cmd|' /C calc'!A0", "Zoë 🙂")


def change(state, by, hours, before):
    return StationChange("line-4", ControlChange(by, "signed", START + timedelta(hours=hours), before, state))


def entry(number, *, truth=True, predicted=True, retracted=False):
    region = Region("scratch", 0.9, Box(4, 4, 20, 8), ((4, 4), (24, 4), (24, 12)), 20.0, 2.0, True)
    prediction = Prediction(PredictionStatus.OK, 0.75, (region,) * (number % 3), MODEL, 3.0) if predicted else None
    judgement = Judgement.REJECT if predicted else None
    decision = Decision(
        Route.HUMAN, (Reason.LEVEL_SHADOW,), None, None, None, Presentation.BLIND, Disposition.HOLD, judgement
    )
    verdict = Verdict(
        f"v{number}", f"i{number}", NAMES[number % len(NAMES)], Answer.ACCEPT, VerdictKind.UNAIDED, (), START, 2.0
    )
    gone = dataclasses.replace(verdict, retracted=True, answer=Answer.REJECT, classes=("chip",))
    reference = Reference(Judgement.ACCEPT, ReferenceSource.GENERATOR) if truth else None
    inspection = Inspection(
        f"i{number}", f"P-{number:04d}", START + timedelta(minutes=number), "synthetic:", number, 0, None,
        PictureFacts("ef" * 32, 64, 32, 1), prediction, FIRST, decision, reference,
    )  # fmt: skip
    verdicts = (verdict, gone) if retracted else (verdict, dataclasses.replace(gone, retracted=False))
    return LogEntry(inspection, None, verdicts, Disposition.ACCEPT, line_told=True)


def evidence_of(count=4, **changed):
    jpeg = cv2.imencode(".jpg", np.full((32, 64), 90, np.uint8))[1].tobytes()
    entries = tuple(entry(n, truth=n % 2 == 0, predicted=n != 3, retracted=n == 1) for n in range(count))
    pictures = tuple(
        (e.inspection.inspection_id, "The picture is lost." if n == 1 else Picture(jpeg, 64, 32, (((1, 1), (9, 9)),)))
        for n, e in enumerate(entries)
    )
    further = dataclasses.replace(FIRST, version=2, level=Level.PARTIAL, hold_audits=False)
    back = dataclasses.replace(further, version=3, level=Level.ASSIST)
    same = dataclasses.replace(back, version=4, canary_share=0.5)
    steps = (
        change(FIRST, "settings", -48, None),
        change(further, "Ελένη", 30, FIRST),
        change(back, "王小明", 60, further),
        change(same, "Ana", 61, back),
    )
    rows = [
        TrendCount(START + timedelta(days=day), 3 + day, 0, 3 + day, 3 + day) if day != 4
        else TrendCount(START + timedelta(days=day), 0, 0, 0, 0)
        for day in (9, 0, 1, 2, 4)
    ]  # fmt: skip
    models = (
        ModelUse(MODEL, 96, START, START + timedelta(days=2)),
        ModelUse(dataclasses.replace(MODEL, version="1.1"), 9, START + timedelta(days=2), START + timedelta(days=9)),
    )
    made = Evidence(
        span=Span(200, START, START + timedelta(days=10)),
        models=models,
        steps=steps,
        chains=(ChainEnd("line-4", 502, "1d" * 32), ChainEnd("unused", 0, "0" * 64)),
        seeded=SEEDED,
        trend=trend_of(rows, steps, models, timedelta(days=1), 0.95),
        disagreements=Disagreements(count + 7, entries, pictures),
        third_looks=2,
        certificates=(
            {"certificate_id": "c-1", "certified": True, "n": 4, "accept_below": 0.1, "k": None, "alpha": [1]},
            {"certificate_id": "c-2", "certified": False},
        ),
        unusable=(PictureCount(PictureFlaw.BLURRED, 3), PictureCount(PictureProblem.TRUNCATED, 1)),
        course=course_of((AuditedStretch(START, 40, 0), AuditedStretch(START + timedelta(days=3), 60, 1)), 0.005, 0.95),
    )  # fmt: skip
    return dataclasses.replace(made, **changed)


NOTHING = Evidence(Span(0, None, None), (), (), (), (), Trend(timedelta(hours=1), (), ()), Disagreements())


@pytest.fixture(scope="module")
def named_report(small_log):
    verdicts, parts, header = small_log
    named = [dataclasses.replace(row, inspector=NAMES[n % len(NAMES)]) for n, row in enumerate(verdicts)]
    imported = [
        ImportedCount("old.csv #12345678", None, "Li", Answer.REJECT, Judgement.REJECT, Judgement.REJECT, 12),
        ImportedCount("old.csv #12345678", "m 1", None, Answer.ACCEPT, Judgement.ACCEPT, None, 80),
        ImportedCount("old.csv #12345678", "m 1", None, Answer.ACCEPT, Judgement.REJECT, Judgement.ACCEPT, 5),
    ]
    return agreement_report(named, parts, header, imported)


@pytest.fixture(scope="module")
def document(named_report):
    return agreement_document(named_report, evidence_of())


@pytest.fixture(scope="module")
def empty_document(empty_report):
    return agreement_document(empty_report, NOTHING)


def pdf_text(document):
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
    return " ".join(page.extract_text() for page in reader.pages)


def squeezed(text):
    return re.sub(r"\s+", "", text)


def test_every_table_says_the_same_in_csv_json_and_xlsx(document):
    record = document_record(document)["tables"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(document)))
    for name, table in sheet_names(document):
        sheet = [[cell.value for cell in row] for row in book[name].iter_rows()]
        lines = list(csv.reader(io.StringIO(table_csv(table), newline="")))
        assert lines[0] == record[table.key]["columns"] == sheet[0]
        assert len(lines) - 1 == len(record[table.key]["rows"]) == len(table.rows)
        for cells, shown, line, values in zip(
            table.rows, sheet[1:], lines[1:], record[table.key]["rows"], strict=False
        ):
            for cell, in_sheet, text, value in zip(cells, shown, line, values, strict=False):
                assert text == cell_csv(cell)
                assert value == cell_record(cell)
                if isinstance(cell, Share | int | float):
                    number = cell.value if isinstance(cell, Share) else cell
                    assert float(text) == value == number
                    assert in_sheet == pytest.approx(number, rel=1e-15)  # Excel keeps sixteen digits
                elif isinstance(cell, datetime):
                    assert in_sheet == cell.replace(tzinfo=None)
                elif isinstance(cell, NotMeasurable):
                    assert in_sheet == text == f"not measurable: {cell.why}"
                else:
                    assert (in_sheet or "") == (cell or "")


def test_the_printed_report_holds_every_figure_of_its_tables(document):
    text = squeezed(pdf_text(document))
    checked = 0
    for table in document.tables():
        for row in table.rows if table.in_print else ():
            for cell in printed_row(table.columns, row):
                shown = "n/m" if isinstance(cell, NotMeasurable) else cell
                assert squeezed(marked_plain(shown) if "🙂" in shown else shown) in text, (table.key, shown)
                checked += 1
    assert checked > 400
    assert document.fingerprint in text
    assert squeezed(document.sections[0].blocks[0].text) in text


def test_the_long_list_is_the_report_itself(document, named_report):
    from inspector_app.agreement.as_csv import to_csv_rows

    figures = next(table for table in document.tables() if table.key == "figures")
    long = [row for row in to_csv_rows(named_report)[1:] if row[0] != "header"]
    assert len(long) == len(figures.rows)
    for cells, row in zip(figures.rows, long, strict=True):
        assert [cell_csv(cell) for cell in cells[:8]] == list(row[:8])
    assert not figures.in_print


def test_the_fingerprint_follows_the_content(document, named_report):
    assert re.fullmatch("[0-9a-f]{64}", document.fingerprint)
    assert agreement_document(named_report, evidence_of()).fingerprint == document.fingerprint
    other = agreement_document(named_report, evidence_of(third_looks=0))
    assert other.fingerprint == document.fingerprint  # it stands in no table
    changed = agreement_document(named_report, evidence_of(chains=(ChainEnd("line-4", 503, "1d" * 32),)))
    assert changed.fingerprint != document.fingerprint


def test_the_same_document_gives_the_same_bytes(document):
    assert pdf_bytes(document) == pdf_bytes(document)
    assert xlsx_bytes(document) == xlsx_bytes(document)


def test_names_of_all_scripts_are_printed(document):
    text = pdf_text(document)
    for name in ("Ana Müller", "Ана Петрова", "Ελένη Παππά", "王小明"):
        assert squeezed(name) in squeezed(text)
    assert "[U+1F642]" in squeezed(text)


def test_names_that_differ_in_spelling_alone_are_told(small_log, document):
    verdicts, parts, header = small_log
    twin = dataclasses.replace(verdicts[1], inspector=verdicts[1].inspector.upper() + " ")
    told = pdf_text(agreement_document(agreement_report((*verdicts, twin), parts, header), evidence_of()))
    assert "Spelled almost alike, and counted apart:" in told
    assert "almost alike" not in pdf_text(document)


def test_a_character_without_a_glyph_is_printed_by_its_code_point():
    assert marked_plain("a🙂b") == "a[U+1F642]b"
    assert marked_up("<王🙂\n>") == '&lt;<font name="DroidSansFallback">王</font>[U+1F642]<br/>&gt;'
    assert marked_up("a < b & 5 %\t") == "a &lt; b &amp; 5\u00a0%[U+0009]"
    assert marked_up("a < b & 5 %") == "a &lt; b &amp; 5\u00a0%"
    assert marked_up("王小") == '<font name="DroidSansFallback">王小</font>'


def test_every_font_is_embedded_and_the_file_describes_itself(document):
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(document)))
    fonts = {
        font.get_object()["/BaseFont"]: "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all(fonts.values()), fonts
    assert reader.metadata.title == document.title
    assert reader.metadata.creation_date == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    root = reader.trailer["/Root"]
    assert b"<xmp:CreateDate>2026-03-04T05:06:07+00:00" in root["/Metadata"].get_object().get_data()
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    total = len(reader.pages)
    for number, page in enumerate(reader.pages, start=1):
        assert f"page {number} of" in page.extract_text()
        form = next(v for k, v in page["/Resources"]["/XObject"].items() if "total" in k).get_object()
        assert f"({total})".encode() in form.get_data()


def test_the_workbook_has_frozen_headings_and_no_formula(document):
    data = xlsx_bytes(document)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert all(sheet.freeze_panes == "A2" for sheet in book.worksheets[1:])
    assert len(book.sheetnames) == len(set(book.sheetnames)) == 1 + len(list(document.tables()))
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert kinds == {"n", "s", "d"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets" in name)


def test_a_table_longer_than_a_page_repeats_its_headings(named_report):
    many = agreement_document(named_report, evidence_of(120))
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(many)))
    with_rows = [page.extract_text() for page in reader.pages if len(re.findall(r"P-\d{4}", page.extract_text())) > 20]
    assert len(with_rows) > 1
    assert all("Captured" in text and "Outcome" in text for text in with_rows)


def test_an_empty_log_makes_a_whole_report(empty_document):
    text = pdf_text(empty_document)
    assert "No part in this group was judged by both human and model." in text
    assert "not measurable: no part was judged by both" in text
    assert text.count("None in this period.") >= 5
    assert xlsx_bytes(empty_document)
    numbers = [cell for table in empty_document.tables() for row in table.rows for cell in row]
    assert all(math.isfinite(cell) for cell in numbers if isinstance(cell, float))
    json.dumps(document_record(empty_document), allow_nan=False)


def test_one_part_and_all_good_parts_are_defined(small_log):
    _, _, header = small_log
    for n in (1, 500):
        row = VerdictCount(
            Level.SHADOW, "m 1", "Ana", VerdictKind.UNAIDED, Answer.ACCEPT, Judgement.ACCEPT, Judgement.ACCEPT, n
        )
        made = agreement_document(agreement_report([row], [], header), NOTHING)
        assert "nobody rejected any part" in squeezed(pdf_text(made)) or pdf_bytes(made)
        json.dumps(document_record(made), allow_nan=False)


def test_open_ends_of_the_period_are_those_of_the_parts(small_log):
    verdicts, parts, header = small_log
    whole = agreement_report(verdicts, parts, dataclasses.replace(header, which=LogFilter()))
    assert agreement_document(whole, evidence_of()).subject == "Period 2026-03-01 00:00 to 2026-03-11 00:00 UTC"
    assert agreement_document(whole, NOTHING).subject == "Period without parts"
    steps = next(t for t in agreement_document(whole, evidence_of()).tables() if t.key == "steps")
    assert [row[4] for row in steps.rows] == ["start", "2 to the right", "1 to the left", "same level"]


def test_the_state_in_force_when_the_period_began_leads_the_steps(document):
    steps = next(table for table in document.tables() if table.key == "steps")
    assert [row[2] for row in steps.rows] == [1, 2, 3, 4]  # the first is older than the period
    later = dataclasses.replace(evidence_of(), steps=evidence_of().steps[1:])
    assert later.steps


def test_a_table_refuses_a_row_that_does_not_fit():
    with pytest.raises(ValueError, match="one cell for each column"):
        Table("t", "T", (Column("a", "A"),), ((1, 2),))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("x", "x"), (1_234_567, "1\u202f234\u202f567"), (0.5, "0.500"),
        (1e-9, "< 0.001"), (-0.0001, "-0.000"),
        (Share(0.5), "50.00 %"), (Share(1.0), "100.00 %"), (Share(0.999999), "> 99.99 %"), (Share(0.0), "0.00 %"),
        (Share(1e-6), "< 0.01 %"), (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04"),
        (NotMeasurable("why"), "not measurable: why"),
    ],
)  # fmt: skip
def test_cells_as_people_read_them(cell, text):
    assert cell_text(cell) == text


def test_stretches_suit_the_length():
    hours = [stretch_for(timedelta(days=days)) // timedelta(hours=1) for days in (1, 30, 365, 4000)]
    assert hours == [1, 24, 168, 672]


def test_a_trend_keeps_every_verdict_and_marks_what_changed():
    trend = evidence_of().trend
    assert [point.n for point in trend.points] == [9, 12, 15, 0, 36]
    assert trend.points[0].differing.k == 3
    assert trend.points[3].differing == NotMeasurable("no part was judged by both")
    assert [(c.kind.value, c.name) for c in trend.changes] == [
        ("model", "glass 1.0"),
        ("level", "partial"),
        ("model", "glass 1.1"),
        ("level", "assist"),
    ]
    assert trend_of([], evidence_of().steps, evidence_of().models, timedelta(days=1), 0.95).changes == ()


def test_trends_in_hours_and_of_one_point_are_drawn(named_report):
    rows = [TrendCount(START + timedelta(hours=h), 4, 0, 0, 0) for h in range(3)]
    models = (ModelUse(dataclasses.replace(MODEL, name="王"), 4, START, START),)
    right = dataclasses.replace(FIRST, version=2, level=Level.ASSIST)
    steps = (change(FIRST, "settings", 0.5, None), change(right, "Ana", 0.55, FIRST))
    no_pictures = dataclasses.replace(evidence_of().disagreements, pictures=())
    for some, hours in ((rows, 1), (rows[:1], 1), (rows, 2), (rows, 48)):
        trend = trend_of(some, steps, models, timedelta(hours=hours), 0.95)
        made = agreement_document(named_report, evidence_of(trend=trend, disagreements=no_pictures))
        assert "judged differently" in pdf_text(made)


def test_one_stretch_of_audits_is_a_table_without_a_plot(named_report):
    one = dataclasses.replace(evidence_of(), course=course_of((AuditedStretch(START, 40, 0),), 0.005, 0.95))
    section = next(
        s for s in agreement_document(named_report, one).sections if s.title == "Figures that may be watched"
    )
    assert [type(block).__name__ for block in section.blocks] == ["Table", "Table"]


def test_no_line_begins_with_a_percent_sign():
    assert marked_up("60.8 %, of 5") == "60.8\u00a0%, of 5"


def test_seeds_and_certificates_have_their_tables(document, empty_document):
    tables = {table.key: table for table in document.tables()}
    assert [row[0] for row in tables["seed_hits"].rows] == ["Ana", "王小明"]
    assert [row[2] for row in tables["certificates"].rows] == ["yes", "no"]
    empty = {table.key: table for table in empty_document.tables()}
    assert [(row[2], row[3]) for row in tables["seeded"].rows[:3]] == [(2, 3), (None, None), (3, 3)]
    assert empty["seeded"].notes == ("None in this period.",)
    assert empty["certificates"].notes == ("None so far.",)


# --- for the archive: PDF/A-1b, judged by Apache PDFBox Preflight where it is installed ---

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in ("preflight", "xmpbox", "pdfbox2", "fontbox2", "commons-logging", "javax.activation", "jaxb-api")
]


def preflight(pdf: Path) -> str:
    missing = [jar.name for jar in JARS if not jar.exists()]
    if missing:
        pytest.skip(f"PDFBox Preflight is not installed (apt: libpdfbox2-java …): {missing}")
    path = ":".join(str(jar) for jar in JARS)
    try:
        judged = subprocess.run(
            ["java", "-cp", path, "org.apache.pdfbox.preflight.Validator_A1b", str(pdf)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("there is no java (apt: default-jre-headless)")
    return judged.stdout + judged.stderr


@pytest.mark.parametrize("subject", [None, 'Werk Ü & <1> "王小明"'])
def test_the_report_is_a_valid_pdf_a_1b(document, tmp_path, subject):
    shown = document if subject is None else dataclasses.replace(document, subject=subject)
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes(shown))
    assert "is a valid PDF/A-1b file" in preflight(path)


def test_the_judge_sees_what_is_missing(document, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes(document).replace(b"<pdfaid:part>1<", b"<pdfaid:part>7<"))
    assert "is not a valid PDF/A-1b file" in preflight(path)


def test_every_stream_ends_on_a_line_of_its_own_and_every_object_is_found(document):
    data = pdf_bytes(document)
    assert re.search(rb"[^\n]endstream\nendobj", data) is None
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    numbers = [number for entries in reader.xref.values() for number in entries]
    assert len(numbers) == reader.trailer["/Size"] - 1
    for number in numbers:
        assert reader.get_object(number) is not None
    # Lengths stay those of the contents: once more changes nothing but the line ends themselves.
    assert len(with_line_ends(data)) > len(data)
    assert pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()


def test_the_colour_profile_is_srgb_of_icc_version_2():
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    assert ours.profile.version == pytest.approx(2.1)
    levels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    turned = ImageCms.profileToProfile(Image.fromarray(levels), ours, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(turned, int) - levels).max() <= 1
