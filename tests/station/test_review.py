"""The inspector's desk, in a whole station: what is shown, what a verdict does, and how it is undone."""

from __future__ import annotations

import pytest

from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, LogProblem, LogUnavailable, VerdictRefused
from inspector_app.domain.events import PartDisposed, ReviewRequested, VerdictRecorded, VerdictRetracted
from inspector_app.domain.verdict import Answer, VerdictKind

ACCEPT, REJECT, HOLD = Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD


@pytest.fixture
def waiting_rig(make_rig, kit):
    """A running station whose parts all wait for an inspector."""

    def make(parts=3, level=Level.HUMAN_ONLY, probability=0.6, **more):
        rig = make_rig(
            [kit.frame(n) for n in range(parts)],
            classifier=kit.Classifier(lambda n: kit.prediction(probability)),
            level=level,
            **more,
        )
        rig.station.start()
        rig.until(lambda: len(rig.of(ReviewRequested)) == parts)
        return rig

    return make


def submit(rig, item, answer=Answer.ACCEPT, by="anna", classes=(), seconds=1.0):
    return rig.station.submit(item.inspection_id, by, answer, classes, seconds)


def ids(rig):
    return [item.part_id for item in rig.station.waiting()]


def disposed(rig, parts):
    rig.until(lambda: len(rig.of(PartDisposed)) >= parts)


def test_parts_wait_in_order_and_leave_with_their_verdict(waiting_rig):
    rig = waiting_rig()
    first, second, third = rig.station.waiting()
    assert [first.part_id, second.part_id, third.part_id] == ["part-0000", "part-0001", "part-0002"]
    outcome = submit(rig, second, Answer.REJECT, classes=("scratch",), seconds=2.5)
    assert (outcome.disposition, outcome.second_look, outcome.undo_until) == (REJECT, None, None)
    assert ids(rig) == ["part-0000", "part-0002"]
    disposed(rig, 1)
    assert rig.line.heard("part-0001") == [HOLD, REJECT]
    (verdict,) = rig.log.part("part-0001").verdicts
    assert (verdict.by, verdict.kind, verdict.classes, verdict.seconds) == (
        "anna",
        VerdictKind.UNAIDED,
        ("scratch",),
        2.5,
    )
    counts = rig.station.status().counts
    assert (counts.rejected, counts.accepted) == (1, 0)


@pytest.mark.parametrize("level", [Level.HUMAN_ONLY, Level.SHADOW])
def test_nothing_of_the_model_is_shown_without_assistance(waiting_rig, level):
    rig = waiting_rig(level=level)
    assert all(item.model_view is None and not item.revealed for item in rig.station.waiting())


def test_highlight_shows_the_model_at_once(waiting_rig):
    rig = waiting_rig(level=Level.ASSIST)
    item = rig.station.waiting()[0]
    assert item.model_view.probability == 0.6
    assert item.model_view.regions[0].class_name == "scratch"
    submit(rig, item)
    assert rig.log.part("part-0000").verdicts[0].kind is VerdictKind.AIDED


def test_an_audit_looks_like_any_other_blind_part(waiting_rig):
    audit = waiting_rig(level=Level.FULL, probability=0.01, changes={"audit_share": 1.0})
    blind = waiting_rig(level=Level.ASSIST, changes={"unaided_share": 1.0})
    for ours, theirs in zip(audit.station.waiting(), blind.station.waiting(), strict=True):
        same = {"inspection_id", "captured_at"}
        for name in type(ours).__slots__:
            assert name in same or getattr(ours, name) == getattr(theirs, name)
    submit(audit, audit.station.waiting()[0], Answer.REJECT)
    submit(blind, blind.station.waiting()[0], Answer.REJECT)
    assert audit.log.part("part-0000").verdicts[0].kind is VerdictKind.AUDIT
    assert blind.log.part("part-0000").verdicts[0].kind is VerdictKind.UNAIDED
    disposed(audit, 1)
    assert audit.line.heard("part-0000") == [HOLD, REJECT]


def test_an_audit_that_is_not_held_is_recorded_and_changes_nothing(waiting_rig):
    rig = waiting_rig(level=Level.FULL, probability=0.01, changes={"audit_share": 1.0, "hold_audits": False})
    outcome = submit(rig, rig.station.waiting()[0], Answer.REJECT)
    assert outcome.disposition is ACCEPT
    rig.station.stop(60.0)
    entry = rig.log.part("part-0000")
    assert (entry.disposition, entry.verdicts[0].answer) == (ACCEPT, Answer.REJECT)
    assert rig.line.heard("part-0000") == [ACCEPT]
    assert rig.of(PartDisposed) == []


