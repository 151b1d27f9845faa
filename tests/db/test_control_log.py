"""The supervisor's commands, on every kind of database."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.errors import ControlRefused


def change(make, before, after, by="erika"):
    return ControlChange(by, "because of the test", make.now(), before, after)


def test_a_new_log_has_no_state(open_station, log_url):
    opened = open_station(log_url)
    assert opened.control.current() is None
    assert opened.control.changes() == ()


def test_changes_come_back_as_they_were(log, make):
    first = log.control.current()
    second = replace(
        first, version=2, level=Level.PARTIAL, accept_below=0.1 + 0.2, canary_share=0.05, hold_audits=False
    )
    recorded = change(make, first, second, by="Jürgen 製造")
    log.control.append(recorded)
    assert log.control.current() == second
    assert log.control.changes()[1] == recorded
    assert log.control.changes()[0].before is None
    assert log.control.changes()[0].after == first


def test_a_state_that_somebody_else_has_changed_is_not_overwritten(log, make):
    first = log.control.current()
    log.control.append(change(make, first, replace(first, version=2, level=Level.ASSIST)))
    with pytest.raises(ControlRefused, match="version 2"):
        log.control.append(change(make, first, replace(first, version=2, level=Level.FULL)))
    with pytest.raises(ControlRefused):
        log.control.append(change(make, None, replace(first, version=1)))
    with pytest.raises(ControlRefused):
        log.control.append(change(make, replace(first, version=2, level=Level.FULL), replace(first, version=3)))
    assert log.control.current().level is Level.ASSIST
    assert len(log.control.changes()) == 2


def test_the_first_change_needs_no_state_before(open_station, log_url, make):
    opened = open_station(log_url)
    state = make.control
    with pytest.raises(ControlRefused, match="no control state yet"):
        opened.control.append(change(make, state, replace(state, version=2)))


def test_versions_count_up_by_one(log, make):
    first = log.control.current()
    with pytest.raises(ValueError, match="version 2, not 3"):
        log.control.append(change(make, first, replace(first, version=3)))


def test_of_two_supervisors_at_once_one_is_refused(log, log_url, make, open_station):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one program")
    logs = [log, open_station(log_url)]
    first = log.control.current()
    changes = [change(make, first, replace(first, version=2, level=level)) for level in (Level.ASSIST, Level.FULL)]
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def command(which: int) -> None:
        ready.wait(60)
        try:
            logs[which].control.append(changes[which])
        except ControlRefused:
            outcomes.append("refused")
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=command, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(outcomes) == ["refused", "taken"]
    assert logs[0].control.current() == logs[1].control.current()
    assert log.verify().intact


def test_another_programs_change_is_seen_at_the_next_part(log, log_url, make, open_station):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one program")
    other = open_station(log_url)
    make.begin(other, level=Level.FULL)
    assert log.control.current().level is Level.FULL
