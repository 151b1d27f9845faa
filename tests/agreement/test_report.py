"""The content model: who is compared with whom, and what is kept apart."""

from __future__ import annotations

import dataclasses
import random

import pytest

from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.report import SELECTED_BY_MODEL, agreement_report
from inspector_app.agreement.truth import TruthTable
from inspector_app.agreement.twoway import TwoWay
from inspector_app.agreement.values import Count, NotMeasurable
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.verdict import VerdictKind


def test_the_headline_is_all_blind_verdicts_and_only_those(report):
    headline = report.headline
    assert headline.group == Group(Dimension.OVERALL, "all")
    assert headline.condition is Condition.BLIND
    # unaided: a 11, b 2, c 3, d 61; audits: a 6, b 1, c 0, d 32; unsure 4 + 1; model absent 7
    assert headline.table == TwoWay(17, 3, 3, 93, human_unsure=5, model_absent=7)
    assert headline.agreement.on_rejects.k == 34
    assert headline.agreement.on_rejects.n == 40
    assert headline.human.table == TruthTable(
        bad_rejected=20, bad_accepted=1, good_rejected=0, good_accepted=102, undecided=5
    )
    assert (headline.human.miss.k, headline.human.miss.n) == (1, 21)
    assert headline.model.table == TruthTable(
        bad_rejected=22, bad_accepted=4, good_rejected=3, good_accepted=92, undecided=7
    )
    assert (headline.model.false_alarm.k, headline.model.false_alarm.n) == (3, 95)


def test_kinds_of_verdict_are_never_mixed_but_for_the_labelled_blind_table(report):
    overall = {t.condition: t.table for t in report.tables if t.group.dimension is Dimension.OVERALL}
    assert overall[Condition.UNAIDED] == TwoWay(11, 2, 3, 61, human_unsure=4, model_absent=7)
    assert overall[Condition.AUDIT] == TwoWay(6, 1, 0, 32, human_unsure=1)
    assert overall[Condition.AIDED] == TwoWay(both_reject=20)
    assert overall[Condition.SECOND_LOOK] == TwoWay(model_rejects=5)
    assert overall[Condition.ADJUDICATION] == TwoWay(both_reject=3)
    own = [condition for condition in Condition if condition is not Condition.IMPORTED]
    assert list(overall) == own
    assert Condition.BLIND.kinds == {VerdictKind.UNAIDED, VerdictKind.AUDIT}
    assert Condition.IMPORTED.kinds == frozenset()
    for condition in own:
        if condition is not Condition.BLIND:
            assert {kind.value for kind in condition.kinds} == {condition.value}


def test_tables_by_level_version_and_inspector(report):
    assert [t.group.value for t in report.tables_by(Dimension.LEVEL)] == [level.value for level in Level]
    by_version = {t.group.value: t.table for t in report.tables_by(Dimension.MODEL_VERSION)}
    assert by_version == {
        "glass 1.0": TwoWay(11, 0, 3, 61),
        "glass 1.1": TwoWay(6, 3, 0, 32, human_unsure=5),
    }
    by_inspector = {t.group.value: t.table for t in report.tables_by(Dimension.INSPECTOR)}
    assert list(by_inspector) == ["Ana", "Bo", "Cy"]
    assert by_inspector["Bo"] == TwoWay(11, 2, 0, 1, human_unsure=4)
    assert by_inspector["Cy"] == TwoWay()
    aided = report.tables_by(Dimension.INSPECTOR, Condition.AIDED)
    assert [(t.group.value, t.table.n) for t in aided] == [("Bo", 20)]


def test_groups_add_up_to_the_whole(report):
    for dimension in (Dimension.LEVEL, Dimension.INSPECTOR):
        tables = [t.table for t in report.tables_by(dimension)]
        for field in dataclasses.fields(TwoWay):
            total = sum(getattr(table, field.name) for table in tables)
            assert total == getattr(report.headline.table, field.name)


def test_what_must_be_borne_in_mind_is_said(report):
    notes = {(t.group.value, t.condition): t.notes for t in report.tables}
    assert notes["shadow", Condition.UNAIDED] == ()
    assert notes["assist", Condition.AIDED][0].startswith("Given with the model in view")
    assert SELECTED_BY_MODEL in notes["all", Condition.BLIND]
    assert SELECTED_BY_MODEL not in notes["shadow", Condition.BLIND]
    assert notes["partial", Condition.AUDIT] == (
        "Audits are drawn from the parts that the model decided.",
        SELECTED_BY_MODEL,
    )


def test_provenance_counts_every_verdict(report, small_log):
    counted = {p.kind.value: (p.accept, p.reject, p.unsure) for p in report.provenance}
    assert counted == {
        "unaided": (71, 13, 4),
        "aided": (0, 20, 0),
        "second_look": (5, 0, 0),
        "audit": (32, 7, 1),
        "adjudication": (0, 3, 0),
    }
    assert sum(map(sum, counted.values())) == sum(row.n for row in small_log[0])


