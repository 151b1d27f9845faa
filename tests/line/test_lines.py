"""Line outputs: a message that `tell` has returned for is on disk; everything else is a named fault."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line.factory import open_line, open_lines
from inspector_app.line.file import FileLine
from inspector_app.line.none import NoLine
from inspector_app.line.several import SeveralLines

MOMENT = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)


def message(number=1, part=None, disposition=Disposition.REJECT):
    return LineMessage(f"id-{number}", part or f"part-{number}", disposition, MOMENT)


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "line.jsonl"


@pytest.mark.parametrize(
    "make", [FileLine, lambda path: NoLine(), lambda path: SeveralLines([FileLine(path), NoLine()])]
)
def test_every_line_keeps_the_contract(make, path):
    line = make(path)
    assert line.name
    line.close()
    for _ in range(2):
        line.open()
        line.open()
        line.tell(message())
        line.close()
        line.close()


def test_one_json_document_a_message(path):
    line = FileLine(path)
    line.open()
    line.tell(message(1))
    line.tell(message(2, part='Glas ä\n"7"', disposition=Disposition.HOLD))
    # Before the close: each message is there when it has been told.
    assert read(path) == [
        {"inspection_id": "id-1", "part_id": "part-1", "disposition": "reject", "at": "2026-01-31T23:59:59.123Z"},
        {"inspection_id": "id-2", "part_id": 'Glas ä\n"7"', "disposition": "hold", "at": "2026-01-31T23:59:59.123Z"},
    ]
    line.close()
    assert path.read_bytes().count(b"\n") == 2


def test_each_message_is_synchronised_before_tell_returns(path, monkeypatch):
    line = FileLine(path)
    line.open()
    sizes = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (sizes.append(os.fstat(fd).st_size), real(fd)))
    line.tell(message())
    assert sizes == [path.stat().st_size]
    line.close()


def test_it_goes_on_behind_what_is_there(path):
    for number in (1, 2):
        line = FileLine(path)
        line.open()
        line.tell(message(number))
        line.close()
    assert [each["inspection_id"] for each in read(path)] == ["id-1", "id-2"]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_line_is_ended_and_hides_no_message(path, cut):
    line = FileLine(path)
    line.open()
    line.tell(message(1))
    line.tell(message(2))
    line.close()
    path.write_bytes(path.read_bytes()[:-cut])
    line.open()
    line.tell(message(3))
    line.close()
    complete = []
    for text in path.read_text("utf-8").splitlines():
        try:
            complete.append(json.loads(text)["inspection_id"])
        except json.JSONDecodeError:
            continue
    assert complete == (["id-1", "id-2", "id-3"] if cut == 1 else ["id-1", "id-3"])


@pytest.mark.parametrize("bad", ["missing/line.jsonl", "."])
def test_a_file_that_cannot_be_written_is_a_fault_with_its_path(tmp_path, bad):
    with pytest.raises(LineError, match="cannot be written"):
        FileLine(tmp_path / bad).open()


def test_a_message_without_an_open_line_is_refused(path):
    with pytest.raises(LineError, match="not open"):
        FileLine(path).tell(message())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_a_fault():
    line = FileLine(Path("/dev/full"))
    line.open()
    with pytest.raises(LineError, match="No space left"):
        line.tell(message())
    line.close()


class Stubborn(NoLine):
    """Opens or takes messages only if told so."""

    def __init__(self, name, opens=True, takes=True):
        self.label, self.opens, self.takes, self.told, self.closed = name, opens, takes, [], 0

    @property
    def name(self):
        return self.label

    def open(self):
        if not self.opens:
            raise LineError(f"{self.label} is not there.")

    def tell(self, message):
        if not self.takes:
            raise LineError(f"{self.label} did not answer.")
        self.told.append(message)

    def close(self):
        self.closed += 1


def test_several_lines_all_hear_and_all_must_take(path):
    lines = [Stubborn("a"), Stubborn("b", takes=False), Stubborn("c"), Stubborn("d", takes=False)]
    several = SeveralLines(lines)
    assert several.name == "a + b + c + d"
    several.open()
    with pytest.raises(LineError, match=r"b did not answer\. d did not answer\."):
        several.tell(message())
    assert [len(line.told) for line in lines] == [1, 0, 1, 0]


def test_several_lines_open_together_or_not_at_all():
    lines = [Stubborn("a"), Stubborn("b", opens=False), Stubborn("c")]
    with pytest.raises(LineError, match="b is not there"):
        SeveralLines(lines).open()
    assert [line.closed for line in lines] == [1, 0, 0]


def test_specifications(tmp_path):
    assert isinstance(open_line("none"), NoLine)
    assert isinstance(open_line(f"file:{tmp_path / 'x'}"), FileLine)
    assert isinstance(open_lines([]), NoLine)
    assert isinstance(open_lines(["none"]), NoLine)
    both = open_lines(["none", f"file:{tmp_path / 'x'}"])
    assert both.name == "none + file x"


@pytest.mark.parametrize("spec", ["", "file", "file:", "nothing", "none:x", "modbus:plc", "FILE:x"])
def test_unknown_specifications_say_what_is_allowed(spec):
    with pytest.raises(SettingsError, match="allowed are none, file:PATH") as refusal:
        open_line(spec)
    assert repr(spec) in str(refusal.value)


def test_a_line_is_told_only_once():
    with pytest.raises(SettingsError, match="twice"):
        open_lines(["file:x", "file:x"])
