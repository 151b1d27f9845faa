"""JSON and CSV of the report: stable, complete, re-computable, safe."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math

import pytest

from inspector_app.agreement.as_csv import COLUMNS, csv_text, safe_cell, to_csv_rows
from inspector_app.agreement.as_json import FORMAT, to_json
from inspector_app.agreement.report import agreement_report
from inspector_app.domain.logquery import LogFilter


def walk(value):
    yield value
    if isinstance(value, dict):
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_json_has_its_stable_keys(report):
    document = to_json(report)
    assert document["format"] == FORMAT
    assert list(document) == [
        "format",
        "header",
        "provenance",
        "headline",
        "tables",
        "flows",
        "audits",
        "estimates",
        "imported",
        "reading",
        "methods",
    ]
    assert any("fixed log" in sentence for sentence in document["reading"])
    assert list(document["tables"][0]) == [
        "dimension",
        "value",
        "condition",
        "counts",
        "agreement",
        "human_against_truth",
        "model_against_truth",
        "sentence",
        "notes",
    ]
    assert list(document["tables"][0]["agreement"]) == [
        "on_rejects",
        "on_accepts",
        "observed",
        "kappa",
        "max_kappa",
        "prevalence_index",
        "bias_index",
        "pabak",
        "ac1",
        "mcnemar_p",
    ]
    assert list(document["flows"][0]["outcome"]) == ["counts", "miss", "false_alarm", "escapes", "overkill"]
    assert list(document["audits"][0]) == ["dimension", "value", "route", "audited", "unsure", "disagreements"]


def test_the_header_says_how_to_make_the_report_again(report):
    assert to_json(report)["header"] == {
        "generated_at": "2026-03-04T05:06:07.000Z",
        "program_version": "0.1.0",
        "confidence": 0.95,
        "filter": {
            "since": "2026-03-01T00:00:00.000Z",
            "until": None,
            "part": None,
            "level": "shadow",
            "disposition": None,
            "model_version": None,
            "inspector": None,
            "disagreement": None,
            "station": None,
            "answer": None,
            "kinds": None,
            "judgement": None,
            "reference": None,
            "route": None,
            "seeded": None,
            "product": None,
            "sure": None,
            "judged": None,
        },
        "facts": {"station": "Line 4"},
        "positive": "reject",
    }


def test_json_is_json_and_deterministic(report, small_log):
    text = json.dumps(to_json(report), allow_nan=False)
    assert json.loads(text) == to_json(report)
    assert json.dumps(to_json(agreement_report(*small_log)), allow_nan=False) == text


def test_counts_are_integers_and_intervals_name_method_and_level(report):
    document = to_json(report)
    assert document["tables"][0]["counts"] == {
        "n": 116,
        "both_reject": 17,
        "human_rejects": 3,
        "model_rejects": 3,
        "both_accept": 93,
        "human_unsure": 5,
        "model_absent": 7,
    }
    for value in walk(document):
        if isinstance(value, dict):
            for name in ("k", "n", "parts", "audited", "unsure"):
                assert isinstance(value.get(name, 0), int)
            if "low" in value:
                assert set(value) == {"method", "level", "low", "high"}
                assert value["method"] in document["methods"]
                assert value["low"] <= value["high"]
            if "intervals" in value:
                assert value["estimate"] == value["k"] / value["n"]
                assert len({interval["method"] for interval in value["intervals"]}) == 2


def test_what_is_not_measurable_says_why_and_is_never_a_null(empty_report):
    document = to_json(empty_report)
    figures = document["tables"][0]["agreement"]
    assert all(list(figure) == ["not_measurable"] for figure in figures.values())
    assert figures["kappa"] == {"not_measurable": "no part was judged by both"}
    assert all(value is not None for value in walk(document["tables"]))
    assert document["flows"][0]["decided_by_model"] == {"not_measurable": "there are no parts"}


def test_a_coefficient_without_an_interval_says_why(small_log):
    verdicts, parts, header = small_log
    agreeing = [row for row in verdicts if row.answer.value == getattr(row.model_judgement, "value", None)]
    report = agreement_report(agreeing, parts, header)
    kappa = to_json(report)["tables"][0]["agreement"]["kappa"]
    assert kappa["estimate"] == 1.0
    assert kappa["standard_error"] == 0.0
    why = "the standard error is zero, which says nothing about the uncertainty"
    assert kappa["interval"] == {"not_measurable": why}
    row = find(to_csv_rows(report), "agreement.blind", "overall=all", "kappa")
    assert row["estimate"] == "1.0"
    assert row["low"] == row["high"] == row["method"] == ""
    assert row["note"] == f"standard error 0.0; interval not measurable: {why}"


def find(rows, section, group, quantity, method=""):
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    key = (section, group, quantity)
    found = [r for r in named if (r["section"], r["group"], r["quantity"]) == key and r["method"].startswith(method)]
    assert len(found) == 1
    return found[0]


def test_csv_holds_the_same_figures_as_json(report):
    rows, document = to_csv_rows(report), to_json(report)
    json_figure = document["tables"][0]["agreement"]["on_rejects"]
    for interval in json_figure["intervals"]:
        row = find(rows, "agreement.blind", "overall=all", "on_rejects", interval["method"])
        assert (int(row["k"]), int(row["n"])) == (json_figure["k"], json_figure["n"])
        numbers = [float(row[name]) for name in ("estimate", "low", "high")]
        assert numbers == [json_figure["estimate"], interval["low"], interval["high"]]
        assert row["method"] == f"{interval['method']} 0.95"
    kappa = find(rows, "agreement.blind", "overall=all", "kappa")
    assert float(kappa["estimate"]) == document["tables"][0]["agreement"]["kappa"]["estimate"]
    prevalence = find(rows, "agreement.blind", "overall=all", "prevalence_index")
    assert float(prevalence["estimate"]) == (17 - 93) / 116
    assert find(rows, "agreement.blind", "overall=all", "n")["k"] == "116"
    assert find(rows, "flow", "level=partial", "model_accept.accept")["k"] == "100"
    assert find(rows, "flow", "overall=all", "decided_by_model")["estimate"] == repr(109 / 194)
    assert find(rows, "audit", "overall=all", "model_reject.audited")["k"] == "9"
    assert find(rows, "provenance", "audit", "unsure")["n"] == "40"
    assert find(rows, "header", "report", "filter.level")["note"] == "shadow"
    assert find(rows, "header", "report", "station")["note"] == "Line 4"
    reading = [row[-1] for row in rows if row[2] == "reading"]
    assert reading == document["reading"]
    assert find(rows, "agreement.blind", "overall=all", "sentence")["note"] == report.headline.sentence


def test_every_measured_figure_is_in_both(report):
    json_intervals = sum("low" in value for value in walk(to_json(report)) if isinstance(value, dict))
    csv_intervals = sum(bool(row[COLUMNS.index("low")]) for row in to_csv_rows(report)[1:])
    json_missing = sum("not_measurable" in value for value in walk(to_json(report)) if isinstance(value, dict))
    csv_missing = sum(row[-1].count("not measurable: ") for row in to_csv_rows(report)[1:])
    assert csv_intervals == json_intervals > 100
    assert csv_missing == json_missing > 0


def test_csv_is_rfc_4180_and_deterministic(report, small_log):
    text = csv_text(report)
    assert text.startswith(",".join(COLUMNS) + "\r\n")
    assert text.endswith("\r\n")
    assert tuple(map(tuple, csv.reader(io.StringIO(text, newline="")))) == to_csv_rows(report)
    assert csv_text(agreement_report(*small_log)) == text


def test_no_cell_is_nan(report, empty_report):
    for rows in (to_csv_rows(report), to_csv_rows(empty_report)):
        for row in rows[1:]:
            for cell in row[3:8]:
                assert cell == "" or math.isfinite(float(cell))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_looks_like_a_formula_is_neutralised(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_other_text_is_left_alone():
    assert safe_cell("Ana = Bo") == "Ana = Bo"
    assert safe_cell("") == ""


def test_no_name_reaches_the_table_as_a_formula(small_log):
    verdicts, parts, header = small_log
    hostile = '=HYPERLINK("http://x"),"\r\n'
    header = dataclasses.replace(
        header,
        program_version="@evil",
        which=LogFilter(inspector="=cmd"),
        facts=(("+fact", "-1"), ("\tname", "\rvalue")),
    )
    rows = [dataclasses.replace(row, inspector=hostile) for row in verdicts]
    report = agreement_report(rows, parts, header)
    table = to_csv_rows(report)
    text_columns = [i for i, name in enumerate(COLUMNS) if name in {"section", "group", "quantity", "method", "note"}]
    for row in table:
        for i in text_columns:
            assert not row[i].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert any(hostile in row[1] for row in table)
    assert tuple(map(tuple, csv.reader(io.StringIO(csv_text(report), newline="")))) == table
