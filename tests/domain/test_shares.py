"""How shares are written for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.shares import percent


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.005, "0.5 %"),
        (0.95, "95 %"),
        (0.8123, "81.2 %"),
        (0.99971, "99.971 %"),
        (0.000123, "0.012 %"),
        (0.1, "10 %"),
    ],
)
def test_a_share_has_the_digits_that_it_is_worth(share, words):
    assert percent(share) == words


@given(st.floats(1e-9, 1.0 - 1e-9))
def test_what_is_neither_nothing_nor_all_never_looks_so_and_the_figure_is_near(share):
    number = float(percent(share).removesuffix(" %"))
    assert 0.0 < number < 100.0
    assert number / 100.0 == pytest.approx(share, abs=max(5.01e-4, 0.0), rel=0.1)
    assert (1.0 - number / 100.0) == pytest.approx(1.0 - share, rel=0.1, abs=5.01e-4)
