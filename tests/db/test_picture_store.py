"""Pictures on disk: lossless, whole or absent, and never another one's."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from db.picture_store import FilePictureStore
from inspector_app.domain.errors import LogProblem, LogUnavailable
from inspector_app.domain.frame import frozen_pixels, pixels_sha256
from inspector_app.domain.inspection import PictureState, StoredPicture


@pytest.fixture
def store(tmp_path):
    return FilePictureStore(tmp_path)


@pytest.fixture
def pixels():
    noise = np.random.default_rng(7).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    return frozen_pixels(noise)


shapes = st.one_of(
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
)


@given(array=hnp.arrays(np.uint8, shapes))
@settings(max_examples=25, deadline=None)
def test_every_picture_comes_back_bit_for_bit(tmp_path_factory, array):
    store = FilePictureStore(tmp_path_factory.mktemp("data"))
    pixels = frozen_pixels(array)
    stored = store.write(pixels_sha256(pixels), pixels)
    read = store.read(stored)
    assert read.shape == pixels.shape
    assert np.array_equal(read, pixels)
    assert not read.flags.writeable


def test_a_picture_is_named_by_what_it_shows(store, pixels, tmp_path):
    digest = pixels_sha256(pixels)
    stored = store.write(digest, pixels)
    assert stored.state is PictureState.STORED
    assert stored.path == f"images/{digest[:2]}/{digest[2:4]}/{digest}.png"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / stored.path]
    assert store.check(stored) is None


def test_writing_the_same_again_keeps_the_file(store, pixels, tmp_path):
    digest = pixels_sha256(pixels)
    stored = store.write(digest, pixels)
    before = (tmp_path / stored.path).stat().st_ino
    assert store.write(digest, pixels) == stored
    assert (tmp_path / stored.path).stat().st_ino == before


def test_a_damaged_file_is_written_anew(store, pixels, tmp_path):
    digest = pixels_sha256(pixels)
    stored = store.write(digest, pixels)
    (tmp_path / stored.path).write_bytes(b"")
    assert store.write(digest, pixels) == stored
    assert np.array_equal(store.read(stored), pixels)


def test_recovery_finds_a_whole_picture_and_clears_a_half_written_one(store, pixels, tmp_path):
    digest = pixels_sha256(pixels)
    assert store.recover(digest) is None
    stored = store.write(digest, pixels)
    folder = (tmp_path / stored.path).parent
    half = folder / f".{digest}.abc123.part"
    half.write_bytes((tmp_path / stored.path).read_bytes()[:50])
    others = folder / f".{'0' * 64}.abc123.part"
    others.write_bytes(b"x")
    assert store.recover(digest) == stored
    assert not half.exists()
    assert others.exists()
    (tmp_path / stored.path).unlink()
    half.write_bytes(b"x")
    assert store.recover(digest) is None
    assert not half.exists()


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_changed_file_is_told_and_not_shown(store, pixels, tmp_path, content):
    stored = store.write(pixels_sha256(pixels), pixels)
    path = tmp_path / stored.path
    path.write_bytes(content if content is not None else path.read_bytes() + b"\0")
    with pytest.raises(LogUnavailable, match="not the one that was stored") as caught:
        store.read(stored)
    assert caught.value.problem is LogProblem.CORRUPT
    assert "not the one that was stored" in store.check(stored)


def test_another_pictures_file_is_not_shown(store, pixels, tmp_path):
    stored = store.write(pixels_sha256(pixels), pixels)
    other = store.write("f" * 64, frozen_pixels(np.zeros((4, 4), np.uint8)))
    (tmp_path / stored.path).write_bytes((tmp_path / other.path).read_bytes())
    with pytest.raises(LogUnavailable):
        store.read(replace(stored, file_sha256=other.file_sha256))


def test_a_picture_that_is_gone_is_told(store, pixels, tmp_path):
    stored = store.write(pixels_sha256(pixels), pixels)
    (tmp_path / stored.path).unlink()
    with pytest.raises(LogUnavailable, match="cannot be read") as caught:
        store.read(stored)
    assert caught.value.problem is LogProblem.UNREACHABLE
    assert "cannot be read" in store.check(stored)
    with pytest.raises(LogUnavailable):
        store.read(StoredPicture(PictureState.PENDING))


def test_a_path_out_of_the_picture_folder_is_refused(store, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "images").mkdir()
    with pytest.raises(LogUnavailable) as caught:
        store.read(StoredPicture(PictureState.STORED, "images/../secret.png", "0" * 64))
    assert caught.value.problem is LogProblem.CORRUPT


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.ENOSPC, LogProblem.DISK_FULL),
        (errno.EDQUOT, LogProblem.DISK_FULL),
        (errno.EROFS, LogProblem.READ_ONLY),
        (errno.EACCES, LogProblem.READ_ONLY),
        (errno.EIO, LogProblem.UNREACHABLE),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "mkdir", "replace"])
def test_trouble_with_the_disk_is_told_and_leaves_nothing(store, pixels, tmp_path, monkeypatch, number, problem, call):
    def fail(*_arguments, **_keywords):
        raise OSError(number, os.strerror(number))

    owner = os if call == "fsync" else Path
    monkeypatch.setattr(owner, call, fail)
    with pytest.raises(LogUnavailable) as caught:
        store.write(pixels_sha256(pixels), pixels)
    assert caught.value.problem is problem
    assert str(caught.value).count(".") >= 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    monkeypatch.undo()
    assert store.write(pixels_sha256(pixels), pixels).state is PictureState.STORED


def test_free_space_is_told(store, tmp_path):
    assert store.free_bytes() > 0
    with pytest.raises(LogUnavailable):
        FilePictureStore(tmp_path / "gone").free_bytes()
