"""Figures of a study that forbid to build on it."""

from __future__ import annotations

import numpy as np

from inspector_app.agreement.study.acceptance import unacceptable_figures
from inspector_app.agreement.study.analysis import Wanted, analyse
from inspector_app.agreement.study.values import Study


def found(rejected, reference):
    parts = tuple(f"p{number:03}" for number in range(len(rejected)))
    study = Study(parts, ("Ana", "Ben"), ("1", "2", "3"), np.array(rejected), np.array(reference))
    return unacceptable_figures(analyse(study, Wanted(draws=100)))


def test_only_what_is_shown_or_cannot_be_told_forbids():
    reference = [number % 2 == 0 for number in range(60)]
    right = [[[bad] * 3, [bad] * 3] for bad in reference]
    assert found(right, reference) == ()
    careless = [[[bad] * 3, [False] * 3] for bad in reference]
    assert found(careless, reference)[:2] == (
        "the effectiveness of Ben is unacceptable",
        "the miss rate of Ben is unacceptable",
    )


def test_a_study_without_bad_parts_cannot_tell_the_miss_rate():
    clauses = found([[[False] * 3] * 2] * 50, [False] * 50)
    assert "the miss rate of Ana cannot be told: no part of the study is bad" in clauses
