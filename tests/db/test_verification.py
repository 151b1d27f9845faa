"""The audit chain: an untouched log verifies, and anything done past the program is found."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from db.audit_chain import ChainHead, link_digest
from db.findings import Trouble
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Judgement, frozen_pixels, pixels_sha256
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.ports import LineTold
from inspector_app.domain.verdict import Answer, VerdictKind

IN_MEMORY = pytest.mark.parametrize("log_url", ["memory"], indirect=True)
"""For the long tables of tampering: the check itself is the same on every database."""


@pytest.fixture(params=["memory", "postgresql"])
def log_url(request):
    """Leave SQLite's file out: what is checked here does not depend on it, and each commit would wait for the disk."""
    return "sqlite://" if request.param == "memory" else request.getfixturevalue("postgres_url")


@pytest.fixture
def shift(log, make):
    """Return a log of a small shift with every kind of record, and its parts."""
    parts = []
    for level in Level:
        make.begin(log, level=level, style=AssistStyle.SECOND_LOOK, audit_share=0.5)
        for probability in (0.01, 0.5, 0.99, None):
            before = parts[-1:]
            told = [LineTold(part.inspection_id, part.decision.disposition, make.now()) for part in before]
            parts.append(make.part(probability, reference=Judgement.ACCEPT))
            log.inspections.record_inspection(parts[-1], told)
    asked = [entry.inspection for entry in log.inspections.waiting()]
    for number, part in enumerate(asked):
        verdict = make.verdict(part, list(Answer)[number % 3])
        log.inspections.record_verdict(verdict, verdict.answer.disposition)
        if number % 4 == 0:
            log.inspections.record_retraction(verdict.verdict_id, "anna", make.now(), Disposition.HOLD)
            again = make.verdict(part, Answer.REJECT, VerdictKind.SECOND_LOOK)
            log.inspections.record_verdict(again, Disposition.REJECT)
    log.inspections.record_told([LineTold(part.inspection_id, Disposition.REJECT, make.now()) for part in asked[:3]])
    for number, part in enumerate(parts[:6]):
        pixels = frozen_pixels(np.full((4, 4), number, np.uint8))
        place = StoredPicture(PictureState.LOST, detail="The disk was full.")
        if number % 2:
            place = log.pictures.write(pixels_sha256(pixels), pixels)
        log.inspections.record_picture(part.picture.pixels_sha256, place)
    log.inspections.record_incident("fault", "The camera was unplugged.", make.now())
    return parts


def tamper(log, *statements):
    """Change the database as somebody with its password would: referential integrity off."""
    engine = log.database.engine
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            connection.execute(text(statement))


def troubles(report):
    return {finding.trouble for finding in report.findings}


def test_an_untouched_log_is_intact(log, shift):
    report = log.verify()
    assert report.findings == ()
    assert report.intact
    assert report.parts == len(shift)
    assert report.pictures == 3
    assert report.links == log.head().seq
    assert report.heads == (log.head(),)


def test_an_empty_log_is_intact(open_station, log_url):
    assert open_station(log_url).verify().intact


