"""What a running station says of its devices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from inspector_app.commissioning.running import findings_of
from inspector_app.domain.commissioning import Check, Grade
from inspector_app.domain.status import (
    Fault,
    FaultKind,
    ServerState,
    ServerStatus,
    StationCounts,
    StationState,
    StationStatus,
)

RUNNING = StationStatus(
    StationState.RUNNING, (), StationCounts(captured=1), "Camera", "net 1.0.0", "Line", 0, 0, 0, 10**12, 5.0
)


def grades(status: StationStatus) -> dict[Check, Grade]:
    return {finding.check: finding.grade for finding in findings_of(status)}


def test_a_station_at_work_is_good_and_counts() -> None:
    assert set(grades(RUNNING).values()) == {Grade.GOOD}
    assert "1 part " in findings_of(RUNNING)[0].sentence


def test_a_station_that_does_not_run_says_nothing_of_them() -> None:
    assert set(grades(replace(RUNNING, state=StationState.STOPPED)).values()) == {Grade.SKIPPED}


def test_without_model_and_line_it_warns() -> None:
    found = grades(replace(RUNNING, model="none", line="none"))
    assert (found[Check.MODEL], found[Check.LINE]) == (Grade.WARNING, Grade.WARNING)


@pytest.mark.parametrize(
    ("captured", "late", "failed", "grade"),
    [
        (10, 1, 0, Grade.GOOD),  # the first answer after a start may take longer
        (10, 1, 1, Grade.WARNING),
        (200, 2, 0, Grade.GOOD),
        (200, 2, 1, Grade.WARNING),
    ],
)
def test_a_model_that_often_leaves_parts_without_an_answer_is_not_good(captured, late, failed, grade) -> None:
    counts = StationCounts(captured=captured, late_predictions=late, failed_predictions=failed)
    found = next(each for each in findings_of(replace(RUNNING, counts=counts)) if each.check is Check.MODEL)
    assert (found.grade, bool(found.remedy)) == (grade, grade is Grade.WARNING)
    assert f"{late + failed} answer" in found.sentence


@pytest.mark.parametrize(
    ("state", "local", "grade", "word"),
    [
        (ServerState.ANSWERING, True, Grade.GOOD, "answers"),
        (ServerState.AWAY, True, Grade.WARNING, "its own model"),
        (ServerState.RETURNING, False, Grade.WARNING, "to an inspector"),
    ],
)
def test_a_server_is_told_as_the_station_finds_it(state: ServerState, local: bool, grade: Grade, word: str) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    server = ServerStatus("grpc://edge:8001", state, since, "It is late.", local)
    found = next(each for each in findings_of(replace(RUNNING, server=server)) if each.check is Check.SERVER)
    assert (found.grade, word in found.sentence) == (grade, True)
    assert ("It is late." in found.sentence) == (grade is Grade.WARNING)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.BUG])
def test_every_fault_of_a_device_is_named_under_it(kind: FaultKind) -> None:
    fault = Fault(kind, "It is amiss.", datetime(2026, 1, 1, tzinfo=UTC))
    bad = [each for each in findings_of(replace(RUNNING, faults=(fault,))) if each.grade is Grade.BAD]
    assert [each.sentence for each in bad] == ["It is amiss."]
