"""Estimates from counted looks: every figure against a computation by hand."""

from __future__ import annotations

import dataclasses
import io
import math
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from inspector_app.agreement.as_csv import table_csv
from inspector_app.agreement.as_json import to_json
from inspector_app.agreement.as_pdf import pdf_bytes
from inspector_app.agreement.as_xlsx import xlsx_bytes
from inspector_app.agreement.content import agreement_document
from inspector_app.agreement.disagreements import Disagreements
from inspector_app.agreement.estimate_tables import escape_tables, leaning_table
from inspector_app.agreement.estimates import estimates
from inspector_app.agreement.evidence import Evidence
from inspector_app.agreement.figure_rows import figure_rows
from inspector_app.agreement.groups import Dimension
from inspector_app.agreement.report import agreement_report
from inspector_app.agreement.trend import Trend
from inspector_app.agreement.values import IntervalMethod, NotMeasurable
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import (
    AuditCount,
    LogFilter,
    LookCounts,
    PartCount,
    SecondLookCount,
    Span,
    ThirdLookCount,
    VerdictCount,
)
from inspector_app.domain.verdict import Answer, VerdictKind

GOOD, BAD = Judgement.ACCEPT, Judgement.REJECT
OLD, NEW = "glass 1.0", "glass 1.1"
ACCEPTED, REJECTED, HUMAN = Route.MODEL_ACCEPT, Route.MODEL_REJECT, Route.HUMAN
Z = 1.959963984540054


def part(route, judgement, n, chance=0.0, *, level=Level.PARTIAL, version=NEW):
    return PartCount(level, version, route, Disposition.ACCEPT, judgement, None, n, chance)


def audit(chance, found, n, *, route=ACCEPTED, judgement=GOOD, version=NEW):
    return AuditCount(version, route, judgement, chance, found, n)


def unaided(answer, judgement, n, *, level=Level.SHADOW, reference=None, version=NEW):
    return VerdictCount(level, version, "Ana", VerdictKind.UNAIDED, answer, judgement, reference, n, HUMAN)


def third(first, judgement, settled, n, *, level=Level.SHADOW, reference=None):
    return ThirdLookCount(level, NEW, judgement, reference, first, settled, n)


def found(verdicts=(), parts=(), looks=LookCounts(), which=LogFilter()):  # noqa: B008 - frozen
    return estimates(verdicts, parts, looks, which, 0.95)


# 9000 accepts at 5 %, 1000 close to the threshold at 50 %: all drawn audits answered.
PARTS = (
    part(ACCEPTED, GOOD, 9000, 0.05),
    part(ACCEPTED, GOOD, 1000, 0.5),
    part(REJECTED, BAD, 400, 0.05),
)
AUDITS = (
    audit(0.05, GOOD, 448),
    audit(0.05, BAD, 2),
    audit(0.5, GOOD, 490),
    audit(0.5, BAD, 10),
    audit(0.05, BAD, 16, route=REJECTED, judgement=BAD),
    audit(0.05, GOOD, 4, route=REJECTED, judgement=BAD),
)


def test_escapes_weighted_by_the_probability_of_the_audit():
    escapes = found((), PARTS, LookCounts(AUDITS)).groups[0].escapes
    assert (escapes.accepts, escapes.drawn, escapes.answered, escapes.found) == (10_000, 950, 950, 12)
    assert escapes.weighted.total.estimate == pytest.approx(2 / 0.05 + 10 / 0.5)  # 60
    error = math.sqrt(2 * 0.95 / 0.05**2 + 10 * 0.5 / 0.5**2)
    assert escapes.weighted.total.standard_error == pytest.approx(error)
    assert escapes.weighted.share.estimate == pytest.approx(0.006)
    assert escapes.weighted.share.interval.high == pytest.approx(0.006 + Z * error / 10_000)
    assert escapes.weighted.ratio == pytest.approx(60 / (450 / 0.05 + 500 / 0.5))


