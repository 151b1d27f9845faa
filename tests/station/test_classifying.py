"""The model under its deadline: whatever it does, the answer is typed and only a good one is OK."""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from inspector_app.domain.errors import ModelError
from inspector_app.domain.prediction import Prediction, PredictionStatus
from inspector_app.station import classifying
from inspector_app.station.classifying import ModelLimits, SupervisedClassifier
from inspector_app.station.threads import STEP_ASIDE


@pytest.fixture
def supervised(kit):
    started = []

    def make(answer, deadline_s=20.0, warming=lambda: None, warm_up_s=20.0):
        classifier = None if answer is None else kit.Classifier(answer)
        if classifier is not None:
            classifier.warming = warming
        bugs = []
        limits = ModelLimits(deadline_s, warm_up_s)
        supervised = SupervisedClassifier(classifier, limits, lambda name, bug: bugs.append(bug))
        supervised.start()
        started.append((supervised, bugs))
        return supervised

    yield make
    for supervised, bugs in started:
        assert supervised.stop(kit.PATIENCE_S)
        assert not bugs


def raises(error):
    def answer(number):
        raise error

    return answer


def test_a_good_answer_is_used_with_the_time_it_took(supervised, kit):
    answer = supervised(lambda n: kit.prediction(0.25)).ask(kit.frame(1).pixels).answer()
    assert answer.status is PredictionStatus.OK
    assert answer.probability == 0.25
    assert answer.elapsed_ms > 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a niceness for each thread")
def test_the_model_lets_all_other_threads_go_first(supervised, kit):
    seen = []

    def answer(number):
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return kit.prediction(0.25)

    supervised(answer).ask(kit.frame(1).pixels).answer()
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert seen == [min(mine + STEP_ASIDE, 19)]
    assert mine < 19


def test_getting_ready_does_not_count_against_the_deadline(supervised, kit, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(classifying, "time", SimpleNamespace(perf_counter=lambda: clock[0]))

    def getting_ready():
        clock[0] += 100.0

    def predicting(number):
        clock[0] += 7.0
        return kit.prediction(0.25)

    model = supervised(predicting, deadline_s=20.0, warming=getting_ready, warm_up_s=1000.0)
    answer = model.ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.elapsed_ms) == (PredictionStatus.OK, 7000.0)


def test_getting_ready_has_a_limit_of_its_own(supervised, kit):
    ready = threading.Event()
    model = supervised(lambda n: kit.prediction(0.25), warming=lambda: ready.wait(kit.PATIENCE_S), warm_up_s=0.05)
    answer = model.ask(kit.frame(1).pixels).answer()
    ready.set()
    assert answer.status is PredictionStatus.LATE
    assert "not ready" in answer.detail


def test_failing_to_get_ready_is_a_failed_prediction(supervised, kit):
    def warming():
        raise ModelError("The network does not fit pictures of this size.")

    answer = supervised(lambda n: kit.prediction(0.25), warming=warming).ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.detail) == (
        PredictionStatus.FAILED,
        "The network does not fit pictures of this size.",
    )


def test_the_model_sees_one_picture_after_the_other(supervised, kit):
    model = supervised(lambda n: kit.prediction(n / 10))
    assert [model.ask(kit.frame(n).pixels).answer().probability for n in range(5)] == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_without_a_model_every_answer_is_absent(supervised, kit):
    model = supervised(None)
    assert model.model is None
    answer = model.ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.model) == (PredictionStatus.ABSENT, None)


def bypassed(probability):
    """A prediction whose checks were bypassed, as a careless adapter might do."""
    broken = object.__new__(Prediction)
    for name, value in {
        "status": PredictionStatus.OK,
        "probability": probability,
        "regions": (),
        "model": None,
        "elapsed_ms": 1.0,
        "detail": None,
    }.items():
        object.__setattr__(broken, name, value)
    return broken


@pytest.mark.parametrize(
    "answer",
    [
        raises(ValueError("boom")),
        raises(ModelError("The model does not fit.")),
        raises(MemoryError()),
        lambda n: None,
        lambda n: 0.5,
        lambda n: bypassed(math.nan),
        lambda n: bypassed(2.0),
        lambda n: bypassed(None),
        lambda n: bypassed("0.1"),
    ],
)
def test_whatever_goes_wrong_is_a_failed_prediction(supervised, kit, caplog, answer):
    with caplog.at_level(logging.CRITICAL):
        result = supervised(answer).ask(kit.frame(1).pixels).answer()
    assert result.status is PredictionStatus.FAILED
    assert result.probability is None
    assert result.detail


