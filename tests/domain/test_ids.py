"""Identities that sort by time, and the sticky draw's published numbers."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from inspector_app.domain import ids
from inspector_app.domain.ids import sticky_uniform, uuid7

times = st.integers(0, 2**48 - 1)
randoms = st.integers(0, 2**74 - 1)


@given(times, randoms)
def test_a_uuid7_is_one_and_holds_its_time_and_its_random_bits(unix_ms, random_bits):
    parsed = uuid.UUID(uuid7(unix_ms, random_bits))
    assert parsed.version == 7
    assert parsed.variant == uuid.RFC_4122
    assert parsed.int >> 80 == unix_ms
    kept = ((parsed.int >> 64 & 0xFFF) << 62) | (parsed.int & (1 << 62) - 1)
    assert kept == random_bits


def test_the_example_of_the_standard():
    # RFC 9562, appendix A.6: 2022-02-22 19:22:22.00 GMT, rand_a CC3, rand_b 18C4DC0C0C07398F.
    random_bits = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, random_bits) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.tuples(times, randoms), st.tuples(times, randoms))
def test_uuid7s_sort_as_text_by_time_and_then_by_their_random_bits(one, other):
    assert (uuid7(*one) < uuid7(*other)) == (one < other)


@given(times, randoms, st.integers(0, 2**20))
def test_surplus_random_bits_are_cut_off(unix_ms, random_bits, surplus):
    assert uuid7(unix_ms, random_bits | surplus << 74) == uuid7(unix_ms, random_bits)


def test_known_sticky_numbers():
    assert sticky_uniform("exp-1", "PART-000001") == 0.13678503164201017
    assert sticky_uniform("exp-1", "PART-000002") == 0.5042772009174078


@given(st.text(), st.text())
def test_sticky_numbers_are_below_1_and_stay(salt, part):
    u = sticky_uniform(salt, part)
    assert 0.0 <= u < 1.0
    assert sticky_uniform(salt, part) == u


def test_a_digest_of_all_ones_stays_below_1(monkeypatch):
    class Ones:
        def digest(self):
            return b"\xff" * 32

    monkeypatch.setattr(ids.hashlib, "sha256", lambda data: Ones())
    assert sticky_uniform("salt", "part") == 1.0 - 2.0**-53


def test_salt_and_part_are_kept_apart():
    assert sticky_uniform("a", "b") != sticky_uniform("ab", "")
    assert sticky_uniform("canary", "P") != sticky_uniform("audit", "P")


def test_sticky_numbers_are_uniform():
    numbers = [sticky_uniform("exp-1", f"PART-{i:06d}") for i in range(20_000)]
    assert kstest(numbers, "uniform").pvalue > 1e-4


def test_a_file_name_of_stray_bytes_draws_as_the_log_spells_it():
    name = b"scratch-\xff".decode(errors="surrogateescape")
    spelled = name.encode("utf-8", "backslashreplace").decode()
    assert sticky_uniform("salt", name) == sticky_uniform("salt", spelled)
