"""What a human says about a part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.decision import Disposition


class Answer(StrEnum):
    """The inspector's answer."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"

    @property
    def disposition(self) -> Disposition:
        """What the answer does to the part: unsure holds it for somebody else."""
        return Disposition.HOLD if self is Answer.UNSURE else Disposition(self.value)


class VerdictKind(StrEnum):
    """Under which conditions the verdict was given.

    Only ``UNAIDED``, ``AUDIT`` (blind too) and ``ADJUDICATION`` verdicts count as truth.
    """

    UNAIDED = "unaided"
    AIDED = "aided"
    SECOND_LOOK = "second_look"
    AUDIT = "audit"
    ADJUDICATION = "adjudication"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One recorded verdict.

    Attributes
    ----------
    verdict_id, inspection_id : str
        Identities.
    by : str
        The inspector's name.
    answer : Answer
        Accept, reject or unsure.
    kind : VerdictKind
        The conditions.
    classes : tuple of str
        Defect classes named by the inspector; only with a reject.
    at : datetime
        UTC.
    seconds : float
        From the part's appearance before the inspector to the verdict; ≥ 0.
    retracted : bool
        True once the inspector has undone it; it then counts for nothing but stays in the log.
    """

    verdict_id: str
    inspection_id: str
    by: str
    answer: Answer
    kind: VerdictKind
    classes: tuple[str, ...]
    at: datetime
    seconds: float
    retracted: bool = False
