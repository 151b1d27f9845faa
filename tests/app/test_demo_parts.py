"""The demonstration's parts and study: seeded, with truth, and now and then a bundled picture."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from inspector_app.agreement.study.guided import completed_study, standing_answers
from inspector_app.bootstrap.demo import BUNDLED_EVERY, bundled_parts, with_bundled_parts
from inspector_app.bootstrap.demo_study import APPRAISERS, hold_study
from inspector_app.bootstrap.devices import make_parts
from inspector_app.cameras.synthetic import PartRequest
from inspector_app.domain.frame import Judgement, Pixels, Reference, ReferenceSource
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan

REQUEST = PartRequest(seed=3, width_px=160, height_px=128, defect_share=0.4)


def test_same_seed_and_index_give_the_same_part() -> None:
    first, again = make_parts(REQUEST), make_parts(REQUEST)
    for index in (0, 5, 5, 2):
        pixels, reference = first(index)
        same, truth = again(index)
        assert np.array_equal(pixels, same)
        assert reference == truth
    assert not np.array_equal(first(0)[0], first(1)[0])


def test_the_share_of_defects_is_as_asked() -> None:
    small = PartRequest(seed=3, width_px=96, height_px=96, defect_share=0.4)
    make = make_parts(small)
    bad = sum(make(index)[1].judgement is Judgement.REJECT for index in range(60))
    assert 9 <= bad <= 39  # 24 expected; four standard deviations are 15


def test_bundled_parts_have_truth_and_camera_resolution() -> None:
    parts = bundled_parts()
    assert len(parts) >= 4
    assert {reference.judgement for _, reference in parts} == set(Judgement)
    assert all(min(pixels.shape[:2]) >= 1000 for pixels, _ in parts)


def test_bundled_parts_come_in_turn() -> None:
    grey: Pixels = np.zeros((40, 40), np.uint8)
    generated = (grey, Reference(Judgement.ACCEPT, ReferenceSource.GENERATOR))
    bundled = [(grey, Reference(Judgement.REJECT, ReferenceSource.ANNOTATION)), (grey, generated[1])]
    make = with_bundled_parts(lambda _index: generated, bundled)
    places = [index for index in range(BUNDLED_EVERY * 4) if make(index) is not generated]
    assert places == [BUNDLED_EVERY * turn + BUNDLED_EVERY // 2 for turn in range(4)]
    assert make(places[0]) is bundled[0]
    assert make(places[1]) is bundled[1]
    assert make(places[2]) is bundled[0]
    assert with_bundled_parts(lambda _index: generated, [])(BUNDLED_EVERY // 2) is generated


class KeptStudy:
    """What `hold_study` needs of a study room."""

    def __init__(self, bad: int, good: int) -> None:
        kinds = [Judgement.REJECT] * bad + [Judgement.ACCEPT] * good
        self.known = [StudyPart(f"part-{number}", kind) for number, kind in enumerate(kinds)]
        self.plan: StudyPlan | None = None
        self.answers: list[StudyAnswer] = []

    def known_parts(self) -> list[StudyPart]:
        return self.known

    def begin(self, plan: StudyPlan) -> None:
        self.plan = plan

    def record(self, answer: StudyAnswer) -> None:
        self.answers.append(answer)


def test_the_demonstrations_study_is_whole_and_its_appraisers_differ() -> None:
    room = KeptStudy(bad=40, good=30)
    plan = hold_study(room, "demo supervisor", 7, lambda: datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
    assert plan is room.plan
    assert plan is not None
    study = completed_study(plan, standing_answers(room.answers))
    assert study is not None
    assert study.rejected.shape == (50, len(APPRAISERS), 3)
    wrong = (study.rejected != study.reference[:, None, None]).mean(axis=(0, 2))
    assert 0.0 < wrong[0] < wrong[2]


@pytest.mark.parametrize(("bad", "good"), [(0, 9), (9, 0)])
def test_without_good_or_bad_parts_there_is_no_study(bad: int, good: int) -> None:
    room = KeptStudy(bad, good)
    assert hold_study(room, "demo supervisor", 7, lambda: datetime(2026, 1, 1, tzinfo=UTC)) is None  # type: ignore[arg-type]
    assert room.answers == []
