"""Camera configurations in the log: by source, in order, part of the audit chain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import Box
from inspector_app.optics.setup import CameraChange, CameraSetup

FIRST = CameraSetup("usb:0", roi=Box(0, 0, 640, 480))
SECOND = replace(FIRST, roi=None, white=(1.1, 1.0, 0.9))
OTHER = CameraSetup("usb:1", roi=Box(1, 1, 64, 64))


def changed(make, before, after, by="erika"):
    return CameraChange(by, "because of the test", make.now(), before, after, signed=True)


def test_the_newest_configuration_of_a_source_is_in_force(log, make):
    assert log.cameras.current("usb:0") is None
    changes = [changed(make, None, FIRST), changed(make, FIRST, SECOND, "öğe")]
    log.cameras.append(changes[0])
    log.cameras.append(changed(make, None, OTHER))
    log.cameras.append(changes[1])
    assert log.cameras.current("usb:0") == SECOND
    assert log.cameras.current("usb:1") == OTHER
    assert log.cameras.changes("usb:0") == tuple(changes)
    assert log.cameras.changes("usb:0", 1) == (changes[1],)
    assert log.cameras.changes("usb:0", 5) == tuple(changes)
    assert log.verify().intact


def test_whoever_was_slower_is_refused(log, make):
    log.cameras.append(changed(make, None, FIRST))
    for late in (None, SECOND):
        with pytest.raises(ControlRefused, match="somebody else"):
            log.cameras.append(changed(make, late, SECOND))
    assert log.cameras.changes("usb:0")[-1].after == FIRST


def test_an_altered_configuration_is_found(log, make):
    log.cameras.append(changed(make, None, FIRST))
    with log.database.writing() as connection:
        connection.execute(text("UPDATE camera_changes SET record = replace(record, '640', '320')"))
    assert [finding.trouble.value for finding in log.verify().findings] == ["changed"]
