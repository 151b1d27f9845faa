"""The public record of a part: keys and values that others rely on."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from inspector_app.automation.policy import decide
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem, Reference, ReferenceSource, Unfit
from inspector_app.domain.inspection import (
    Inspection,
    LogEntry,
    PictureFacts,
    PictureFault,
    PictureState,
    StoredPicture,
)
from inspector_app.domain.prediction import (
    Answerer,
    Asked,
    Box,
    ModelIdentity,
    Prediction,
    PredictionStatus,
    Region,
    unusable_prediction,
)
from inspector_app.domain.records import entry_record, prediction_record, utc_text
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
REGION = Region("scratch", 0.9, Box(1, 2, 3, 4), ((1, 2), (4, 2), (4, 6)), 5.0, 1.5, True)
SURE = Prediction(PredictionStatus.OK, 0.97, (REGION,), MODEL, 12.5)
AT = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
CONTROL = ControlState(
    version=3,
    level=Level.FULL,
    style=AssistStyle.HIGHLIGHT,
    accept_below=0.1,
    cut=0.5,
    reject_above=0.9,
    canary_share=1.0,
    audit_share=1.0,
    unaided_share=1.0,
    hold_audits=True,
    salts=Salts("canary", "audit", "first"),
)
FACTS = PictureFacts("c" * 64, 640, 480, 3)


def entry(control=CONTROL, prediction: Prediction | None = SURE, picture=FACTS, stored=None, **changes) -> LogEntry:
    inspection = Inspection(
        inspection_id="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        part_id="PART-000001",
        captured_at=AT,
        source="folder:/parts",
        sequence=1,
        skipped=0,
        path="/parts/PART-000001.png",
        picture=picture,
        prediction=prediction,
        control=control,
        decision=decide(control, "PART-000001", picture is FACTS, prediction),
        reference=Reference(Judgement.REJECT, ReferenceSource.ANNOTATION),
    )
    verdict = Verdict("v1", inspection.inspection_id, "Ana", Answer.REJECT, VerdictKind.AUDIT, ("scratch",), AT, 4.5)
    made = LogEntry(inspection, stored, (verdict,), Disposition.REJECT, line_told=True)
    return dataclasses.replace(made, **changes)


PROMISED = {
    "inspection_id",
    "part_id",
    "captured_at",
    "level",
    "control_version",
    "picture",
    "prediction",
    "route",
    "reasons",
    "canary",
    "audit",
    "verdicts",
    "disposition",
}


def test_the_record_has_the_promised_keys():
    record = entry_record(entry())
    assert set(record) >= PROMISED
    assert set(record["picture"]) >= {"path", "sha256"}
    assert set(record["prediction"]) >= {"status", "probability", "regions", "model", "elapsed_ms"}
    assert set(record["prediction"]["model"]) >= {"name", "version", "sha256"}
    assert set(record["prediction"]["regions"][0]) >= {"class", "score", "box", "polygon"}
    assert set(record["audit"]) >= {"drawn", "probability"}
    assert set(record["verdicts"][0]) >= {"by", "decision", "kind", "classes", "at", "seconds"}


def test_the_values_of_an_audited_part():
    record = entry_record(entry())
    assert record["captured_at"] == "2026-01-31T23:59:59.123Z"
    assert record["level"] == "full"
    assert record["control_version"] == 3
    assert record["route"] == "model_reject"
    assert record["reasons"] == ["model_sure_reject", "audit_drawn"]
    assert record["canary"] is True
    assert record["audit"]["drawn"] is True
    assert record["audit"]["probability"] == 1.0
    assert record["first_look"] is None
    assert record["presentation"] == "blind"
    assert record["model_judgement"] == "reject"
    assert record["disposition"] == "reject"
    assert record["line_told"] is True
    assert record["reference"] == {"decision": "reject", "source": "annotation"}
    assert record["verdicts"] == [
        {
            "by": "Ana",
            "decision": "reject",
            "kind": "audit",
            "classes": ["scratch"],
            "at": "2026-01-31T23:59:59.123Z",
            "seconds": 4.5,
            "retracted": False,
        }
    ]
    assert record["prediction"]["regions"] == [
        {
            "class": "scratch",
            "score": 0.9,
            "box": [1, 2, 3, 4],
            "polygon": [[1, 2], [4, 2], [4, 6]],
            "length_px": 5.0,
            "width_px": 1.5,
            "length_mm": None,
            "width_mm": None,
            "rejects": True,
        }
    ]


def test_what_is_not_there_is_null():
    control = dataclasses.replace(CONTROL, level=Level.HUMAN_ONLY)
    plain = entry(control, None, verdicts=(), disposition=Disposition.HOLD)
    plain = dataclasses.replace(plain, inspection=dataclasses.replace(plain.inspection, reference=None))
    record = entry_record(plain)
    for name in ("prediction", "audit", "first_look", "model_judgement", "reference"):
        assert record[name] is None
    assert record["canary"] is False
    assert record["verdicts"] == []
    assert record["disposition"] == "hold"


@pytest.mark.parametrize(
    ("stored", "state", "path", "sha256"),
    [
        (None, "pending", None, None),
        (StoredPicture(PictureState.STORED, "images/cc/c.png", "d" * 64), "stored", "images/cc/c.png", "d" * 64),
        (StoredPicture(PictureState.LOST, detail="The power failed."), "lost", None, None),
    ],
)
def test_the_picture_says_where_it_is(stored, state, path, sha256):
    picture = entry_record(entry(stored=stored))["picture"]
    assert (picture["state"], picture["path"], picture["sha256"]) == (state, path, sha256)
    assert picture["pixels_sha256"] == "c" * 64
    assert (picture["width"], picture["height"], picture["channels"]) == (640, 480, 3)
    assert picture["origin"] == "/parts/PART-000001.png"


def test_an_unfit_picture_is_kept_and_says_why():
    unfit = dataclasses.replace(FACTS, unfit=Unfit(PictureFlaw.TOO_DARK, "The picture is too dark."))
    picture = entry_record(entry(prediction=None, picture=unfit))["picture"]
    assert picture["unfit"] == {"flaw": "too_dark", "detail": "The picture is too dark."}
    assert picture["pixels_sha256"] == "c" * 64
    assert entry_record(entry())["picture"]["unfit"] is None


def test_an_unusable_picture_says_why():
    fault = PictureFault(PictureProblem.TRUNCATED, "The file ends too early.")
    record = entry_record(entry(prediction=None, picture=fault))
    assert record["picture"] == {
        "path": None,
        "sha256": None,
        "state": "unusable",
        "problem": "truncated",
        "detail": "The file ends too early.",
        "origin": "/parts/PART-000001.png",
    }
    assert record["route"] == "human"
    assert record["reasons"] == ["picture_unusable"]


def test_a_failed_prediction_says_why_and_may_be_without_a_model():
    record = prediction_record(unusable_prediction(PredictionStatus.ABSENT, None, 0.0, "No model is loaded."))
    assert record == {
        "status": "absent",
        "probability": None,
        "regions": [],
        "model": None,
        "elapsed_ms": 0.0,
        "detail": "No model is loaded.",
        "answered_by": None,
        "server": None,
    }


def test_a_prediction_says_who_answered_where_a_server_is_asked_first():
    asked = Asked(Answerer.LOCAL, "grpc://edge:8001", "raw", "It had no answer within 200 ms.", 200.5, 31.0)
    record = prediction_record(
        dataclasses.replace(unusable_prediction(PredictionStatus.LATE, None, 0.0, "late"), asked=asked)
    )
    assert record["answered_by"] == "local"
    assert record["server"] == {
        "url": "grpc://edge:8001",
        "picture": "raw",
        "why_not": "It had no answer within 200 ms.",
        "waited_ms": 200.5,
        "late_ms": 31.0,
    }


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("picture", [FACTS, PictureFault(PictureProblem.EMPTY_FILE, "The file is empty.")])
def test_every_record_is_one_line_of_json(level, picture):
    control = dataclasses.replace(CONTROL, level=level)
    record = entry_record(entry(control, SURE, picture))
    text = json.dumps(record, allow_nan=False)
    assert "\n" not in text
    assert json.loads(text) == record


def test_times_are_utc_with_milliseconds():
    assert utc_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"
    assert utc_text(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=999)) == "2026-01-01T00:00:00.000Z"