def test_escapes_in_strata_and_their_bound():
    escapes = found((), PARTS, LookCounts(AUDITS)).groups[0].escapes
    assert escapes.stratified.estimate == pytest.approx(0.9 * 2 / 450 + 0.1 * 10 / 500)
    p, q = 2 / 450, 10 / 500
    variance = 0.81 * 0.95 * p * (1 - p) / 449 + 0.01 * 0.5 * q * (1 - q) / 499
    assert escapes.stratified.standard_error == pytest.approx(math.sqrt(variance))
    assert escapes.bound.method is IntervalMethod.STRATIFIED_CLOPPER_PEARSON
    assert escapes.bound.high > escapes.stratified.interval.high


def test_no_escape_found_has_a_bound_but_no_spread():
    clean = (audit(0.05, GOOD, 300),)
    escapes = found((), (part(ACCEPTED, GOOD, 6000, 0.05),), LookCounts(clean)).groups[0].escapes
    assert isinstance(escapes.weighted.share.standard_error, NotMeasurable)
    assert isinstance(escapes.stratified.interval, NotMeasurable)
    assert escapes.bound.high == pytest.approx(1 - 0.05 ** (1 / 300))


def test_unanswered_audits_are_taken_to_be_like_the_answered_ones():
    half = (audit(0.1, GOOD, 49), audit(0.1, BAD, 1), audit(0.1, None, 50))
    escapes = found((), (part(ACCEPTED, GOOD, 1000, 0.1),), LookCounts(half)).groups[0].escapes
    assert (escapes.drawn, escapes.answered) == (100, 50)
    assert escapes.weighted.total.estimate == pytest.approx(1 / 0.05)
    assert escapes.stratified.estimate == pytest.approx(1 / 50)


def test_nothing_accepted_and_parts_chosen_by_outcome_are_not_measurable():
    nothing = found().groups[0].escapes
    assert nothing.weighted == nothing.stratified == nothing.bound == NotMeasurable("the model accepted nothing")
    for which in (
        LogFilter(inspector="Ana"), LogFilter(answer=Answer.REJECT), LogFilter(kinds=(VerdictKind.AUDIT,)),
        LogFilter(disposition=Disposition.REJECT), LogFilter(reference=BAD), LogFilter(judgement=BAD),
        LogFilter(disagreement=True), LogFilter(route=ACCEPTED),
    ):  # fmt: skip
        group = found((), PARTS, LookCounts(AUDITS), which).groups[0]
        figures = (group.escapes.weighted, group.escapes.bound, group.rates.sensitivity, group.blind_pairs.missed)
        assert all(isinstance(figure, NotMeasurable) for figure in figures)
    assert not isinstance(
        found((), PARTS, LookCounts(AUDITS), LogFilter(part="7")).groups[0].escapes.bound, NotMeasurable
    )


def test_rates_corrected_for_who_was_looked_at():
    rates = found((), PARTS, LookCounts(AUDITS)).groups[0].rates
    rejected_bad, rejected_good = 400 * 16 / 20, 400 * 4 / 20
    missed = 9000 * 2 / 450 + 1000 * 10 / 500
    assert rates.sensitivity.estimate == pytest.approx(rejected_bad / (rejected_bad + missed))
    good = 9000 * 448 / 450 + 1000 * 490 / 500
    assert rates.specificity.estimate == pytest.approx(good / (good + rejected_good))
    assert rates.sensitivity.interval.method is IntervalMethod.BEGG_GREENES


def test_the_published_example_comes_out_of_the_log():
    # Drum and Christacopoulos (1972), hepatic scintigraphy; counts and rates as in Begg and Greenes (1983).
    parts = (part(REJECTED, BAD, 429, 0.6), part(ACCEPTED, GOOD, 221, 0.4))
    audits = (
        audit(0.6, BAD, 231, route=REJECTED, judgement=BAD),
        audit(0.6, GOOD, 32, route=REJECTED, judgement=BAD),
        audit(0.6, None, 5, route=REJECTED, judgement=BAD),
        audit(0.4, BAD, 27),
        audit(0.4, GOOD, 54),
    )
    rates = found((), parts, LookCounts(audits)).groups[0].rates
    assert rates.sensitivity.estimate == pytest.approx(0.83647, abs=5e-6)
    assert rates.specificity.estimate == pytest.approx(0.73840, abs=5e-6)
    assert rates.sensitivity.standard_error == pytest.approx(0.02450, abs=5e-6)


