"""GenTL producers in use: one Harvester a file, shared by all cameras of a process."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector_app.domain.errors import CameraError


def require_harvesters() -> None:
    """Say how to install Harvesters if it is missing; `CameraError`. Does not import it."""
    if importlib.util.find_spec("harvesters") is None or importlib.util.find_spec("genicam") is None:
        raise CameraError('GenTL cameras need Harvesters: install it with pip install "inspection-station[gentl]".')


@dataclass(frozen=True, slots=True)
class GentlRuntime:
    """The modules that Harvesters stands on."""

    core: Any
    genapi: Any
    gentl: Any

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """Everything that Harvesters and a producer raise."""
        return (self.gentl.GenericException, self.genapi.GenericException, ValueError, OSError)


def load_harvesters() -> GentlRuntime:
    """Import Harvesters; `CameraError` if it is missing."""
    require_harvesters()
    core, genapi, gentl = (
        importlib.import_module(name) for name in ("harvesters.core", "genicam.genapi", "genicam.gentl")
    )
    # WORKAROUND: Harvesters prints through handlers of its own what it raises as well.
    logging.getLogger("harvesters.core").setLevel(logging.CRITICAL)
    return GentlRuntime(core, genapi, gentl)


class GentlProducers:
    """Loads a producer for its first camera and lets it go after its last one; safe from several threads.

    A producer serves one user in a process: a second Harvester on the same file finds no cameras.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[Path, tuple[Any, int]] = {}

    def take(self, producer: Path, runtime: GentlRuntime) -> Any:
        """Return the Harvester of a producer; raises what Harvesters raises.

        It looks for cameras when it is loaded only: looking again would close the cameras that are in use.
        """
        with self._lock:
            harvester, users = self._loaded.get(producer, (None, 0))
            if harvester is None:
                if not producer.is_file():
                    raise CameraError(f"There is no GenTL producer {producer}.")
                harvester = runtime.core.Harvester()
                harvester.add_file(str(producer), check_existence=True, check_validity=True)
                harvester.update()
            self._loaded[producer] = (harvester, users + 1)
            return harvester

    def give_back(self, producer: Path) -> None:
        """Let go of what `take` gave; the last one unloads the producer."""
        with self._lock:
            harvester, users = self._loaded.pop(producer)
            if users > 1:
                self._loaded[producer] = (harvester, users - 1)
            else:
                harvester.reset()

    def release_all(self) -> None:
        """Let go of every producer, whoever uses it."""
        with self._lock:
            while self._loaded:
                self._loaded.popitem()[1][0].reset()
