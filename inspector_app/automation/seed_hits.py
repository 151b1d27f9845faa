"""How many of the seeded defects people and the model have found, and how far wrong advice has led people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from inspector_app.automation.sequential import confidence_sequence
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import SeededPart
from inspector_app.domain.verdict import Answer, VerdictKind

BLIND = frozenset({VerdictKind.UNAIDED, VerdictKind.AUDIT})
"""Verdicts given without anything of the model in view."""
ASSISTED = frozenset({VerdictKind.AIDED, VerdictKind.SECOND_LOOK})


@dataclass(frozen=True, slots=True)
class Share:
    """``k`` of ``n``; 0 of 0 is not measurable."""

    k: int = 0
    n: int = 0


@dataclass(frozen=True, slots=True)
class SeedHits:
    """What became of the seeded defects.

    Attributes
    ----------
    shown : int
        Seeded parts.
    unaided, assisted : Share
        Verdicts that rejected one, among those given without the model in view, and among those given with its true
        answer in view. Unsure is no hit.
    model : Share
        Seeded defects at or above the cut, among those that the model has judged.
    accepted : Share
        Seeded defects that the model accepted by itself, among those that it decided.
    misled : Share
        Went over to advice that was wrong on purpose, among those who had found the defect before.
    missed_with_probe : Share
        Accepted a defect with wrong advice in view from the beginning.
    last : datetime or None
        When the last of them came, UTC.
    """

    shown: int = 0
    unaided: Share = Share()
    assisted: Share = Share()
    model: Share = Share()
    accepted: Share = Share()
    misled: Share = Share()
    missed_with_probe: Share = Share()
    last: datetime | None = None


def seed_hits(parts: Iterable[SeededPart]) -> SeedHits:
    """Return what became of the seeded defects."""
    seeds = tuple(parts)
    judged = [seed.model_judgement for seed in seeds if seed.model_judgement is not None]
    decided = [seed.route for seed in seeds if seed.route is not Route.HUMAN]
    unaided = [answer for seed in seeds for _, kind, answer in seed.answers if kind in BLIND]
    assisted = [a for seed in seeds if not seed.misled for _, kind, a in seed.answers if kind in ASSISTED]
    probed = [a for seed in seeds if seed.misled for _, kind, a in seed.answers if kind is VerdictKind.AIDED]
    return SeedHits(
        shown=len(seeds),
        unaided=_share(answer is Answer.REJECT for answer in unaided),
        assisted=_share(answer is Answer.REJECT for answer in assisted),
        model=_share(judgement is Judgement.REJECT for judgement in judged),
        accepted=_share(route is Route.MODEL_ACCEPT for route in decided),
        misled=_share(followed for seed in seeds if seed.misled for followed in _followed(seed)),
        missed_with_probe=_share(answer is Answer.ACCEPT for answer in probed),
        last=max((seed.captured_at for seed in seeds), default=None),
    )


def _followed(seed: SeededPart) -> Iterable[bool]:
    """Yield, for each who had found the defect before the wrong advice, whether they followed it."""
    found = {by for by, kind, answer in seed.answers if kind is VerdictKind.UNAIDED and answer is Answer.REJECT}
    for by, kind, answer in seed.answers:
        if kind is VerdictKind.SECOND_LOOK and by in found:
            yield answer is Answer.ACCEPT


def _share(outcomes: Iterable[bool]) -> Share:
    found = list(outcomes)
    return Share(sum(found), len(found))


def leans_too_far(followed: int, misled: int, limit: float = 0.1, delta: float = 0.05) -> bool:
    """Return True once it is shown that inspectors follow wrong advice too often; may be asked after every look.

    Parameters
    ----------
    followed, misled : int
        Second looks that went over to wrong advice, among those on which the inspector had been right.
    limit : float
        Share that is too often.
    delta : float
        Chance to ever say so while the share is at most the limit.
    """
    return confidence_sequence(followed, misled, delta)[0] > limit
