"""Basler's pylon, loaded only when a Basler camera is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from inspector_app.domain.errors import CameraError

_EMULATED_CAMERAS: Final = "PYLON_CAMEMU"


@dataclass(frozen=True, slots=True)
class PylonRuntime:
    """The two modules of pypylon, and the exception under which all of theirs fall."""

    pylon: Any
    genicam: Any

    @property
    def error(self) -> type[Exception]:
        """Base class of everything that pylon raises."""
        kind: type[Exception] = self.genicam.GenericException
        return kind


def require_pylon() -> None:
    """Say how to install pypylon if it is missing; `CameraError`. Does not import it."""
    if importlib.util.find_spec("pypylon") is None:
        raise CameraError('Basler cameras need pypylon: install it with pip install "inspection-station[basler]".')


def load_pylon(emulated: bool) -> PylonRuntime:
    """Import pypylon (about 0.5 s the first time).

    Parameters
    ----------
    emulated : bool
        True: switch Basler's camera emulator on, which works only before the first import in a process.
    """
    require_pylon()
    if emulated and "pypylon.pylon" not in sys.modules:
        os.environ.setdefault(_EMULATED_CAMERAS, "1")
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        # WORKAROUND: in a PyInstaller bundle links make pylon look for its transport layers in the wrong folder.
        os.environ["PYLON_TL_PATH"] = str(Path(bundle) / "pypylon")
    with warnings.catch_warnings():
        # WORKAROUND: SWIG's types warn on import; where warnings are errors, the interpreter would crash on it.
        warnings.simplefilter("ignore", DeprecationWarning)
        return PylonRuntime(importlib.import_module("pypylon.pylon"), importlib.import_module("pypylon.genicam"))


def reason(error: Exception) -> str:
    """Return what a pylon exception says, without the place in its source code."""
    text = str(error).split(" : ", maxsplit=1)[0].splitlines()
    return (text[0] if text else type(error).__name__).rstrip(". ")
