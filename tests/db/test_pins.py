"""PINs and signatures on every kind of database: never in plain text, every try recorded, wrong ones lock."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import text

from inspector_app.domain.errors import ControlRefused, SignatureNeeded
from inspector_app.domain.supervisors import SignatureTry
from inspector_app.station.signatures import SignatureDesk

PIN = "473829"


class Clock:
    def __init__(self, make):
        self.now = make.now()

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def desk(log, make):
    made = SignatureDesk(log.pins, Clock(make), "set-pin --by {}".format)
    made.set_pin("eva", PIN, "eva", secrets.token_bytes)
    return made


def tries(log):
    return [each.good for each in log.pins.tries("eva")]


def test_the_right_pin_signs_and_the_wrong_one_does_not(log, desk):
    desk.sign("eva", PIN, "level")
    with pytest.raises(ControlRefused, match="not the PIN"):
        desk.sign("eva", "473820", "level")
    assert tries(log) == [True, False]
    assert log.verify().intact


def test_the_pin_stands_nowhere(log, desk):
    with log.database.reading() as connection:
        rows = [*connection.execute(text("SELECT * FROM pins")), *connection.execute(text("SELECT * FROM chain_links"))]
    assert PIN not in str(rows)
    kept = log.pins.pin("eva")
    assert (len(kept.salt), len(kept.hash)) == (32, 64)


def test_two_people_with_one_pin_have_different_hashes(log, desk):
    desk.set_pin("otto", PIN, "otto", secrets.token_bytes)
    assert log.pins.pin("otto").hash != log.pins.pin("eva").hash
    assert log.pins.names() == ("eva", "otto")


def test_wrong_pins_lock_for_a_growing_time_and_even_the_right_one_waits(log, desk):
    for _ in range(3):
        with pytest.raises(ControlRefused, match="not the PIN"):
            desk.sign("eva", "000001", "level")
    with pytest.raises(ControlRefused, match="Too many wrong PINs of eva; try again in 29 s"):
        desk.sign("eva", PIN, "level")
    assert len(tries(log)) == 3
    desk._clock.now += timedelta(seconds=30)
    with pytest.raises(ControlRefused, match="not the PIN"):
        desk.sign("eva", "000002", "level")
    desk._clock.now += timedelta(seconds=30)
    with pytest.raises(ControlRefused, match="Too many"):
        desk.sign("eva", PIN, "level")
    desk._clock.now += timedelta(seconds=30)
    desk.sign("eva", PIN, "level")
    with pytest.raises(ControlRefused, match="not the PIN"):
        desk.sign("eva", "000003", "level")
    desk.sign("eva", PIN, "level")


def test_without_a_pin_it_is_said_how_to_set_one(desk):
    with pytest.raises(ControlRefused, match=r"set one with set-pin --by otto\."):
        desk.sign("otto", "123456", "level")
    with pytest.raises(SignatureNeeded):
        desk.sign("eva", None, "level")


@pytest.mark.parametrize("simple", ["12345", "777777", ""])
def test_a_simple_pin_is_refused(desk, simple):
    with pytest.raises(ControlRefused, match="at least 6"):
        desk.set_pin("eva", simple, "eva", secrets.token_bytes)
    desk.sign("eva", PIN, "level")


def test_a_new_pin_replaces_the_old_one(log, desk):
    desk.set_pin("eva", "918273", "otto", secrets.token_bytes)
    assert log.pins.pin("eva").set_by == "otto"
    desk.sign("eva", "918273", "level")
    with pytest.raises(ControlRefused):
        desk.sign("eva", PIN, "level")


def test_two_programs_that_try_at_once_do_not_get_two_tries(log, desk, make):
    first = SignatureTry("eva", False, "level", make.now())
    log.pins.record_try(first, None)
    with pytest.raises(ControlRefused, match="at the same time"):
        log.pins.record_try(SignatureTry("eva", True, "level", make.now()), None)
    assert tries(log) == [False]


def test_a_changed_hash_is_found(log, desk):
    with log.database.writing() as connection:
        connection.execute(text("UPDATE pins SET hash = 'ab'"))
    assert not log.verify().intact
