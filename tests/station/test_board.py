"""States are derived from facts; every transition and every no-op."""

from __future__ import annotations

import itertools

import pytest

from inspector_app.domain.errors import LogProblem
from inspector_app.domain.events import FaultCleared, FaultRaised, StateChanged
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.station.board import Life, StateBoard, Tally, derive_state, log_fault

S = StationState
STOPPING_PARTS = FaultKind.DISK_FULL
HARMLESS = FaultKind.LINE_LOST

TABLE = [
    # life, paused, finished, fault → state
    (Life.STOPPED, False, False, None, S.STOPPED),
    (Life.STOPPED, True, True, STOPPING_PARTS, S.STOPPED),
    (Life.STARTING, False, False, None, S.STARTING),
    (Life.STARTING, False, False, HARMLESS, S.STARTING),
    (Life.STARTING, False, False, STOPPING_PARTS, S.FAULTED),
    (Life.UP, False, False, None, S.RUNNING),
    (Life.UP, False, False, HARMLESS, S.RUNNING),
    (Life.UP, False, False, STOPPING_PARTS, S.FAULTED),
    (Life.UP, True, False, None, S.PAUSED),
    (Life.UP, True, False, STOPPING_PARTS, S.FAULTED),
    (Life.UP, False, True, None, S.FINISHED),
    (Life.UP, True, True, HARMLESS, S.FINISHED),
    (Life.UP, False, True, STOPPING_PARTS, S.FAULTED),
    (Life.STOPPING, False, False, None, S.STOPPING),
    (Life.STOPPING, True, True, STOPPING_PARTS, S.STOPPING),
]


@pytest.mark.parametrize(("life", "paused", "finished", "fault", "state"), TABLE)
def test_state_table(life, paused, finished, fault, state):
    faults = [] if fault is None else [fault]
    assert derive_state(life, paused=paused, finished=finished, faults=faults) is state


def test_the_table_holds_for_every_fault():
    for kind, paused, finished in itertools.product(FaultKind, (False, True), (False, True)):
        state = derive_state(Life.UP, paused=paused, finished=finished, faults=[kind])
        assert (state is S.FAULTED) == kind.stops_parts


@pytest.fixture
def told():
    return []


@pytest.fixture
def noted():
    return []


@pytest.fixture
def board(kit, told, noted):
    return StateBoard(kit.now, told.append, lambda kind, sentence: noted.append((kind, sentence)))


def changes(told):
    return [(event.before, event.after) for event in told if isinstance(event, StateChanged)]


STEPS = {
    "start": lambda b: b.set_life(Life.STARTING),
    "up": lambda b: b.set_life(Life.UP),
    "stop": lambda b: b.set_life(Life.STOPPING),
    "stopped": lambda b: b.set_life(Life.STOPPED),
    "pause": lambda b: b.set_paused(paused=True),
    "resume": lambda b: b.set_paused(paused=False),
    "finish": lambda b: b.set_finished(lambda: True),
    "more": lambda b: b.set_finished(lambda: False),
    "fault": lambda b: b.raise_fault(FaultKind.DISK_FULL, "full"),
    "clear": lambda b: b.clear_fault(FaultKind.DISK_FULL),
    "line lost": lambda b: b.raise_fault(FaultKind.LINE_LOST, "gone"),
}


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        ("start up stop stopped", [S.STARTING, S.RUNNING, S.STOPPING, S.STOPPED]),
        ("start up pause resume", [S.STARTING, S.RUNNING, S.PAUSED, S.RUNNING]),
        ("start up fault clear", [S.STARTING, S.RUNNING, S.FAULTED, S.RUNNING]),
        ("start fault up clear", [S.STARTING, S.FAULTED, S.RUNNING]),
        ("start up pause fault clear resume", [S.STARTING, S.RUNNING, S.PAUSED, S.FAULTED, S.PAUSED, S.RUNNING]),
        ("start up fault pause clear", [S.STARTING, S.RUNNING, S.FAULTED, S.PAUSED]),
        ("start up finish more", [S.STARTING, S.RUNNING, S.FINISHED, S.RUNNING]),
        ("start up finish fault clear", [S.STARTING, S.RUNNING, S.FINISHED, S.FAULTED, S.FINISHED]),
        ("start up fault stop stopped", [S.STARTING, S.RUNNING, S.FAULTED, S.STOPPING, S.STOPPED]),
        ("start up pause stop", [S.STARTING, S.RUNNING, S.PAUSED, S.STOPPING]),
        ("start up finish stop", [S.STARTING, S.RUNNING, S.FINISHED, S.STOPPING]),
        ("start stop", [S.STARTING, S.STOPPING]),
        ("start up line+lost", [S.STARTING, S.RUNNING]),
        # no-ops
        ("stopped resume clear more", []),
        ("start start up up", [S.STARTING, S.RUNNING]),
        ("start up pause pause resume resume", [S.STARTING, S.RUNNING, S.PAUSED, S.RUNNING]),
        ("start up fault fault clear clear", [S.STARTING, S.RUNNING, S.FAULTED, S.RUNNING]),
    ],
)
def test_transitions(board, told, steps, states):
    for step in steps.split():
        STEPS[step.replace("+", " ")](board)
    assert [after for _, after in changes(told)] == states
    path = [S.STOPPED, *states]
    assert changes(told) == list(itertools.pairwise(path))
    assert board.state is path[-1]


def test_a_fault_is_told_once_and_noted(board, told, noted):
    board.raise_fault(FaultKind.LINE_LOST, "first")
    board.raise_fault(FaultKind.LINE_LOST, "second")
    assert [fault.sentence for fault in board.faults] == ["first"]
    board.clear_fault(*FaultKind)
    board.clear_fault(*FaultKind)
    assert [type(event) for event in told] == [FaultRaised, FaultCleared]
    assert [kind for kind, _ in noted] == ["fault_raised", "fault_cleared"]
    assert board.faults == ()


def test_faults_are_listed_oldest_first(board):
    for kind in (FaultKind.LINE_LOST, FaultKind.BUG, FaultKind.CAMERA_LOST):
        board.raise_fault(kind, kind)
    board.clear_fault(FaultKind.BUG)
    assert [fault.kind for fault in board.faults] == [FaultKind.LINE_LOST, FaultKind.CAMERA_LOST]


def test_every_log_problem_is_a_fault_that_stops_parts():
    assert log_fault(LogProblem.DISK_FULL) is FaultKind.DISK_FULL
    assert log_fault(LogProblem.READ_ONLY) is FaultKind.LOG_READ_ONLY
    assert all(log_fault(problem).stops_parts for problem in LogProblem)


def test_waiting_for_a_state_ends_without_it(board):
    assert not board.wait_until(lambda state: state is S.RUNNING, 0.0)
    board.set_life(Life.UP)
    assert board.wait_until(lambda state: state is S.RUNNING, 0.0)


def test_tally_adds_by_name():
    tally = Tally()
    tally.add(captured=2, recorded=1)
    tally.add(captured=1)
    assert (tally.counts.captured, tally.counts.recorded) == (3, 1)
