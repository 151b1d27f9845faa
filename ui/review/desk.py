"""The inspector's desk: which part is looked at, and what becomes of an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from inspector_app.domain.errors import KnownFault, VerdictRefused
from inspector_app.domain.ports import StationPort
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.verdict import Answer
from ui.background import Background, LatestJob
from ui.review.shelf import PartView, PictureShelf
from ui.texts import tr

_AHEAD = 3


class DeskState(StrEnum):
    """``SIGNED_OUT``; ``EMPTY → LOADING → READY → SAVING → LOADING`` (next part, second look) or ``EMPTY``."""

    SIGNED_OUT = "signed_out"
    EMPTY = "empty"
    LOADING = "loading"
    READY = "ready"
    SAVING = "saving"


class ReviewDesk(QObject):
    """Takes waiting parts one by one, hands answers to the station and undoes the last one.

    Parameters
    ----------
    station : StationPort
        Who is asked.
    background : Background
        Where the station is asked.
    clock : callable
        Time now, UTC.
    monotonic : callable
        Seconds of a clock that never goes back.
    guard_s : float
        An answer within so many seconds after a part has appeared is ignored.

    Signals
    -------
    changed()
        Part, state, queue or undo has changed.
    appeared()
        Another part, or another stage of it, is in view.
    noticed(str)
        A sentence for the inspector.
    """

    changed = Signal()
    appeared = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        station: StationPort,
        background: Background,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        guard_s: float,
    ) -> None:
        super().__init__()
        self._station = station
        self._background = background
        self._clock = clock
        self._monotonic = monotonic
        self._guard_s = guard_s
        self._look = LatestJob(background)
        self._shelf = PictureShelf(station, background)
        self._appeared_at = 0.0
        self._answered: set[str] = set()
        self._undo_until: datetime | None = None
        self._undoing = False
        self.state = DeskState.SIGNED_OUT
        self.inspector: str | None = None
        self.waiting: tuple[ReviewItem, ...] = ()
        self.item: ReviewItem | None = None
        self.view: PartView | None = None
        self.first_answer: Answer | None = None
        self.last_answer: tuple[str, Answer] | None = None

    @property
    def undo_s(self) -> float:
        """Seconds left in which the last answer may be undone, 0 when it may not."""
        if self._undo_until is None:
            return 0.0
        return max(0.0, (self._undo_until - self._clock()).total_seconds())

    @property
    def guarded(self) -> bool:
        """True while answers are still ignored because the part has only just appeared."""
        return self._monotonic() - self._appeared_at < self._guard_s

    def sign_in(self, name: str) -> None:
        """Let this person judge; leaves nothing of the person before."""
        self.inspector = name
        self._answered.clear()
        self._undo_until = None
        self.last_answer = None
        self._drop()
        self.refresh()

    def sign_out(self) -> None:
        """Let nobody judge; the part in view waits on."""
        self.inspector = None
        self._undo_until = None
        self.last_answer = None
        self._drop()

    def refresh(self) -> None:
        """Ask the station which parts wait."""
        asked_after = frozenset(self._answered)
        self._look.run(
            self._station.waiting,
            lambda items: self._on_waiting(items, asked_after),
            lambda f: self.noticed.emit(str(f)),
        )

    def answer(self, answer: Answer, classes: tuple[str, ...] = ()) -> bool:
        """Give the answer for the part in view.

        Returns
        -------
        bool
            False if it was ignored: no part in view, one being saved or undone, or within the guard time.
        """
        item, inspector = self.item, self.inspector
        if self.state is not DeskState.READY or item is None or inspector is None or self.guarded or self._undoing:
            return False  # an undo takes a person's last verdict, which has to stay the one that was meant
        seconds = self._monotonic() - self._appeared_at
        self.state = DeskState.SAVING
        self.changed.emit()
        self._background.run(
            lambda: self._station.submit(item.inspection_id, inspector, answer, classes, seconds),
            lambda outcome: self._on_outcome(item, inspector, answer, outcome),
            lambda fault: self._on_refused(item, inspector, fault),
        )
        return True

    def undo(self) -> bool:
        """Take the last answer back; False if there is nothing to undo."""
        inspector = self.inspector
        if inspector is None or self.undo_s <= 0.0 or self.state is DeskState.SAVING:
            return False
        until, self._undo_until, self._undoing = self._undo_until, None, True
        self._background.run(
            lambda: self._station.undo(inspector),
            self._on_undone,
            lambda fault: self._on_undo_refused(inspector, until, fault),
        )
        self.changed.emit()
        return True

    def _on_waiting(self, items: tuple[ReviewItem, ...], answered_before: frozenset[str]) -> None:
        named = {item.inspection_id for item in items}
        # Answered before the question and not in the reply: settled. The reply may be older than later answers.
        self._answered -= {name for name in answered_before if name not in named}
        self.waiting = tuple(item for item in items if item.inspection_id not in self._answered)
        if self.state is DeskState.SAVING:
            self.changed.emit()
            return
        if self.item is not None and not self.item.revealed and self.item.inspection_id not in named:
            self.noticed.emit(tr("Part {part} was settled elsewhere.").format(part=self.item.part_id))
            self._drop()
        self._follow_stage()
        self._advance()

    def _follow_stage(self) -> None:
        """Go on to the second stage of the part in view if somebody has meanwhile given the first answer."""
        item = self.item
        if item is None or self.state is DeskState.SAVING or item.revealed:
            return
        newer = next((other for other in self.waiting if other.inspection_id == item.inspection_id), item)
        if newer.revealed:
            self._show(newer)

    def _on_outcome(self, item: ReviewItem, by: str, answer: Answer, outcome: VerdictOutcome) -> None:
        if by != self.inspector:
            self.refresh()  # whoever gave it has left the desk: nothing of it is the next one's to see or to undo
            return
        self._undo_until = outcome.undo_until
        self.last_answer = (item.part_id, answer)
        if outcome.second_look is not None:
            self.first_answer = answer
            self._show(outcome.second_look)
            return
        self._answered.add(item.inspection_id)
        self.waiting = tuple(other for other in self.waiting if other.inspection_id != item.inspection_id)
        self._drop()
        self._advance()
        self.refresh()

    def _on_refused(self, item: ReviewItem, by: str, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))
        if by != self.inspector:
            self.refresh()
        elif isinstance(fault, VerdictRefused):
            self._answered.add(item.inspection_id)
            self.waiting = tuple(other for other in self.waiting if other.inspection_id != item.inspection_id)
            self._drop()
            self._advance()
            self.refresh()
        else:
            self.state = DeskState.READY
            self.changed.emit()

    def _on_undone(self, item: ReviewItem) -> None:
        self._undoing = False
        self._answered.discard(item.inspection_id)
        self.last_answer = None
        self.waiting = (item, *(other for other in self.waiting if other.inspection_id != item.inspection_id))
        self._drop()
        self._advance()

    def _on_undo_refused(self, inspector: str, until: datetime | None, fault: KnownFault) -> None:
        self._undoing = False
        if inspector == self.inspector and not isinstance(fault, VerdictRefused):
            self._undo_until = until  # the log may take it in a moment
        self.noticed.emit(str(fault))
        self.changed.emit()

    def _drop(self) -> None:
        self.item = None
        self.view = None
        self.first_answer = None
        self.state = DeskState.SIGNED_OUT if self.inspector is None else DeskState.EMPTY
        self.changed.emit()

    def _advance(self) -> None:
        if self.inspector is None:
            self.changed.emit()
            return
        ahead = self.waiting[:_AHEAD]
        if self.item is not None and all(self.item.inspection_id != other.inspection_id for other in ahead):
            ahead = (self.item, *ahead)
        self._shelf.keep(ahead)
        if self.item is None and self.waiting:
            self._show(self.waiting[0])
        else:
            self.changed.emit()

    def _show(self, item: ReviewItem) -> None:
        self.item = item
        self.state = DeskState.LOADING
        self.changed.emit()
        self._shelf.want(item, lambda view: self._on_view(item, view))

    def _on_view(self, item: ReviewItem, view: PartView) -> None:
        if self.item is not item:
            return
        self.view = view
        self.state = DeskState.READY
        self._appeared_at = self._monotonic()
        self.appeared.emit()
        self.changed.emit()
