"""The loaded models and the names under which they are asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from inspector_app.domain.errors import ModelError
from inspector_app.domain.prediction import ModelIdentity
from model.protocol.contract import DEFAULT_MODEL
from model.protocol.tensors import shown
from model.serving.faults import Refusal, ServingFault
from model.serving.held import HeldModel

LoadHeld = Callable[[str], HeldModel]
"""Loads ``NAME``, ``NAME VERSION`` or ``bundled`` from the registry, every hash checked; `ModelError`."""


@dataclass(frozen=True, slots=True)
class ModelInIndex:
    """A model that the server knows of.

    Attributes
    ----------
    name, version : str
        Of its manifest; of a name such as ``default`` the version that it stands for.
    ready : bool
        True if it is loaded.
    reason : str
        Why it is not ready; empty if it is.
    """

    name: str
    version: str
    ready: bool
    reason: str = ""

    @property
    def state(self) -> str:
        """``READY`` or ``UNAVAILABLE``, as the protocol has it."""
        return "READY" if self.ready else "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is loaded, replaced as a whole.

    Attributes
    ----------
    models : mapping
        By name and version, in the order of loading.
    names : mapping
        What ``default``, ``blue`` and ``green`` stand for.
    """

    models: Mapping[tuple[str, str], HeldModel] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))


