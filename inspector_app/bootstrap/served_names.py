"""What ``default``, ``blue`` and ``green`` stand for on the prediction server: as told, or as in the control state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.settled import SettledFolder
from inspector_app.domain.errors import KnownFault, ModelError, SettingsError
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Slot, Slots
from inspector_app.log import report_unexpected
from inspector_app.station.threads import Worker
from model.protocol.contract import DEFAULT_MODEL

if TYPE_CHECKING:
    from model.serving.repository import ModelRepository

_NAMES = (DEFAULT_MODEL, *Slot)
_FOLLOW_S = 1.0
"""How long a change of the control state may take to be followed."""


@contextmanager
def following(
    folder: SettledFolder, data: DataFolder | None, repository: ModelRepository, say: Callable[[str], None]
) -> Iterator[None]:
    """Name models as the control state does, now and after each change of it."""
    if data is None:
        repository.point(dict.fromkeys((DEFAULT_MODEL, Slot.BLUE), folder.settings.model.name))
        yield
        return
    follower = ControlFollower(data, repository, say)
    follower.bring_up_to_date()
    worker = Worker("follow-control", follower.follow, report_unexpected)
    worker.start()
    try:
        yield
    finally:
        worker.stop(60.0)


class ControlFollower:
    """Lets ``default``, ``blue`` and ``green`` stand for the models that a station's control state names."""

    def __init__(self, folder: DataFolder, repository: ModelRepository, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._repository = repository
        self._say = say
        self._seen: Mapping[str, str] | None = None

    def follow(self, stop: threading.Event) -> None:
        """Look for a change every second until asked to stop; what cannot be followed is said, and the models stay."""
        while not stop.wait(_FOLLOW_S):
            try:
                self.bring_up_to_date()
            except KnownFault as fault:
                self._say(f"The models stay as they are: {fault}")

    def bring_up_to_date(self) -> None:
        """Name the models as the control state in force does; `KnownFault` if one cannot be loaded."""
        slots = self._folder.control_in_force().slots
        wanted = self._wanted(slots)
        if wanted == self._seen:
            return
        # remembered first, so that what cannot be loaded is tried and said once
        self._seen = wanted
        if not wanted:
            raise ModelError("the control state names no model in charge.")
        for model in wanted.values():
            _check(self._repository.load(model), slots)
        self._repository.point(wanted)
        self._repository.keep_only(set())

    def _wanted(self, slots: Slots | None) -> Mapping[str, str]:
        if slots is None:
            return dict.fromkeys((DEFAULT_MODEL, Slot.BLUE), self._folder.settings.model.name)
        held = {slot: slots.model(slot) for slot in Slot}
        names = {slot.value: f"{model.name} {model.version}" for slot, model in held.items() if model is not None}
        in_charge = names.get(slots.in_charge.value)
        return names if in_charge is None else {DEFAULT_MODEL: in_charge, **names}


def _check(found: ModelIdentity, slots: Slots | None) -> None:
    """Raise `ModelError` if the model of a name and version is not the very one that the control state names."""
    for named in () if slots is None else (slots.blue, slots.green):
        if named is not None and (named.name, named.version) == (found.name, found.version) and named != found:
            raise ModelError(
                f"model {found.name} {found.version} is not the one in force: sha256 {found.sha256[:12]}…, the"
                f" control state names {named.sha256[:12]}…."
            )


def named_models(specs: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return from ``[NAME=]MODEL`` texts the models without a name of their own, and the named ones.

    The first model is the default unless another one is.

    Raises
    ------
    SettingsError
        If a name is none of ``default``, ``blue``, ``green`` or given twice.
    """
    others: list[str] = []
    names: dict[str, str] = {}
    for spec in specs:
        name, given, model = spec.partition("=")
        if not given:
            others.append(spec.strip())
        elif name not in _NAMES or name in names or not model.strip():
            raise SettingsError(
                f"model {spec!r}: write MODEL or NAME=MODEL, each of the names {', '.join(_NAMES)} at most once."
            )
        else:
            names[name] = model.strip()
    if DEFAULT_MODEL not in names:
        names = {DEFAULT_MODEL: others[0] if others else next(iter(names.values())), **names}
    return others, names