def test_nan_cannot_even_be_made(kit):
    with pytest.raises(ValueError, match="probability"):
        replace(kit.prediction(0.5), probability=math.nan)


def test_a_late_answer_is_late_and_never_used(supervised, kit):
    gate = threading.Event()

    def slow(number):
        if number == 1:
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(number / 10)

    model = supervised(slow, deadline_s=0.05)
    late = model.ask(kit.frame(1).pixels).answer()
    assert late.status is PredictionStatus.LATE
    assert late.elapsed_ms >= 50.0
    # While it still works on the part that was given up, the next is refused at once.
    busy = model.ask(kit.frame(2).pixels).answer()
    assert busy.status is PredictionStatus.FAILED
    assert "busy" in busy.detail
    gate.set()
    answer = None
    while answer is None or answer.status is not PredictionStatus.OK:
        answer = model.ask(kit.frame(3).pixels).answer()
    assert answer.probability == 0.3


def test_a_picture_that_may_wait_comes_after_the_one_in_hand_and_another_is_not_even_asked(supervised, kit):
    gate, begun = threading.Event(), threading.Event()

    def says(number):
        if number == 1:
            begun.set()
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(number / 10)

    model = supervised(says, deadline_s=kit.PATIENCE_S)
    beside = model.ask(kit.frame(1).pixels)
    assert begun.wait(kit.PATIENCE_S)
    refused = model.ask(kit.frame(2).pixels).answer()
    assert (refused.status, refused.detail) == (PredictionStatus.ABSENT, "The model was at another part.")
    waits = model.ask(kit.frame(3).pixels, may_wait=True)
    # There is one place to wait in.
    assert "busy" in model.ask(kit.frame(4).pixels, may_wait=True).answer().detail
    gate.set()
    assert waits.answer().probability == 0.3
    assert beside.answer().probability == 0.1


def test_behind_a_model_that_hangs_it_is_late_once_and_never_asked(supervised, kit):
    gate, begun, asked = threading.Event(), threading.Event(), []

    def says(number):
        asked.append(number)
        if number == 1:
            begun.set()
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(number / 10)

    model = supervised(says, deadline_s=0.05)
    beside = model.ask(kit.frame(1).pixels)
    assert begun.wait(kit.PATIENCE_S)
    late = model.ask(kit.frame(2).pixels, may_wait=True).answer()
    assert late.status is PredictionStatus.LATE
    assert beside.answer().status is PredictionStatus.LATE
    # From now on it costs no part a deadline any more.
    assert model.ask(kit.frame(3).pixels, may_wait=True).answer().status is PredictionStatus.FAILED
    gate.set()
    answer = None
    while answer is None or answer.status is not PredictionStatus.OK:
        answer = model.ask(kit.frame(5).pixels).answer()
    assert asked[0] == 1
    assert set(asked[1:]) == {5}


def test_an_answer_that_came_while_nobody_looked_but_too_late_is_late(supervised, kit):
    done = threading.Event()

    def slow(number):
        threading.Event().wait(0.05)
        done.set()
        return kit.prediction(0.1)

    question = supervised(slow, deadline_s=0.01).ask(kit.frame(1).pixels)
    assert done.wait(kit.PATIENCE_S)
    assert question.answer().status is PredictionStatus.LATE


def test_the_models_own_refusals_pass_through(supervised, kit):
    refusal = Prediction(PredictionStatus.LATE, None, (), kit.MODEL, 3.0, "the server was late")
    answer = supervised(lambda n: refusal).ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.detail) == (PredictionStatus.LATE, "the server was late")


def test_a_model_that_was_let_go_is_absent_at_once(kit):
    supervised = SupervisedClassifier(kit.Classifier(lambda n: kit.prediction(0.1)), ModelLimits(5.0), lambda *_: None)
    supervised.start()
    assert supervised.stop(kit.PATIENCE_S)
    answer = supervised.ask(kit.frame(1).pixels).answer()
    assert (answer.status, answer.detail) == (PredictionStatus.ABSENT, "The model has just been let go.")
