"""Blocking calls off the GUI thread."""

from __future__ import annotations

import threading

from inspector_app.domain.errors import KnownFault, LineError
from ui.background import Background, LatestJob


def _not_expected(value: object) -> None:
    raise AssertionError(value)


def test_results_come_back_on_the_gui_thread(qtbot) -> None:
    background = Background()
    came: list[tuple[int, int]] = []
    gui = threading.get_ident()
    background.run(threading.get_ident, lambda worker: came.append((worker, threading.get_ident())), _not_expected)
    assert background.busy
    qtbot.waitUntil(lambda: bool(came))
    worker, answered_on = came[0]
    assert worker != gui
    assert answered_on == gui
    assert not background.busy
    assert background.close(60.0)


def test_known_faults_go_to_failure(qtbot) -> None:
    background = Background()
    faults: list[KnownFault] = []

    def job() -> None:
        raise LineError("The line is gone.")

    background.run(job, _not_expected, faults.append)
    qtbot.waitUntil(lambda: bool(faults))
    assert str(faults[0]) == "The line is gone."
    background.close(60.0)


def test_a_bug_is_raised_on_the_gui_thread(qtbot) -> None:
    background = Background()

    def job() -> None:
        raise ZeroDivisionError("a bug")

    with qtbot.captureExceptions() as bugs:
        background.run(job, _not_expected, _not_expected)
        qtbot.waitUntil(lambda: bool(bugs))
    assert bugs[0][0] is ZeroDivisionError
    background.close(60.0)


def test_only_the_newest_answer_counts(qtbot) -> None:
    background = Background()
    latest = LatestJob(background)
    gate = threading.Event()
    answers: list[int] = []

    def slow() -> int:
        gate.wait(60)
        return 1

    latest.run(slow, answers.append, _not_expected)
    latest.run(lambda: 2, answers.append, _not_expected)
    qtbot.waitUntil(lambda: answers == [2])
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert answers == [2]
    latest.run(lambda: 3, answers.append, _not_expected)
    latest.forget()
    qtbot.waitUntil(lambda: not background.busy)
    assert answers == [2]
    background.close(60.0)


def test_closing_does_not_wait_for_what_never_began(qtbot) -> None:
    background = Background(threads=1)
    gate = threading.Event()
    for _ in range(3):
        background.run(lambda: gate.wait(60), _not_expected, _not_expected)
    assert not background.close(0.01)
    gate.set()
    assert background.close(60.0)


def test_closing_waits_says_whether_it_is_done_and_calls_nobody(qtbot) -> None:
    background = Background()
    gate = threading.Event()
    background.run(lambda: gate.wait(60), _not_expected, _not_expected)
    assert not background.close(0.01)
    gate.set()
    assert background.close(60.0)
    assert background.close(60.0)
    background.run(lambda: 1, _not_expected, _not_expected)
    qtbot.wait(30)