class ModelRepository:
    """Several models at once. Safe from several threads.

    A request looks a model up once and holds it until its answer; names and models change between requests, as a whole.

    Parameters
    ----------
    load : LoadHeld
        Loads a model.
    known : callable
        Returns name, version and problem (or ``None``) of every model in the registry.
    """

    def __init__(self, load: LoadHeld, known: Callable[[], list[tuple[str, str, str | None]]]) -> None:
        self._load = load
        self._known = known
        self._shelf = _Shelf()
        self._changing = threading.Lock()

    def load(self, wanted: str) -> ModelIdentity:
        """Load a model, warm for the sizes that the others are warm for; nothing happens if it is there.

        Raises
        ------
        ModelError
            If it is not in the registry or not sound.
        """
        with self._changing:
            held = self._find(wanted) or self._loaded(wanted)
            return held.model

    def point(self, names: Mapping[str, str]) -> None:
        """Let names such as ``default`` stand for models, all of them in one step, and load what is not there.

        Names that are not among them are dropped.

        Raises
        ------
        ModelError
            If a model cannot be loaded; then the names stand for what they did.
        """
        with self._changing:
            self._point(names)

    def name(self, name: str, wanted: str) -> None:
        """Let one name stand for a model; the others stay. As `point`."""
        with self._changing:
            others = {known: " ".join(key) for known, key in self._shelf.names.items()}
            self._point({**others, name: wanted})

    def unload(self, name: str, version: str = "") -> None:
        """Let go of a model; requests that use it still get their answer.

        Raises
        ------
        ServingFault
            If it is not loaded or a name such as ``default`` stands for it.
        """
        with self._changing:
            key = self._key_of(self._shelf, name, version)
            named = [alias for alias, meant in self._shelf.names.items() if meant == key]
            if named:
                raise ServingFault(
                    Refusal.CONFLICT, f"Model {' '.join(key)} is {', '.join(named)} and stays; name another one first."
                )
            models = dict(self._shelf.models)
            gone = models.pop(key)
            self._shelf = _Shelf(MappingProxyType(models), self._shelf.names)
        gone.retire()

    def keep_only(self, wanted: set[ModelIdentity]) -> None:
        """Let go of every model that is neither wanted nor named."""
        with self._changing:
            kept = {_key(model) for model in wanted} | set(self._shelf.names.values())
            gone = [held for key, held in self._shelf.models.items() if key not in kept]
            models = {key: held for key, held in self._shelf.models.items() if key in kept}
            self._shelf = _Shelf(MappingProxyType(models), self._shelf.names)
        for held in gone:
            held.retire()

    @contextmanager
    def using(self, name: str, version: str = "") -> Iterator[HeldModel]:
        """Yield a loaded model, which stays loaded meanwhile.

        Parameters
        ----------
        name : str
            Of its manifest, or ``default``, ``blue``, ``green``; empty: ``default``.
        version : str
            Empty: the one that was loaded last.

        Raises
        ------
        ServingFault
            If there is none.
        """
        held = self._taken(name, version)
        try:
            yield held
        finally:
            held.release()

    def find(self, name: str, version: str = "") -> ModelIdentity:
        """Return which model a name and version stand for; `ServingFault` if none is loaded."""
        shelf = self._shelf
        return shelf.models[self._key_of(shelf, name, version)].model

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the loaded versions of a model; of a name such as ``default`` the one that it stands for."""
        shelf = self._shelf
        meant = shelf.names.get(name)
        return (meant[1],) if meant else tuple(version for known, version in shelf.models if known == name)

    @property
    def identities(self) -> tuple[ModelIdentity, ...]:
        """The loaded models."""
        return tuple(held.model for held in self._shelf.models.values())

    @property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """What ``default``, ``blue`` and ``green`` stand for: name and version."""
        return self._shelf.names

    @property
    def ready(self) -> bool:
        """True if there is a model under the name ``default``."""
        return DEFAULT_MODEL in self._shelf.names

    def index(self) -> tuple[ModelInIndex, ...]:
        """Return the names, the loaded models, and those of the registry that are not loaded."""
        shelf = self._shelf
        found = [ModelInIndex(name, version, ready=True) for name, (_, version) in sorted(shelf.names.items())]
        found += [ModelInIndex(*key, ready=True) for key in shelf.models]
        found += [
            ModelInIndex(name, version, ready=False, reason=problem or "not loaded")
            for name, version, problem in self._known()
            if (name, version) not in shelf.models
        ]
        return tuple(found)

    def close(self) -> None:
        """Let go of everything; what is in use is freed when its request ends."""
        with self._changing:
            gone, self._shelf = self._shelf, _Shelf()
        for held in gone.models.values():
            held.retire()

    def _taken(self, name: str, version: str) -> HeldModel:
        """Return a model in use; one that is retired between the look and the grip was replaced, so look again."""
        while True:
            shelf = self._shelf
            held = shelf.models[self._key_of(shelf, name, version)]
            if held.use():
                return held

    def _point(self, names: Mapping[str, str]) -> None:
        fresh = {wanted: self._find(wanted) or self._loaded(wanted) for wanted in dict.fromkeys(names.values())}
        keys = {name: _key(fresh[wanted].model) for name, wanted in names.items()}
        self._shelf = _Shelf(self._shelf.models, MappingProxyType(keys))

    @staticmethod
    def _key_of(shelf: _Shelf, name: str, version: str) -> tuple[str, str]:
        meant = shelf.names.get(name or DEFAULT_MODEL)
        if meant is not None and version in {"", meant[1]}:
            return meant
        fits = [key for key in shelf.models if key[0] == name and version in {"", key[1]}]
        if not fits or meant is not None:
            loaded = ", ".join([*sorted(shelf.names), *(" ".join(key) for key in shelf.models)]) or "none"
            wanted = shown(f"{name or DEFAULT_MODEL} {version}".strip())
            raise ServingFault(Refusal.UNKNOWN, f"Model {wanted} is not loaded here (loaded: {loaded}).")
        return fits[-1]

    def _find(self, wanted: str) -> HeldModel | None:
        name, _, version = wanted.partition(" ")
        fits = [held for key, held in self._shelf.models.items() if key[0] == name and version in {"", key[1]}]
        return fits[-1] if fits else None

    def _loaded(self, wanted: str) -> HeldModel:
        held = self._load(wanted)
        key = _key(held.model)
        there = self._shelf.models.get(key)
        if there is not None:  # "bundled" is another word for it
            held.retire()
            return there
        try:
            for size in sorted({size for each in self._shelf.models.values() for size in each.sizes})[-1:]:
                held.warm_up(*size)
        except Exception as fault:
            held.retire()
            raise ModelError(f"model {' '.join(key)} failed while it got ready: {fault}") from fault
        self._shelf = _Shelf(MappingProxyType({**self._shelf.models, key: held}), self._shelf.names)
        return held


def _key(model: ModelIdentity) -> tuple[str, str]:
    return model.name, model.version
