"""Replay: a decision is computed again from its own record and must come out bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, fields

from inspector_app.automation.assignment import expected_model
from inspector_app.automation.policy import decide
from inspector_app.automation.seeds import seed_replays
from inspector_app.domain.decision import Decision
from inspector_app.domain.inspection import Inspection


@dataclass(frozen=True, slots=True)
class ReplayDifference:
    """One field of a decision that did not come out as recorded.

    Attributes
    ----------
    field : str
        Name of the field of `Decision`, ``model`` where the wrong model was in charge, or ``seed`` where the draws of a
        seeded part do not follow from its numbers.
    recorded, replayed : object
        What the log has, and what the policy says today.
    """

    field: str
    recorded: object
    replayed: object

    def __str__(self) -> str:
        return f"{self.field}: recorded {self.recorded!r}, replayed {self.replayed!r}"


def replayed_decision(inspection: Inspection) -> Decision:
    """Return the decision that follows from the recorded control state, part, picture and prediction."""
    return decide(inspection.control, inspection.part_id, inspection.picture_usable, inspection.prediction)


def replay_differences(inspection: Inspection) -> tuple[ReplayDifference, ...]:
    """Return every field in which record and replay differ; empty if the decision replays.

    Numbers are compared exactly: thresholds, shares and draws are stored as they were used.
    """
    replayed = replayed_decision(inspection)
    model = _other_model(inspection)
    pairs = ((f.name, getattr(inspection.decision, f.name), getattr(replayed, f.name)) for f in fields(Decision))
    differing = (ReplayDifference(name, recorded, again) for name, recorded, again in pairs if recorded != again)
    return (*model, *differing, *_other_seed(inspection))


def _other_model(inspection: Inspection) -> tuple[ReplayDifference, ...]:
    """Return a difference if another model has spoken than the one that the control state puts in charge."""
    expected = expected_model(inspection.control, inspection.part_id)
    spoke = None if inspection.prediction is None else inspection.prediction.model
    if expected is None or spoke is None or spoke == expected:
        return ()
    return (ReplayDifference("model", spoke, expected),)


def _other_seed(inspection: Inspection) -> tuple[ReplayDifference, ...]:
    seed = inspection.seed
    if seed is None or seed_replays(seed, inspection.part_id, inspection.decision, inspection.control):
        return ()
    return (ReplayDifference("seed", seed.draw, "another draw"),)
