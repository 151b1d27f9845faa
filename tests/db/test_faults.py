"""Disk full, read-only, locked, damaged, out of reach: each a named problem, and nothing half-written."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import threading

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import Database
from db.faults import RecordRefused
from db.log import open_log
from db.schema import RecordKind
from inspector_app.domain.errors import LogProblem, LogUnavailable, SettingsError
from inspector_app.domain.frame import frozen_pixels, pixels_sha256
from inspector_app.domain.logquery import LogFilter


@pytest.fixture
def file_log(open_station, tmp_path, make):
    opened = open_station(f"sqlite:///{tmp_path / 'station.db'}")
    make.begin(opened)
    return opened


def refusal(call, *arguments):
    """Return the fault that a call ends in."""
    with pytest.raises(LogUnavailable) as caught:
        call(*arguments)
    sentence = str(caught.value)
    assert sentence.startswith("The ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return caught.value


def fill(log, make):
    """Record parts until the log refuses one; returns those it took and the fault."""
    taken = []
    while True:
        part = make.part()
        try:
            log.inspections.record_inspection(part)
        except LogUnavailable as fault:
            return taken, fault
        taken.append(part)


def test_a_full_database_takes_nothing_of_the_part_it_refuses(file_log, make):
    file_log.inspections.record_inspection(make.part())
    with file_log.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 8}")
    taken, fault = fill(file_log, make)
    assert fault.problem is LogProblem.DISK_FULL
    assert "disk is full" in str(fault)
    assert file_log.reader.count(LogFilter()) == len(taken) + 1
    assert len(file_log.inspections.pending_pictures()) == len(taken) + 1
    assert file_log.verify().intact
    with file_log.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    file_log.inspections.record_inspection(make.part())
    assert file_log.verify().intact


@pytest.fixture
def small_disk(tmp_path):
    """Return a function that mounts a small file system and remounts it with other options."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        remount = "remount," if os.path.ismount(folder) else ""
        command = ["mount", "-t", "tmpfs", "-o", remount + options, "tmpfs", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"this machine does not let root mount a disk: {done.stderr.strip()}")
        return folder

    yield mount
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_named_and_nothing_half_written(small_disk, open_station, make):
    folder = small_disk("size=2m")
    log = open_station("", folder=folder)
    make.begin(log)
    taken, fault = fill(log, make)
    assert fault.problem is LogProblem.DISK_FULL, str(fault)
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1500), dtype=np.uint8)
    pixels = frozen_pixels(noise)
    assert refusal(log.pictures.write, pixels_sha256(pixels), pixels).problem is LogProblem.DISK_FULL
    assert list(folder.rglob("*.part")) == []
    assert list(folder.rglob("*.png")) == []
    small_disk("size=16m")
    assert log.reader.count(LogFilter()) == len(taken)
    log.inspections.record_inspection(make.part())
    log.pictures.write(pixels_sha256(pixels), pixels)
    assert log.verify().intact


def test_a_read_only_folder_is_named(small_disk, open_station, make):
    folder = small_disk("size=8m")
    log = open_station("", folder=folder)
    make.begin(log)
    log.inspections.record_inspection(make.part())
    log.close()
    small_disk("ro")
    assert refusal(open_log, "", folder, "station-1", make.now).problem is LogProblem.READ_ONLY
    pixels = frozen_pixels(np.zeros((4, 4), np.uint8))
    assert refusal(log.pictures.write, pixels_sha256(pixels), pixels).problem is LogProblem.READ_ONLY
    small_disk("rw")
    assert open_station("", folder=folder).verify().intact


def test_a_read_only_database_is_named(file_log, make, tmp_path):
    file_log.close()
    url = f"sqlite:///file:{tmp_path / 'station.db'}?mode=ro&uri=true"
    read_only = Database(url)
    with read_only.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM control_changes").scalar() == 1

    def write():
        with read_only.writing() as connection:
            connection.exec_driver_sql("DELETE FROM control_changes")

    assert refusal(write).problem is LogProblem.READ_ONLY
    read_only.close()


