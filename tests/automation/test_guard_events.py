"""What is read of guards from recorded commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inspector_app.automation.guard_events import GuardKind, latched_at
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts

FIRST = ControlState(
    1,
    Level.PARTIAL,
    AssistStyle.SECOND_LOOK,
    0.1,
    0.5,
    0.9,
    0.05,
    0.1,
    0.1,
    hold_audits=True,
    salts=Salts("a", "b", "c"),
)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_guard_has_stepped_left_when_its_latch_is_new():
    drift, harm = GuardKind.SCORE_DRIFT.value, GuardKind.HARM.value
    latches = [(), (drift,), (drift, harm), (), (harm, drift)]
    states = [replace(FIRST, version=n + 1, latched=latched) for n, latched in enumerate(latches)]
    changes = [
        ControlChange("guard", "why", NOON + timedelta(hours=n), before, after)
        for n, (before, after) in enumerate(zip([None, *states], states, strict=False))
    ]
    assert latched_at(changes, GuardKind.SCORE_DRIFT) == (NOON + timedelta(hours=1), NOON + timedelta(hours=4))
    assert latched_at(changes, GuardKind.HARM) == (NOON + timedelta(hours=2), NOON + timedelta(hours=4))
    assert latched_at(changes[2:], GuardKind.SCORE_DRIFT) == (NOON + timedelta(hours=4),)
    born = ControlChange("settings", "first", NOON, None, states[1])
    assert latched_at([born], GuardKind.SCORE_DRIFT) == (NOON,)
