"""Several lines as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from inspector_app.domain.errors import LineError
from inspector_app.domain.ports import LineMessage, LineOutput


class SeveralLines:
    """Tells every line; a message counts as taken only when all have taken it.

    Parameters
    ----------
    lines : sequence of LineOutput
        Told in this order. One that fails does not keep the others from being told.
    """

    def __init__(self, lines: Sequence[LineOutput]) -> None:
        self._lines = tuple(lines)

    @property
    def name(self) -> str:
        """Display names of all."""
        return " + ".join(line.name for line in self._lines)

    def open(self) -> None:
        """Open all, or none: `LineError` of the first that fails."""
        with ExitStack() as opened:
            for line in self._lines:
                line.open()
                opened.callback(line.close)
            opened.pop_all()

    @property
    def lines(self) -> tuple[LineOutput, ...]:
        """The lines, in order."""
        return self._lines

    def tell(self, message: LineMessage) -> None:
        """Tell all; `LineError` naming every line that did not take the message."""
        failed = []
        for line in self._lines:
            try:
                line.tell(message)
            except LineError as fault:
                failed.append(fault)
        if failed:
            raise LineError(" ".join(str(fault) for fault in failed)) from failed[0]

    def close(self) -> None:
        """Close all; idempotent."""
        for line in self._lines:
            line.close()
