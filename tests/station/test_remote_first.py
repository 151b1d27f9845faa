"""Server, then local model, then inspector: who answers, what is recorded, and that no fault accepts a part."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import replace

import pytest

from inspector_app.automation.replay import replay_differences
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.errors import ModelError
from inspector_app.domain.events import FaultRaised, ReviewRequested, ServerChanged
from inspector_app.domain.prediction import Answerer, ModelIdentity, PredictionStatus
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.status import FaultKind, ServerState, StationState
from inspector_app.station.classifying import ModelLimits
from inspector_app.station.options import Backoff, BreakerLimits, ServerOptions
from inspector_app.station.remote_first import RemoteFirst, Surroundings

ACCEPT, HOLD = Disposition.ACCEPT, Disposition.HOLD
NEVER = Backoff(1000.0, 1000.0)
AT_ONCE = Backoff(0.002, 0.01)
PATIENT = ServerOptions(60.0, breaker=BreakerLimits(backoff=AT_ONCE))
ONCE = replace(PATIENT, breaker=BreakerLimits(backoff=NEVER))
BRIEF = replace(PATIENT, deadline_s=0.05)
"""For a server that is made to miss it. A busy machine may miss it too: then trials put the server in charge again."""


@pytest.fixture
def remote_first(kit):
    made = []

    def make(server, local=None, options=PATIENT, limits=None):
        notes, events, bugs = [], [], []
        around = Surroundings(
            Slot.BLUE,
            lambda name, bug: bugs.append(bug),
            events.append,
            lambda kind, text: notes.append((kind, text)),
            kit.now,
        )
        both = RemoteFirst(server, local, limits or ModelLimits(kit.PATIENCE_S), options, around)
        both.start()
        made.append((both, bugs))
        both.notes, both.events = notes, events
        if options is BRIEF:
            wait_for(kit, lambda: both.status.state is ServerState.ANSWERING)
        return both

    yield make
    for both, bugs in made:
        assert both.stop(kit.PATIENCE_S)
        assert not bugs


@pytest.fixture
def local(kit):
    return kit.Classifier(lambda n: kit.prediction(0.75))


def test_the_server_answers_where_it_does_in_time(remote_first, kit, local):
    both = remote_first(kit.Server(lambda n: kit.prediction(0.25)), local)
    answer = both.ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.probability) == (PredictionStatus.OK, 0.25)
    assert (answer.asked.by, answer.asked.server, answer.asked.picture) == (Answerer.SERVER, "grpc://edge:8001", "raw")
    assert (answer.asked.why_not, answer.asked.late_ms) == (None, None)
    assert local.asked == []
    assert [kind for kind, _ in both.notes] == ["server_back"]
    assert both.status.state is ServerState.ANSWERING


def test_the_local_model_gets_ready_while_the_server_answers(remote_first, kit, local):
    ready = threading.Event()
    local.warming = ready.set
    both = remote_first(kit.Server(lambda n: kit.prediction(0.25)), local)
    both.ask(kit.frame(1).pixels).answer()
    assert ready.wait(kit.PATIENCE_S)


def test_a_local_model_that_is_still_getting_ready_is_waited_for(remote_first, kit, local):
    ready = threading.Event()
    local.warming = lambda: ready.wait(kit.PATIENCE_S)
    server = kit.Server(lambda n: kit.prediction(0.25))
    both = remote_first(server, local)
    both.ask(kit.frame(1).pixels).answer()
    server.away = "Connection refused."
    question = both.ask(kit.frame(2).pixels)
    threading.Timer(0.1, ready.set).start()
    answer = question.answer()
    assert (answer.asked.by, answer.probability) == (Answerer.LOCAL, 0.75)


@pytest.mark.parametrize(
    "fault", [RuntimeError("boom"), "no prediction at all", ValueError("The tensor has another shape.")]
)
def test_a_bad_answer_is_replaced_by_the_local_models(remote_first, kit, local, caplog, fault):
    def answer(number):
        if number == 0:  # the first trial's picture
            return kit.prediction(0.25)
        if isinstance(fault, Exception):
            raise fault
        return fault

    both = remote_first(kit.Server(answer), local, ONCE)
    with caplog.at_level("CRITICAL"):
        found = both.ask(kit.frame(7).pixels).answer()
    assert (found.status, found.probability, found.asked.by) == (PredictionStatus.OK, 0.75, Answerer.LOCAL)
    assert found.asked.why_not.startswith("The prediction server did not answer: ")
    assert "It had no answer within" not in found.asked.why_not  # the deadline was not waited for


def slow_once(kit, gate, number=7, probability=0.25):
    def answer(asked):
        if asked == number:
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(probability)

    return kit.Server(answer)


def test_a_late_answer_is_recorded_as_late_and_never_used(remote_first, kit, local):
    gate = threading.Event()
    both = remote_first(slow_once(kit, gate), local, BRIEF)
    answer = both.ask(kit.frame(7).pixels, "P-7").answer()
    assert (answer.probability, answer.asked.by, answer.asked.late_ms) == (0.75, Answerer.LOCAL, None)
    assert answer.asked.why_not == "The prediction server did not answer: It had no answer within 50 ms."
    assert answer.asked.waited_ms >= 50.0
    busy = both.ask(kit.frame(8).pixels).answer()
    assert (busy.asked.by, busy.asked.waited_ms) == (Answerer.LOCAL, None)
    assert "still works on an earlier picture" in busy.asked.why_not
    gate.set()
    wait_for(kit, lambda: both.notes[-1][0] == "server_late")
    assert "part P-7" in both.notes[-1][1]
    assert "not used" in both.notes[-1][1]


def test_an_answer_that_is_late_before_the_part_is_decided_stands_in_its_record(remote_first, kit):
    gate, questions = threading.Event(), []

    def slow(number):
        gate.set()
        wait_for(kit, lambda: server_has_ended(questions[0]))
        return kit.prediction(0.75)

    both = remote_first(slow_once(kit, gate), kit.Classifier(slow), BRIEF)
    questions.append(both.ask(kit.frame(7).pixels, "P-7"))
    answer = questions[0].answer()
    assert answer.probability == 0.75
    assert answer.asked.late_ms > 0.0
    assert all(kind != "server_late" for kind, _ in both.notes)


def test_an_answer_that_came_too_late_while_nobody_looked_is_late_too(remote_first, kit, local):
    gate = threading.Event()
    both = remote_first(slow_once(kit, gate), local, BRIEF)
    question = both.ask(kit.frame(7).pixels, "P-7")
    threading.Timer(0.2, gate.set).start()
    wait_for(kit, lambda: server_has_ended(question))
    answer = question.answer()
    assert (answer.probability, answer.asked.by) == (0.75, Answerer.LOCAL)
    assert answer.asked.late_ms > 0.0
    assert all(kind != "server_late" for kind, _ in both.notes)


def test_a_frozen_server_is_left_alone_after_so_many_parts_and_not_after_so_many_deadlines(remote_first, kit, local):
    gate = threading.Event()
    both = remote_first(slow_once(kit, gate), local, BRIEF)
    assert both.ask(kit.frame(7).pixels).answer().asked.waited_ms >= 50.0
    waited = []

    def left_alone():
        waited.append(both.ask(kit.frame(8).pixels).answer().asked.waited_ms)
        return both.status.state is ServerState.AWAY

    wait_for(kit, left_alone)
    assert set(waited) == {None}
    assert both.status.why == "It had no answer within 50 ms."
    gate.set()


def server_has_ended(question):
    return question._server is not None


def wait_for(kit, reached):
    end = time.monotonic() + kit.PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.005)


def test_a_server_that_does_not_answer_is_left_alone_and_comes_back_by_itself(remote_first, kit, local):
    server = kit.Server(lambda n: kit.prediction(0.25))
    both = remote_first(server, local, replace(PATIENT, breaker=BreakerLimits(backoff=Backoff(0.2, 0.2))))
    server.away = "Connection refused."
    first = both.ask(kit.frame(1).pixels).answer()
    assert "did not answer: Connection refused." in first.asked.why_not
    second = both.ask(kit.frame(2).pixels).answer()
    assert (second.asked.by, second.asked.waited_ms) == (Answerer.LOCAL, None)
    assert second.asked.why_not == "The prediction server is away: Connection refused."
    status = both.status
    assert (status.state, status.why, status.local) == (ServerState.AWAY, "Connection refused.", True)
    server.away = None
    wait_for(kit, lambda: both.status.state is ServerState.ANSWERING)
    assert both.ask(kit.frame(3).pixels).answer().asked.by is Answerer.SERVER
    assert server.connects == 2
    kinds = [kind for kind, _ in both.notes]
    assert kinds == ["server_back", "server_away", "server_back"]
    assert "answers again" in both.notes[-1][1]
    assert [event.status.state for event in both.events] == [
        ServerState.ANSWERING,
        ServerState.AWAY,
        ServerState.ANSWERING,
    ]


def test_trials_use_the_lines_picture_and_no_part_pays_for_them(remote_first, kit, local):
    server = kit.Server(lambda n: kit.prediction(0.25))
    both = remote_first(server, local)
    server.away = "Connection refused."
    both.ask(kit.frame(41).pixels).answer()
    server.away = None
    wait_for(kit, lambda: both.status.state is ServerState.ANSWERING)
    assert server.asked[-2:] == [41, 41]


def test_another_reason_is_said_and_the_same_is_not_said_again(remote_first, kit, local):
    server = kit.Server(lambda n: kit.prediction(0.25))
    server.away = "No answer on port 8001 after 1 ms."
    both = remote_first(server, local)
    for number in itertools.count(2):
        server.away = f"No answer on port 8001 after {number} ms."
        if number > 20:
            break
        threading.Event().wait(0.005)
    server.away = "It serves another model."
    wait_for(kit, lambda: "another model" in both.notes[-1][1])
    assert [kind for kind, _ in both.notes] == ["server_away", "server_away"]


def test_without_a_local_model_parts_go_to_an_inspector(remote_first, kit):
    server = kit.Server(lambda n: kit.prediction(0.25))
    both = remote_first(server, None, ONCE)
    assert both.ask(kit.frame(1).pixels).answer().asked.by is Answerer.SERVER
    server.away = "Connection refused."
    failed = both.ask(kit.frame(2).pixels).answer()
    assert (failed.status, failed.asked.by) == (PredictionStatus.FAILED, None)
    assert failed.detail.endswith("Connection refused. There is no local model.")
    absent = both.ask(kit.frame(3).pixels).answer()
    assert absent.status is PredictionStatus.ABSENT
    assert "no local model" in both.notes[-1][1]


def test_late_without_a_local_model_is_late(remote_first, kit):
    gate = threading.Event()
    both = remote_first(slow_once(kit, gate), None, BRIEF)
    answer = both.ask(kit.frame(7).pixels).answer()
    gate.set()
    assert (answer.status, answer.probability) == (PredictionStatus.LATE, None)


def test_both_fail_and_the_sentence_says_so(remote_first, kit, caplog):
    def boom(number):
        raise ValueError("boom")

    server = kit.Server(lambda n: kit.prediction(0.25))
    both = remote_first(server, kit.Classifier(boom))
    server.away = "Connection refused."
    with caplog.at_level("CRITICAL"):
        answer = both.ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.asked.by) == (PredictionStatus.FAILED, None)
    assert "Connection refused." in answer.detail
    assert "boom" in answer.detail


def test_hedging_asks_both_and_takes_the_first(remote_first, kit, local):
    gate = threading.Event()
    options = replace(PATIENT, hedge_after_s=0.02)
    both = remote_first(slow_once(kit, gate), local, options)
    answer = both.ask(kit.frame(7).pixels).answer()
    assert (answer.asked.by, answer.probability) == (Answerer.LOCAL, 0.75)
    assert "quicker" in answer.asked.why_not
    gate.set()
    wait_for(kit, lambda: both.ask(kit.frame(8).pixels).answer().asked.by is Answerer.SERVER)
    assert both.status.state is ServerState.ANSWERING
    assert all(kind != "server_late" for kind, _ in both.notes)


def test_hedging_with_a_local_model_that_fails_still_waits_for_the_server(remote_first, kit, caplog):
    gate = threading.Event()

    def boom(number):
        gate.set()
        raise ValueError("boom")

    both = remote_first(slow_once(kit, gate), kit.Classifier(boom), replace(PATIENT, hedge_after_s=0.01))
    with caplog.at_level("CRITICAL"):
        answer = both.ask(kit.frame(7).pixels).answer()
    assert (answer.asked.by, answer.probability) == (Answerer.SERVER, 0.25)


def test_what_the_stop_cuts_off_is_no_fault_of_the_server(remote_first, kit, local):
    cut = threading.Event()

    def answer(number):
        if number == 7:
            assert cut.wait(kit.PATIENCE_S)
            raise ModelError("The station has let go of it.")
        return kit.prediction(0.25)

    server = kit.Server(answer)
    both = remote_first(server, local)

    def close():
        server.connected = False
        cut.set()

    server.close = close
    both.ask(kit.frame(7).pixels)
    wait_for(kit, lambda: 7 in server.asked)
    notes = list(both.notes)
    assert both.stop(kit.PATIENCE_S)
    assert both.notes == notes


# --- in the station ----------------------------------------------------------------------------------------------


def quick(options):
    return {"server": options}


def test_a_server_that_comes_and_goes_loses_no_part(make_rig, kit):
    server = kit.Server(lambda n: kit.prediction(0.1))
    rig = make_rig(
        [kit.frame(n) for n in range(40)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.1)),
        servers=(server,),
        level=Level.FULL,
        options=quick(PATIENT),
    )

    def answer(number):
        if 10 <= number < 15:
            server.connected = False
            raise ValueError("cut")
        return kit.prediction(0.1)

    server.answer = answer
    rig.run_out()
    entries = rig.log.all()
    assert len(entries) == 40
    assert [message.disposition for message in rig.line.messages] == [ACCEPT] * 40
    assert all(not replay_differences(entry.inspection) for entry in entries)
    by = [entry.inspection.prediction.asked.by for entry in entries]
    assert by[0] is Answerer.SERVER
    assert by[10] is Answerer.LOCAL
    assert rig.station.status().counts.local_answers == by.count(Answerer.LOCAL)
    assert rig.of(FaultRaised) == []
    assert {kind for kind, _ in rig.log.incidents} >= {"server_back", "server_away"}


def test_nobody_left_means_inspectors_and_a_named_fault(make_rig, kit):
    server = kit.Server(lambda n: kit.prediction(0.0))
    server.away = "Connection refused."
    slots = Slots(Slot.BLUE, kit.MODEL, None)
    rig = make_rig(
        [kit.frame(n) for n in range(5)],
        servers=(server,),
        level=Level.FULL,
        changes={"slots": slots},
        options=quick(replace(PATIENT, breaker=BreakerLimits(backoff=NEVER))),
    )
    rig.run_out()
    assert [message.disposition for message in rig.line.messages] == [HOLD] * 5
    assert [event.fault.kind for event in rig.of(FaultRaised)] == [FaultKind.MODEL_MISSING]
    assert {entry.inspection.prediction.status for entry in rig.log.all()} == {PredictionStatus.ABSENT}


def test_a_thin_station_without_the_model_lives_on_the_server(make_rig, kit):
    slots = Slots(Slot.BLUE, kit.MODEL, None)
    rig = make_rig(
        [kit.frame(n) for n in range(5)],
        servers=(kit.Server(lambda n: kit.prediction(0.0)),),
        level=Level.FULL,
        changes={"slots": slots},
        options=quick(PATIENT),
    )
    rig.run_out()
    assert [message.disposition for message in rig.line.messages] == [ACCEPT] * 5
    assert any(kind == "model_not_loaded" for kind, _ in rig.log.incidents)


def test_both_slots_ask_the_server_each_for_its_own_model(make_rig, kit):
    new = ModelIdentity("new", "2", "c" * 64, "d" * 64)
    servers = (kit.Server(lambda n: kit.prediction(0.1)), kit.Server(lambda n: kit.prediction(0.9), new))
    rig = make_rig(
        [kit.frame(n) for n in range(10)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.1)),
        others=(kit.Classifier(lambda n: kit.prediction(0.9), new),),
        servers=servers,
        level=Level.FULL,
        changes={
            "slots": Slots(Slot.BLUE, kit.MODEL, new),
            "rollout": Rollout("exp", RolloutPhase.SHADOW, 0.0, 0.0),
        },
        options=quick(PATIENT),
    )
    rig.station.start()
    rig.until_state(StationState.FINISHED)
    assert rig.station.status().server.state is ServerState.ANSWERING
    rig.station.stop(kit.PATIENCE_S)
    for entry in rig.log.all():
        assert entry.inspection.prediction.asked.by is Answerer.SERVER
        assert entry.beside.prediction.asked.by is Answerer.SERVER
        assert (entry.inspection.prediction.model, entry.beside.prediction.model) == (kit.MODEL, new)
    assert {event.slot for event in rig.of(ServerChanged)} == set(Slot)


@pytest.mark.parametrize("away", [True, False])
def test_in_a_canary_the_model_in_charge_first_ends_the_part_that_it_was_asked_about_beside(make_rig, kit, away):
    """With a server as without: what was asked for comparison alone sends no part to an inspector."""
    new = ModelIdentity("new", "2", "c" * 64, "d" * 64)

    def unhurried(_number):
        time.sleep(0.02)
        return kit.prediction(0.0)

    servers = (kit.Server(unhurried), kit.Server(unhurried, new))
    for server in servers:
        server.away = "Connection refused." if away else None
    rig = make_rig(
        [kit.frame(n, source="live:x") for n in range(30)],
        classifier=kit.Classifier(unhurried),
        others=(kit.Classifier(unhurried, new),),
        servers=servers,
        level=Level.FULL,
        changes={
            "slots": Slots(Slot.BLUE, kit.MODEL, new),
            "rollout": Rollout("exp", RolloutPhase.CANARY, 0.5, 0.0),
        },
        options=quick(PATIENT),
    )
    rig.run_out()
    assert {entry.inspection.prediction.status for entry in rig.log.all()} == {PredictionStatus.OK}
    by = Answerer.LOCAL if away else Answerer.SERVER
    assert {entry.inspection.prediction.asked.by for entry in rig.log.all()} == {by}


@pytest.mark.parametrize("level", [Level.SHADOW, Level.ASSIST, Level.PARTIAL, Level.FULL])
@pytest.mark.parametrize("trouble", ["late", "cut", "wrong"])
def test_no_fault_of_the_server_accepts_a_part(make_rig, kit, caplog, level, trouble):
    """Everything the server says would be an accept; the local model would reject."""
    gate = threading.Event()

    def answer(number):
        if number == 0:
            return kit.prediction(0.0)
        if trouble == "late":
            gate.wait(kit.PATIENCE_S)
        elif trouble == "cut":
            raise ValueError("cut")
        else:
            return 0.0
        return kit.prediction(0.0)

    rig = make_rig(
        [kit.frame(n) for n in range(1, 6)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.99)),
        servers=(kit.Server(answer),),
        level=level,
        options=quick(BRIEF),
    )
    rig.station.start()
    with caplog.at_level("CRITICAL"):
        rig.until_state(StationState.FINISHED)
    gate.set()
    rig.station.stop(kit.PATIENCE_S)
    assert len(rig.log.all()) == 5
    for entry in rig.log.all():
        assert entry.inspection.decision.route is not Route.MODEL_ACCEPT
        assert entry.inspection.prediction.asked.by is Answerer.LOCAL
        assert ACCEPT not in rig.line.heard(entry.inspection.part_id)


@pytest.mark.parametrize("level", [Level.HUMAN_ONLY, Level.SHADOW, Level.ASSIST, Level.PARTIAL])
@pytest.mark.parametrize("server_answers", [True, False])
def test_a_part_appears_as_long_after_its_picture_whoever_answered(make_rig, kit, level, server_answers):
    """Not before that, and without the server: it answers only once all parts have appeared."""
    gate = threading.Event()
    server = kit.Server(lambda n: kit.prediction(0.5) if n == 0 or server_answers else gate.wait(kit.PATIENCE_S))
    rig = make_rig(
        [kit.frame(n) for n in range(1, 4)],
        classifier=kit.Classifier(lambda n: kit.prediction(0.5)),
        servers=(server,),
        level=level,
        options=quick(BRIEF) | {"appear_after_s": 0.3, "undo_window_s": 60.0},
    )
    appeared, taken = {}, {}

    def hear(event):
        if isinstance(event, ReviewRequested):
            appeared[event.inspection_id] = kit.now()

    rig.station.subscribe(hear)
    rig.station.start()
    rig.until(lambda: len(appeared) == 3)
    gate.set()
    for entry in rig.log.all():
        inspection = entry.inspection
        taken[inspection.inspection_id] = inspection.captured_at
        if level is not Level.HUMAN_ONLY and not server_answers:
            assert inspection.prediction.asked.by is Answerer.LOCAL
    assert all((appeared[key] - taken[key]).total_seconds() >= 0.3 for key in taken)
