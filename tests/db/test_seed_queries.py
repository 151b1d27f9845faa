"""Seeded parts in the log: in no figure of production, never owed to the line, and found again by who asks for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import PictureFlaw, Unfit
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.verdict import Answer, VerdictKind


def stored(number):
    return StoredPicture(PictureState.STORED, f"images/{number}.png", f"{number:064x}")


def record(log, part):
    log.inspections.record_inspection(part)
    return part


@pytest.fixture
def seeded(log, make):
    """Return a log of ten parts of production and two seeded ones, each judged, in assist."""
    make.begin(log, level=Level.ASSIST)
    for number in range(10):
        part = record(log, make.part((0.2, 0.8)[number % 2]))
        log.inspections.record_verdict(make.verdict(part, Answer.ACCEPT, VerdictKind.UNAIDED), Disposition.ACCEPT)
        if number in {3, 6}:
            seed = record(log, make.seeded(f"{number}.png", misled=number == 6))
            answer = Answer.ACCEPT if number == 6 else Answer.REJECT
            log.inspections.record_verdict(make.verdict(seed, answer, VerdictKind.AIDED), answer.disposition)
    return log


def test_no_figure_of_production_counts_a_seeded_part(seeded):
    every, reports = LogFilter(), seeded.reports
    counted = reports.counted_parts(every)
    assert sum(count.n for count in counted.counts) == counted.span.parts == 10
    assert {count.kind for count in seeded.reader.verdict_counts(every)} == {VerdictKind.UNAIDED}
    assert sum(count.n for count in seeded.reader.verdict_counts(every)) == 10
    assert sum(use.parts for use in counted.models) == 10
    assert sum(count.n for count in seeded.guards.rollout_counts(1, 1000.0)) == 10
    assert len(seeded.guards.reference_scores(99, 100)) == 10
    span = counted.span
    trend = reports.trend(every, span.first, span.last, timedelta(days=1))
    assert (
        sum(point.both_reject + point.human_rejects + point.model_rejects + point.both_accept for point in trend) == 10
    )


def test_a_search_finds_every_part_and_a_filter_tells_them_apart(seeded):
    assert seeded.reader.count(LogFilter()) == 12
    assert seeded.reader.count(LogFilter(seeded=False)) == 10
    found = seeded.reader.search(LogFilter(seeded=True), 10)
    assert [entry.inspection.seed.defect.name for entry in found] == ["folder:6.png", "folder:3.png"]
    assert sum(count.n for count in seeded.reader.verdict_counts(LogFilter(seeded=True))) == 2


def test_a_seeded_part_comes_back_as_it_was_recorded_and_the_log_verifies(seeded):
    for entry in seeded.reader.search(LogFilter(seeded=True), 10):
        assert seeded.reader.entry(entry.inspection.inspection_id) == entry
    assert seeded.verify().intact


def test_the_line_is_never_owed_a_seeded_part(log, make):
    make.begin(log, level=Level.FULL, audit_share=1e-9)
    part, seed = record(log, make.part(0.01)), record(log, make.seeded("a.png", 0.01))
    assert seed.decision.route is Route.MODEL_ACCEPT
    assert [entry.inspection.part_id for entry in log.inspections.untold()] == [part.part_id]
    log.inspections.record_verdict(make.verdict(seed, Answer.REJECT, VerdictKind.ADJUDICATION), Disposition.REJECT)
    assert len(log.inspections.untold()) == 1
    assert log.verify().intact


def test_what_was_shown_lately_is_known_with_its_distance(seeded, make):
    since = make.now() - timedelta(days=1)
    assert [(seen.name, seen.parts_since) for seen in seeded.seeds.seeds_seen(200, since)] == [
        ("folder:6.png", 3),
        ("folder:3.png", 6),
    ]
    assert [seen.name for seen in seeded.seeds.seeds_seen(4, since)] == ["folder:6.png"]
    assert seeded.seeds.seeds_seen(200, make.now()) == ()


def test_a_number_is_known_for_a_while(seeded, make):
    newest = seeded.reader.search(LogFilter(), 1)[0].inspection
    assert seeded.seeds.part_known(newest.part_id, newest.captured_at)
    assert not seeded.seeds.part_known(newest.part_id, newest.captured_at + timedelta(seconds=1))
    assert not seeded.seeds.part_known("part-999999", newest.captured_at - timedelta(days=1))


def test_what_was_said_of_the_seeded_parts(seeded):
    first, second = seeded.reports.seeded_parts(LogFilter())
    assert (first.defect.name, first.misled, first.waits) == ("folder:3.png", False, False)
    assert first.answers == (("anna", VerdictKind.AIDED, Answer.REJECT),)
    assert (second.misled, second.answers[0][2]) == (True, Answer.ACCEPT)
    assert seeded.reports.seeded_parts(LogFilter(level=Level.FULL)) == ()
    assert seeded.reports.seeded_parts(LogFilter(inspector="nobody")) == ()
    assert first in seeded.reports.seeded_parts(LogFilter(inspector=first.answers[0][0]))
    assert seeded.reader.judged_parts(LogFilter(inspector="nobody")) == ()


def test_a_third_look_is_for_production_and_for_what_is_held(log, make):
    make.begin(log, level=Level.SHADOW)
    for part, answer in ((make.part(0.9), Answer.ACCEPT), (make.seeded("a.png", 0.9), Answer.ACCEPT),
                         (make.seeded("b.png", 0.9), Answer.UNSURE)):  # fmt: skip
        record(log, part)
        log.inspections.record_verdict(make.verdict(part, answer), answer.disposition)
    later = make.now() + timedelta(hours=1)
    waiting = log.third_looks.waiting(None, later, LogFilter(), 10)
    assert [entry.inspection.seed and entry.inspection.seed.defect.name for entry in waiting] == [None, "folder:b.png"]


def test_accepted_seeds_are_known_by_model_before_a_state(log, make):
    make.begin(log, level=Level.PARTIAL)
    seed = record(log, make.seeded("a.png", 0.05))
    record(log, make.seeded("b.png", 0.5))
    sha256 = seed.prediction.model.sha256
    version = make.control.version
    assert log.guards.accepted_seeds(version + 1) == {(sha256, "folder:a.png")}
    assert log.guards.accepted_seeds(version) == frozenset()


def test_confirmed_rejects_of_the_log_are_known_defects(log, make):
    make.begin(log, level=Level.SHADOW)
    later = make.now() + timedelta(days=1)
    outcomes = ((Answer.REJECT,), (Answer.ACCEPT,), (Answer.REJECT, Answer.ACCEPT), (Answer.REJECT, Answer.UNSURE), ())
    for number, looks in enumerate(outcomes):
        part = record(log, make.part(0.9))
        log.inspections.record_picture(part.picture.pixels_sha256, stored(number))
        log.inspections.record_verdict(make.verdict(part), Disposition.REJECT)
        for answer in looks:
            third = make.verdict(part, answer, VerdictKind.ADJUDICATION, "bea")
            log.inspections.record_verdict(third, Disposition.REJECT)
    found = log.seeds.confirmed_rejects(later, 10)
    assert [picture for _, picture in found] == [stored(3), stored(0)]
    assert {(defect.class_name, defect.truth) for defect, _ in found} == {
        ("scratch", "third look by bea on 2026-03-01")
    }
    assert log.seeds.confirmed_rejects(make.now() - timedelta(days=1), 10) == ()
    assert log.seeds.confirmed_rejects(later, 1) == found[:1]


def test_a_picture_that_no_model_may_judge_is_no_known_defect(log, make):
    make.begin(log, level=Level.SHADOW)
    part = record(log, make.part(unfit=Unfit(PictureFlaw.BLURRED, "The picture is out of focus.")))
    log.inspections.record_picture(part.picture.pixels_sha256, stored(1))
    log.inspections.record_verdict(make.verdict(part), Disposition.REJECT)
    third = make.verdict(part, Answer.REJECT, VerdictKind.ADJUDICATION, "bea")
    log.inspections.record_verdict(third, Disposition.REJECT)
    assert log.seeds.confirmed_rejects(make.now() + timedelta(days=1), 10) == ()
