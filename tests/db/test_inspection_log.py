"""The write side, on every kind of database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from db.faults import RecordRefused
from db.mapping import _region_json
from inspector_app.automation.policy import decide
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Presentation, Route
from inspector_app.domain.frame import Judgement, PictureFlaw, Unfit
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.ports import LineTold
from inspector_app.domain.prediction import Answerer, Asked
from inspector_app.domain.verdict import Answer, VerdictKind


def told(part, disposition, make):
    return LineTold(part.inspection_id, disposition, make.now())


def ids(entries):
    return [entry.inspection.inspection_id for entry in entries]


@pytest.mark.parametrize("level", list(Level))
def test_an_inspection_comes_back_as_it_was(log, make, level):
    make.begin(log, level=level, style=AssistStyle.SECOND_LOOK)
    recorded = [
        make.part(0.05, reference=Judgement.ACCEPT),
        make.part(0.95, reference=Judgement.REJECT),
        make.part(0.3),
        make.part(1.0),
        make.part(0.0),
        make.part(None),
        make.part(unusable=True),
        make.part(unfit=Unfit(PictureFlaw.MISPLACED, "The part lies 40 px to the left.")),
    ]
    for part in recorded:
        log.inspections.record_inspection(part)
    for part in recorded:
        entry = log.reader.entry(part.inspection_id)
        assert entry.inspection == part
        assert entry.disposition is part.decision.disposition
        assert entry.verdicts == ()
        assert not entry.line_told
        replayed = decide(entry.inspection.control, part.part_id, entry.inspection.picture_usable, part.prediction)
        assert replayed == part.decision


def test_regions_keep_their_sizes_in_mm_and_those_without_are_written_as_before(log, make):
    plain = make.part(0.95)
    (region,) = plain.prediction.regions
    measured = make.part(0.95)
    calibrated = replace(measured.prediction, regions=(region.on_part(0.02), region))
    measured = replace(measured, prediction=calibrated)
    for part in (plain, measured):
        log.inspections.record_inspection(part)
        assert log.reader.entry(part.inspection_id).inspection == part
    first, second = (_region_json(each) for each in calibrated.regions)
    assert (len(first), len(second)) == (9, 7)
    assert first[7:] == [region.length_px * 0.02, region.width_px * 0.02]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(Answerer.SERVER, "grpcs://edge:8001", "png"),
        Asked(Answerer.LOCAL, "grpc://edge:8001", "raw", "It had no answer within 200 ms.", 200.25, 12.5),
        Asked(None, "grpc://edge:8001", "jpeg 95", "Connection refused.", 0.5),
    ],
)
def test_a_part_keeps_who_was_asked_and_the_chain_covers_it(log, make, asked):
    part = make.part(None if asked.by is None else 0.95)
    part = replace(part, prediction=replace(part.prediction, asked=asked))
    for _ in range(2):  # the second time as after a lost answer
        log.inspections.record_inspection(part)
    assert log.reader.entry(part.inspection_id).inspection == part
    assert log.verify().intact


def test_whole_numbers_given_as_floats_and_text_no_database_can_hold(log, make):
    part = make.part(1)
    part = replace(part, path="/parts/\udcff\0.png", source="folder:/p\udcfe")
    log.inspections.record_inspection(part)
    inspection = log.reader.entry(part.inspection_id).inspection
    assert inspection.path == "/parts/\\udcff\\x00.png"
    assert inspection.prediction.probability == 1.0
    assert isinstance(inspection.prediction.probability, float)


def test_what_the_line_heard_is_committed_with_the_next_part(log, make):
    first, second = make.part(), make.part()
    log.inspections.record_inspection(first)
    assert ids(log.inspections.untold()) == [first.inspection_id]
    log.inspections.record_inspection(second, [told(first, Disposition.HOLD, make)])
    assert ids(log.inspections.untold()) == [second.inspection_id]
    assert log.reader.entry(first.inspection_id).line_told
    log.inspections.record_told([told(second, Disposition.HOLD, make)])
    assert log.inspections.untold() == ()


def test_a_message_about_an_unknown_part_takes_the_whole_transaction_with_it(log, make):
    known, unknown = make.part(), make.part()
    with pytest.raises(RecordRefused):
        log.inspections.record_inspection(known, [told(unknown, Disposition.HOLD, make)])
    assert log.reader.count(LogFilter()) == 0
    assert log.inspections.pending_pictures() == ()
    log.inspections.record_inspection(known)
    assert log.reader.count(LogFilter()) == 1


def test_the_line_must_hear_the_disposition_that_counts(log, make):
    part = make.part()
    log.inspections.record_inspection(part)
    log.inspections.record_told([told(part, Disposition.HOLD, make)])
    log.inspections.record_verdict(make.verdict(part), Disposition.REJECT)
    assert ids(log.inspections.untold()) == [part.inspection_id]
    log.inspections.record_told([told(part, Disposition.HOLD, make)])
    assert ids(log.inspections.untold()) == [part.inspection_id]
    log.inspections.record_told([told(part, Disposition.REJECT, make)])
    assert log.inspections.untold() == ()


def test_a_verdict_ends_the_wait_and_a_retraction_brings_it_back(log, make):
    part = make.part()
    log.inspections.record_inspection(part)
    assert ids(log.inspections.waiting()) == [part.inspection_id]
    verdict = make.verdict(part)
    log.inspections.record_verdict(verdict, Disposition.REJECT)
    assert log.inspections.waiting() == ()
    entry = log.reader.entry(part.inspection_id)
    assert entry.verdicts == (verdict,)
    assert entry.disposition is Disposition.REJECT
    log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), Disposition.HOLD)
    (entry,) = log.inspections.waiting()
    assert entry.verdicts == (replace(verdict, retracted=True),)
    assert entry.disposition is Disposition.HOLD
    again = make.verdict(part, Answer.ACCEPT)
    log.inspections.record_verdict(again, Disposition.ACCEPT)
    assert log.inspections.waiting() == ()
    assert log.reader.entry(part.inspection_id).verdicts == (replace(verdict, retracted=True), again)


def test_unsure_holds_the_part_but_ends_the_wait(log, make):
    part = make.part()
    log.inspections.record_inspection(part)
    log.inspections.record_verdict(make.verdict(part, Answer.UNSURE), Disposition.HOLD)
    assert log.inspections.waiting() == ()
    held = log.reader.search(LogFilter(disposition=Disposition.HOLD), 10)
    assert ids(held) == [part.inspection_id]


def test_a_second_look_must_be_given(log, make):
    make.begin(log, level=Level.ASSIST, style=AssistStyle.SECOND_LOOK, unaided_share=1e-9)
    part = make.part()
    assert part.decision.presentation is Presentation.SECOND_LOOK
    log.inspections.record_inspection(part)
    first = make.verdict(part, Answer.ACCEPT)
    log.inspections.record_verdict(first, Disposition.HOLD)
    assert ids(log.inspections.waiting()) == [part.inspection_id]
    second = make.verdict(part, Answer.REJECT, VerdictKind.SECOND_LOOK)
    log.inspections.record_verdict(second, Disposition.REJECT)
    assert log.inspections.waiting() == ()
    log.inspections.record_retraction(second.verdict_id, "anna", make.now(), Disposition.HOLD)
    assert ids(log.inspections.waiting()) == [part.inspection_id]


def test_a_released_audit_still_waits_for_its_blind_verdict(log, make):
    make.begin(log, level=Level.FULL, audit_share=1.0, hold_audits=False)
    part = make.part(0.01)
    assert part.decision.route is Route.MODEL_ACCEPT
    log.inspections.record_inspection(part)
    (entry,) = log.inspections.waiting()
    assert entry.disposition is Disposition.ACCEPT
    log.inspections.record_verdict(make.verdict(part, Answer.REJECT, VerdictKind.AUDIT), Disposition.ACCEPT)
    assert log.inspections.waiting() == ()


def test_parts_the_model_decided_do_not_wait(log, make):
    make.begin(log, level=Level.FULL, audit_share=1e-9)
    log.inspections.record_inspection(make.part(0.01))
    assert log.inspections.waiting() == ()


def test_waiting_and_untold_are_oldest_first(log, make):
    parts = [make.part() for _ in range(5)]
    for part in reversed(parts):
        log.inspections.record_inspection(part)
    expected = [part.inspection_id for part in parts]
    assert ids(log.inspections.waiting()) == expected
    assert ids(log.inspections.untold()) == expected


def test_pictures_are_pending_until_stored_or_lost(log, make):
    parts = [make.part(pixels=letter * 64) for letter in "abc"]
    for part in (*parts, make.part(unusable=True)):
        log.inspections.record_inspection(part)
    assert sorted(log.inspections.pending_pictures()) == ["a" * 64, "b" * 64, "c" * 64]
    stored = StoredPicture(PictureState.STORED, "images/aa/aa/x.png", "d" * 64)
    lost = StoredPicture(PictureState.LOST, detail="The station was switched off.")
    log.inspections.record_picture("a" * 64, stored)
    log.inspections.record_picture("b" * 64, lost)
    assert log.inspections.pending_pictures() == ("c" * 64,)
    states = [log.reader.entry(part.inspection_id).stored_picture for part in parts]
    assert states == [stored, lost, StoredPicture(PictureState.PENDING)]


def test_the_same_picture_again_is_stored_already_and_a_lost_one_gets_another_chance(log, make):
    stored = StoredPicture(PictureState.STORED, "images/aa/aa/x.png", "d" * 64)
    for letter, state in (("a", stored), ("b", StoredPicture(PictureState.LOST, detail="Gone."))):
        log.inspections.record_inspection(make.part(pixels=letter * 64))
        log.inspections.record_picture(letter * 64, state)
        log.inspections.record_inspection(make.part(pixels=letter * 64))
    assert log.inspections.pending_pictures() == ("b" * 64,)


def test_what_contradicts_the_log_is_refused_and_nothing_of_it_written(log, make):
    part = make.part()
    log.inspections.record_inspection(part)
    verdict = make.verdict(part)
    log.inspections.record_verdict(verdict, Disposition.REJECT)
    log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), Disposition.HOLD)
    head = log.head()
    refused: list[Callable[[], None]] = [
        lambda: log.inspections.record_inspection(replace(part, part_id="other")),
        lambda: log.inspections.record_inspection(replace(make.part(), control=replace(make.control, version=7))),
        lambda: log.inspections.record_inspection(replace(make.part(), control=replace(make.control, cut=0.6))),
        lambda: log.inspections.record_verdict(replace(verdict, seconds=4.0), Disposition.REJECT),
        lambda: log.inspections.record_verdict(verdict, Disposition.ACCEPT),
        lambda: log.inspections.record_verdict(make.verdict(make.part()), Disposition.REJECT),
        lambda: log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), Disposition.HOLD),
        lambda: log.inspections.record_retraction("nobody's", "anna", make.now(), Disposition.HOLD),
        lambda: log.inspections.record_picture("e" * 64, StoredPicture(PictureState.LOST, detail="Gone.")),
        lambda: log.inspections.record_picture("e" * 64, StoredPicture(PictureState.PENDING)),
    ]
    for attempt in refused:
        with pytest.raises(RecordRefused):
            attempt()
        assert log.head() == head


def test_a_call_that_is_repeated_after_a_lost_answer_changes_nothing(log, make):
    first, part = make.part(), make.part()
    log.inspections.record_inspection(first)
    messages = [told(first, Disposition.HOLD, make)]
    log.inspections.record_inspection(part, messages)
    verdict = make.verdict(part)
    log.inspections.record_verdict(verdict, Disposition.REJECT)
    at = make.now()
    log.inspections.record_retraction(verdict.verdict_id, "anna", at, Disposition.HOLD)
    head, entry = log.head(), log.reader.entry(part.inspection_id)
    log.inspections.record_inspection(part, messages)
    log.inspections.record_verdict(verdict, Disposition.REJECT)
    log.inspections.record_retraction(verdict.verdict_id, "anna", at, Disposition.HOLD)
    assert log.head() == head
    assert log.reader.entry(part.inspection_id) == entry
    log.inspections.record_inspection(part, [*messages, told(part, Disposition.HOLD, make)])
    assert log.inspections.untold() == ()
    assert log.head().seq == head.seq + 1
    assert log.verify().intact


def test_a_station_sees_its_own_parts_waiting_but_everybodys_history(log, log_url, make, open_station):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one station")
    other = open_station(log_url, "station-2")
    make.begin(other, level=Level.HUMAN_ONLY)
    theirs = make.part()
    other.inspections.record_inspection(theirs)
    assert log.inspections.waiting() == ()
    assert log.inspections.untold() == ()
    assert log.inspections.pending_pictures() == ()
    assert ids(other.inspections.waiting()) == [theirs.inspection_id]
    assert log.control.current().level is Level.SHADOW
    assert log.reader.entry(theirs.inspection_id).inspection == theirs


def test_incidents_are_found_again(log, make):
    first, second = make.now(), make.now()
    log.inspections.record_incident("start", "The station was started.", first)
    log.inspections.record_incident("recovery", "3 pictures were lost.", second)
    found = log.reader.incidents(10)
    assert [(incident.kind, incident.sentence, incident.at) for incident in found] == [
        ("recovery", "3 pictures were lost.", second),
        ("start", "The station was started.", first),
    ]
    assert len(log.reader.incidents(1)) == 1


def test_both_streams_of_audits_come_back(log, make):
    make.begin(log, level=Level.PARTIAL, accept_below=0.5, canary_share=1.0, targeted_share=0.4, targeted_above=0.15)
    near, far = make.part(0.2), make.part(0.1)
    for part in (near, far):
        log.inspections.record_inspection(part)
        assert log.reader.entry(part.inspection_id).inspection == part
    assert near.decision.targeted.probability == 0.4
    assert far.decision.targeted is None
    assert log.control.current().targeted_above == 0.15
