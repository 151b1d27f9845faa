"""What speaks against a change is said and recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector_app.automation.against import against_change
from inspector_app.automation.gate_inputs import Evidence, GateLimits
from inspector_app.automation.gates import GATES_VERSION, gate_report
from inspector_app.domain.control import Level

CERTIFICATE = {"certified": True, "accept_below": 0.2, "reject_above": 0.9}


@pytest.fixture
def state(control):
    return replace(control(Level.SHADOW), accept_below=0.1, cut=0.5, reject_above=0.95)


def said(before, after, certificate=None):
    return against_change(before, after, gate_report(Evidence(before.level), GateLimits()), certificate)


def test_a_level_that_the_gates_do_not_recommend(state):
    found = said(state, replace(state, level=Level.PARTIAL))
    assert found.startswith("Not shown for assist: The model misses")
    assert "Not shown for partial: " in found
    assert found.endswith(f"(Rules of the gates: {GATES_VERSION}.)")
    assert said(state, replace(state, level=Level.HUMAN_ONLY)) is None


@pytest.mark.parametrize(
    ("thresholds", "certificate", "marked"),
    [
        ({"accept_below": 0.2}, None, True),
        ({"accept_below": 0.2}, CERTIFICATE, False),
        ({"accept_below": 0.21}, CERTIFICATE, True),
        ({"reject_above": 0.9}, CERTIFICATE, False),
        ({"reject_above": 0.89}, CERTIFICATE, True),
        ({"reject_above": 0.94}, {**CERTIFICATE, "reject_above": None}, True),
        ({"accept_below": 0.05, "reject_above": 0.99}, None, False),
    ],
)
def test_thresholds_wider_than_the_certificate(state, thresholds, certificate, marked):
    found = said(state, replace(state, **thresholds), certificate)
    assert (found is not None) == marked
    assert found is None or found.startswith("No certificate that stands")
