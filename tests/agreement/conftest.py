"""A small log, counted by hand, for the report's tests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import LogFilter, PartCount, VerdictCount
from inspector_app.domain.verdict import Answer, VerdictKind

GOOD, BAD = Judgement.ACCEPT, Judgement.REJECT
OLD, NEW = "glass 1.0", "glass 1.1"
HUMAN, ACCEPTED, REJECTED = Route.HUMAN, Route.MODEL_ACCEPT, Route.MODEL_REJECT


def verdict(level, version, by, kind, answer, model, truth, n, route=HUMAN):
    return VerdictCount(Level(level), version, by, VerdictKind(kind), Answer(answer), model, truth, n, route)


VERDICTS = (
    verdict("human_only", None, "Ana", "unaided", "accept", None, GOOD, 7),
    verdict("shadow", OLD, "Ana", "unaided", "accept", GOOD, GOOD, 60),
    verdict("shadow", OLD, "Ana", "unaided", "accept", BAD, GOOD, 3),
    verdict("shadow", OLD, "Bo", "unaided", "accept", GOOD, BAD, 1),
    verdict("shadow", OLD, "Bo", "unaided", "reject", BAD, BAD, 11),
    verdict("shadow", NEW, "Bo", "unaided", "reject", GOOD, BAD, 2),
    verdict("shadow", NEW, "Bo", "unaided", "unsure", BAD, BAD, 4),
    verdict("assist", NEW, "Bo", "aided", "reject", BAD, None, 20),
    verdict("assist", NEW, "Ana", "second_look", "accept", BAD, None, 5),
    verdict("partial", NEW, "Ana", "audit", "reject", GOOD, BAD, 1, ACCEPTED),
    verdict("partial", NEW, "Ana", "audit", "accept", GOOD, GOOD, 30, ACCEPTED),
    # In full the model rejects what it is unsure about although its judgement at the cut is accept.
    verdict("full", NEW, "Ana", "audit", "accept", GOOD, GOOD, 2, REJECTED),
    verdict("full", NEW, "Ana", "audit", "reject", BAD, BAD, 6, REJECTED),
    verdict("full", NEW, "Ana", "audit", "unsure", BAD, BAD, 1, REJECTED),
    verdict("shadow", OLD, "Cy", "adjudication", "reject", BAD, None, 3),
)

PARTS = (
    PartCount(Level.HUMAN_ONLY, None, HUMAN, Disposition.ACCEPT, None, GOOD, 7),
    PartCount(Level.SHADOW, OLD, HUMAN, Disposition.ACCEPT, GOOD, GOOD, 60),
    PartCount(Level.SHADOW, OLD, HUMAN, Disposition.ACCEPT, GOOD, BAD, 1),
    PartCount(Level.SHADOW, OLD, HUMAN, Disposition.REJECT, BAD, BAD, 11),
    PartCount(Level.SHADOW, NEW, HUMAN, Disposition.HOLD, BAD, BAD, 4),
    PartCount(Level.PARTIAL, NEW, ACCEPTED, Disposition.ACCEPT, GOOD, None, 100),
    PartCount(Level.PARTIAL, NEW, ACCEPTED, Disposition.REJECT, GOOD, BAD, 1),
    PartCount(Level.PARTIAL, NEW, HUMAN, Disposition.REJECT, GOOD, GOOD, 2),
    PartCount(Level.FULL, NEW, REJECTED, Disposition.REJECT, BAD, BAD, 8),
)

HEADER = ReportHeader(
    generated_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    program_version="0.1.0",
    which=LogFilter(since=datetime(2026, 3, 1, tzinfo=UTC), level=Level.SHADOW),
    facts=(("station", "Line 4"),),
)


@pytest.fixture(scope="session")
def report() -> AgreementReport:
    """Return the report on the small log."""
    return agreement_report(VERDICTS, PARTS, HEADER)


@pytest.fixture(scope="session")
def empty_report() -> AgreementReport:
    """Return the report on an empty log."""
    return agreement_report((), (), HEADER)


@pytest.fixture(scope="session")
def small_log() -> tuple[tuple[VerdictCount, ...], tuple[PartCount, ...], ReportHeader]:
    """Return the rows behind the report."""
    return VERDICTS, PARTS, HEADER