CHANGED = {
    "probability": "UPDATE inspections SET probability = 0.25 WHERE number = 6",
    "part": "UPDATE inspections SET part_id = 'another' WHERE number = 5",
    "value made null": "UPDATE inspections SET path = NULL WHERE number = 5",
    "judgement": "UPDATE inspections SET reference = 'reject' WHERE number = 5",
    "audit draw": "UPDATE inspections SET audit_u = 0.9 WHERE audit_u IS NOT NULL",
    "regions": "UPDATE inspections SET regions = '[]' WHERE number = 6",
    "model": "UPDATE models SET sha256 = 'f'",
    "verdict": "UPDATE verdicts SET answer = 'accept' WHERE answer = 'unsure'",
    "copied fact": "UPDATE verdicts SET level = 'full' WHERE number = 1",
    "who": "UPDATE verdicts SET by = 'berta' WHERE number = 1",
    "retraction": "UPDATE retractions SET at_us = at_us + 1 WHERE number = 1",
    "line message": "UPDATE line_messages SET at_us = at_us + 1 WHERE number = 2",
    "line message of several": "UPDATE line_messages SET disposition = 'accept' WHERE disposition = 'reject'",
    "reason of the supervisor": "UPDATE control_changes SET because = 'no reason' WHERE version = 2",
    "threshold": "UPDATE control_changes SET cut = 0.55 WHERE version = 2",
    "picture record": "UPDATE picture_records SET detail = 'never mind' WHERE state = 'lost'",
    "incident": "UPDATE incidents SET sentence = 'Nothing happened.'",
    "number that no JSON has": "UPDATE inspections SET elapsed_ms = CAST('Infinity' AS DOUBLE PRECISION)",
}


@IN_MEMORY
@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_record_is_found_and_named(log, shift, what):
    statement = CHANGED[what].replace(" by =", ' "by" =')
    if log.database.engine.dialect.name == "sqlite":
        statement = statement.replace("CAST('Infinity' AS DOUBLE PRECISION)", "9e999")
    tamper(log, statement)
    report = log.verify()
    assert not report.intact
    assert report.findings[0].trouble is Trouble.CHANGED
    assert "was changed after it was recorded" in report.findings[0].sentence


def test_the_first_bad_record_is_named(log, shift):
    tamper(log, "UPDATE inspections SET source = 'elsewhere' WHERE number IN (4, 9)")
    first, second = log.verify().findings
    assert first.subject == f"inspection {shift[3].inspection_id}"
    assert first.station_id == "station-1"
    assert first.seq < second.seq


REMOVED = {
    "inspection": "DELETE FROM inspections WHERE number = 20",
    "verdict": "DELETE FROM verdicts WHERE number = 2",
    "retraction": "DELETE FROM retractions WHERE number = 1",
    "control change": "DELETE FROM control_changes WHERE version = 1",
    "incident": "DELETE FROM incidents",
    "picture record": "DELETE FROM picture_records WHERE number = 1",
}


@IN_MEMORY
@pytest.mark.parametrize("what", REMOVED)
def test_a_removed_record_is_found(log, shift, what):
    if what in {"inspection", "verdict"} and log.database.engine.dialect.name == "sqlite":
        tamper_without_keys(log, REMOVED[what])
    else:
        tamper(log, REMOVED[what])
    assert Trouble.REMOVED in troubles(log.verify())


def tamper_without_keys(log, statement):
    raw = log.database.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA foreign_keys = OFF")
    raw.driver_connection.execute(statement)
    raw.driver_connection.execute("PRAGMA foreign_keys = ON")
    raw.close()


def test_a_record_removed_with_its_link_is_found(log, shift):
    tamper(log, "DELETE FROM incidents", "DELETE FROM chain_links WHERE kind = 'incident'")
    (finding,) = log.verify().findings
    assert finding.trouble is Trouble.REMOVED
    assert "ends at link" in finding.sentence


def test_a_link_removed_from_the_middle_is_found(log, shift):
    tamper(log, "DELETE FROM chain_links WHERE seq = 7")
    report = log.verify()
    assert report.findings[0].trouble is Trouble.REMOVED
    assert report.findings[0].seq == 7


def test_a_whole_end_cut_off_is_found_by_a_head_kept_outside(log, shift):
    kept = log.head()
    tamper(
        log,
        "DELETE FROM incidents",
        "DELETE FROM chain_links WHERE kind = 'incident'",
        f"UPDATE chain_heads SET seq = {kept.seq - 1}, "
        f"digest = (SELECT digest FROM chain_links WHERE seq = {kept.seq - 1})",
    )
    assert log.verify().intact
    report = log.verify(anchors=[kept])
    assert troubles(report) == {Trouble.CHAIN_BROKEN}
    assert log.verify(anchors=[ChainHead("station-9", 1, "0" * 64)]).findings[0].trouble is Trouble.REMOVED


