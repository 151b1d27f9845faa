"""Several models at once: names, switching between requests, letting go."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus

pytest.importorskip("grpc", reason="the prediction protocol's libraries are not installed")

from model.serving.access import Access
from model.serving.faults import Refusal, ServingFault
from model.serving.gate import Gate, GateOptions
from model.serving.grpc_front import GrpcFront
from model.serving.held import HeldModel
from model.serving.limits import ServingLimits
from model.serving.repository import ModelRepository


@dataclass
class Fake:
    """A classifier that notes what is done with it."""

    model: ModelIdentity
    sizes: list[tuple[int, int]] = field(default_factory=list)
    closed: bool = False
    fails: bool = False

    def warm_up(self, height: int, width: int) -> None:
        if self.fails:
            raise RuntimeError("no memory")
        self.sizes.append((height, width))

    def predict(self, pixels: Pixels) -> Prediction:
        assert not self.closed
        return Prediction(PredictionStatus.OK, 0.5, (), self.model, 1.0)

    def close(self) -> None:
        self.closed = True


class Shop:
    """Loads fakes, ``NAME`` as its version 1."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.fails = False
        self.go = threading.Event()
        self.go.set()

    def __call__(self, wanted: str) -> HeldModel:
        assert self.go.wait(60)
        name, _, version = wanted.partition(" ")
        if name == "gone":
            raise ModelError("model gone is not here.")
        identity = ModelIdentity("a" if name == "bundled" else name, version or "1", "0" * 64, "1" * 64)

        def make() -> Fake:
            self.made.append(Fake(identity, fails=self.fails))
            return self.made[-1]

        return HeldModel(make, 2)

    def of(self, name: str, version: str) -> list[Fake]:
        return [fake for fake in self.made if (fake.model.name, fake.model.version) == (name, version)]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def repository(shop: Shop) -> Iterator[ModelRepository]:
    made = ModelRepository(shop, lambda: [("a", "1", None), ("z", "3", "it is damaged.")])
    yield made
    made.close()


def refusal_of(call: Callable[[], object]) -> Refusal:
    with pytest.raises(ServingFault) as caught:
        call()
    return caught.value.refusal


def test_names_stand_for_models(repository: ModelRepository, shop: Shop) -> None:
    assert not repository.ready
    assert refusal_of(lambda: repository.find("default")) is Refusal.UNKNOWN
    repository.point({"default": "a 1", "green": "a 2"})
    repository.load("b")
    assert repository.ready
    assert repository.find("").version == "1"
    assert repository.find("green").version == "2"
    assert repository.find("green", "2").version == "2"
    assert refusal_of(lambda: repository.find("green", "1")) is Refusal.UNKNOWN
    assert repository.find("a").version == "2"  # the one that was loaded last
    assert repository.find("a", "1").version == "1"
    assert repository.versions("a") == ("1", "2")
    assert repository.versions("green") == ("2",)
    assert len(shop.made) == 6
    states = {(each.name, each.version): (each.state, each.reason) for each in repository.index()}
    assert states["default", "1"] == ("READY", "")
    assert states["z", "3"] == ("UNAVAILABLE", "it is damaged.")


def test_the_same_model_is_loaded_once_whatever_it_is_called(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "bundled"})
    repository.point({"default": "a 1", "blue": "a", "green": "bundled"})
    assert [fake.closed for fake in shop.made] == [False, False, True, True]
    assert {each.name for each in repository.identities} == {"a"}


def test_a_switch_that_cannot_be_changes_nothing(repository: ModelRepository) -> None:
    repository.point({"default": "a 1"})
    with pytest.raises(ModelError):
        repository.point({"default": "a 2", "green": "gone"})
    assert repository.find("default").version == "1"
    assert "green" not in repository.names


def test_a_model_that_fails_while_it_gets_ready_is_not_named(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "a 1"})
    with repository.using("default") as held:
        held.warm_up(40, 60)
    shop.fails = True
    with pytest.raises(ModelError, match="failed while it got ready: no memory"):
        repository.point({"default": "b"})
    assert all(fake.closed for fake in shop.of("b", "1"))
    assert repository.find("default").name == "a"


