"""No line: every message is taken and nothing happens."""

from __future__ import annotations

from inspector_app.domain.ports import LineMessage


class NoLine:
    """For stations that only watch."""

    @property
    def name(self) -> str:
        """Display name."""
        return "none"

    def open(self) -> None:
        """Do nothing."""

    def tell(self, message: LineMessage) -> None:
        """Take the message."""

    def close(self) -> None:
        """Do nothing."""
