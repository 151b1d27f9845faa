"""Names of models that follow the control state of a station's log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from inspector_app.bootstrap.served_names import ControlFollower, named_models
from inspector_app.bootstrap.serving import make_repository
from inspector_app.bootstrap.settled import SettledFolder
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import LogProblem, LogUnavailable, ModelError, SettingsError
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Slot, Slots
from inspector_app.settings import Settings
from model.registry import ModelRegistry
from model.serving.repository import ModelRepository


@dataclass
class Station:
    """A data folder whose control state a test sets."""

    settings: Settings
    state: ControlState

    def control_in_force(self) -> ControlState:
        return self.state


@pytest.fixture
def folder(two_versions: Path) -> SettledFolder:
    return SettledFolder(two_versions, Settings())


@pytest.fixture
def repository(folder: SettledFolder) -> Iterator[ModelRepository]:
    made = make_repository(folder, 1)
    yield made
    made.close()


@pytest.fixture
def identity(two_versions: Path) -> Callable[[str], ModelIdentity]:
    registry = ModelRegistry(two_versions / "models")
    return lambda version: registry.load("top-hat", version).manifest.identity


def test_names_follow_the_control_state(repository: ModelRepository, identity: Callable[[str], ModelIdentity]) -> None:
    settings = Settings()
    station = Station(settings, settings.automation.first_state())
    said: list[str] = []
    follower = ControlFollower(station, repository, said.append)  # type: ignore[arg-type]
    follower.bring_up_to_date()
    assert repository.find("default") == repository.find("blue")
    assert repository.find("default").name == "scratch-net"
    slots = Slots(Slot.BLUE, blue=identity("1.0"), green=identity("2.0"))
    station.state = replace(station.state, slots=slots)
    follower.bring_up_to_date()
    assert repository.names == {"default": ("top-hat", "1.0"), "blue": ("top-hat", "1.0"), "green": ("top-hat", "2.0")}
    assert repository.versions("scratch-net") == ()
    station.state = replace(station.state, slots=replace(slots, in_charge=Slot.GREEN))
    follower.bring_up_to_date()
    assert repository.find("default").version == "2.0"
    station.state = replace(station.state, slots=Slots(Slot.BLUE, green=identity("2.0")))
    follower.bring_up_to_date()
    assert dict(repository.names) == {"green": ("top-hat", "2.0")}
    assert not repository.ready


def test_a_model_that_is_not_the_one_in_force_is_not_named(
    repository: ModelRepository, identity: Callable[[str], ModelIdentity]
) -> None:
    settings = Settings()
    station = Station(settings, settings.automation.first_state())
    follower = ControlFollower(station, repository, lambda _: None)  # type: ignore[arg-type]
    follower.bring_up_to_date()
    other = replace(identity("1.0"), sha256="0" * 64)
    station.state = replace(station.state, slots=Slots(Slot.BLUE, blue=other))
    with pytest.raises(ModelError, match="is not the one in force"):
        follower.bring_up_to_date()
    assert repository.find("default").name == "scratch-net"
    follower.bring_up_to_date()  # said once


@pytest.mark.parametrize(
    ("specs", "others", "names"),
    [
        (["a 1"], ["a 1"], {"default": "a 1"}),
        (["green=a 2", "a 1"], ["a 1"], {"default": "a 1", "green": "a 2"}),
        (["green=a 2", "blue=b"], [], {"default": "a 2", "green": "a 2", "blue": "b"}),
        (["b", "default=a"], ["b"], {"default": "a"}),
    ],
)
def test_models_named_on_the_command_line(specs: list[str], others: list[str], names: dict[str, str]) -> None:
    assert named_models(specs) == (others, names)


@pytest.mark.parametrize("spec", ["grey=a", "=a", "blue="])
def test_other_names_are_refused(spec: str) -> None:
    with pytest.raises(SettingsError, match="default, blue, green"):
        named_models([spec])


def test_a_log_that_is_away_for_a_moment_is_asked_again(
    repository: ModelRepository, identity: Callable[[str], ModelIdentity]
) -> None:
    settings = Settings()
    slots = Slots(Slot.BLUE, blue=identity("1.0"))
    station = Station(settings, replace(settings.automation.first_state(), slots=slots))
    follower = ControlFollower(station, repository, lambda _: None)  # type: ignore[arg-type]
    answers = [station.state, LogUnavailable(LogProblem.LOCKED, "The log is locked.")]

    def in_force() -> ControlState:
        answer = answers.pop(0) if answers else station.state
        if isinstance(answer, Exception):
            raise answer
        return answer

    station.control_in_force = in_force  # type: ignore[method-assign]
    for _ in range(3):
        with suppress(LogUnavailable):
            follower.bring_up_to_date()
    assert repository.find("default") == identity("1.0")
