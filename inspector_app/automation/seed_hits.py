"""How many of the seeded defects people and the model have found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inspector_app.automation.calibration import truth
from inspector_app.domain.judged import JudgedPart


@dataclass(frozen=True, slots=True)
class SeedHits:
    """Found among the seeded defects that were judged blind; 0 of 0 is not measurable.

    Attributes
    ----------
    shown : int
        Seeded defects with a blind verdict.
    people, model : int
        How many of them an inspector rejected, and on how many the model was at or above the cut.
    """

    shown: int = 0
    people: int = 0
    model: int = 0


def seed_hits(judged: Iterable[JudgedPart], cut: float) -> SeedHits:
    """Return the hits; ``cut`` turns the model's probability into an answer, as in shadow."""
    seeds = [row for row in judged if row.seeded]
    return SeedHits(
        shown=len(seeds),
        people=sum(truth(row) is True for row in seeds),
        model=sum(row.probability >= cut for row in seeds),
    )