def test_a_new_model_is_warm_for_the_pictures_that_come(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "a 1"})
    with repository.using("default") as held:
        held.warm_up(40, 60)
        held.warm_up(40, 60)
    repository.load("b")
    assert [fake.sizes for fake in shop.made] == [[(40, 60)]] * 4


def test_whoever_is_asked_stays_until_the_answer(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "a 1"})
    with repository.using("default") as old:
        repository.point({"default": "a 2"})
        repository.keep_only(set())
        assert repository.find("default").version == "2"
        assert not any(fake.closed for fake in shop.made)
        assert old.model.version == "1"
        assert refusal_of(lambda: repository.find("a", "1")) is Refusal.UNKNOWN
    assert all(fake.closed for fake in shop.of("a", "1"))
    assert not any(fake.closed for fake in shop.of("a", "2"))


def test_a_named_model_is_not_let_go(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "a 1"})
    repository.load("b 1")
    assert refusal_of(lambda: repository.unload("a", "1")) is Refusal.CONFLICT
    assert refusal_of(lambda: repository.unload("default")) is Refusal.CONFLICT
    assert refusal_of(lambda: repository.unload("c")) is Refusal.UNKNOWN
    repository.unload("b")
    assert all(fake.closed for fake in shop.of("b", "1"))
    assert refusal_of(lambda: repository.unload("b")) is Refusal.UNKNOWN


def test_models_change_under_many_requests_and_nobody_meets_a_closed_one(repository: ModelRepository) -> None:
    repository.point({"default": "a 1"})
    stop, seen, faults = threading.Event(), set(), []
    pixels = np.zeros((40, 40), np.uint8)
    met = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                with repository.using("default") as held:
                    answer = held.predict(pixels)
                    assert answer.model == held.model
                    seen.add(held.model.version)
                    met.set()
            except Exception as fault:
                faults.append(fault)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for each in askers:
        each.start()
    for number in range(60):
        repository.point({"default": f"a {number}"})
        repository.keep_only(set())
        met.clear()
        assert met.wait(60)
    stop.set()
    for each in askers:
        each.join()
    assert not faults
    assert len(seen) > 30
    assert repository.versions("a") == ("59",)


def test_a_switch_between_the_look_and_the_grip_meets_nobody(
    repository: ModelRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.point({"default": "a 1"})
    look, switches = repository._key_of, iter([{"default": "a 2"}, {"default": "a 3"}])

    def switched_first(*asked: Any) -> tuple[str, str]:
        for names in islice(switches, 1):
            repository.point(names)
            repository.keep_only(set())
        return look(*asked)

    monkeypatch.setattr(repository, "_key_of", switched_first)
    assert repository.find("default").version == "1"
    with repository.using("default") as held:
        assert held.model.version == "3"


def test_two_clients_that_name_models_at_once_both_have_their_way(repository: ModelRepository, shop: Shop) -> None:
    repository.point({"default": "a 1"})
    shop.go.clear()
    service = SimpleNamespace(repository=repository, limits=ServingLimits())
    gate = Gate(service, GateOptions(Access(), may_load=True, version="1"))  # type: ignore[arg-type]

    async def both() -> None:
        asked = [
            asyncio.create_task(gate.load(name, {"model": model})) for name, model in (("blue", "b"), ("green", "c"))
        ]
        await asyncio.sleep(0)
        shop.go.set()
        await asyncio.gather(*asked)

    asyncio.run(both())
    assert repository.names == {"default": ("a", "1"), "blue": ("b", "1"), "green": ("c", "1")}


def test_a_slow_registry_holds_up_nobody(shop: Shop) -> None:
    go = threading.Event()
    repository = ModelRepository(shop, lambda: [("z", "3", None if go.wait(10) else "nobody let go")])
    front = GrpcFront(SimpleNamespace(service=SimpleNamespace(repository=repository)))  # type: ignore[arg-type]

    async def listed() -> Any:
        asked = asyncio.create_task(front._index(SimpleNamespace(ready=False), None))
        await asyncio.sleep(0)
        go.set()
        return await asked

    assert [model.reason for model in asyncio.run(listed()).models] == ["not loaded"]
