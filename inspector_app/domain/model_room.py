"""The room where models are taught, measured and installed, as a window needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from inspector_app.domain.dataset_check import DataSetCheck
from inspector_app.domain.model_papers import ShownModel, StartingPoint
from inspector_app.domain.model_work import BroughtModel, ModelOrder, WorkKind, WorkView


class ModelRoom(Protocol):
    """Where a window teaches, measures and installs models. Safe to call from several threads.

    Work runs in a process of its own, one at a time; all calls but `view`, `stop` and `watch` may block.
    """

    def models(self) -> Sequence[ShownModel]:
        """Return the bundled models, the installed ones, and those taught here that are not installed."""
        ...

    def starting_points(self) -> Sequence[StartingPoint]:
        """Return what teaching can start from, the advised one first."""
        ...

    def training_lacks(self) -> str | None:
        """Return one sentence about what teaching needs and this program lacks, ``None`` if nothing."""
        ...

    def examine(
        self, folder: Path, reject_classes: tuple[str, ...] | None, splits: tuple[str, ...] = ()
    ) -> DataSetCheck:
        """Read and count a data set; `DataSetError` with one sentence if it breaks its layout.

        Parameters
        ----------
        splits : tuple of str
            As of `TeachOrder`: `DataSetCheck.learning`, ``held_out`` and ``fault`` are about them.
        """
        ...

    def brought(self, manifest: Path) -> BroughtModel:
        """Return what the manifest of a model from elsewhere says; `ModelError` with one sentence if it is wrong."""
        ...

    def begin(self, order: ModelOrder) -> None:
        """Start work; `KnownFault` if work is under way, or it cannot be started."""
        ...

    def view(self) -> WorkView | None:
        """Return how the present work stands, or how the last one ended; ``None`` if there was none."""
        ...

    def stop(self) -> None:
        """Ask the work to stop after the step in hand; a no-op if none is under way."""
        ...

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener, on any thread, when `view` has changed; the returned call removes it."""
        ...

    def last_log(self, kind: WorkKind) -> str:
        """Return what the last work of a kind has said, also before the program started; empty if nothing."""
        ...
