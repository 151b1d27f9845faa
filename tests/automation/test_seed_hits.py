"""Seeded defects found by people and model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from inspector_app.automation.seed_hits import SeedHits, seed_hits
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Route
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

SEED = JudgedPart(
    inspection_id="i",
    part_id="p",
    captured_at=datetime(2026, 3, 2, tzinfo=UTC),
    source="synthetic:",
    probability=0.9,
    model=ModelIdentity("m", "1", "a" * 64, "b" * 64),
    level=Level.PARTIAL,
    style=AssistStyle.HIGHLIGHT,
    audit_share=0.1,
    unaided_share=0.1,
    route=Route.HUMAN,
    audit=None,
    first_look=None,
    seeded=True,
    answers=((VerdictKind.UNAIDED, Answer.REJECT),),
)


def test_only_seeds_count_and_unsure_is_no_hit():
    missed = replace(SEED, probability=0.5, answers=((VerdictKind.UNAIDED, Answer.ACCEPT),))
    unsure = replace(SEED, probability=0.1, answers=((VerdictKind.UNAIDED, Answer.UNSURE),))
    assert seed_hits([SEED, missed, unsure, replace(SEED, seeded=False)], 0.5) == SeedHits(3, 1, 2)


def test_without_seeds_nothing_was_shown():
    assert seed_hits([replace(SEED, seeded=False)], 0.5) == SeedHits()
