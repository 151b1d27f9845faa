"""Looks over the last pictures: more unusable ones than usual are a fault that somebody has to mend."""

from __future__ import annotations

from collections import Counter, deque

from inspector_app.domain.frame import PictureFlaw, PictureProblem, Unfit
from inspector_app.domain.inspection import Inspection, PictureFault
from inspector_app.domain.status import FaultKind
from inspector_app.monitoring.unusual_share import unusual_share
from inspector_app.station.board import StateBoard

_LAST = 100
_CHANCE = 1e-5


class PictureWatch:
    """Raises and clears the fault of too many unusable pictures; parts go on to inspectors meanwhile.

    Parameters
    ----------
    board : StateBoard
        Where the fault is raised.
    usual : float
        Share of unusable pictures that is taken as usual.
    """

    def __init__(self, board: StateBoard, usual: float) -> None:
        self._board = board
        self._usual = usual
        self._last: deque[PictureProblem | PictureFlaw | None] = deque(maxlen=_LAST)

    def see(self, inspection: Inspection) -> None:
        """Take note of a part's picture."""
        complaint = inspection.picture_complaint
        if isinstance(complaint, PictureFault) and complaint.problem is PictureProblem.OVERFLOW:
            return  # a fault of its own, and not the camera's
        reason = None if complaint is None else _reason(complaint)
        self._last.append(reason)
        found = Counter(each for each in self._last if each is not None)
        if not unusual_share(found.total(), len(self._last), self._usual, _CHANCE):
            self._board.clear_fault(FaultKind.PICTURES_UNFIT)
        elif reason is not None:
            named = ", ".join(f"{n} {each.replace('_', ' ')}" for each, n in found.most_common(3))
            share = f"{found.total()} of the last {len(self._last)} pictures could not be judged ({named})"
            sentence = f"{share}: look at camera, lens and light."
            self._board.raise_fault(FaultKind.PICTURES_UNFIT, sentence)


def _reason(complaint: PictureFault | Unfit) -> PictureProblem | PictureFlaw:
    return complaint.problem if isinstance(complaint, PictureFault) else complaint.flaw
