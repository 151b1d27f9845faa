"""The control desk: who may, why, what is allowed, and what others have recorded meanwhile."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.control import AssistStyle, Command, ControlChange, ControlState, Level, Salts
from inspector_app.domain.errors import ControlRefused, LogProblem, LogUnavailable
from inspector_app.domain.events import ControlChanged
from inspector_app.station.desk import ControlDesk, changed_state


@pytest.fixture
def log(kit):
    return kit.ControlLog(kit.Log())


@pytest.fixture
def told():
    return []


@pytest.fixture
def desk(kit, log, told):
    return ControlDesk(log, kit.control(Level.SHADOW), lambda user: user == "boss", kit.now, told.append)


def test_the_first_state_comes_from_the_settings_and_is_recorded_once(desk, log, kit):
    assert desk.state == kit.control(Level.SHADOW)
    assert log.changes() == ()
    desk.refresh()
    desk.refresh()
    (first,) = log.changes()
    assert (first.before, first.after) == (None, kit.control(Level.SHADOW))


def test_a_recorded_state_wins_over_the_settings(log, kit, told):
    recorded = kit.control(Level.FULL)
    log.append(ControlChange("boss", "earlier", kit.now(), None, recorded))
    desk = ControlDesk(log, kit.control(Level.SHADOW), lambda user: True, kit.now, told.append)
    assert desk.refresh() == recorded
    assert told == []


def test_a_change_is_recorded_told_and_in_force(desk, log, told):
    after = desk.change(" boss ", " the model is good ", {"level": "partial", "accept_below": 0.1})
    assert (after.version, after.level, after.accept_below) == (2, Level.PARTIAL, 0.1)
    assert desk.state == desk.refresh() == after
    change = log.changes()[-1]
    assert (change.by, change.because, change.before.level) == ("boss", "the model is good", Level.SHADOW)
    assert told[-1] == ControlChanged(change)


@pytest.mark.parametrize(
    ("by", "because", "changes", "sentence"),
    [
        ("", "why", {"level": "full"}, "needs the name"),
        ("boss", "  ", {"level": "full"}, "reason"),
        ("anna", "why", {"level": "full"}, "anna is not allowed"),
        ("boss", "why", {}, "Nothing would change"),
        ("boss", "why", {"level": Level.SHADOW, "cut": 0.5}, "Nothing would change"),
        ("boss", "why", {"version": 9}, "'version' cannot be changed; allowed are level"),
        ("boss", "why", {"speed": 9}, "'speed' cannot be changed"),
        ("boss", "why", {"level": "autopilot"}, "human_only, shadow, assist, partial, full"),
        ("boss", "why", {"style": 3}, "highlight, second_look"),
        ("boss", "why", {"cut": "0.3"}, "number"),
        ("boss", "why", {"cut": True}, "number"),
        ("boss", "why", {"cut": math.nan}, "thresholds"),
        ("boss", "why", {"accept_below": 0.9}, "accept_below ≤ cut"),
        ("boss", "why", {"audit_share": 0.0}, "never left unaudited"),
        ("boss", "why", {"unaided_share": 0}, "above 0"),
        ("boss", "why", {"canary_share": 1.01}, "canary_share"),
        ("boss", "why", {"hold_audits": 1}, "true or false"),
        ("boss", "why", {"salts": "x"}, "salts"),
    ],
)
def test_what_is_refused_changes_nothing(desk, log, told, by, because, changes, sentence):
    desk.refresh()
    told.clear()
    with pytest.raises(ControlRefused, match=sentence):
        desk.change(by, because, changes)
    assert desk.state.version == 1
    assert len(log.changes()) == 1
    assert told == []


def test_a_change_that_cannot_be_recorded_is_not_in_force(desk, log):
    desk.refresh()
    log.log.trouble = lambda call: LogProblem.DISK_FULL if call == "control_append" else None
    with pytest.raises(LogUnavailable):
        desk.change("boss", "why", {"level": "full"})
    assert desk.state.level is Level.SHADOW


def test_changes_of_another_process_are_taken_over_and_told_in_order(desk, log, told, kit):
    desk.refresh()
    told.clear()
    other = ControlDesk(log, kit.control(), lambda user: True, kit.now, lambda event: None)
    other.change("eve", "first", {"level": Level.ASSIST})
    other.change("eve", "second", {"style": AssistStyle.SECOND_LOOK})
    assert desk.refresh().version == 3
    assert [event.change.because for event in told] == ["first", "second"]
    desk.refresh()
    assert len(told) == 2


def test_a_change_builds_on_what_another_process_has_recorded(desk, log, kit):
    desk.refresh()
    ControlDesk(log, kit.control(), lambda user: True, kit.now, lambda event: None).change("eve", "x", {"cut": 0.6})
    assert desk.change("boss", "y", {"level": "full"}).cut == 0.6


def test_a_quicker_process_with_the_first_state_is_followed(kit, told):
    class Raced(kit.ControlLog):
        def append(self, change):
            if not self.recorded:
                self.recorded.append(ControlChange("eve", "quicker", kit.now(), None, kit.control(Level.ASSIST)))
            super().append(change)

    desk = ControlDesk(Raced(kit.Log()), kit.control(Level.FULL), lambda user: True, kit.now, told.append)
    assert desk.refresh().level is Level.ASSIST


_VALUES = st.one_of(
    st.floats(allow_nan=True), st.integers(-2, 2), st.text(max_size=5), st.booleans(), st.none(), st.sampled_from(Level)
)
_FIELDS = st.sampled_from([*(field.name for field in fields(ControlState)), "speed"])


@given(st.dictionaries(_FIELDS, _VALUES, max_size=4))
def test_any_change_is_a_valid_next_state_or_a_sentence(kit_control, changes):
    try:
        after = changed_state(kit_control, changes)
    except ControlRefused:
        return
    assert after.version == kit_control.version + 1
    assert 0.0 <= after.accept_below <= after.cut <= after.reject_above <= 1.0
    assert after.audit_share > 0.0
    assert isinstance(after.level, Level)
    assert isinstance(after.salts, Salts)


@pytest.fixture(scope="module")
def kit_control():
    return ControlState(
        1, Level.SHADOW, AssistStyle.HIGHLIGHT, 0.2, 0.5, 0.8, 1.0, 0.1, 0.1, True, Salts("a", "b", "c")
    )


def test_what_the_evidence_has_against_a_command_is_recorded_with_it(kit, log, told):
    asked = []

    def speaks_against(before, after, certificate):
        asked.append((before.level, after.level, certificate))
        return "Too early." if after.level is Level.PARTIAL else None

    desk = ControlDesk(log, kit.control(Level.SHADOW), lambda user: True, kit.now, told.append, None, speaks_against)
    desk.order(Command("boss", "trial", {"level": Level.ASSIST}, certificate="c"))
    assert (log.changes()[-1].against, asked) == (None, [(Level.SHADOW, Level.ASSIST, "c")])
    desk.order(Command("boss", "trial", {"level": Level.PARTIAL}))
    assert log.changes()[-1].against == "Too early."
    desk.order(Command("boss", "trial", {"level": Level.FULL}, against="Said by who asked."))
    assert log.changes()[-1].against == "Said by who asked."


def test_a_step_right_is_refused_if_the_station_changed_while_the_evidence_was_read(kit, log, told):
    def speaks_against(before, after, certificate):
        other = ControlDesk(log, before, lambda user: True, kit.now, told.append)
        other.change("eve", "meanwhile", {"cut": before.cut - 0.01})

    desk = ControlDesk(log, kit.control(Level.SHADOW), lambda user: True, kit.now, told.append, None, speaks_against)
    with pytest.raises(ControlRefused, match="was changed while the evidence was looked at"):
        desk.change("boss", "trial", {"level": Level.ASSIST})
    assert desk.change("boss", "back", {"level": Level.HUMAN_ONLY}).level is Level.HUMAN_ONLY
