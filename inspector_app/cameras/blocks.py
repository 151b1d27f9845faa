"""How many pictures a camera lost, told from the numbers that it gives its blocks."""

from __future__ import annotations

from typing import Final

_GIGE_LAST: Final = 65_535
"""GigE Vision 1 counts blocks 1 … 65535 and then starts at 1 again; 0 is never used."""
_NEAR: Final = 4_096


class BlockCounter:
    """Counts gaps between block numbers, from one start of acquisition on."""

    def __init__(self) -> None:
        self._last: int | None = None

    def skipped(self, block: int, reported: int) -> int:
        """Return how many pictures were lost between the last block and this one.

        Parameters
        ----------
        block : int
            The camera's number of this block; cameras that give none send a constant.
        reported : int
            Pictures that the driver says it threw away before this one; they are part of a gap in the numbers, where
            there are numbers, so the larger of the two counts.
        """
        last, self._last = self._last, block
        if last is None:
            return max(reported, 0)
        gap = block - last - 1
        if gap < 0 and last <= _GIGE_LAST and last > _GIGE_LAST - _NEAR and 1 <= block < _NEAR:
            gap += _GIGE_LAST
        return max(gap, reported, 0)
