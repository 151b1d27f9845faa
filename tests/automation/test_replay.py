"""A decision replays from its record, and a record that was touched does not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from inspector_app.automation.policy import decide
from inspector_app.automation.replay import ReplayDifference, replay_differences, replayed_decision
from inspector_app.automation.seeds import SeedRules, seed_draw
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition, Draw, Route
from inspector_app.domain.frame import PictureFlaw, PictureProblem, Unfit
from inspector_app.domain.inspection import Inspection, PictureFacts, PictureFault
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.seed import KnownDefect, Seed

FACTS = PictureFacts("c" * 64, 640, 480, 3)
UNFIT = PictureFacts("c" * 64, 640, 480, 3, Unfit(PictureFlaw.FROZEN, "The picture is the same as the one before."))
FAULT = PictureFault(PictureProblem.TRUNCATED, "The file ends too early.")


def inspected(control, prediction, picture=FACTS, part="PART-000001"):
    decision = decide(control, part, picture is FACTS, prediction)
    return Inspection(
        inspection_id="01890000-0000-7000-8000-000000000001",
        part_id=part,
        captured_at=datetime(2026, 1, 1, tzinfo=UTC),
        source="synthetic:",
        sequence=1,
        skipped=0,
        path=None,
        picture=picture,
        prediction=prediction,
        control=control,
        decision=decision,
        reference=None,
    )


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("picture", [FACTS, UNFIT, FAULT])
@pytest.mark.parametrize("answer", [None, PredictionStatus.LATE, 0.0, 0.1, 0.2, 0.5, 0.8, 0.95, 1.0])
def test_every_decision_replays(control, predicted, unusable, level, picture, answer):
    state = control(level, canary_share=0.5, audit_share=0.5, unaided_share=0.5)
    made = {float: predicted, PredictionStatus: unusable}.get(type(answer), lambda nothing: nothing)(answer)
    for part in ("PART-000001", "PART-000002", "PART-000003", "PART-000004"):
        inspection = inspected(state, made, picture, part)
        assert replay_differences(inspection) == ()
        assert replayed_decision(inspection) == inspection.decision


def test_a_changed_disposition_is_found_and_named(control, predicted):
    inspection = inspected(control(Level.FULL), predicted(0.9))
    forged = dataclasses.replace(inspection.decision, disposition=Disposition.ACCEPT, route=Route.MODEL_ACCEPT)
    forged_inspection = dataclasses.replace(inspection, decision=forged)
    assert replay_differences(forged_inspection)
    assert replay_differences(forged_inspection) == (
        ReplayDifference("route", Route.MODEL_ACCEPT, Route.MODEL_REJECT),
        ReplayDifference("disposition", Disposition.ACCEPT, Disposition.REJECT),
    )
    assert str(replay_differences(forged_inspection)[1]) == (
        "disposition: recorded <Disposition.ACCEPT: 'accept'>, replayed <Disposition.REJECT: 'reject'>"
    )


def test_one_bit_of_a_draw_is_found(control, predicted):
    inspection = inspected(control(Level.FULL), predicted(0.9))
    audit = inspection.decision.audit
    nudged = Draw(audit.drawn, audit.probability, audit.u + 2.0**-53)
    forged = dataclasses.replace(inspection, decision=dataclasses.replace(inspection.decision, audit=nudged))
    assert [difference.field for difference in replay_differences(forged)] == ["audit"]


@pytest.mark.parametrize(
    "change",
    [
        lambda i, p: dataclasses.replace(i, prediction=p(0.95)),
        lambda i, p: dataclasses.replace(i, prediction=None),
        lambda i, p: dataclasses.replace(i, picture=FAULT),
        lambda i, p: dataclasses.replace(i, part_id="PART-000002"),
        lambda i, p: dataclasses.replace(i, control=dataclasses.replace(i.control, level=Level.ASSIST)),
        lambda i, p: dataclasses.replace(i, control=dataclasses.replace(i.control, accept_below=0.05)),
        lambda i, p: dataclasses.replace(i, control=dataclasses.replace(i.control, audit_share=0.3)),
    ],
)
def test_a_record_whose_inputs_were_touched_does_not_replay(control, predicted, change):
    inspection = inspected(control(Level.PARTIAL), predicted(0.1))
    assert replay_differences(inspection) == ()
    assert replay_differences(change(inspection, predicted))


def test_draws_of_a_seeded_part_replay_with_it_and_forged_ones_are_found(control, predicted):
    rules = SeedRules(share=0.1)
    after = next(part for part in (f"P-{n}" for n in range(100)) if seed_draw(rules, "s", part).drawn)
    seed = Seed(KnownDefect("folder:a.png", "scratch", "cut open"), after, "s", seed_draw(rules, "s", after))
    inspection = dataclasses.replace(inspected(control(Level.SHADOW), predicted(0.9)), seed=seed)
    assert replay_differences(inspection) == ()
    forged = dataclasses.replace(inspection, seed=dataclasses.replace(seed, after="P-other"))
    assert [str(each).partition(":")[0] for each in replay_differences(forged)] == ["seed"]