def test_what_became_of_the_parts(report):
    flows = {flow.group.value: flow for flow in report.flows}
    assert list(flows) == ["all", *Level, "glass 1.0", "glass 1.1"]
    assert flows["all"].parts == 194
    assert flows["all"].decided_by_model == Count(109, 194)
    cells = {(c.route, c.disposition): c.n for c in flows["partial"].cells}
    assert len(cells) == 9
    assert cells[Route.MODEL_ACCEPT, Disposition.ACCEPT] == 100
    assert cells[Route.MODEL_ACCEPT, Disposition.REJECT] == 1
    assert cells[Route.HUMAN, Disposition.REJECT] == 2
    assert sum(cells.values()) == flows["partial"].parts == 103
    assert flows["assist"].decided_by_model == NotMeasurable("there are no parts")
    assert flows["shadow"].decided_by_model == Count(0, 76)


def test_escapes_misses_and_false_alarms_of_the_station(report):
    outcome = report.flows[0].outcome
    assert outcome.against_truth.table == TruthTable(
        bad_rejected=20, bad_accepted=1, good_rejected=2, good_accepted=67, undecided=4
    )
    assert (outcome.escapes.k, outcome.escapes.n) == (1, 68)
    assert (outcome.overkill.k, outcome.overkill.n) == (2, 22)
    assert (outcome.against_truth.miss.k, outcome.against_truth.miss.n) == (1, 21)
    assert (outcome.against_truth.false_alarm.k, outcome.against_truth.false_alarm.n) == (2, 69)


def test_the_model_is_compared_with_truth_over_all_parts(report):
    table = report.flows[0].model.table
    assert table == TruthTable(bad_rejected=23, bad_accepted=2, good_rejected=0, good_accepted=62, undecided=7)


def test_escapes_are_not_measurable_without_truth(report):
    full = next(flow for flow in report.flows if flow.group.value == "full")
    assert full.outcome.escapes == NotMeasurable("no part with known truth was accepted")
    assert full.outcome.against_truth.false_alarm == NotMeasurable("no judged part is known to be good")
    human_only = next(flow for flow in report.flows if flow.group.value == "human_only")
    assert human_only.outcome.overkill == NotMeasurable("no part with known truth was rejected")
    assert human_only.model.miss == NotMeasurable("no judged part is known to be bad")


def test_audits_compare_with_what_the_model_decided(report):
    audits = {(a.group.value, a.route): a for a in report.audits}
    accepts = audits["all", Route.MODEL_ACCEPT]
    assert (accepts.audited, accepts.unsure) == (31, 0)
    assert (accepts.disagreements.k, accepts.disagreements.n) == (1, 31)
    rejects = audits["all", Route.MODEL_REJECT]
    assert (rejects.audited, rejects.unsure) == (9, 1)
    assert (rejects.disagreements.k, rejects.disagreements.n) == (2, 8)
    assert audits["full", Route.MODEL_ACCEPT].disagreements == NotMeasurable(
        "no such part has been audited with an answer"
    )
    assert ("Ana", Route.MODEL_ACCEPT) not in audits


def test_audits_counted_without_their_route_are_not_measurable(small_log):
    verdicts, parts, header = small_log
    stripped = [dataclasses.replace(row, route=None) for row in verdicts]
    audits = agreement_report(stripped, parts, header).audits
    why = NotMeasurable("the counts do not say what the model had decided")
    assert [a.disagreements for a in audits[:2]] == [why, why]


def test_an_empty_log_gives_a_report_in_which_nothing_is_measurable(empty_report):
    assert empty_report.headline.table == TwoWay()
    assert empty_report.headline.sentence == "No part in this group was judged by both human and model."
    for table in empty_report.tables:
        for rates in (table.human, table.model):
            assert isinstance(rates.miss, NotMeasurable)
            assert isinstance(rates.false_alarm, NotMeasurable)
    assert len(empty_report.tables) == 1 + len(Level)
    assert all(flow.parts == 0 for flow in empty_report.flows)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_and_the_splitting_of_rows_do_not_matter(report, small_log, seed):
    verdicts, parts, header = small_log
    shuffle = random.Random(seed)
    # Every row in two, one part apart, in any order.
    pieces = [dataclasses.replace(row, n=n) for row in verdicts for n in (1, row.n - 1)]
    part_pieces = [dataclasses.replace(row, n=n) for row in parts for n in (row.n - 1, 1)]
    shuffle.shuffle(pieces)
    shuffle.shuffle(part_pieces)
    assert agreement_report(iter(pieces), iter(part_pieces), header) == report


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_an_impossible_confidence_is_refused_even_for_an_empty_log(small_log, confidence):
    header = dataclasses.replace(small_log[2], confidence=confidence)
    with pytest.raises(ValueError, match="above 0 and below 1"):
        agreement_report((), (), header)


def test_the_confidence_reaches_every_interval(small_log):
    verdicts, parts, header = small_log
    report = agreement_report(verdicts, parts, dataclasses.replace(header, confidence=0.9))
    figures = report.headline.agreement
    assert figures.observed.display.level == figures.kappa.interval.level == 0.9
    assert report.headline.human.miss.contract.level == report.audits[0].disagreements.display.level == 0.9
    assert report.flows[0].outcome.escapes.display.level == report.flows[0].model.miss.display.level == 0.9
