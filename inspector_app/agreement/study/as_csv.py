"""A guided study as the file that the ``study`` command reads."""

from __future__ import annotations

import csv
import io

from inspector_app.agreement.as_csv import safe_cell
from inspector_app.agreement.study.guided import Standing, presentation_order
from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyPlan

_WORDS = {Judgement.ACCEPT: "good", Judgement.REJECT: "bad"}


def study_csv(plan: StudyPlan, answers: Standing) -> str:
    """Return ``part,appraiser,trial,decision,reference,position,seconds,at``, RFC 4180, in the order of judging."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("part", "appraiser", "trial", "decision", "reference", "position", "seconds", "at"))
    reference = {part.inspection_id: _WORDS[part.reference] for part in plan.parts}
    for who in plan.judges:
        for trial in range(1, plan.trials + 1):
            for position, part in enumerate(presentation_order(plan, who, trial), start=1):
                answer = answers.get((who, trial, part))
                if answer is not None:
                    cells = (part, who, trial, answer.judgement.value, reference[part], position)
                    rows.writerow((*map(safe_cell, map(str, cells)), f"{answer.seconds:.3f}", answer.at.isoformat()))
    return text.getvalue()
