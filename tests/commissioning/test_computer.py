"""What is said of computer, folder, disk and clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from inspector_app.commissioning.computer import (
    clock_finding,
    clock_synchronised,
    computer_finding,
    disk_finding,
    folder_finding,
    network_disk,
)
from inspector_app.domain.commissioning import Grade

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
//server/share /plant/data\\040one cifs rw 0 0
tmpfs /plant/data\\040one/here tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("cores", "memory", "grade"),
    [(4, 8 * 1024**3, Grade.GOOD), (1, 8 * 1024**3, Grade.WARNING), (4, 1024**3, Grade.WARNING), (2, None, Grade.GOOD)],
)
def test_a_small_computer_is_named(cores, memory, grade):
    assert computer_finding(cores, memory).grade is grade


def test_a_folder_is_left_as_it_was(tmp_path):
    finding = folder_finding(tmp_path, taken=False)
    assert finding.grade in {Grade.GOOD, Grade.WARNING}  # the machine's disk may be small
    assert list(tmp_path.iterdir()) == []
    assert finding.figures[0].name == "free"


def test_a_folder_that_is_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    finding = folder_finding(tmp_path / "file", taken=False)
    assert finding.grade is Grade.BAD
    assert "cannot be written" in finding.sentence
    assert "--data" in finding.remedy


@pytest.mark.skipif(os.name != "posix", reason="rights of others are a matter of POSIX")
def test_a_folder_that_everybody_can_write_is_named(tmp_path):
    tmp_path.chmod(0o777)
    assert "Everybody" in folder_finding(tmp_path, taken=False).sentence


def test_a_network_disk_is_known_by_its_mount(tmp_path):
    here = type(tmp_path)
    assert network_disk(here("/plant/data one/station"), MOUNTS) == "cifs"
    assert network_disk(here("/plant/data one/here/station"), MOUNTS) is None
    assert network_disk(here("/plant/data"), MOUNTS) is None
    assert network_disk(here("/plant/data"), "") is None


@pytest.mark.parametrize(("tick_s", "grade"), [(0.001, Grade.GOOD), (0.08, Grade.WARNING), (0.6, Grade.BAD)])
def test_the_disk_is_judged_by_what_it_took(tmp_path, tick_s, grade):
    ticks = count()
    finding = disk_finding(tmp_path, lambda: next(ticks) * tick_s)
    assert finding.grade is grade
    assert {figure.name: figure.value for figure in finding.figures}["sync_p50"] == pytest.approx(tick_s * 1000)
    assert list(tmp_path.iterdir()) == []


def test_a_slow_stream_of_pictures_is_named_though_small_writes_are_fast(tmp_path):
    steps = iter([0.001] * 121 + [2.0])
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += next(steps)
        return now

    finding = disk_finding(tmp_path, clock)
    assert finding.grade is Grade.WARNING
    assert "8 MB/s" in finding.sentence


def test_a_disk_that_is_away_is_bad(tmp_path):
    finding = disk_finding(tmp_path / "gone")
    assert finding.grade is Grade.BAD


@pytest.mark.parametrize(
    ("newest", "synchronised", "grade"),
    [
        (None, True, Grade.GOOD),
        (None, None, Grade.GOOD),
        (NOW - timedelta(days=1), False, Grade.WARNING),
        (NOW + timedelta(seconds=30), True, Grade.GOOD),
        (NOW + timedelta(hours=2), True, Grade.BAD),
    ],
)
def test_the_clock_is_judged_by_the_log_and_by_who_keeps_it(newest, synchronised, grade):
    assert clock_finding(NOW, newest, synchronised).grade is grade


def test_a_clock_behind_the_log_says_how_far():
    assert "2:00:00 after that" in clock_finding(NOW, NOW + timedelta(hours=2), None).sentence


def test_the_kernel_is_asked_without_an_error():
    assert clock_synchronised() in {True, False, None}
