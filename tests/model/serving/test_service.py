"""Requests on a bounded number of workers: what waits, what is dropped, what fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus
from model.protocol.pictures import pixels_tensor
from model.protocol.predictions import read_prediction
from model.protocol.wire import InferRequest
from model.serving.faults import Refusal, ServingFault
from model.serving.held import HeldModel
from model.serving.limits import ServingLimits
from model.serving.repository import ModelRepository
from model.serving.service import PredictionService

IDENTITY = ModelIdentity("a", "1", "0" * 64, "1" * 64)
REQUEST = InferRequest("default", "", (pixels_tensor(np.zeros((40, 40), np.uint8)),))


class Gated:
    """A classifier that waits for leave, and counts."""

    model = IDENTITY

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.leave = threading.Semaphore(0)
        self.asked = 0
        self.fault: Exception | None = None

    def warm_up(self, height: int, width: int) -> None:
        pass

    def predict(self, pixels: Pixels) -> Prediction:
        self.asked += 1
        self.began.release()
        assert self.leave.acquire(timeout=60)
        if self.fault is not None:
            raise self.fault
        return Prediction(PredictionStatus.OK, 0.25, (), IDENTITY, 1.0)

    def close(self) -> None:
        pass


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def gated() -> Gated:
    return Gated()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(gated: Gated, clock: Clock) -> Iterator[PredictionService]:
    repository = ModelRepository(lambda _: HeldModel(lambda: gated, 1), list)
    repository.point({"default": "a"})
    made = PredictionService(repository, ServingLimits(waiting=3), lambda _: np.zeros((40, 40), np.uint8), 1, clock)
    yield made
    gated.leave.release(100)
    made.stop()
    made.stop()
    repository.close()


def refusal_of(call: Callable[[], object]) -> Refusal:
    with pytest.raises(ServingFault) as caught:
        call()
    return caught.value.refusal


def counted(service: PredictionService, line: str) -> bool:
    return line in service.counters()[0].decode()


def test_an_answer_holds_the_prediction(service: PredictionService, gated: Gated) -> None:
    gated.leave.release()
    answer = service.infer(REQUEST, "grpc").result(60)
    assert (answer.model, answer.version) == ("default", "1")
    assert read_prediction(answer.outputs).probability == 0.25
    assert counted(service, 'inspector_predictions_total{model="a",status="ok",transport="grpc",version="1"} 1.0')


def test_loaded_models_and_their_names_are_told(service: PredictionService) -> None:
    loaded = f'inspector_model_loaded{{model="a",sha256="{"0" * 64}",version="1"}} 1.0'
    assert counted(service, loaded)
    assert counted(service, 'inspector_model_name{model="a",name="default",version="1"} 1.0')
    service.repository.point({"green": "a"})
    assert not counted(service, 'name="default"')
    service.repository.close()
    assert not counted(service, loaded)


def test_more_than_may_wait_are_refused_at_once(service: PredictionService, gated: Gated) -> None:
    first = service.infer(REQUEST, "grpc")
    assert gated.began.acquire(timeout=60)
    others = [service.infer(REQUEST, "grpc") for _ in range(2)]
    assert counted(service, "inspector_waiting_requests 3.0")
    assert refusal_of(lambda: service.infer(REQUEST, "grpc")) is Refusal.OVERLOADED
    gated.leave.release(3)
    for each in (first, *others):
        each.result(60)
    assert counted(service, "inspector_waiting_requests 0.0")
    gated.leave.release()
    service.infer(REQUEST, "grpc").result(60)


def test_what_nobody_waits_for_is_not_computed(service: PredictionService, gated: Gated) -> None:
    first = service.infer(REQUEST, "grpc")
    assert gated.began.acquire(timeout=60)
    second, third = service.infer(REQUEST, "grpc"), service.predict("", "", b"x")
    assert second.cancel()
    gated.leave.release(2)
    first.result(60)
    assert third.result(60).probability == 0.25
    with pytest.raises(CancelledError):
        second.result(60)
    assert gated.asked == 2
    assert counted(service, "inspector_waiting_requests 0.0")


def test_what_is_past_its_deadline_is_not_computed(service: PredictionService, gated: Gated, clock: Clock) -> None:
    first = service.infer(REQUEST, "grpc")
    assert gated.began.acquire(timeout=60)
    late = service.infer(replace(REQUEST, timeout_us=2_000_000), "grpc")
    in_time = service.infer(replace(REQUEST, timeout_us=4_000_000), "grpc")
    clock.now += 3.0
    gated.leave.release(2)
    first.result(60)
    assert refusal_of(lambda: late.result(60)) is Refusal.TOO_LATE
    assert read_prediction(in_time.result(60).outputs).status is PredictionStatus.OK
    assert gated.asked == 2
    for nothing_left in (0, -5):
        assert refusal_of(lambda left=nothing_left: service.infer(replace(REQUEST, timeout_us=left), "grpc")) is (
            Refusal.TOO_LATE
        )


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (KnownFault("The output is not finite."), "The output is not finite."),
        (RuntimeError("oom"), "RuntimeError: oom"),
    ],
)
def test_a_model_that_fails_is_a_failed_prediction(
    service: PredictionService, gated: Gated, fault: Exception, says: str
) -> None:
    gated.fault = fault
    gated.leave.release()
    prediction = read_prediction(service.infer(REQUEST, "grpc").result(60).outputs)
    assert prediction.status is PredictionStatus.FAILED
    assert prediction.model == IDENTITY
    assert says in str(prediction.detail)
    gated.fault = None
    gated.leave.release()
    assert read_prediction(service.infer(REQUEST, "grpc").result(60).outputs).status is PredictionStatus.OK


def test_a_stopping_service_drops_what_waits_and_takes_nothing(service: PredictionService, gated: Gated) -> None:
    first = service.infer(REQUEST, "grpc")
    assert gated.began.acquire(timeout=60)
    waits = service.infer(REQUEST, "grpc")
    stopper = threading.Thread(target=service.stop)
    stopper.start()
    with pytest.raises(CancelledError):
        waits.result(60)
    gated.leave.release()
    stopper.join(60)
    assert read_prediction(first.result(0).outputs).status is PredictionStatus.OK
    assert refusal_of(lambda: service.infer(REQUEST, "grpc")) is Refusal.NOT_READY


def test_a_lone_copy_never_works_on_two_pictures(service: PredictionService) -> None:
    busy: list[int] = []

    class Watching(Gated):
        def predict(self, pixels: Pixels) -> Prediction:
            busy.append(1)
            assert len(busy) == 1
            done: Any = Prediction(PredictionStatus.OK, 0.25, (), IDENTITY, 1.0)
            busy.pop()
            return done

    held = HeldModel(Watching, 1)
    askers = [
        threading.Thread(target=lambda: [held.predict(np.zeros((4, 4), np.uint8)) for _ in range(50)]) for _ in "ab"
    ]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert not busy
