"""Seeded parts: known defects that are shown again, blind, among the day's parts; and probes with wrong advice.

A seeded part is an archived picture of a real defect (never a drawn one: people see the difference) under a number that
looks like any other. Who is shown it cannot tell it from production, so the share found is an honest measure of a
person and, where the model judges it too, of the model. It is marked in the log by its reference and left out of all
production figures.

A probe shows wrong advice on a seeded part on purpose, to learn how far people lean on the model. It is off unless the
plant turns it on, and the part never counts for the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspector_app.automation.draws import draw
from inspector_app.automation.sequential import confidence_sequence
from inspector_app.domain.decision import Draw
from inspector_app.domain.ids import sticky_uniform


@dataclass(frozen=True, slots=True)
class SeedRules:
    """How often and how far apart known defects come back.

    Attributes
    ----------
    share : float
        0 … 0.1: seeded parts for each part that an inspector is asked about; 0 turns them off.
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
    """Return whether a seeded part follows this one into the inspectors' queue."""
    return draw(f"{salt}:seed", part_id, rules.share)


def probe_draw(rules: SeedRules, salt: str, alias: str) -> Draw:
    """Return whether the advice on this seeded part is wrong on purpose."""
    return draw(f"{salt}:probe", alias, rules.probe_share)


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


def seed_alias(salt: str, like: str, seed: str) -> str:
    """Return a number for a seeded part that looks like the part it follows: each digit another, all else the same.

    The caller makes sure that no part of production has it. A part id without digits gets eight at its end.
    """
    model = like if any(c.isdigit() for c in like) else f"{like}-00000000"
    return "".join(
        str(int(sticky_uniform(f"{salt}:alias:{seed}:{place}", like) * 10)) if c.isdigit() else c
        for place, c in enumerate(model)
    )


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
