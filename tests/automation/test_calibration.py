"""Which judged parts may certify: one model and camera, drawn evenly, each once; and what their truth is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector_app.automation.calibration import LeftOut, calibration, drawn_evenly, truth
from inspector_app.automation.draws import draw
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Draw, Route
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer, VerdictKind

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
START = datetime(2026, 5, 1, tzinfo=UTC)
PART = JudgedPart(
    inspection_id="i-1",
    part_id="p-1",
    captured_at=START,
    station="station-1",
    source="folder:/parts",
    probability=0.25,
    model=MODEL,
    level=Level.SHADOW,
    style=AssistStyle.HIGHLIGHT,
    audit_share=0.1,
    unaided_share=0.2,
    route=Route.HUMAN,
    audit=None,
    first_look=None,
    seeded=False,
    answers=((VerdictKind.UNAIDED, Answer.ACCEPT),),
)


@pytest.mark.parametrize(
    ("answers", "bad"),
    [
        ([("unaided", "accept")], False),
        ([("audit", "reject")], True),
        ([("unaided", "unsure")], None),
        ([("unaided", "accept"), ("unaided", "reject")], False),
        ([("unaided", "accept"), ("adjudication", "reject")], True),
        ([("unaided", "unsure"), ("adjudication", "unsure"), ("adjudication", "accept")], False),
        ([("adjudication", "reject"), ("adjudication", "accept")], False),
        ([("adjudication", "unsure"), ("audit", "reject")], True),
    ],
)
def test_truth(answers, bad):
    given_answers = tuple((VerdictKind(kind), Answer(answer)) for kind, answer in answers)
    assert truth(replace(PART, answers=given_answers)) is bad


def drawn(u, probability):
    return Draw(u < probability, probability, u)


@pytest.mark.parametrize(
    ("level", "style", "audit", "first_look", "counts"),
    [
        (Level.SHADOW, AssistStyle.HIGHLIGHT, None, None, True),
        (Level.ASSIST, AssistStyle.HIGHLIGHT, None, 0.15, True),
        (Level.ASSIST, AssistStyle.HIGHLIGHT, None, 0.25, False),
        (Level.ASSIST, AssistStyle.SECOND_LOOK, None, 0.95, True),
        (Level.ASSIST, AssistStyle.SECOND_LOOK, None, None, False),
        (Level.PARTIAL, AssistStyle.HIGHLIGHT, 0.05, None, True),
        (Level.PARTIAL, AssistStyle.HIGHLIGHT, None, 0.05, True),
        (Level.PARTIAL, AssistStyle.HIGHLIGHT, None, 0.15, False),
        (Level.FULL, AssistStyle.SECOND_LOOK, None, 0.5, False),
        (Level.FULL, AssistStyle.SECOND_LOOK, 0.05, None, True),
    ],
)
def test_the_better_sampled_stream_is_thinned(level, style, audit, first_look, counts):
    row = replace(
        PART,
        level=level,
        style=style,
        audit=None if audit is None else drawn(audit, 0.1),
        first_look=None if first_look is None else drawn(first_look, 0.2),
    )
    assert drawn_evenly(row) is counts
    assert drawn_evenly(replace(row, beside=True))  # nobody is in charge: all are judged blind


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.sampled_from(AssistStyle))
def test_both_streams_keep_the_same_share(audit_share, unaided_share, style):
    # Of 2000 parts each, as many are kept where the model decided as where a human did.
    control = replace(PART, level=Level.PARTIAL, style=style, audit_share=audit_share, unaided_share=unaided_share)
    kept = {"audit": 0, "first_look": 0}
    for number in range(2000):
        audit = draw("audit-1", f"p{number}", audit_share)
        look = draw("look-1", f"p{number}", unaided_share)
        # Judged without the model: an audit that was drawn, and a look that was drawn or comes before a second one.
        if audit.drawn:
            kept["audit"] += drawn_evenly(replace(control, audit=audit))
        if look.drawn or style is AssistStyle.SECOND_LOOK:
            kept["first_look"] += drawn_evenly(replace(control, first_look=look))
    assert abs(kept["audit"] - kept["first_look"]) <= 5 * (2 * 2000 * 0.25) ** 0.5


def test_what_counts_and_what_is_left_out():
    newer = replace(MODEL, version="1.1", sha256="c" * 64)
    rows = [
        PART,
        replace(PART, inspection_id="i-2", part_id="p-2", model=newer, captured_at=START + timedelta(seconds=1)),
        replace(PART, part_id="p-3", model=newer, source="usb:0"),
        replace(PART, part_id="p-3", model=newer, station="station-2"),
        replace(PART, part_id="p-4", model=newer, seeded=True),
        replace(PART, part_id="p-5", model=newer, level=Level.ASSIST, first_look=drawn(0.9, 0.2)),
        replace(PART, part_id="p-2", model=newer),
        replace(
            PART,
            part_id="p-6",
            model=newer,
            captured_at=START + timedelta(seconds=9),
            answers=((VerdictKind.AUDIT, Answer.REJECT),),
            probability=0.75,
        ),
    ]
    found = calibration(rows)
    assert [(part.part, part.score, part.bad) for part in found.parts] == [("p-2", 0.25, False), ("p-6", 0.75, True)]
    assert found.left_out == dict.fromkeys(LeftOut, 1) | {LeftOut.OTHER_CAMERA: 2}
    assert (found.model, found.source) == (newer, "folder:/parts")
    assert (found.first, found.last) == (START + timedelta(seconds=1), START + timedelta(seconds=9))


def test_no_parts():
    assert calibration([]).model is None
