"""How far an installation is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.domain.errors import ModelError


class InstallationCancelled(ModelError):
    """The installation was stopped; nothing was installed."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of progress and may stop it.

    Attributes
    ----------
    on_progress : callable
        Told stage, steps done and all steps.
    cancelled : callable
        Asked between steps.
    """

    on_progress: Callable[[str, int, int], None]
    cancelled: Callable[[], bool]

    def step(self, stage: str, done: int, total: int) -> None:
        """Tell of progress; `InstallationCancelled` if asked to stop."""
        self.stop_if_asked()
        self.on_progress(stage, done, total)

    def stop_if_asked(self) -> None:
        """Raise `InstallationCancelled` if asked to stop."""
        if self.cancelled():
            raise InstallationCancelled("The installation was stopped; no model was installed.")