def test_accepts_without_audits_leave_sensitivity_not_measurable():
    rejects = tuple(row for row in AUDITS if row.route is REJECTED)
    rates = found((), PARTS, LookCounts(rejects)).groups[0].rates
    assert rates.sensitivity == NotMeasurable("some of the model's answers were never looked at")


def test_parts_for_inspectors_count_through_unaided_verdicts_and_third_looks():
    parts = (part(HUMAN, BAD, 10, level=Level.SHADOW), part(HUMAN, GOOD, 90, level=Level.SHADOW))
    verdicts = (
        unaided(Answer.REJECT, BAD, 6), unaided(Answer.ACCEPT, BAD, 3), unaided(Answer.UNSURE, BAD, 1),
        unaided(Answer.REJECT, GOOD, 4), unaided(Answer.ACCEPT, GOOD, 86),
    )  # fmt: skip
    # Of the four that the human alone rejects three were good; the unsure one was bad.
    looks = (third(Answer.REJECT, GOOD, GOOD, 3), third(Answer.UNSURE, BAD, BAD, 1))
    rates = found(verdicts, parts, LookCounts((), looks)).groups[0].rates
    assert rates.sensitivity.estimate == pytest.approx(7 / 8)
    assert rates.specificity.estimate == pytest.approx(89 / 92)
    more = (*verdicts, unaided(Answer.REJECT, BAD, 1))
    assert "two verdicts" in found(more, parts, LookCounts((), looks)).groups[0].rates.sensitivity.why


def test_parts_without_a_judgement_are_in_no_rate():
    parts = (part(HUMAN, None, 5, level=Level.SHADOW),)
    looks = LookCounts((audit(0.1, BAD, 1, judgement=None),), (third(Answer.REJECT, None, BAD, 1),))
    rates = found((unaided(Answer.REJECT, None, 5),), parts, looks).groups[0].rates
    assert rates.sensitivity == NotMeasurable("there are no parts")


def test_defects_that_both_missed():
    verdicts = (
        unaided(Answer.REJECT, BAD, 20),  # both: confirmed by each other
        unaided(Answer.REJECT, BAD, 2, reference=GOOD),  # both, wrongly
        unaided(Answer.REJECT, GOOD, 6), unaided(Answer.ACCEPT, BAD, 4),
        unaided(Answer.REJECT, GOOD, 1, reference=BAD),
        unaided(Answer.ACCEPT, GOOD, 500), unaided(Answer.UNSURE, BAD, 3),
        unaided(Answer.REJECT, GOOD, 50, level=Level.ASSIST),
    )  # fmt: skip
    looks = (
        third(Answer.REJECT, GOOD, BAD, 3), third(Answer.REJECT, GOOD, GOOD, 1),
        third(Answer.ACCEPT, BAD, BAD, 2), third(Answer.REJECT, BAD, GOOD, 5),
        third(Answer.UNSURE, BAD, BAD, 3), third(Answer.REJECT, GOOD, BAD, 9, level=Level.ASSIST),
    )  # fmt: skip
    pairs = found(verdicts, (), LookCounts((), looks)).groups[0].blind_pairs
    assert (pairs.human_only, pairs.model_only, pairs.both, pairs.open) == (4, 2, 15, 2 + 2)
    unseen = pairs.missed.missed_by_both
    assert unseen.estimate == pytest.approx(20 * 18 / 16 - 1 - 21)
    assert unseen.interval.low < unseen.estimate < unseen.interval.high


SECOND_LOOKS = (
    SecondLookCount("Bo", GOOD, BAD, BAD, GOOD, 3),  # followed wrong advice
    SecondLookCount("Bo", GOOD, BAD, GOOD, GOOD, 9),
    SecondLookCount("Ana", GOOD, BAD, GOOD, BAD, 2),  # kept a wrong answer
    SecondLookCount("Ana", GOOD, BAD, BAD, BAD, 6),
    SecondLookCount("Ana", BAD, GOOD, GOOD, None, 5),  # nobody knows
    SecondLookCount("Ana", BAD, BAD, BAD, BAD, 40),
)


