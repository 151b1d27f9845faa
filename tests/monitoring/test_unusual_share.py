"""More bad pictures than usual: the exact binomial tail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from inspector_app.monitoring.unusual_share import unusual_share


@given(of=st.integers(1, 120), share=st.floats(0.001, 0.5), data=st.data())
def test_it_is_the_binomial_tail(of, share, data):
    bad = data.draw(st.integers(1, of))
    tail = float(binom.sf(bad - 1, of, share))
    assert unusual_share(bad, of, share, tail * 1.001 + 1e-300)
    assert not unusual_share(bad, of, share, tail * 0.999)


def test_no_bad_picture_is_never_unusual():
    assert not unusual_share(0, 5, 0.0, 1.0)
    assert unusual_share(1, 5, 0.0, 1e-9)


@pytest.mark.parametrize(("bad", "of"), [(-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(bad, of):
    with pytest.raises(ValueError, match="cannot be bad"):
        unusual_share(bad, of, 0.1, 0.1)
