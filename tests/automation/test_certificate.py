"""Certificates: content, identity, standing, and what they put in force."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inspector_app.automation.certificate import (
    Binding,
    Origin,
    camera_configuration_sha256,
    certificate_identity,
    certificate_record,
    certificate_standing,
    certified_changes,
    checked_certificate,
    scores_sha256,
)
from inspector_app.automation.thresholds import certify
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.errors import CertificateRefused
from inspector_app.domain.ports import CameraControls
from inspector_app.domain.prediction import ModelIdentity

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)
CAMERA = camera_configuration_sha256("usb:0", CameraControls(exposure_us=2000.0))
BINDING = Binding(MODEL, "usb:0", CAMERA)
WHEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
CONTRACT = Contract(0.02, 0.2, 0.2, 0.95)


def parts(good=400, bad=100):
    return [ScoredPart(f"g{i}", 0.1, False) for i in range(good)] + [ScoredPart(f"b{i}", 0.9, True) for i in range(bad)]


def record_of(parts, binding=BINDING, contract=CONTRACT):
    origin = Origin("audits", scores_sha256(parts), binding, WHEN, None, {"seen_before": 3})
    return certificate_record(certify(parts, contract), origin, WHEN, "1.2.3")


def test_record_has_the_promised_keys():
    record = record_of(parts())
    promised = {"certified", "accept_below", "reject_above", "n", "k", "alpha", "delta"}
    promised |= {"share_accept", "share_reject", "share_human", "needed"}
    assert promised <= record.keys()
    assert (record["certified"], record["n"], record["k"], record["alpha"], record["delta"]) == (
        True,
        400,
        0,
        0.02,
        0.05,
    )
    assert (record["share_accept"], record["share_reject"], record["share_human"]) == (0.8, 0.2, 0.0)
    assert record["needed"] is None
    assert sum(bound["delta"] for bound in record["bounds"].values()) == pytest.approx(0.05)
    assert record["coverage"]["low"] <= record["coverage"]["estimate"] == 1.0
    assert record["parts"] == {"n": 500, "bad": 100, "good": 400, "unresolved": 0, "left_out": {"seen_before": 3}}
    assert record["period"] == {"first": "2026-05-01T12:00:00.000Z", "last": None}
    assert record["model"]["sha256"] == "a" * 64
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_nothing_certified_says_what_is_needed():
    record = record_of(parts(20, 3))
    assert record["certified"] is False
    assert record["accept_below"] is None
    assert record["reject_above"] is None
    assert record["needed"] > 100
    assert record["needed_defective"] > 0
    assert record["needed_to_reject"]["parts"] > 0
    assert record_of([])["coverage"] is None
    assert record_of([])["share_human"] == 1.0
    assert certificate_standing(record, BINDING).reasons == ("It certifies nothing.",)


def test_identity_is_of_the_content_and_scores_of_the_set():
    record = record_of(parts())
    assert certificate_identity(record) == record["certificate_id"]
    assert record_of(parts()[::-1]) == record
    assert record_of([*parts()[1:], ScoredPart("g0", 0.1, True)])["scores_sha256"] != record["scores_sha256"]
    text = json.dumps(record, indent=2)
    assert checked_certificate(text, "c.json") == record
    with pytest.raises(CertificateRefused, match="altered"):
        checked_certificate(text.replace('"accept_below": 0.', '"accept_below": 0.9'), "c.json")
    for nothing in ("[1]", "{}", '{"format": "other"}'):
        with pytest.raises(CertificateRefused, match="no certificate of the format"):
            checked_certificate(nothing, "c.json")
    with pytest.raises(CertificateRefused, match="no JSON"):
        checked_certificate("{", "c.json")


def test_a_drift_alarm_voids_what_rests_on_parts_from_before_it():
    record = record_of(parts())
    made = datetime.fromisoformat(record["made_at"])
    before, after = (made - timedelta(hours=1),), (made - timedelta(hours=1), made + timedelta(hours=1))
    assert certificate_standing(record, BINDING, before).valid
    assert certificate_standing(record, BINDING, after).reasons == (
        "The model's scores have drifted since the newest part that it rests on.",
    )
    known = {**record, "period": {"first": None, "last": "2026-05-01T12:00:00.000Z"}}
    last = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert certificate_standing(known, BINDING, (last,)).valid
    assert not certificate_standing(known, BINDING, (last + timedelta(milliseconds=1),)).valid


def test_standing():
    record = record_of(parts())
    assert certificate_standing(record, BINDING).valid
    other = replace(MODEL, version="1.1", sha256="c" * 64)
    assert "glass 1.1 is in force" in certificate_standing(record, replace(BINDING, model=other)).reasons[0]
    changed = replace(MODEL, preprocessing_sha256="d" * 64)
    assert certificate_standing(record, replace(BINDING, model=changed)).reasons == (
        "The preprocessing has changed since.",
    )
    brighter = camera_configuration_sha256("usb:0", CameraControls(exposure_us=4000.0))
    assert "camera" in certificate_standing(record, replace(BINDING, camera_sha256=brighter)).reasons[0]
    assert not certificate_standing(record, None).valid
    assert not certificate_standing(record_of(parts(), binding=None), BINDING).valid
    assert camera_configuration_sha256("usb:1", CameraControls(exposure_us=2000.0)) != CAMERA


def test_changes_keep_the_cut_between():
    record = record_of(parts())
    low, high = record["accept_below"], record["reject_above"]
    assert certified_changes(record, 0.5)["cut"] in {low, 0.5, high}
    assert certified_changes(record, 0.0) == {"accept_below": low, "cut": low, "reject_above": high}
    one_side = {**record, "accept_below": None}
    assert certified_changes(one_side, 0.3) == {"accept_below": 0.0, "cut": 0.3, "reject_above": high}
    assert certified_changes({**record, "reject_above": None}, 1.0)["reject_above"] == 1.0
