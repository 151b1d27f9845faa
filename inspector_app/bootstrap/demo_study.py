"""An attribute study with simulated appraisers, for the demonstration."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from inspector_app.agreement.study.guided import chosen_parts, presentation_order
from inspector_app.domain.frame import Judgement
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.ports import Clock
from inspector_app.domain.study import StudyAnswer, StudyPlan, StudyRoom

APPRAISERS: Final[Mapping[str, tuple[float, float]]] = {"anna": (0.95, 0.98), "ben": (0.85, 0.95), "chris": (0.6, 0.9)}
"""Sensitivity and specificity of each: one good, one fair, one who lets defects through."""
_OF_EACH: Final = 25
_TRIALS: Final = 3
_LOOK_S: Final = 3.5


def hold_study(room: StudyRoom, by: str, seed: int, clock: Clock) -> StudyPlan | None:
    """Let simulated appraisers judge parts; return the study, ``None`` if no good or no bad part is known."""
    known = room.known_parts()
    bad = sum(part.reference is Judgement.REJECT for part in known)
    of_each = min(bad, len(known) - bad, _OF_EACH)
    if not of_each:
        return None
    parts = chosen_parts(known, 2 * of_each, 0.5, seed)
    identity = hashlib.sha256(f"demonstration {seed}".encode()).hexdigest()[:32]
    plan = StudyPlan(identity, "Demonstration", by, clock(), parts, tuple(APPRAISERS), None, 0.5, _TRIALS, seed)
    truth = {part.inspection_id: part.reference for part in parts}
    room.begin(plan)
    for appraiser, (sensitivity, specificity) in APPRAISERS.items():
        for trial in range(1, _TRIALS + 1):
            for part in presentation_order(plan, appraiser, trial):
                defective = truth[part] is Judgement.REJECT
                right = sticky_uniform(f"{appraiser} {trial}", part) < (sensitivity if defective else specificity)
                said = Judgement.REJECT if defective is right else Judgement.ACCEPT
                room.record(StudyAnswer(plan.study_id, appraiser, part, trial, 1, said, clock(), _LOOK_S))
    return plan
