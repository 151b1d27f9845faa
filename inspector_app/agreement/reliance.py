"""How far inspectors rely on the model: first answer, model's answer, second answer, truth.

Schemmer, Kuehl, Benz, Bartos and Satzger, "Appropriate reliance on AI advice", *IUI* (2023) 410: leaning on wrong
advice and shutting oneself off from right advice are two faults, and a switch rate alone tells neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector_app.agreement.intervals import proportion
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.frame import Judgement

RELIABLE_EVENTS = 100
"""Seeded parts below which hit rates of inspectors are not compared: their reliability is below 0.7 (Buser 2025)."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Second looks that went alike.

    Attributes
    ----------
    first, advice, second : Judgement
        The inspector's answer before the model was revealed, the model's, the answer afterwards.
    truth : Judgement or None
        What is true; ``None`` if nobody knows: the look then counts for the switch rate alone.
    n : int
        How many.
    """

    first: Judgement
    advice: Judgement
    second: Judgement
    truth: Judgement | None
    n: int = 1


@dataclass(frozen=True, slots=True)
class Reliance:
    """Rates of a group of second looks.

    Attributes
    ----------
    over : Proportion or NotMeasurable
        Followed the model's wrong answer, among those who had been right by themselves.
    under : Proportion or NotMeasurable
        Stayed with a wrong answer, among those whom the model's right answer could have helped.
    switched : Proportion or NotMeasurable
        Changed their answer to the model's, among those where it differed from theirs.
    """

    over: Proportion | NotMeasurable
    under: Proportion | NotMeasurable
    switched: Proportion | NotMeasurable


def reliance(looks: Iterable[SecondLook], level: float) -> Reliance:
    """Return the rates, with intervals at the given confidence level."""
    differing = [look for look in looks if look.first is not look.advice]
    misled = [look for look in differing if look.first is look.truth]
    helped = [look for look in differing if look.advice is look.truth]
    return Reliance(
        over=_share(misled, lambda look: look.second is look.advice, level, "the model was never wrong against them"),
        under=_share(helped, lambda look: look.second is look.first, level, "the model could never have helped them"),
        switched=_share(
            differing, lambda look: look.second is look.advice, level, "model and inspector never differed"
        ),
    )


def _share(
    looks: list[SecondLook], counts: Callable[[SecondLook], bool], level: float, if_none: str
) -> Proportion | NotMeasurable:
    return proportion(sum(look.n for look in looks if counts(look)), sum(look.n for look in looks), level, if_none)


@dataclass(frozen=True, slots=True)
class SeedHits:
    """Seeded defects that one inspector was shown blind.

    Attributes
    ----------
    inspector : str
        Name.
    hits : Proportion or NotMeasurable
        Rejected among them; unsure is no hit.
    """

    inspector: str
    hits: Proportion | NotMeasurable


def seed_hits(shown: Iterable[tuple[str, bool]], level: float) -> tuple[SeedHits, ...]:
    """Return the hit rate of each inspector by name, from (inspector, rejected) of every seeded part."""
    counts: dict[str, tuple[int, int]] = {}
    for inspector, rejected in shown:
        k, n = counts.get(inspector, (0, 0))
        counts[inspector] = k + rejected, n + 1
    return tuple(
        SeedHits(name, proportion(k, n, level, "no seeded part was shown")) for name, (k, n) in sorted(counts.items())
    )
