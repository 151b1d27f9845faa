"""The course of a guided study: blind, in another order each time, to be left and taken up again at any part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.agreement.study.values import Study
from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyAnswer, StudyFault, StudyPart, StudyPlan

Standing = dict[tuple[str, int, str], StudyAnswer]
"""(appraiser, trial, inspection id) → the answer that counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """The part that an appraiser sees next.

    Attributes
    ----------
    trial : int
        1 … trials.
    position : int
        1 … number of parts, in this trial's order.
    inspection_id : str
        Which part.
    """

    trial: int
    position: int
    inspection_id: str


def presentation_order(plan: StudyPlan, appraiser: str, trial: int) -> tuple[str, ...]:
    """Return the order in which an appraiser sees the parts in a trial.

    Parts are sorted by the SHA-256 of seed, appraiser, trial and part: another order for everybody and every trial,
    and the same again whenever it is asked for. The first part of a trial is never the last of the one before.
    """
    order = sorted((part.inspection_id for part in plan.parts), key=lambda part: _key(plan, appraiser, trial, part))
    if trial > 1 and order[0] == presentation_order(plan, appraiser, trial - 1)[-1]:
        order = [*order[1:], order[0]]
    return tuple(order)


def _key(plan: StudyPlan, appraiser: str, trial: int, part: str) -> bytes:
    return hashlib.sha256(f"{plan.seed}:{appraiser}:{trial}:{part}".encode()).digest()


def standing_answers(answers: Iterable[StudyAnswer]) -> Standing:
    """Return the answers that count: of each decision the last turn."""
    counting: Standing = {}
    for answer in sorted(answers, key=lambda answer: answer.turn):
        counting[answer.appraiser, answer.trial, answer.inspection_id] = answer
    return counting


def next_place(plan: StudyPlan, answers: Standing, appraiser: str) -> Place | None:
    """Return what an appraiser judges next, ``None`` after the last part of the last trial."""
    for trial in range(1, plan.trials + 1):
        for position, part in enumerate(presentation_order(plan, appraiser, trial), start=1):
            if (appraiser, trial, part) not in answers:
                return Place(trial, position, part)
    return None


def place_before(plan: StudyPlan, appraiser: str, place: Place) -> Place | None:
    """Return the part just before one in the same trial, ``None`` at its first."""
    if place.position == 1:
        return None
    part = presentation_order(plan, appraiser, place.trial)[place.position - 2]
    return Place(place.trial, place.position - 1, part)


def progress_of(plan: StudyPlan, answers: Standing, appraiser: str) -> tuple[int, int]:
    """Return how many decisions an appraiser has given, of how many."""
    return sum(1 for who, _, _ in answers if who == appraiser), len(plan.parts) * plan.trials


def completed_study(plan: StudyPlan, answers: Standing) -> Study | None:
    """Return the decisions of all who are through, ``None`` while nobody is."""
    through = [who for who in plan.judges if next_place(plan, answers, who) is None]
    if not through:
        return None
    rejected = np.array(
        [
            [
                [
                    answers[who, trial, part.inspection_id].judgement is Judgement.REJECT
                    for trial in range(1, plan.trials + 1)
                ]
                for who in through
            ]
            for part in plan.parts
        ],
        np.bool_,
    )
    return Study(
        parts=tuple(part.inspection_id for part in plan.parts),
        appraisers=tuple(through),
        trials=tuple(str(trial) for trial in range(1, plan.trials + 1)),
        rejected=rejected,
        reference=np.array([part.reference is Judgement.REJECT for part in plan.parts], np.bool_),
    )


def chosen_parts(known: Sequence[StudyPart], count: int, bad_share: float, seed: int) -> tuple[StudyPart, ...]:
    """Choose parts at random, so many of them bad.

    Parameters
    ----------
    known : sequence of StudyPart
        Parts whose truth is known; the order does not matter.
    count : int
        How many, at least 2.
    bad_share : float
        0 … 1, share of the bad among them; half makes kappa readable.
    seed : int
        Of the choice.

    Raises
    ------
    StudyFault
        If there are not so many good or bad ones.
    """
    bad_wanted = round(count * bad_share)
    chosen: list[StudyPart] = []
    for judgement, wanted, word in (
        (Judgement.REJECT, bad_wanted, "bad"),
        (Judgement.ACCEPT, count - bad_wanted, "good"),
    ):
        of_kind = sorted(
            (part for part in known if part.reference is judgement),
            key=lambda part: hashlib.sha256(f"{seed}:{part.inspection_id}".encode()).digest(),
        )
        if len(of_kind) < wanted:
            raise StudyFault(
                f"{wanted} parts known to be {word} are needed, and there are {len(of_kind)}; choose fewer parts or "
                "another share, or adjudicate more parts first."
            )
        chosen += of_kind[:wanted]
    return tuple(chosen)
