"""Pictures off the decision path: stored once, readable meanwhile, lost only with a record."""

from __future__ import annotations

import threading

import pytest

from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.events import PictureLost, PictureStored
from inspector_app.domain.frame import pixels_sha256
from inspector_app.domain.inspection import PictureState, StoredPicture
from inspector_app.domain.status import FaultKind
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.log_keeper import LogKeeper
from inspector_app.station.options import StationOptions
from inspector_app.station.picture_writer import PictureWriter


class Bench:
    """A writer on its own, with a part in the log for each picture."""

    def __init__(self, kit, **options):
        self.kit = kit
        self.log, self.store, self.tally, self.events, self.bugs = kit.Log(), kit.Pictures(), Tally(), [], []
        self.board = StateBoard(kit.now, self.events.append, lambda kind, sentence: None)
        quick = {
            "pictures_queued": 2,
            "picture_wait_s": kit.PATIENCE_S,
            "picture_backoff": kit.QUICK,
            "log_backoff": kit.QUICK,
        }
        self.options = StationOptions(**{**quick, **options})
        self.keeper = LogKeeper(self.board, self.options.log_backoff)
        self.stop = threading.Event()
        self.writer = PictureWriter(
            self.store,
            self.log,
            self.keeper,
            self.board,
            self.tally,
            self.events.append,
            self.options,
            lambda name, bug: self.bugs.append(bug),
        )
        self.writer.start()

    def put(self, number):
        pixels = self.kit.frame(number).pixels
        key = pixels_sha256(pixels)
        self.log.pictures.setdefault(key, StoredPicture(PictureState.PENDING))
        self.writer.put(key, pixels, self.stop)
        return key

    def states(self):
        return [picture.state for picture in self.log.pictures.values()]


@pytest.fixture
def bench(kit):
    made = []

    def make(**options):
        made.append(Bench(kit, **options))
        return made[-1]

    yield make
    for each in made:
        each.store.gate.set()
        assert each.writer.stop(kit.PATIENCE_S)
        assert not each.bugs


def test_pictures_are_stored_and_recorded(bench, kit):
    b = bench()
    keys = [b.put(n) for n in range(5)]
    assert b.writer.stop(kit.PATIENCE_S)
    assert set(b.store.kept) == set(keys)
    assert b.states() == [PictureState.STORED] * 5
    assert [event.pixels_sha256 for event in b.events if isinstance(event, PictureStored)] == keys
    assert b.writer.queued == 0
    assert b.tally.counts.pictures_stored == 5


def test_a_picture_is_in_memory_until_it_is_recorded(bench, kit):
    b = bench()
    b.store.gate.clear()
    key = b.put(1)
    assert (b.writer.in_memory(key) == kit.frame(1).pixels).all()
    b.store.gate.set()
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.writer.in_memory(key) is None


def test_the_same_picture_twice_is_written_once(bench, kit):
    b = bench()
    b.store.gate.clear()
    b.put(1)
    b.put(1)
    assert b.writer.queued == 1
    b.store.gate.set()
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.tally.counts.pictures_stored == 1


def test_a_full_queue_waits_and_then_gives_the_picture_up_with_a_record(bench, kit):
    b = bench(picture_wait_s=0.02)
    b.store.gate.clear()
    keys = [b.put(0)]
    assert b.store.begun.wait(kit.PATIENCE_S)
    keys += [b.put(n) for n in range(1, 4)]
    # One is being written, two wait.
    lost = [key for key, picture in b.log.pictures.items() if picture.state is PictureState.LOST]
    assert lost == keys[3:]
    assert b.board.lasts(FaultKind.PICTURES_NOT_STORED)
    assert b.log.pictures[keys[-1]].detail
    assert b.writer.in_memory(keys[-1]) is None
    b.store.gate.set()
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.tally.counts.pictures_lost == 1
    assert [event.pixels_sha256 for event in b.events if isinstance(event, PictureLost)] == lost
    assert not b.board.lasts(FaultKind.PICTURES_NOT_STORED)


def test_a_full_queue_does_not_lose_a_picture_that_is_on_disk_already(bench, kit):
    b = bench(picture_wait_s=0.02)
    key = pixels_sha256(kit.frame(9).pixels)
    b.store.kept[key] = kit.frame(9).pixels
    b.store.gate.clear()
    for n in range(4):
        b.put(n)
    b.put(9)
    assert b.log.pictures[key].state is PictureState.STORED


def test_a_refusing_disk_keeps_what_waits_and_new_pictures_do_not_wait_for_it(bench, kit):
    b = bench(picture_wait_s=60.0)
    b.store.trouble = lambda: LogProblem.DISK_FULL
    b.put(0)
    while not b.board.lasts(FaultKind.PICTURES_NOT_STORED):
        threading.Event().wait(0.001)
    for n in range(1, 4):
        b.put(n)
    assert b.states().count(PictureState.LOST) == 1
    b.store.trouble = lambda: None
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.states().count(PictureState.STORED) == 3


def test_a_disk_that_refuses_until_the_stop_loses_pictures_with_a_record(bench, kit):
    b = bench()
    b.store.trouble = lambda: LogProblem.READ_ONLY
    b.put(0)
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.states() == [PictureState.LOST]


def test_a_log_that_is_away_until_the_stop_leaves_the_picture_to_the_next_start(bench, kit):
    b = bench()
    b.log.trouble = lambda call: LogProblem.LOCKED
    key = b.put(0)
    assert b.writer.stop(kit.PATIENCE_S)
    assert b.states() == [PictureState.PENDING]
    assert key in b.store.kept


def test_a_lost_picture_that_cannot_be_recorded_is_passed_on(bench, kit):
    b = bench(picture_wait_s=0.02)
    b.store.gate.clear()
    b.log.trouble = lambda call: LogProblem.LOCKED
    b.stop.set()

    def fill():
        for n in range(4):
            b.put(n)

    with pytest.raises(LogUnavailable):
        fill()


def test_a_disk_that_cannot_be_asked_has_no_room(bench, kit):
    b = bench()
    b.writer.look_at_disk()
    assert b.writer.free_bytes == 1_000_000

    def refuse():
        raise LogUnavailable(LogProblem.UNREACHABLE, "folder gone")

    b.store.free_bytes = refuse
    b.writer.look_at_disk()
    assert b.writer.free_bytes == 0
