"""Bad picture files through `run` and `predict`: a typed outcome, one sentence, a human, and the run goes on."""

from __future__ import annotations

import json
import resource
import shutil
import struct
import sys
import zlib

import cv2
import numpy as np
import pytest

GOOD = "zz-good.png"
MANY_PIXELS = (20_000, 10_000)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width, height):
    """A valid PNG file of a few hundred kB that decodes to a whole picture of this size."""
    rows = zlib.compressobj(9)
    row = b"\0" + bytes(3 * width)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def encoded(suffix, pixels, *flags):
    done, data = cv2.imencode(suffix, pixels, list(flags))
    assert done
    return data.tobytes()


def with_orientation(jpeg, orientation):
    """The JPEG with an Exif segment that says how it is to be turned."""
    tiff = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


@pytest.fixture(scope="session")
def bad_folder(tmp_path_factory):
    """A folder with every kind of odd file, and one good picture at the end."""
    folder = tmp_path_factory.mktemp("odd")
    rng = np.random.default_rng(3)
    bgr = rng.integers(0, 256, (96, 128, 3), dtype=np.uint8)
    png, jpeg = encoded(".png", bgr), encoded(".jpg", bgr)
    files = {
        "a-truncated.jpg": jpeg[: len(jpeg) // 2],
        "a-truncated.png": png[: len(png) // 2],
        "a-zero.png": b"",
        "a-text.jpg": b"This is no picture.\n" * 10,
        "a-one.png": encoded(".png", bgr[:1, :1]),
        "a-large.png": bomb(*MANY_PIXELS),
        "b-sixteen.png": encoded(".png", bgr[:, :, 0].astype(np.uint16) * 257),
        "b-grey.png": encoded(".png", bgr[:, :, 0]),
        "b-rgba.png": encoded(".png", np.dstack([bgr, np.full((96, 128), 128, np.uint8)])),
        "b-turned.jpg": with_orientation(jpeg, 6),
        GOOD: png,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


REFUSED = {
    "a-truncated.jpg": "truncated",
    "a-truncated.png": "truncated",
    "a-zero.png": "empty_file",
    "a-text.jpg": "not_a_picture",
    "a-one.png": "too_small",
    "a-large.png": "too_large",
}


def origin(entry):
    return entry["picture"]["origin"].rpartition("/")[2]


def test_odd_files_are_typed_outcomes_and_the_run_goes_on(program, bad_folder):
    arguments = ("run", "--source", f"folder:{bad_folder}", "--level", "human_only", "--decider", "truth")
    entries = {origin(row): row for row in program.rows(*arguments, "--line", f"file:{program.line}")}
    assert set(entries) == {path.name for path in bad_folder.iterdir()}
    assert {name: entries[name]["picture"]["problem"] for name in REFUSED} == REFUSED
    for name in REFUSED:
        entry = entries[name]
        assert entry["picture"]["state"] == "unusable"
        assert entry["picture"]["detail"].count("\n") == 0
        assert name in entry["picture"]["detail"]
        assert entry["route"] == "human"
        assert entry["disposition"] == "hold"
        assert entry["picture"]["path"] is None
    for name in set(entries) - set(REFUSED):
        picture = entries[name]["picture"]
        assert picture["state"] == "stored"
        assert (program.data / picture["path"]).is_file()
    turned = entries["b-turned.jpg"]["picture"]
    assert (turned["width"], turned["height"]) == (96, 128)
    assert entries["b-grey.png"]["picture"]["channels"] == 1
    assert len(program.heard()) == len(entries)
    assert {message["disposition"] for message in program.heard()} == {"hold"}
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_at_level_full_no_odd_file_is_accepted_by_the_model(program, bad_folder):
    program.settings("[model]\ndeadline_ms = 60000\n[automation]\naccept_below = 1.0\ncut = 1.0\nreject_above = 1.0\n")
    arguments = ("run", "--source", f"folder:{bad_folder}", "--level", "full", "--canary", "1")
    entries = {origin(row): row for row in program.rows(*arguments)}
    for name in REFUSED:
        assert (entries[name]["route"], entries[name]["disposition"]) == ("human", "hold")
        assert entries[name]["prediction"]["probability"] is None
    assert entries[GOOD]["route"] == "model_accept"


@pytest.mark.slow
def test_predict_answers_for_every_file_and_exits_1_for_the_bad_ones(program, bad_folder):
    paths = sorted(bad_folder.iterdir())
    done = program("predict", *map(str, paths), str(bad_folder / "missing.png"), str(bad_folder), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["image"] for row in rows] == [*map(str, paths), str(bad_folder / "missing.png"), str(bad_folder)]
    bad = [row for row in rows if row["status"] == "unusable"]
    assert {row["image"].rpartition("/")[2] for row in bad} == {*REFUSED, "missing.png", bad_folder.name}
    assert done.returncode == 1
    assert done.stderr.splitlines() == [row["detail"] for row in bad]
    for row in rows:
        if row["status"] != "unusable":
            assert 0.0 <= row["probability"] <= 1.0
            assert {"image", "status", "probability", "regions", "model", "elapsed_ms"} <= set(row)
            assert {"name", "version", "sha256"} <= set(row["model"])


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited as Linux does it")
def test_a_huge_picture_is_refused_without_the_memory_to_hold_it(program, bad_folder, tmp_path):
    folder = tmp_path / "huge"
    folder.mkdir()
    for number in range(3):
        shutil.copy(bad_folder / "a-large.png", folder / f"huge-{number}.png")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    rows = program.rows("run", "--source", f"folder:{folder}", "--level", "human_only")
    assert [row["picture"]["problem"] for row in rows] == ["too_large"] * 3
    # One such picture decoded is 600 MB; the largest child so far counts, so this only sees growth.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - before < 500_000


def test_an_empty_or_missing_folder_is_refused_at_once(program, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in program.refused("run", "--source", f"folder:{tmp_path / 'empty'}", "--parts", "2")
    assert "No such file" in program.refused("run", "--source", f"folder:{tmp_path / 'missing'}", "--parts", "2")
    assert program.log() == []


@pytest.mark.slow
def test_a_folder_that_vanishes_ends_the_run_with_its_parts_recorded(program, make_pictures, wait_for):
    program.settings("[station]\ngive_up_after_s = 2.0\n")
    folder = make_pictures(60)
    child = program.start(
        "run", "--source", f"folder:{folder}?rate=20", "--level", "human_only", "--line", f"file:{program.line}"
    )
    wait_for(lambda: len(program.heard()) >= 5, child)
    folder.rename(folder.with_name("away"))
    assert child.wait() == 1
    assert program.said().strip() == f"Folder {folder} has vanished: No such file or directory."
    assert {m["inspection_id"] for m in program.heard()} == {entry["inspection_id"] for entry in program.log()}


@pytest.mark.slow
def test_a_folder_that_comes_back_is_gone_on_with(program, make_pictures, wait_for):
    folder = make_pictures(30)
    child = program.start(
        "run", "--source", f"folder:{folder}?rate=20", "--level", "human_only", "--line", f"file:{program.line}"
    )
    wait_for(lambda: len(program.heard()) >= 5, child)
    away = folder.rename(folder.with_name("away"))
    wait_for(lambda: "has vanished" in program.said(), child)
    away.rename(folder)
    assert child.wait() == 0
    assert [entry["part_id"] for entry in program.log()] == [f"part-{number:04d}" for number in range(30)]
