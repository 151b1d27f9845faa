"""Part ids from names, codes and the line; doubt sends the part to a human."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.domain.frame import Frame, PictureFlaw, PictureProblem, UnusableFrame, frozen_pixels
from inspector_app.domain.trigger import IdSource
from inspector_app.station.part_ids import FoundId, IdRules, PartIdentifier, found_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERED = re.compile(r"SN:(?P<id>\d{4})")
CODE = IdRules(IdSource.CODE, NUMBERED)


def frame(name: str | None, after_s: float = 0.0) -> Frame:
    return Frame(frozen_pixels(np.zeros((4, 4), np.uint8)), NOW + timedelta(seconds=after_s), "fake:", 1, name=name)


UNFIT = "The part number '42' does not fit the pattern of part numbers."
UNREAD = "The part number is not known: no code could be read."
FOREIGN = "The part number is not known: codes in the picture do not fit the pattern of part numbers."
SEVERAL = "The picture shows several part numbers: 0001, 0002."
CONTRARY = "The line says part 0041, the code in the picture says 0042."
BOTH = IdRules(IdSource.CODE, NUMBERED, line_named=True)


@pytest.mark.parametrize(
    ("rules", "name", "codes", "found"),
    [
        (IdRules(), "a", None, FoundId("a")),
        (IdRules(), None, None, FoundId(None)),
        (IdRules(IdSource.LINE), None, (), FoundId(None, "The line gave no part number.")),
        (IdRules(IdSource.LINE, NUMBERED), "SN:0042", (), FoundId("0042")),
        (IdRules(IdSource.LINE, NUMBERED), "42", (), FoundId("42", UNFIT)),
        (CODE, "x", ("SN:0042",), FoundId("0042")),
        (CODE, None, ("EAN 123", "SN:0042", "SN:0042"), FoundId("0042")),
        (CODE, "x", (), FoundId("x", UNREAD)),
        (CODE, "x", None, FoundId("x")),
        (CODE, None, ("17",), FoundId(None, FOREIGN)),
        (CODE, None, ("SN:0002", "SN:0001"), FoundId(None, SEVERAL)),
        (BOTH, "0042", ("SN:0042",), FoundId("0042")),
        (BOTH, "0041", ("SN:0042",), FoundId("0041", CONTRARY)),
    ],
)  # fmt: skip
def test_where_an_id_comes_from(rules: IdRules, name: str | None, codes: Sequence[str] | None, found: FoundId) -> None:
    assert found_id(rules, name, codes) == found


def test_doubt_sends_the_part_to_a_human() -> None:
    identifier = PartIdentifier(CODE, lambda _pixels: ())
    part = identifier.identified(frame("x"))
    assert isinstance(part, Frame)
    assert part.name == "x"
    assert part.unfit is not None
    assert part.unfit.flaw is PictureFlaw.PART_ID
    gone = UnusableFrame(PictureProblem.DAMAGED_TRANSFER, "Gone.", NOW, "fake:", 1, name="x")
    assert identifier.identified(gone) == gone


def test_the_same_part_again_within_the_window_is_doubled() -> None:
    identifier = PartIdentifier(IdRules(doubled_s=10.0))
    flaws = []
    for name, after_s in (("a", 0.0), ("b", 1.0), ("a", 9.0), ("a", 30.0), (None, 31.0), (None, 31.0)):
        part = identifier.identified(frame(name, after_s))
        assert isinstance(part, Frame)
        flaws.append(part.unfit and (part.unfit.flaw, part.unfit.sentence))
    assert flaws == [None, None, (PictureFlaw.DOUBLED, "Part a was here 9.0 s ago already."), None, None, None]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 5.0)), max_size=20), st.integers(1, 3))
def test_what_is_remembered_is_bounded(course: list[tuple[str, float]], remembered: int) -> None:
    identifier = PartIdentifier(IdRules(doubled_s=100.0), remembered=remembered)
    for name, after_s in course:
        identifier.identified(frame(name, after_s))
        assert len(identifier._seen) <= remembered
