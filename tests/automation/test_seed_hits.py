"""Seeded defects found by people and model, and what wrong advice did."""

from __future__ import annotations

from datetime import UTC, datetime

from inspector_app.automation.seed_hits import SeedHits, Share, seed_hits
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import SeededPart
from inspector_app.domain.seed import KnownDefect
from inspector_app.domain.verdict import Answer, VerdictKind

DEFECT = KnownDefect("folder:a.png", "scratch", "cut open")
THEN = datetime(2026, 3, 2, tzinfo=UTC)
UNAIDED, AIDED, SECOND = VerdictKind.UNAIDED, VerdictKind.AIDED, VerdictKind.SECOND_LOOK
ACCEPT, REJECT, UNSURE = Answer


def seed(*answers, route=Route.HUMAN, model=Judgement.REJECT, misled=False, by="Ana"):
    said = tuple((by, kind, answer) for kind, answer in answers)
    return SeededPart(DEFECT, THEN, route, model, misled, False, said)


def test_without_seeds_nothing_was_shown():
    assert seed_hits([]) == SeedHits()


def test_looks_with_and_without_the_model_are_told_apart_and_unsure_is_no_hit():
    found = seed_hits(
        [
            seed((UNAIDED, REJECT), (SECOND, ACCEPT)),
            seed((UNAIDED, UNSURE)),
            seed((VerdictKind.AUDIT, ACCEPT), route=Route.MODEL_ACCEPT, model=Judgement.ACCEPT),
            seed((AIDED, REJECT)),
            seed(route=Route.MODEL_REJECT),
            seed((UNAIDED, REJECT), model=None),
        ]
    )
    assert found == SeedHits(6, Share(2, 4), Share(1, 2), Share(4, 5), Share(1, 2), last=THEN)


def test_probes_count_who_gave_a_found_defect_up_and_are_no_assisted_look():
    found = seed_hits(
        [
            seed((UNAIDED, REJECT), (SECOND, ACCEPT), misled=True),
            seed((UNAIDED, REJECT), (SECOND, REJECT), misled=True),
            seed((UNAIDED, ACCEPT), (SECOND, ACCEPT), misled=True),
            seed((AIDED, ACCEPT), misled=True),
            seed((AIDED, REJECT), misled=True),
        ]
    )
    assert (found.misled, found.missed_with_probe, found.assisted) == (Share(1, 2), Share(1, 2), Share())
    assert found.unaided == Share(2, 3)
