"""One appraiser's way through a study: which part is shown, and what becomes of an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from inspector_app.agreement.study.guided import (
    Place,
    Standing,
    next_place,
    place_before,
    progress_of,
    standing_answers,
)
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Judgement, Pixels
from inspector_app.domain.study import StudyAnswer, StudyPlan, StudyRoom
from ui.background import Background, LatestJob
from ui.picture.conversion import Picture, picture_of
from ui.texts import tr


class StudyCourse(QObject):
    """Shows part after part to one appraiser and commits each answer before the next part appears.

    Parameters
    ----------
    room : StudyRoom
        Where answers go.
    picture : callable
        Returns a part's picture by inspection id; may block.
    background : Background
        Where both are asked.
    clock : callable
        Time now, UTC.
    monotonic : callable
        Seconds of a clock that never goes back.
    guard_s : float
        After a picture appears, answers are ignored for so long.

    Signals
    -------
    appeared()
        Another part is in view, or the same one with its picture.
    finished()
        The last part of the last trial has been judged.
    noticed(str)
        A sentence for the user.
    """

    appeared = Signal()
    finished = Signal()
    noticed = Signal(str)

    def __init__(
        self,
        room: StudyRoom,
        picture: Callable[[str], Pixels | None],
        background: Background,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        guard_s: float,
    ) -> None:
        super().__init__()
        self._room = room
        self._fetch = picture
        self._background = background
        self._looking = LatestJob(background)
        self._clock = clock
        self._monotonic = monotonic
        self._guard_s = guard_s
        self._plan: StudyPlan | None = None
        self._standing: Standing = {}
        self._since = 0.0
        self._saving = False
        self.appraiser = ""
        self.place: Place | None = None
        self.picture: Picture | None = None

    @property
    def plan(self) -> StudyPlan | None:
        """The study that is judged, ``None`` between studies."""
        return self._plan

    @property
    def progress(self) -> tuple[int, int]:
        """Decisions given, of how many."""
        return (0, 0) if self._plan is None else progress_of(self._plan, self._standing, self.appraiser)

    @property
    def ready(self) -> bool:
        """True if an answer would be taken now."""
        guarded = self._monotonic() - self._since < self._guard_s
        return self.place is not None and self.picture is not None and not self._saving and not guarded

    @property
    def can_go_back(self) -> bool:
        """True if there is a part before this one in the trial."""
        return self._plan is not None and self.place is not None and self.place.position > 1 and not self._saving

    def begin(self, plan: StudyPlan, appraiser: str) -> None:
        """Take a study up where this appraiser left it."""
        self._plan, self.appraiser, self.place, self.picture = plan, appraiser, None, None
        self._looking.run(lambda: standing_answers(self._room.answers(plan.study_id)), self._resume, self._on_fault)

    def leave(self) -> None:
        """Stop judging; everything answered is recorded already."""
        self._plan = self.place = self.picture = None
        self._looking.forget()

    def answer(self, judgement: Judgement) -> None:
        """Commit an answer about the part in view, then show the next."""
        plan, place = self._plan, self.place
        if plan is None or place is None or not self.ready:
            return
        before = self._standing.get((self.appraiser, place.trial, place.inspection_id))
        answer = StudyAnswer(
            study_id=plan.study_id,
            appraiser=self.appraiser,
            inspection_id=place.inspection_id,
            trial=place.trial,
            turn=1 if before is None else before.turn + 1,
            judgement=judgement,
            at=self._clock(),
            seconds=self._monotonic() - self._since,
        )
        self._saving = True
        self._background.run(lambda: self._room.record(answer), lambda _none: self._saved(answer), self._not_saved)

    def go_back(self) -> None:
        """Show the part before again; another answer then takes the place of the one given."""
        if self._plan is not None and self.place is not None and self.can_go_back:
            self._show(place_before(self._plan, self.appraiser, self.place))

    def _resume(self, standing: Standing) -> None:
        self._standing = standing
        self._next()

    def _saved(self, answer: StudyAnswer) -> None:
        self._saving = False
        if self._plan is not None and answer.study_id == self._plan.study_id:
            self._standing[answer.appraiser, answer.trial, answer.inspection_id] = answer
            if answer.appraiser == self.appraiser:
                self._next()

    def _not_saved(self, fault: KnownFault) -> None:
        self._saving = False
        self.noticed.emit(str(fault))

    def _next(self) -> None:
        assert self._plan is not None  # noqa: S101  only called while a study is judged
        place = next_place(self._plan, self._standing, self.appraiser)
        if place is None:
            self.leave()
            self.finished.emit()
        else:
            self._show(place)

    def _show(self, place: Place | None) -> None:
        if place is None:
            return
        self.place, self.picture = place, None

        def job() -> Picture | None:
            pixels = self._fetch(place.inspection_id)
            return None if pixels is None else picture_of(pixels)

        self._looking.run(job, self._on_picture, self._on_fault)

    def _on_picture(self, picture: Picture | None) -> None:
        self.picture = picture
        self._since = self._monotonic()
        self.appeared.emit()
        if picture is None:
            self.noticed.emit(tr("The picture of this part is gone; the study cannot go on with it."))

    def _on_fault(self, fault: KnownFault) -> None:
        self.noticed.emit(str(fault))