def test_a_log_that_another_program_holds_is_locked(tmp_path, make, monkeypatch, open_station):
    monkeypatch.setattr("db.engine._BUSY_S", 0.05)
    log = open_station("")
    make.begin(log)
    with contextlib.closing(sqlite3.connect(tmp_path / "station.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refusal(log.inspections.record_inspection, make.part()).problem is LogProblem.LOCKED
        assert log.inspections.waiting() == ()
        other.execute("ROLLBACK")
    log.inspections.record_inspection(make.part())


def test_a_file_that_is_no_database_is_damaged(tmp_path, make):
    (tmp_path / "station.db").write_bytes(b"This is no database.\n" * 500)
    fault = refusal(open_log, "", tmp_path, "station-1", make.now)
    assert fault.problem is LogProblem.CORRUPT
    assert "backup" in str(fault)


def test_a_damaged_page_is_told(file_log, make, tmp_path):
    for _ in range(30):
        file_log.inspections.record_inspection(make.part())
    file_log.close()
    content = bytearray((tmp_path / "station.db").read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    (tmp_path / "station.db").write_bytes(content)
    assert refusal(open_log, "", tmp_path, "station-1", make.now).problem is LogProblem.CORRUPT


def test_a_folder_that_is_gone_is_out_of_reach(tmp_path, make):
    fault = refusal(open_log, "", tmp_path / "gone", "station-1", make.now)
    assert fault.problem is LogProblem.UNREACHABLE


def test_a_server_that_does_not_answer_is_out_of_reach(tmp_path, make):
    pytest.importorskip("psycopg")
    url = "postgresql://inspector:secret@127.0.0.1:1/log"
    fault = refusal(open_log, url, tmp_path, "station-1", make.now)
    assert fault.problem is LogProblem.UNREACHABLE
    assert "secret" not in str(fault)


def test_an_unknown_database_on_the_server_is_out_of_reach(postgres_url, tmp_path, make):
    fault = refusal(open_log, postgres_url + "_not_there", tmp_path, "station-1", make.now)
    assert fault.problem is LogProblem.UNREACHABLE


def test_a_server_that_was_restarted_is_reached_again(postgres_url, open_station, make):
    log = open_station(postgres_url)
    make.begin(log)
    other = Database(postgres_url)
    with other.reading() as connection:
        mine = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
    other.close()
    log.inspections.record_inspection(make.part())
    assert log.reader.count(LogFilter()) == 1


def test_a_connection_lost_in_the_middle_leaves_nothing(postgres_url, open_station, make):
    log = open_station(postgres_url)
    make.begin(log)

    def write():
        with log.chain.appending() as append:
            append.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert refusal(write).problem is LogProblem.UNREACHABLE

    def write_part():
        with log.chain.appending() as append:
            mine = text("SELECT pg_backend_pid()")
            pid = append.connection.execute(mine).scalar()
            with other.writing() as killer:
                killer.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))
            append.seal(RecordKind.INCIDENT, "nothing")

    other = Database(postgres_url)
    assert refusal(write_part).problem is LogProblem.UNREACHABLE
    other.close()
    log.inspections.record_inspection(make.part())
    assert log.verify().intact


def test_a_server_that_only_reads_is_named(postgres_url, open_station, make):
    log = open_station(postgres_url)
    make.begin(log)
    with log.database.writing() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    log.close()  # the setting is for new connections
    assert refusal(log.inspections.record_inspection, make.part()).problem is LogProblem.READ_ONLY


def test_a_row_that_another_program_holds_on_the_server_is_locked(postgres_url, make, monkeypatch, open_station):
    monkeypatch.setattr("db.engine._BUSY_S", 0.1)
    log, other = open_station(postgres_url), open_station(postgres_url)
    make.begin(log)
    with pytest.raises(RecordRefused), other.chain.appending():
        assert refusal(log.inspections.record_inspection, make.part()).problem is LogProblem.LOCKED


def test_stations_on_one_server_do_not_wait_for_one_another(postgres_url, make, monkeypatch, open_station):
    monkeypatch.setattr("db.engine._BUSY_S", 0.5)
    log, other = open_station(postgres_url), open_station(postgres_url, "station-2")
    make.begin(log)
    with pytest.raises(RecordRefused, match="without its link"), other.chain.appending():
        log.inspections.record_inspection(make.part())
    assert log.verify().intact


def test_a_folder_of_any_name_holds_a_log(tmp_path, open_station, make):
    folder = tmp_path / "Prüfstand 50 % ?#&;:"
    folder.mkdir()
    log = open_station("", folder=folder)
    make.begin(log)
    log.close()
    assert (folder / "station.db").stat().st_size > 0
    assert open_station("", folder=folder).control.current() == make.control


@pytest.mark.parametrize("url", ["no url", "nosuchbase://x/y"])
def test_a_wrong_address_is_a_setting(url):
    with pytest.raises(SettingsError, match="sqlite:///FILE"):
        Database(url)


def test_wrong_sql_is_a_bug_and_no_fault(log):
    with pytest.raises((ProgrammingError, OperationalError)), log.database.reading() as connection:
        connection.execute(text("SELECT * FROM nothing"))


def test_threads_that_write_at_once_keep_one_chain(log, make):
    parts = [[make.part() for _ in range(10)] for _ in range(4)]

    def record(mine):
        for part in mine:
            log.inspections.record_inspection(part)

    threads = [threading.Thread(target=record, args=(mine,)) for mine in parts]
    for thread in threads:
        thread.start()
    for _ in range(20):
        log.reader.search(LogFilter(), 5)
    for thread in threads:
        thread.join(240)
    assert log.reader.count(LogFilter()) == 40
    assert log.verify().intact


def test_two_programs_of_one_station_keep_one_chain(log, log_url, make, open_station):
    if log_url == "sqlite://":
        pytest.skip("a database in memory has one program")
    other = open_station(log_url)
    for _ in range(5):
        log.inspections.record_inspection(make.part())
        other.inspections.record_incident("note", "From the command line.", make.now())
    assert log.verify().intact
    assert log.head() == other.head()