def test_second_look_reveals_after_the_first_verdict(waiting_rig):
    rig = waiting_rig(level=Level.ASSIST, changes={"style": AssistStyle.SECOND_LOOK})
    first = rig.station.waiting()[0]
    assert (first.model_view, first.revealed) == (None, False)
    outcome = submit(rig, first, Answer.ACCEPT)
    assert outcome.disposition is HOLD
    second = outcome.second_look
    assert second.revealed
    assert second.model_view.probability == 0.6
    assert rig.station.waiting()[0] == second
    assert rig.line.heard("part-0000") == [HOLD]
    submit(rig, second, Answer.REJECT)
    disposed(rig, 1)
    entry = rig.log.part("part-0000")
    assert [(v.kind, v.answer) for v in entry.verdicts] == [
        (VerdictKind.UNAIDED, Answer.ACCEPT),
        (VerdictKind.SECOND_LOOK, Answer.REJECT),
    ]
    assert entry.disposition is REJECT
    assert rig.line.heard("part-0000") == [HOLD, REJECT]


def test_a_first_look_cannot_be_undone_once_the_model_was_shown(waiting_rig):
    options = {"undo_window_s": 60.0}
    rig = waiting_rig(level=Level.ASSIST, changes={"style": AssistStyle.SECOND_LOOK}, options=options)
    second = submit(rig, rig.station.waiting()[0]).second_look
    with pytest.raises(VerdictRefused, match="model was shown"):
        rig.station.undo("anna")
    submit(rig, second, Answer.REJECT)
    assert rig.station.undo("anna") == second
    assert rig.station.waiting()[0] == second
    with pytest.raises(VerdictRefused, match="model was shown"):
        rig.station.undo("anna")
    assert [v.retracted for v in rig.log.part("part-0000").verdicts] == [False, True]


