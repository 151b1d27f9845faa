"""A guided attribute study: which parts, who judges them how often, and what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.frame import Judgement


class StudyFault(KnownFault):
    """A study cannot be begun or go on as asked; the sentence says what is allowed."""


@dataclass(frozen=True, slots=True)
class StudyPart:
    """A part of a study.

    Attributes
    ----------
    inspection_id : str
        Whose picture is shown.
    reference : Judgement
        What is right, from known truth or an adjudication; never shown to an appraiser.
    """

    inspection_id: str
    reference: Judgement


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What a study is to be; recorded once and never changed.

    Attributes
    ----------
    study_id : str
        32 hex digits.
    name : str
        For people.
    by : str
        Who planned it.
    at : datetime
        UTC.
    parts : tuple of StudyPart
        At least two, each once.
    appraisers : tuple of str
        At least one, each once.
    model : str or None
        ``"name version"`` of the model that is an appraiser too, under this name.
    cut : float
        Probability from which on that model's answer is reject, 0 … 1.
    trials : int
        How often each appraiser judges each part, 1 … 20.
    seed : int
        Of the order of presentation, 0 … 2^63 - 1.
    """

    study_id: str
    name: str
    by: str
    at: datetime
    parts: tuple[StudyPart, ...]
    appraisers: tuple[str, ...]
    model: str | None
    cut: float
    trials: int
    seed: int

    def __post_init__(self) -> None:
        if not self.name or not self.by:
            raise StudyFault("A study needs a name, and the name of who plans it.")
        if len(self.parts) < 2 or len({part.inspection_id for part in self.parts}) != len(self.parts):
            raise StudyFault("A study needs at least two parts, each of them once.")
        if not self.judges or len(set(self.judges)) != len(self.judges) or not all(self.judges):
            raise StudyFault("A study needs at least one appraiser, and each name once.")
        if not 1 <= self.trials <= 20:
            raise StudyFault("A study has 1 to 20 trials.")
        if not 0.0 <= self.cut <= 1.0 or not 0 <= self.seed < 2**63:
            raise ValueError("cut is in 0 … 1 and the seed in 0 … 2^63 - 1")

    @property
    def judges(self) -> tuple[str, ...]:
        """Everybody who judges, the model last."""
        return self.appraisers if self.model is None else (*self.appraisers, self.model)


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """One decision of a study.

    Attributes
    ----------
    study_id, appraiser, inspection_id : str
        Which study, who, which part.
    trial : int
        1 … trials.
    turn : int
        1, and one more each time the appraiser took the answer back and gave it again; the last one counts.
    judgement : Judgement
        The answer.
    at : datetime
        UTC.
    seconds : float
        From the picture's appearance to the answer, ≥ 0; 0 for a model.
    """

    study_id: str
    appraiser: str
    inspection_id: str
    trial: int
    turn: int
    judgement: Judgement
    at: datetime
    seconds: float


class StudyLog(Protocol):
    """Where studies are kept, append-only. Safe to call from several threads; raises `LogUnavailable`."""

    def plans(self) -> Sequence[StudyPlan]:
        """Return all studies of this station, newest first."""
        ...

    def begin(self, plan: StudyPlan) -> None:
        """Commit a plan."""
        ...

    def record(self, answer: StudyAnswer) -> None:
        """Commit one answer."""
        ...

    def answers(self, study_id: str) -> Sequence[StudyAnswer]:
        """Return the answers of a study in the order in which they were given, those that were taken back included."""
        ...


class StudyRoom(StudyLog, Protocol):
    """What a window needs to hold a study; every call may block and is made off the GUI thread."""

    def known_parts(self) -> Sequence[StudyPart]:
        """Return parts with a stored picture and a known truth or an adjudication, newest first."""
        ...

    def model_name(self) -> str | None:
        """Return ``"name version"`` of the model that can be an appraiser, ``None`` without one."""
        ...

    def model_judgement(self, inspection_id: str, cut: float) -> Judgement:
        """Let the model judge a part's picture anew; `StudyFault` if it cannot."""
        ...

    def export(self, plan: StudyPlan) -> Path:
        """Write the standing answers as a file for the ``study`` command and return it."""
        ...
