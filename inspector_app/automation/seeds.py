"""Seeded parts: known defects that are shown again, blind, among the day's parts; and probes with wrong advice.

A seeded part is an archived picture of a real defect (never a drawn one: people see the difference) under a number that
looks like any other. Who is shown it cannot tell it from production, so the share found is an honest measure of a
person and, where the model judges it too, of the model. It is marked in the log by its reference and left out of all
production figures.

A probe shows wrong advice on a seeded part on purpose, to learn how far people lean on the model. It is off unless the
plant turns it on, and the part never counts for the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspector_app.automation.draws import draw
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Decision, Draw, Presentation, Reason
from inspector_app.domain.frame import Judgement
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.seed import Probe, Seed

_ALIAS_REACH = 59
_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class SeedRules:
    """How often and how far apart known defects come back.

    Attributes
    ----------
    share : float
        0 … 0.1: seeded parts for each part that is inspected; 0 turns them off.
    probe_share : float
        0 … 1: share of the seeded parts, shown with the model's answer, on which that answer is wrong on purpose.
    apart_parts : int
        ≥ 1: the same defect comes back after so many parts at the earliest, …
    apart_days : float
        … or after so many days, whichever is sooner.
    """

    share: float = 0.01
    probe_share: float = 0.0
    apart_parts: int = 200
    apart_days: float = 7.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 0.1:
            raise ValueError("the share of seeded parts is in 0 … 0.1")
        if not 0.0 <= self.probe_share <= 1.0:
            raise ValueError("the share of probes is in 0 … 1")
        if self.apart_parts < 1 or not self.apart_days > 0.0:
            raise ValueError("a seeded part comes back after at least one part and some time")


@dataclass(frozen=True, slots=True)
class SeedShown:
    """When a known defect was shown last.

    Attributes
    ----------
    part : int
        Count of the parts inspected until then.
    at : datetime
        UTC.
    """

    part: int
    at: datetime


def seed_draw(rules: SeedRules, salt: str, part_id: str) -> Draw:
    """Return whether a seeded part follows this one."""
    return draw(f"{salt}:seed", part_id, rules.share)


def probe_draw(rules: SeedRules, salt: str, alias: str) -> Draw:
    """Return whether the advice on this seeded part is wrong on purpose."""
    return draw(f"{salt}:probe", alias, rules.probe_share)


def probe(rules: SeedRules, salt: str, alias: str, decision: Decision, control: ControlState) -> Probe | None:
    """Return what becomes of the advice on a seeded part.

    A model that takes the defect for a good part gives wrong advice by itself, and what is not shown misleads nobody:
    ``None`` for both. On a probe the inspector is shown that the model takes the part for good, with a probability as
    such parts have it that reach an inspector.

    Parameters
    ----------
    rules, salt, alias
        Of the draw; the alias is the number of the seeded part.
    decision : Decision
        The policy's, on the seeded part.
    control : ControlState
        In force for the part.
    """
    advised = decision.presentation in {Presentation.HIGHLIGHT, Presentation.SECOND_LOOK}
    if not advised or decision.model_judgement is not Judgement.REJECT:
        return None
    drawn = probe_draw(rules, salt, alias)
    return Probe(drawn, _shown(salt, alias, decision, control) if drawn.drawn else None)


def seed_replays(seed: Seed, alias: str, decision: Decision, control: ControlState) -> bool:
    """Return True if the draws of a seeded part follow from salt and numbers, as recorded."""
    if seed.draw != draw(f"{seed.salt}:seed", seed.after, seed.draw.probability) or not seed.draw.drawn:
        return False
    if seed.probe is None:
        return True
    again = draw(f"{seed.salt}:probe", alias, seed.probe.draw.probability)
    return seed.probe == Probe(again, _shown(seed.salt, alias, decision, control) if again.drawn else None)


def _shown(salt: str, alias: str, decision: Decision, control: ControlState) -> float:
    """Return a probability of a good part: between the thresholds where the model is said to be unsure, else below."""
    low, high = 0.0, control.accept_below
    if Reason.MODEL_UNSURE in decision.reasons:
        low, high = control.accept_below, control.cut
    return low + (high - low) * sticky_uniform(f"{salt}:shown", alias)


def seed_to_show(
    rules: SeedRules,
    salt: str,
    part_id: str,
    library: Sequence[str],
    shown: Mapping[str, SeedShown],
    now: SeedShown,
) -> str | None:
    """Return the known defect that follows a part, ``None`` if each was shown too short a time ago.

    Parameters
    ----------
    rules : SeedRules
        How far apart.
    salt, part_id : str
        Choose among those that may come, alike whenever the choice is made again.
    library : sequence of str
        Identities of the archived defects.
    shown : mapping of str to SeedShown
        When each of them was shown last; those never shown are absent.
    now : SeedShown
        Parts inspected so far, and the time.
    """
    may_come = sorted(seed for seed in set(library) if _may_come(rules, shown.get(seed), now))
    if not may_come:
        return None
    return may_come[int(sticky_uniform(f"{salt}:which", part_id) * len(may_come))]


def _may_come(rules: SeedRules, last: SeedShown | None, now: SeedShown) -> bool:
    if last is None:
        return True
    return now.part - last.part >= rules.apart_parts or now.at - last.at >= timedelta(days=rules.apart_days)


def seed_alias(salt: str, like: str, seed: str, attempt: int = 0) -> str:
    """Return a number for a seeded part that could be a neighbour of the part it follows: a little further on.

    The caller makes sure that no part of production has it, and asks for the next ``attempt`` where one has. What
    counts is the longest run of digits, the last of them if several are; a part id without digits gets eight at its
    end.
    """
    model = like if _DIGITS.search(like) else f"{like}-{int(sticky_uniform(f'{salt}:number', like) * 1e8):08d}"
    run = max(_DIGITS.finditer(model), key=lambda found: (len(found.group()), found.start()))
    step = 2 + (int(sticky_uniform(f"{salt}:alias:{seed}", like) * _ALIAS_REACH) + attempt) % _ALIAS_REACH
    width = len(run.group())
    number = (int(run.group()) + step) % 10**width
    return f"{model[: run.start()]}{number:0{width}d}{model[run.end() :]}"
