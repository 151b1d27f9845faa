"""Certificates in the log: kept once, read back, and part of the audit chain."""

from __future__ import annotations

from sqlalchemy import text

RECORD = {"certificate_id": "0123456789abcdef", "certified": True, "accept_below": 0.05, "n": 400}


def test_certificates_are_kept_once_and_come_back(log, make):
    log.certificates.add(RECORD, make.now())
    log.certificates.add(RECORD, make.now())
    log.certificates.add({**RECORD, "certificate_id": "f" * 16}, make.now())
    assert log.certificates.get(RECORD["certificate_id"]) == RECORD
    assert [record["certificate_id"] for record in log.certificates.all()] == [RECORD["certificate_id"], "f" * 16]
    assert log.certificates.get("unknown") is None
    assert log.verify().intact


def test_an_altered_certificate_is_found(log, make):
    log.certificates.add(RECORD, make.now())
    with log.database.writing() as connection:
        connection.execute(text("UPDATE certificates SET record = replace(record, '400', '4000')"))
    findings = log.verify().findings
    assert [finding.trouble.value for finding in findings] == ["changed"]
    assert "certificate" in findings[0].sentence
