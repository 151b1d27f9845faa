"""One person is one name, however it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.people import known_spelling, spelled_alike


@pytest.mark.parametrize(
    ("typed", "known", "expected"),
    [
        ("anna", ("Bo", "Anna"), "Anna"),
        ("ANNA  LEE ", ("Anna Lee",), "Anna Lee"),
        ("Anna", ("anna", "Anna"), "Anna"),
        ("ANNA", ("Anna", "anna"), "Anna"),
        (" anna", ("Anna", "anna"), "anna"),
        ("Jose\u0301", ("Jos\u00e9",), "Jos\u00e9"),
        ("STRASSER", ("Stra\u00dfer",), "Stra\u00dfer"),
        ("  Dee   Fox ", ("Anna",), "Dee Fox"),
        ("", ("Anna",), ""),
    ],
)
def test_a_name_is_taken_as_it_is_on_record(typed, known, expected) -> None:
    assert known_spelling(typed, known) == expected


@given(st.lists(st.text(max_size=4), max_size=6), st.text(max_size=4))
def test_whoever_signs_in_again_gets_the_same_name(known, typed) -> None:
    first = known_spelling(typed, known)
    assert known_spelling(first, known) == first
    assert known_spelling(typed, [first, *known]) == known_spelling(typed, [first])


def test_names_that_differ_in_spelling_alone_are_found() -> None:
    assert spelled_alike(["Bo", "anna", "Anna", "Cy", "bo ", "anna"]) == (("Anna", "anna"), ("Bo", "bo "))
    assert spelled_alike(["Anna", "Anne"]) == ()