def test_reliance_pooled_and_by_inspector():
    pooled, ana, bo = found((), (), LookCounts((), (), SECOND_LOOKS)).leaning
    assert [each.inspector for each in (pooled, ana, bo)] == [None, "Ana", "Bo"]
    assert [each.looks for each in (pooled, ana, bo)] == [65, 53, 12]
    assert (pooled.rates.over.k, pooled.rates.over.n) == (3, 12)
    assert (pooled.rates.under.k, pooled.rates.under.n) == (2, 8)
    assert (pooled.rates.switched.k, pooled.rates.switched.n) == (14, 25)
    assert isinstance(ana.rates.over, NotMeasurable)
    assert isinstance(bo.rates.under, NotMeasurable)


def test_each_model_version_by_itself():
    parts = (*PARTS, part(ACCEPTED, GOOD, 100, 0.05, version=OLD))
    audits = (*AUDITS, audit(0.05, GOOD, 5, version=OLD))
    groups = found((), parts, LookCounts(audits)).groups
    assert [each.group.value for each in groups] == ["all", OLD, NEW]
    assert all(each.group.dimension is not Dimension.LEVEL for each in groups)
    assert [each.escapes.accepts for each in groups] == [10_100, 100, 10_000]


@pytest.fixture(scope="module")
def whole(small_log):
    """Return the report on the small log with all looks."""
    _, _, header = small_log
    header = dataclasses.replace(header, which=LogFilter())
    verdicts = (unaided(Answer.REJECT, BAD, 20), unaided(Answer.REJECT, GOOD, 1, reference=BAD))
    return agreement_report(verdicts, PARTS, header, (), LookCounts(AUDITS, (), SECOND_LOOKS))


def test_json_rows_and_tables_say_the_same(whole):
    record = to_json(whole)["estimates"]
    share = whole.estimates.groups[0].escapes.weighted.share
    group = record["groups"][0]
    assert group["escapes"]["share"]["estimate"] == share.estimate
    assert group["escapes"]["bound"]["high"] == whole.estimates.groups[0].escapes.bound.high
    assert record["reliance"][0]["switched"]["k"] == 14
    rows = {(row.section, row.group, row.quantity): row for row in figure_rows(whole)}
    assert rows["estimate.escapes", "overall=all", "share"].estimate == share.estimate
    assert rows["estimate.escapes", "overall=all", "bound"].interval.high == group["escapes"]["bound"]["high"]
    assert rows["reliance", "inspector=Bo", "over"].k == 3
    tables = {block.key: block for block in (*escape_tables(whole.estimates), leaning_table(whole.estimates))}
    escape = dict(
        zip((c.key for c in tables["escape_estimate"].columns), tables["escape_estimate"].rows[0], strict=True)
    )
    assert escape["weighted"].value == share.estimate
    assert escape["weighted_high"].value == share.interval.high
    assert (escape["accepts"], escape["found"]) == (10_000, 12)
    assert "14" in table_csv(tables["reliance"])
    assert tables["corrected_rates"].rows[0][1] == 970


def test_an_empty_log_says_why_not(empty_report):
    escapes, *_ = escape_tables(empty_report.estimates)
    assert escapes.rows[0][-1] == NotMeasurable("the model accepted nothing")
    chosen = found((), PARTS, LookCounts(AUDITS), LogFilter(inspector="Ana"))
    unseen = list(escape_tables(chosen))[-1]
    assert unseen.rows[0][5] == NotMeasurable("the parts were chosen by what was found on them")
    json_of_empty = to_json(dataclasses.replace(empty_report, estimates=chosen))["estimates"]["groups"][0]
    assert "not_measurable" in json_of_empty["blind_pairs"]["defects"]


def test_all_formats_have_the_tables(whole):
    nothing = Evidence(
        Span(0, None, None),
        (),
        (),
        (),
        (),
        Trend(timedelta(hours=1), (), ()),
        Disagreements(),
    )
    document = agreement_document(whole, nothing)
    sheets = load_workbook(io.BytesIO(xlsx_bytes(document))).sheetnames
    assert {"escape_estimate", "corrected_rates", "missed_by_both", "reliance"} <= set(sheets)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf_bytes(document))).pages)
    assert "Escapes among all accepts" in text
    assert "0.60 %" in text
