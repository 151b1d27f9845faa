"""What the domain's values refuse to be, and what they say of themselves."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import UTC, datetime

import pytest

from inspector_app.domain import (
    control,
    decision,
    errors,
    events,
    frame,
    inspection,
    logquery,
    prediction,
    review,
    status,
    verdict,
)
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import KnownFault, LogProblem, LogUnavailable
from inspector_app.domain.prediction import (
    Box,
    ModelIdentity,
    Prediction,
    PredictionStatus,
    Region,
    unusable_prediction,
)
from inspector_app.domain.status import FaultKind
from inspector_app.domain.verdict import Answer

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
SALTS = Salts("canary", "audit", "first")
GOOD = ControlState(1, Level.FULL, AssistStyle.HIGHLIGHT, 0.1, 0.5, 0.9, 0.05, 0.1, 0.1, True, SALTS)
REGION = Region("scratch", 0.9, Box(1, 2, 3, 4), ((1, 2), (4, 2), (4, 6)), 5.0, 1.0, True)
ROOMS = (control, decision, errors, events, frame, inspection, logquery, prediction, review, status, verdict)


def test_levels_run_from_left_to_right():
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4]
    assert [level.value for level in Level] == ["human_only", "shadow", "assist", "partial", "full"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"accept_below": 0.6}, "accept_below ≤ cut ≤ reject_above"),
        ({"cut": 0.95}, "accept_below ≤ cut ≤ reject_above"),
        ({"accept_below": -0.1}, "accept_below ≤ cut ≤ reject_above"),
        ({"reject_above": 1.1}, "accept_below ≤ cut ≤ reject_above"),
        ({"cut": float("nan")}, "accept_below ≤ cut ≤ reject_above"),
        ({"canary_share": -0.1}, "canary_share"),
        ({"canary_share": 1.1}, "canary_share"),
        ({"canary_share": float("nan")}, "canary_share"),
        ({"audit_share": 0.0}, "never left unaudited"),
        ({"audit_share": 1.1}, "never left unaudited"),
        ({"unaided_share": 0.0}, "unaided_share"),
        ({"unaided_share": float("nan")}, "unaided_share"),
    ],
)
def test_a_control_state_out_of_range_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(GOOD, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"accept_below": 0.0, "cut": 0.0, "reject_above": 0.0},
        {"accept_below": 1.0, "cut": 1.0, "reject_above": 1.0},
        {"canary_share": 0.0},
        {"canary_share": 1.0},
        {"audit_share": 1.0, "unaided_share": 1.0},
    ],
)
def test_a_control_state_at_the_ends_of_its_ranges_is_allowed(change):
    assert dataclasses.replace(GOOD, **change).version == 1


@pytest.mark.parametrize("salts", [("a", "a", "b"), ("a", "b", "a"), ("a", "b", "b"), ("", "a", "b")])
def test_salts_are_there_and_differ(salts):
    with pytest.raises(ValueError, match="non-empty and differ"):
        Salts(*salts)


@pytest.mark.parametrize("probability", [None, -0.1, 1.1, float("nan"), float("inf")])
def test_an_ok_prediction_has_a_probability(probability):
    with pytest.raises(ValueError, match="a probability in 0 … 1"):
        Prediction(PredictionStatus.OK, probability, (), MODEL, 1.0)


def test_an_ok_prediction_names_its_model():
    with pytest.raises(ValueError, match="carries its model"):
        Prediction(PredictionStatus.OK, 0.5, (), None, 1.0)


@pytest.mark.parametrize("status_", [s for s in PredictionStatus if s is not PredictionStatus.OK])
@pytest.mark.parametrize(("probability", "regions"), [(0.0, ()), (None, (REGION,))])
def test_no_other_prediction_carries_anything_to_act_on(status_, probability, regions):
    with pytest.raises(ValueError, match="carries neither probability nor regions"):
        Prediction(status_, probability, regions, MODEL, 1.0)


def test_an_unusable_prediction_says_why():
    late = unusable_prediction(PredictionStatus.LATE, MODEL, 900.0, "The answer came after 0.5 s.")
    assert (late.probability, late.regions, late.detail) == (None, (), "The answer came after 0.5 s.")
    with pytest.raises(ValueError, match="a probability"):
        unusable_prediction(PredictionStatus.OK, MODEL, 1.0, "It is fine.")


def test_unsure_holds_the_part():
    assert [answer.disposition for answer in Answer] == [Disposition.ACCEPT, Disposition.REJECT, Disposition.HOLD]


def test_only_faults_of_the_log_and_bugs_stop_parts():
    stops = {kind for kind in FaultKind if kind.stops_parts}
    assert stops == {FaultKind.DISK_FULL, FaultKind.LOG_READ_ONLY, FaultKind.LOG_UNAVAILABLE, FaultKind.BUG}


def known_faults(kind: type[KnownFault] = KnownFault) -> list[type[KnownFault]]:
    return [kind, *(fault for sub in kind.__subclasses__() for fault in known_faults(sub))]


@pytest.mark.parametrize(
    "fault", [f for f in known_faults() if f.__module__ == errors.__name__], ids=lambda f: f.__name__
)
def test_a_known_fault_is_its_sentence(fault):
    sentence = "station.toml: camera.uri must be a folder."
    made = fault(LogProblem.LOCKED, sentence) if fault is LogUnavailable else fault(sentence)
    assert str(made) == sentence
    assert made.args == (sentence,)
    assert inspect.getdoc(fault)


def test_a_log_fault_keeps_its_problem():
    assert LogUnavailable(LogProblem.DISK_FULL, "The disk is full.").problem is LogProblem.DISK_FULL


def values_of_the_domain():
    for room in ROOMS:
        for name, kind in vars(room).items():
            if inspect.isclass(kind) and kind.__module__ == room.__name__ and dataclasses.is_dataclass(kind):
                yield pytest.param(kind, id=name)


@pytest.mark.parametrize("kind", list(values_of_the_domain()))
def test_every_value_is_frozen_slotted_and_described(kind):
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")


def test_a_value_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.level = Level.SHADOW  # type: ignore[misc]
    fault = status.Fault(FaultKind.CAMERA_LOST, "The camera is gone.", datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(dataclasses.FrozenInstanceError):
        fault.sentence = "All is well."  # type: ignore[misc]