def test_within_the_window_the_line_hears_nothing_and_the_verdict_can_be_undone(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    item = rig.station.waiting()[1]
    outcome = submit(rig, item, Answer.REJECT)
    assert (outcome.undo_until - rig.log.part("part-0001").verdicts[0].at).total_seconds() == 60.0
    assert rig.station.undo("anna") == item
    assert ids(rig) == ["part-0001", "part-0000", "part-0002"]
    entry = rig.log.part("part-0001")
    assert (entry.disposition, entry.verdicts[0].retracted) == (HOLD, True)
    assert rig.of(VerdictRetracted)[0].verdict.retracted
    submit(rig, item, Answer.ACCEPT)
    rig.station.stop(60.0)
    assert rig.line.heard("part-0001") == [HOLD, ACCEPT]


def test_verdicts_are_undone_last_first(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    for item in rig.station.waiting():
        submit(rig, item)
    assert [rig.station.undo("anna").part_id for _ in range(3)] == ["part-0002", "part-0001", "part-0000"]
    assert ids(rig) == ["part-0000", "part-0001", "part-0002"]
    with pytest.raises(VerdictRefused, match="no verdict of anna"):
        rig.station.undo("anna")


def test_each_person_undoes_only_their_own(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    first, second, _ = rig.station.waiting()
    submit(rig, first, by="anna")
    submit(rig, second, by="ben")
    assert rig.station.undo("anna").part_id == "part-0000"
    with pytest.raises(VerdictRefused, match="no verdict of carl"):
        rig.station.undo("carl")


def test_after_the_window_it_is_too_late(waiting_rig):
    rig = waiting_rig()
    submit(rig, rig.station.waiting()[0])
    disposed(rig, 1)
    with pytest.raises(VerdictRefused, match="too late"):
        rig.station.undo("anna")
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_the_line_hears_when_the_window_has_passed(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 0.05})
    submit(rig, rig.station.waiting()[0])
    disposed(rig, 1)
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_stopping_tells_the_line_of_verdicts_in_their_window(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    for item, answer in zip(rig.station.waiting(), (Answer.ACCEPT, Answer.REJECT, Answer.UNSURE), strict=True):
        submit(rig, item, answer)
    rig.station.stop(60.0)
    assert [rig.line.heard(f"part-000{n}") for n in range(3)] == [[HOLD, ACCEPT], [HOLD, REJECT], [HOLD]]
    assert all(entry.line_told for entry in rig.log.all())


@pytest.mark.parametrize(
    ("answer", "by", "classes", "seconds", "sentence"),
    [
        (Answer.ACCEPT, " ", (), 1.0, "name"),
        (Answer.ACCEPT, "anna", ("scratch",), 1.0, "reject only"),
        (Answer.ACCEPT, "anna", (), -1.0, "negative"),
        (Answer.ACCEPT, "anna", (), float("nan"), "negative"),
    ],
)
def test_wrong_verdicts_are_refused(waiting_rig, answer, by, classes, seconds, sentence):
    rig = waiting_rig(parts=1)
    with pytest.raises(VerdictRefused, match=sentence):
        submit(rig, rig.station.waiting()[0], answer, by, classes, seconds)
    assert len(rig.station.waiting()) == 1


def test_a_part_takes_one_verdict(waiting_rig):
    rig = waiting_rig()
    item = rig.station.waiting()[0]
    submit(rig, item)
    with pytest.raises(VerdictRefused, match="does not wait"):
        submit(rig, item)
    with pytest.raises(VerdictRefused, match="does not wait"):
        rig.station.submit("unknown", "anna", Answer.ACCEPT, (), 1.0)


def test_two_at_once_give_one_verdict(waiting_rig):
    rig = waiting_rig()
    item = rig.station.waiting()[0]
    refused = []

    def second(call):
        if call == "record_verdict" and not refused:
            refused.append(rig.station._waiting)
            with pytest.raises(VerdictRefused, match="Somebody else"):
                rig.station._waiting.claim(item.inspection_id)

    rig.log.trouble = second
    submit(rig, item)
    assert refused
    assert len(rig.log.part("part-0000").verdicts) == 1


def test_a_verdict_that_the_log_refuses_leaves_the_part_waiting(waiting_rig):
    rig = waiting_rig()
    item = rig.station.waiting()[0]
    rig.log.trouble = lambda call: LogProblem.DISK_FULL if call == "record_verdict" else None
    with pytest.raises(LogUnavailable):
        submit(rig, item)
    assert rig.station.waiting()[0] == item
    rig.log.trouble = lambda call: None
    submit(rig, item)
    disposed(rig, 1)
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_an_undo_that_the_log_refuses_leaves_the_verdict_standing(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    submit(rig, rig.station.waiting()[0])
    rig.log.trouble = lambda call: LogProblem.DISK_FULL if call == "record_retraction" else None
    with pytest.raises(LogUnavailable):
        rig.station.undo("anna")
    rig.log.trouble = lambda call: None
    rig.station.stop(60.0)
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_the_log_has_the_verdict_before_anybody_hears(waiting_rig):
    rig = waiting_rig(parts=1)
    order = []
    rig.log.trouble = lambda call: order.append(call) if call == "record_verdict" else None
    rig.line.check = lambda message: order.append("line")
    rig.station.subscribe(lambda event: order.append("event") if isinstance(event, VerdictRecorded) else None)
    submit(rig, rig.station.waiting()[0])
    disposed(rig, 1)
    assert order[0] == "record_verdict"
    assert sorted(order[1:]) == ["event", "line"]


def test_a_listener_to_a_verdict_may_give_the_next(waiting_rig):
    rig = waiting_rig()

    def next_one(event):
        left = rig.station.waiting()
        if isinstance(event, VerdictRecorded) and left:
            submit(rig, left[0])

    rig.station.subscribe(next_one)
    submit(rig, rig.station.waiting()[0])
    disposed(rig, 3)
    assert len({m.part_id for m in rig.line.messages if m.disposition is ACCEPT}) == 3


def test_unsure_holds_the_part_for_somebody_else(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    item = rig.station.waiting()[0]
    assert submit(rig, item, Answer.UNSURE).disposition is HOLD
    assert "part-0000" not in ids(rig)
    with pytest.raises(VerdictRefused, match="somebody else decides"):
        submit(rig, item, Answer.ACCEPT)
    assert submit(rig, item, Answer.REJECT, by="boss").disposition is REJECT
    with pytest.raises(VerdictRefused, match="too late"):
        rig.station.undo("anna")
    entry = rig.log.part("part-0000")
    assert [v.kind for v in entry.verdicts] == [VerdictKind.UNAIDED, VerdictKind.ADJUDICATION]
    rig.station.stop(60.0)
    assert rig.line.heard("part-0000") == [HOLD, REJECT]


def test_unsure_can_be_undone_before_somebody_else_has_decided(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    item = rig.station.waiting()[0]
    submit(rig, item, Answer.UNSURE)
    assert rig.station.undo("anna") == item
    assert ids(rig)[0] == "part-0000"


def test_an_adjudication_that_is_undone_waits_aside_again(waiting_rig):
    rig = waiting_rig(options={"undo_window_s": 60.0})
    item = rig.station.waiting()[0]
    submit(rig, item, Answer.UNSURE)
    submit(rig, item, Answer.REJECT, by="boss")
    rig.station.undo("boss")
    assert "part-0000" not in ids(rig)
    assert submit(rig, item, Answer.ACCEPT, by="boss").disposition is ACCEPT


def test_a_part_somebody_was_unsure_about_can_be_decided_after_a_restart(waiting_rig):
    rig = waiting_rig()
    item = rig.station.waiting()[0]
    submit(rig, item, Answer.UNSURE)
    rig.station.stop(60.0)
    rig.another().start()
    submit(rig, item, Answer.REJECT, by="boss")
    rig.station.stop(60.0)
    assert rig.line.heard("part-0000") == [HOLD, REJECT]
    assert [message.was_held for message in rig.line.messages if message.part_id == "part-0000"] == [False, True]


def test_a_stopped_station_takes_no_part_back_for_a_verdict_that_it_refuses(waiting_rig):
    rig = waiting_rig()
    item = rig.station.waiting()[0]
    submit(rig, item, Answer.UNSURE)
    rig.station.stop(60.0)
    with pytest.raises(VerdictRefused, match="The station is stopped"):
        submit(rig, item, Answer.REJECT, by="boss")
    assert rig.station._waiting.find(item.inspection_id) is None


def test_a_verdict_for_a_lost_line_is_told_when_the_line_is_back(waiting_rig):
    rig = waiting_rig()
    rig.line.refuse_opens = 10**9

    def torn(message):
        raise LineError("cable cut")

    rig.line.check = torn
    first, second, _ = rig.station.waiting()
    submit(rig, first)
    rig.until(lambda: bool(rig.station.status().faults))
    submit(rig, second, Answer.REJECT)
    rig.until(lambda: rig.station.status().counts.line_failures == 2)
    with pytest.raises(VerdictRefused, match="too late"):
        rig.station.undo("anna")
    rig.line.check = lambda message: None
    rig.line.refuse_opens = 0
    disposed(rig, 1)
    rig.until(lambda: not rig.station.status().faults)
    rig.station.stop(60.0)
    # The first was on its way when the line broke: it is not repeated, for it might act on another part.
    assert rig.line.heard("part-0000") == [HOLD]
    assert rig.line.heard("part-0001") == [HOLD, REJECT]


@pytest.mark.parametrize("level", [Level.HUMAN_ONLY, Level.SHADOW])
def test_parts_appear_after_the_same_time_at_every_level(make_rig, kit, level):
    def started(appear_after_s):
        rig = make_rig(
            [kit.frame(1)],
            classifier=kit.Classifier(lambda n: kit.prediction(0.9)),
            level=level,
            options={"appear_after_s": appear_after_s},
        )
        rig.station.subscribe(lambda event: isinstance(event, ReviewRequested) and appeared.append(kit.now()))
        rig.station.start()
        return rig

    appeared = []
    hidden = started(10 * kit.PATIENCE_S)
    hidden.until(lambda: bool(hidden.line.messages))
    assert hidden.station.waiting() == ()
    assert hidden.station.status().waiting_for_human == 0
    assert not appeared
    shown = started(0.2)
    shown.until(lambda: bool(appeared))
    assert (appeared[0] - shown.log.all()[0].inspection.captured_at).total_seconds() >= 0.2
    assert len(shown.station.waiting()) == 1


def test_pictures_of_waiting_parts_can_be_seen_from_memory_and_disk(waiting_rig, kit):
    rig = waiting_rig(parts=1)
    item = rig.station.waiting()[0]
    rig.until(lambda: rig.station.status().counts.pictures_stored == 1)
    assert (rig.station.picture(item.inspection_id) == kit.frame(0).pixels).all()
    assert rig.station.picture("unknown") is None


def test_a_picture_is_seen_before_it_is_on_disk(make_rig, kit):
    rig = make_rig([kit.frame(0)])
    rig.pictures.gate.clear()
    rig.station.start()
    rig.until(lambda: bool(rig.of(ReviewRequested)))
    item = rig.station.waiting()[0]
    assert rig.station.status().pictures_queued == 1
    assert (rig.station.picture(item.inspection_id) == kit.frame(0).pixels).all()
    rig.pictures.gate.set()


def third_look(rig, item, answer=Answer.REJECT, by="cy"):
    return rig.station.third_look(item.inspection_id, by, answer, (), 3.0)


def test_a_third_look_is_recorded_and_leaves_the_part_as_it_left(waiting_rig):
    rig = waiting_rig(parts=1)
    (item,) = rig.station.waiting()
    submit(rig, item)
    disposed(rig, 1)
    outcome = third_look(rig, item)
    assert (outcome.disposition, outcome.second_look, outcome.undo_until) == (ACCEPT, None, None)
    entry = rig.log.part("part-0000")
    assert [(v.by, v.kind, v.answer) for v in entry.verdicts] == [
        ("anna", VerdictKind.UNAIDED, Answer.ACCEPT),
        ("cy", VerdictKind.ADJUDICATION, Answer.REJECT),
    ]
    assert entry.disposition is ACCEPT
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]
    assert rig.of(VerdictRecorded)[-1].disposition is ACCEPT


def test_a_third_look_is_undone_while_its_window_is_open(waiting_rig):
    rig = waiting_rig(parts=1, options={"undo_window_s": 60.0})
    (item,) = rig.station.waiting()
    submit(rig, item)
    with pytest.raises(VerdictRefused, match="may still come back"):
        third_look(rig, item)
    rig.station.stop(20.0)
    station = rig.another()
    station.start()
    outcome = station.third_look(item.inspection_id, "cy", Answer.REJECT, ("scratch",), 2.0)
    given = rig.log.part("part-0000").verdicts[-1]
    assert (outcome.undo_until - given.at).total_seconds() == 60.0
    assert given.classes == ("scratch",)
    with pytest.raises(VerdictRefused, match="no verdict of cy"):
        station.undo("cy")  # as the Inspect page asks: the last verdict that decided a part
    with pytest.raises(VerdictRefused, match="no verdict of anna"):
        station.undo("anna", item.inspection_id)
    assert station.undo("cy", item.inspection_id) == item
    entry = rig.log.part("part-0000")
    assert (entry.disposition, entry.verdicts[-1].retracted) == (ACCEPT, True)
    assert station.waiting() == ()
    with pytest.raises(VerdictRefused, match="no verdict of cy"):
        station.undo("cy", item.inspection_id)
    station.third_look(item.inspection_id, "cy", Answer.ACCEPT, (), 2.0)
    station.stop(20.0)
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_a_third_look_is_not_undone_when_its_window_is_over(waiting_rig):
    rig = waiting_rig(parts=1)
    (item,) = rig.station.waiting()
    submit(rig, item)
    disposed(rig, 1)
    third_look(rig, item)
    with pytest.raises(VerdictRefused, match="too late"):
        rig.station.undo("cy", item.inspection_id)


def test_a_third_look_at_a_part_on_hold_is_undone_before_the_line_hears_of_it(waiting_rig):
    rig = waiting_rig(parts=1, options={"undo_window_s": 60.0})
    (item,) = rig.station.waiting()
    submit(rig, item, Answer.UNSURE)
    third_look(rig, item)
    rig.station.undo("cy", item.inspection_id)
    assert rig.log.part("part-0000").disposition is HOLD
    assert third_look(rig, item, Answer.ACCEPT).disposition is ACCEPT
    rig.station.stop(20.0)
    assert rig.line.heard("part-0000") == [HOLD, ACCEPT]


def test_a_third_look_at_a_part_on_hold_disposes_of_it(waiting_rig):
    rig = waiting_rig(parts=1)
    (item,) = rig.station.waiting()
    submit(rig, item, Answer.UNSURE)
    with pytest.raises(VerdictRefused, match="anna was unsure"):
        third_look(rig, item, by="anna")
    assert third_look(rig, item).disposition is REJECT
    disposed(rig, 1)
    assert rig.log.part("part-0000").verdicts[-1].kind is VerdictKind.ADJUDICATION
    assert rig.line.heard("part-0000") == [HOLD, REJECT]


def test_a_third_look_is_by_somebody_else_and_at_parts_that_were_judged(waiting_rig):
    rig = waiting_rig(parts=2)
    first, second = rig.station.waiting()
    submit(rig, first)
    disposed(rig, 1)
    with pytest.raises(VerdictRefused, match="anna has judged this part already"):
        third_look(rig, first, by=" anna ")
    with pytest.raises(VerdictRefused, match="does not wait for a third look"):
        rig.station.third_look("nothing", "cy", Answer.ACCEPT, (), 1.0)
    with pytest.raises(VerdictRefused, match="needs the name"):
        third_look(rig, first, by=" ")
    rig.station.stop(60.0)
    with pytest.raises(VerdictRefused, match="stopped"):
        third_look(rig, first)
    assert len(rig.log.part("part-0000").verdicts) == 1
    assert rig.log.part("part-0001").verdicts == ()
    assert second.part_id == "part-0001"
