"""The course of a guided study."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.agreement.study.as_csv import study_csv
from inspector_app.agreement.study.guided import (
    Place,
    chosen_parts,
    completed_study,
    next_place,
    place_before,
    presentation_order,
    progress_of,
    standing_answers,
)
from inspector_app.domain.frame import Judgement
from inspector_app.domain.study import StudyAnswer, StudyFault, StudyPart, StudyPlan

NOW = datetime(2026, 3, 4, tzinfo=UTC)
GOOD, BAD = Judgement.ACCEPT, Judgement.REJECT


def plan(parts=6, appraisers=("Ana", "Bo"), model=None, trials=3, seed=7, **other):
    chosen = tuple(StudyPart(f"p{number}", BAD if number % 2 else GOOD) for number in range(parts))
    return StudyPlan("0" * 32, other.get("name", "May"), "erika", NOW, chosen, appraisers, model, 0.5, trials, seed)


def answer(study, who, trial, part, judgement=GOOD, turn=1):
    return StudyAnswer(study.study_id, who, part, trial, turn, judgement, NOW, 1.0)


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 2**63 - 1))
def test_each_trial_shows_every_part_once_in_an_order_that_repeats(parts, trials, seed):
    study = plan(parts=parts, trials=trials, seed=seed)
    names = {part.inspection_id for part in study.parts}
    before = None
    for trial in range(1, trials + 1):
        order = presentation_order(study, "Ana", trial)
        assert set(order) == names
        assert len(order) == len(names)
        assert order == presentation_order(study, "Ana", trial)
        assert order[0] != before
        before = order[-1]


def test_order_differs_between_appraisers_trials_and_seeds():
    study = plan(parts=20)
    orders = {presentation_order(study, who, trial) for who in ("Ana", "Bo") for trial in (1, 2, 3)}
    assert len(orders) == 6
    assert presentation_order(plan(parts=20, seed=8), "Ana", 1) not in orders


def test_the_order_tells_nothing_of_the_truth():
    study = plan(parts=200, trials=1)
    truth = {part.inspection_id: part.reference for part in study.parts}
    order = presentation_order(study, "Ana", 1)
    assert 35 < sum(truth[part] is BAD for part in order[:100]) < 65


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(1, 3), st.integers(0, 1000))
def test_a_study_left_and_taken_up_again_misses_and_repeats_nothing(parts, trials, seed):
    study = plan(parts=parts, trials=trials, seed=seed)
    answers = []
    seen = []
    while (place := next_place(study, standing_answers(answers), "Ana")) is not None:
        seen.append((place.trial, place.inspection_id))
        answers.append(answer(study, "Ana", place.trial, place.inspection_id))
    assert len(seen) == len(set(seen)) == parts * trials
    assert [trial for trial, _ in seen] == sorted(trial for trial, _ in seen)
    assert progress_of(study, standing_answers(answers), "Ana") == (parts * trials, parts * trials)
    assert progress_of(study, standing_answers(answers), "Bo") == (0, parts * trials)


def test_the_last_turn_of_an_answer_counts_whatever_the_order_of_reading():
    study = plan()
    given_twice = [answer(study, "Ana", 1, "p0", BAD, turn=2), answer(study, "Ana", 1, "p0", GOOD, turn=1)]
    assert standing_answers(given_twice)["Ana", 1, "p0"].judgement is BAD


def test_one_can_go_back_within_a_trial_only():
    study = plan()
    order = presentation_order(study, "Ana", 2)
    assert place_before(study, "Ana", Place(2, 1, order[0])) is None
    assert place_before(study, "Ana", Place(2, 3, order[2])) == Place(2, 2, order[1])


def test_only_those_who_are_through_are_analysed():
    study = plan(parts=3, appraisers=("Ana", "Bo"), model="glass 1.0", trials=2)
    answers = [
        answer(study, who, trial, part.inspection_id, BAD if trial == 2 else GOOD)
        for who in ("Ana", "glass 1.0")
        for trial in (1, 2)
        for part in study.parts
    ]
    assert completed_study(study, {}) is None
    assert completed_study(study, standing_answers(answers[1:3])) is None
    done = completed_study(study, standing_answers(answers))
    assert done.appraisers == ("Ana", "glass 1.0")
    assert done.reference.tolist() == [False, True, False]
    assert done.rejected[:, 0].tolist() == [[False, True]] * 3


KNOWN = tuple(StudyPart(f"p{number}", BAD if number < 10 else GOOD) for number in range(100))


def test_parts_are_chosen_by_seed_with_the_share_of_bad_ones():
    chosen = chosen_parts(KNOWN, 12, 0.5, 3)
    assert sum(part.reference is BAD for part in chosen) == 6
    assert len(set(chosen)) == 12
    assert chosen == chosen_parts(tuple(reversed(KNOWN)), 12, 0.5, 3)
    assert chosen != chosen_parts(KNOWN, 12, 0.5, 4)


@pytest.mark.parametrize(
    ("count", "share", "word"), [(30, 0.5, "15 parts known to be bad"), (100, 0.0, "100 parts known to be good")]
)
def test_too_few_known_parts_are_one_sentence(count, share, word):
    with pytest.raises(StudyFault, match=word):
        chosen_parts(KNOWN, count, share, 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "needs a name"),
        ({"parts": 1}, "at least two parts"),
        ({"appraisers": ()}, "at least one appraiser"),
        ({"appraisers": ("Ana", "Ana")}, "each name once"),
        ({"appraisers": ("Ana", "")}, "each name once"),
        ({"model": "Ana"}, "each name once"),
        ({"trials": 21}, "1 to 20 trials"),
    ],
)
def test_what_is_no_study_is_one_sentence(changes, sentence):
    with pytest.raises(StudyFault, match=sentence):
        plan(**changes)


def test_a_seed_out_of_range_is_a_bug():
    with pytest.raises(ValueError, match="seed"):
        plan(seed=-1)


def test_the_file_has_every_answer_that_counts_in_the_order_of_judging():
    study = plan(parts=3, appraisers=("=Ana",), model="glass 1.0", trials=2)
    order = presentation_order(study, "=Ana", 1)
    answers = [
        answer(study, "=Ana", 1, order[0], BAD),
        answer(study, "=Ana", 1, order[0], GOOD, turn=2),
        answer(study, "=Ana", 1, order[1], BAD),
    ]
    rows = list(csv.DictReader(io.StringIO(study_csv(study, standing_answers(answers)))))
    assert [(row["part"], row["decision"], row["position"]) for row in rows] == [
        (order[0], "accept", "1"),
        (order[1], "reject", "2"),
    ]
    assert {row["appraiser"] for row in rows} == {"'=Ana"}
    truth = {part.inspection_id: "bad" if part.reference is BAD else "good" for part in study.parts}
    assert all(row["reference"] == truth[row["part"]] for row in rows)
