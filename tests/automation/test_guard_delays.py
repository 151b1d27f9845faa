"""How late each guard is: one table of causes, the delay in parts that theory gives, and the one measured.

The setting is that of the guide: a part every 6 s, one in ten accepts audited, one part in a hundred a seeded defect,
contract 0.5 %. Parts are streamed one by one through `observe`; the cause begins with the first of them.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from statistics import NormalDist, fmean, stdev

import pytest

from inspector_app.automation.guard_events import (
    AuditConfirmed,
    ClockTicked,
    GuardEvent,
    GuardKind,
    Identity,
    ModelRefused,
    PartScored,
    SeedJudged,
    SignedAgain,
)
from inspector_app.automation.guards import GuardSettings, GuardState, observe
from inspector_app.monitoring.score_drift import BETS, drift_e_values

TAKT_S = 6.0
AUDITED = 0.1
SEEDED = 0.01
RUNS = 200
SETTINGS = GuardSettings()
ME = Identity("a" * 64, "b" * 64, "c" * 64)

Parts = Iterator[tuple[GuardEvent, ...]]


def escapes(chance: random.Random, share: float, critical: bool = False) -> Parts:
    """Yield what guards hear of each accepted part, so many of which are bad."""
    while True:
        audited, bad = chance.random() < AUDITED, chance.random() < share
        yield (AuditConfirmed(bad, critical and bad),) if audited else ()


def seeds(chance: random.Random, missed: float) -> Parts:
    while True:
        seeded, accepted = chance.random() < SEEDED, chance.random() < missed
        yield (SeedJudged(accepted),) if seeded else ()


def unanswered(chance: random.Random) -> Parts:
    """Inspectors have left: the first audit that comes waits for ever."""
    first = None
    for part in itertools.count():
        now = part * TAKT_S
        if first is None and chance.random() < AUDITED:
            first = now
        yield (ClockTicked(0.0 if first is None else now - first, 0.0),)


def silent() -> Parts:
    for part in itertools.count(1):
        yield (ClockTicked(0.0, part * TAKT_S),)


def changed(identity: Identity) -> Parts:
    while True:
        yield (PartScored(0.1, 0.5, identity),)


def drifting(chance: random.Random, shift: float) -> Parts:
    while True:
        yield (PartScored(1.0 / (1.0 + math.exp(-chance.gauss(shift - 3.0, 1.0))), chance.random(), ME),)


def delay(kind: GuardKind, parts: Parts, state: GuardState, settings: GuardSettings) -> int:
    """Return at which part the guard fires; the others are left to fire as they do."""
    for part, events in enumerate(parts, 1):
        for event in events:
            state, trips = observe(settings, state, event)
            if any(trip.kind is kind for trip in trips):
                return part
    raise AssertionError


def mean_delay(
    kind: GuardKind, cause: Callable[[random.Random], Parts], state: GuardState, settings: GuardSettings = SETTINGS
) -> tuple[float, float]:
    """Return the mean over many runs and its standard error."""
    found = [delay(kind, cause(random.Random(f"{kind}-{run}")), state, settings) for run in range(RUNS)]
    return fmean(found), stdev(found) / math.sqrt(RUNS)


def signed(seed: int = 5, parts: int = 5000) -> GuardState:
    chance = random.Random(seed)
    scores = tuple(sorted(1.0 / (1.0 + math.exp(-chance.gauss(-3.0, 1.0))) for _ in range(parts)))
    return observe(SETTINGS, GuardState(), SignedAgain(ME, scores))[0]


NEW = GuardState()
# Of harm: the exact mean of the e-process, by a walk over the counts in `test_guards`; of the chart its run length, by
# the chain in `test_cusum`.
EXACT = {
    "harm, escapes of 10 %": (GuardKind.HARM, lambda c: escapes(c, 0.1), 34.1 / AUDITED),
    "chart, escapes of 3 %": (GuardKind.ESCAPES_RISING, lambda c: escapes(c, 0.03), 195.4 / AUDITED),
    "critical escape, 1 % of accepts": (
        GuardKind.CRITICAL_ESCAPE,
        lambda c: escapes(c, 0.01, critical=True),
        1.0 / (0.01 * AUDITED),
    ),
    "seeded defect, half of them missed": (GuardKind.SEED_MISSED, lambda c: seeds(c, 0.5), 1.0 / (SEEDED * 0.5)),
    # The first audit comes after 1/f parts on average; then it waits more than an hour, which is 601 parts.
    "audits that nobody answers": (GuardKind.AUDIT_BACKLOG, unanswered, 1.0 / AUDITED + 3600.0 / TAKT_S + 1.0),
}


@pytest.mark.parametrize("name", list(EXACT))
def test_the_mean_delay_is_the_one_of_theory(name):
    kind, cause, theory = EXACT[name]
    mean, error = mean_delay(kind, cause, NEW)
    assert abs(mean - theory) < 4.0 * error
    assert error < 0.12 * theory  # the comparison means something


@pytest.mark.parametrize(
    ("kind", "parts", "theory"),
    [
        (GuardKind.MODEL_CHANGED, lambda: changed(Identity("d" * 64, "b" * 64, "c" * 64)), 1),
        (GuardKind.CAMERA_CHANGED, lambda: changed(Identity("a" * 64, "b" * 64, "d" * 64)), 1),
        (GuardKind.HEARTBEAT_LOST, silent, math.floor(SETTINGS.silence_s / TAKT_S) + 1),
    ],
)
def test_facts_are_told_with_the_first_part_that_shows_them(kind, parts, theory):
    assert delay(kind, parts(), signed(), SETTINGS) == theory


def test_another_model_in_a_slot_is_told_before_any_part():
    _, (trip,) = observe(
        SETTINGS, signed(), ModelRefused("Model next 2 is not the one that was put in the green slot.")
    )
    assert (trip.kind, trip.sentence[:12]) == (GuardKind.MODEL_CHANGED, "Model next 2")


def longest_drift(shift: float) -> float:
    """Return the parts that the best bet alone would need: ln(12 A) and the overshoot over its mean log gain."""
    levels = [(i + 0.5) / 2000 for i in range(2000)]
    moved = [NormalDist().cdf(-NormalDist(shift).inv_cdf(level)) for level in levels]
    gains = zip(*([math.log(e) for e in drift_e_values(p, SETTINGS.drift_tolerance)] for p in moved), strict=True)
    return (math.log(BETS * SETTINGS.drift_parts) + math.log(1.8)) / max(fmean(column) for column in gains)


@pytest.mark.parametrize("shift", [0.5, 1.0])
def test_drift_is_told_no_later_than_its_best_bet_alone_would_tell(shift):
    mean, error = mean_delay(GuardKind.SCORE_DRIFT, lambda c: drifting(c, shift), signed())
    assert mean - 4.0 * error < longest_drift(shift)
    assert mean > math.log(SETTINGS.drift_parts) / math.log(1.8)


def table() -> list[tuple[str, float, float]]:
    """Return cause, theory and measured mean in parts, as the guide has them."""
    rows = [(name, theory, mean_delay(kind, cause, NEW)[0]) for name, (kind, cause, theory) in EXACT.items()]
    state = signed()
    for shift in (0.5, 1.0):
        mean, _ = mean_delay(GuardKind.SCORE_DRIFT, lambda c, by=shift: drifting(c, by), state)
        rows.append((f"drift by {shift} standard deviations (at most)", longest_drift(shift), mean))
    return rows


if __name__ == "__main__":
    for cause, theory, measured in table():
        print(f"{cause:<40} {theory:8.0f} {measured:8.0f}")
