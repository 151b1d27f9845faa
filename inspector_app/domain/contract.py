"""What a supervisor asks of automatic decisions, and the parts that can show whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """What a contract bounds."""

    ESCAPE = "escape"
    MISSED = "missed"
    FALSE_REJECT = "false_reject"


@dataclass(frozen=True, slots=True)
class Contract:
    """What the supervisor asks of automatic decisions.

    Attributes
    ----------
    escape : float
        Largest share of defective parts among the automatic accepts, above 0 and below 1.
    missed : float
        Largest share of the defective parts that are accepted automatically.
    false_reject : float
        Largest share of good parts among the automatic rejects.
    confidence : float
        Probability that all three hold together, for example 0.95.
    """

    escape: float
    missed: float
    false_reject: float
    confidence: float

    def __post_init__(self) -> None:
        for name in ("escape", "missed", "false_reject", "confidence"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(f"{name} is above 0 and below 1, not {getattr(self, name)}")

    @property
    def delta(self) -> float:
        """The allowed chance of error, 1 - confidence, without the digits that the subtraction makes up."""
        return round(1.0 - self.confidence, 12)

    @property
    def delta_each(self) -> float:
        """The third of it that each bound gets (Bonferroni)."""
        return self.delta / 3.0

    def limit(self, bound: Bound) -> float:
        """Return the limit of a bound."""
        return {Bound.ESCAPE: self.escape, Bound.MISSED: self.missed, Bound.FALSE_REJECT: self.false_reject}[bound]


@dataclass(frozen=True, slots=True)
class ScoredPart:
    """One part with its score and its truth.

    Attributes
    ----------
    part : str
        Identity.
    score : float
        The model's probability of a reject, 0 … 1.
    bad : bool or None
        True for a defective part; ``None`` where a blind look could not tell and nobody has adjudicated. Such a part
        counts against the contract wherever it lies: as defective if accepted, as good if rejected.
    """

    part: str
    score: float
    bad: bool | None

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"the score of part {self.part} is in 0 … 1, not {self.score}")