def test_a_rewritten_chain_is_found_by_a_head_kept_outside(log, shift):
    kept = log.head()
    tamper(log, f"UPDATE chain_links SET digest = '{'e' * 64}' WHERE seq = {kept.seq}")
    tamper(log, f"UPDATE chain_heads SET digest = '{'e' * 64}'")
    sentences = [finding.sentence for finding in log.verify(anchors=[kept]).findings]
    assert any("known from outside" in sentence for sentence in sentences)


@IN_MEMORY
def test_a_link_forged_with_a_digest_of_its_own_does_not_carry_the_next(log, shift):
    with log.database.writing() as connection:
        link = dict(connection.execute(text("SELECT * FROM chain_links WHERE seq = 7")).mappings().one())
        link["at_us"] += 1
        values = {"at": link["at_us"], "digest": link_digest(link)}
        connection.execute(text("UPDATE chain_links SET at_us = :at, digest = :digest WHERE seq = 7"), values)
    (finding,) = log.verify().findings
    assert finding.trouble is Trouble.CHAIN_BROKEN
    assert finding.seq == 8
    assert "does not follow" in finding.sentence


ADDED = {
    "in place of another": "(7)",
    "beyond the end": "(100000)",
    "before the start": "(0)",
}


@IN_MEMORY
@pytest.mark.parametrize("where", ADDED)
def test_an_added_row_is_found(log, shift, where):
    tamper(
        log,
        "INSERT INTO incidents (station_id, seq, kind, sentence, at_us) "
        f"VALUES ('station-1', {ADDED[where].strip('()')}, 'fault', 'Forged.', 1)",
    )
    assert troubles(log.verify()) == {Trouble.ADDED}


def test_a_forged_station_is_found(log, shift):
    tamper(log, "INSERT INTO incidents (station_id, seq, kind, sentence, at_us) VALUES ('x', 1, 'fault', 'Forged.', 1)")
    assert troubles(log.verify()) == {Trouble.ADDED}


PROJECTED = {
    "disposition": "UPDATE inspections SET disposition = 'accept' WHERE disposition = 'hold'",
    "waiting": "UPDATE inspections SET waiting = (NOT waiting)",
    "told": "UPDATE inspections SET told = NULL WHERE number = 1",
    "disagrees": "UPDATE inspections SET disagrees = (NOT disagrees)",
    "retracted": "UPDATE verdicts SET retracted = (NOT retracted)",
    "picture": "UPDATE pictures SET path = 'images/aa/aa/other.png' WHERE state = 'stored'",
}


@IN_MEMORY
@pytest.mark.parametrize("what", PROJECTED)
def test_what_counts_must_follow_from_the_records(log, shift, what):
    tamper(log, PROJECTED[what])
    assert Trouble.NOT_UP_TO_DATE in troubles(log.verify())


def test_a_picture_row_removed_is_found(log, shift):
    tamper(log, "DELETE FROM pictures WHERE state = 'pending'")
    assert troubles(log.verify()) == {Trouble.REMOVED}


def test_a_picture_file_changed_or_gone_is_found(log, shift, tmp_path):
    changed, gone, _ = sorted(tmp_path.glob("images/*/*/*.png"))
    changed.write_bytes(changed.read_bytes() + b"x")
    gone.unlink()
    report = log.verify()
    assert [finding.trouble for finding in report.findings] == [Trouble.PICTURE, Trouble.PICTURE]
    sentences = " ".join(finding.sentence for finding in report.findings)
    assert changed.name in sentences
    assert gone.name in sentences


def test_progress_is_told_and_it_can_be_cancelled(log, shift):
    told = []
    log.verify(on_progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    report = log.verify(cancelled=lambda: True)
    assert not report.complete
    assert not report.intact
