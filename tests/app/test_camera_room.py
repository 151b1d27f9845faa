"""The camera of a data folder: taught from files, recorded, in force at the next start, and part of certificates."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from inspector_app.bootstrap.building import chosen_camera, only_station
from inspector_app.bootstrap.camera_room import FolderCameraRoom
from inspector_app.bootstrap.certifying import station_binding
from inspector_app.bootstrap.data import open_data
from inspector_app.cli.app import app
from inspector_app.domain.errors import CameraError, ControlRefused, Stopped
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.records import entry_record
from inspector_app.optics.teaching import Lesson, Signer, Teaching


@pytest.fixture
def parts(tmp_path):
    """Return the source of a folder of 24 textured pictures, the last three of them blurred."""
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(24):
        rng = np.random.default_rng(number)
        picture = np.clip(rng.normal(110, 18, (120, 160)), 0, 255).astype(np.uint8)
        if number >= 21:
            picture = cv2.GaussianBlur(picture, (0, 0), 3.0)
        cv2.imwrite(str(folder / f"p{number:02d}.png"), picture)
    return f"folder:{folder}"


@pytest.fixture
def told(tmp_path):
    """Run a command on a data folder; return exit status and output, JSON decoded."""

    def run(*arguments):
        result = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "data")])
        text = result.stdout.strip()
        return result.exit_code, json.loads(text) if text.startswith("{") else text + result.stderr

    return run


WHO = ("--by", "Erika", "--because", "new lens")


def test_quality_is_taught_recorded_and_used(told, parts, tmp_path):
    code, shown = told("camera", "teach", "quality", "--frames", "20", "--source", parts, *WHO, "--json")
    assert code == 0
    assert shown["changed"]
    code, found = told("camera", "check", "--source", parts, "--json")
    assert (found["pictures"], found["by_flaw"]) == (24, {"blurred": 3})
    code, view = told("camera", "show", "--source", parts, "--json")
    assert view["sha256"] == shown["sha256"]
    assert view["quality"]["pictures"] == 20
    assert [(change["by"], change["because"]) for change in view["changes"]] == [("Erika", "new lens")]
    code, _ = told("run", "--source", parts, "--level", "shadow", "--parts", "24")
    with open_data(tmp_path / "data") as folder:
        records = [entry_record(entry) for entry in folder.log.reader.entries(LogFilter())]
    unfit = [record for record in records if record["picture"]["unfit"]]
    assert [part["part_id"] for part in unfit] == ["p21", "p22", "p23"]
    assert all(part["route"] == "human" and part["picture"]["state"] == "stored" for part in unfit)
    assert told("verify")[0] == 0
    code, cleared = told("camera", "clear", "quality", "--source", parts, *WHO, "--json")
    assert cleared["before_sha256"] == view["sha256"]
    assert told("camera", "check", "--source", parts, "--json")[1]["unfit"] == 0


def test_a_trial_changes_nothing_and_faults_are_sentences(told, parts):
    code, said = told("camera", "teach", "quality", "--try", "--source", parts, *WHO)
    assert code == 0
    assert "Limits from 16 pictures" in said
    assert told("camera", "show", "--source", parts, "--json")[1]["changes"] == []
    for arguments, words in (
        (("teach", "dark"), "Cover the lens"),
        (("teach", "flat", "--frames", "4", "--source", "synthetic:?size=160x120"), "no flat field"),
        (("teach", "quality", "--frames", "90"), "only 24 pictures"),
        (("teach", "scale"), "--pitch-mm"),
        (("teach", "scale", "--pitch-mm", "1"), "No checkerboard"),
        (("set", "--roi", "1,2,3"), "X,Y,W,H"),
        (("set",), "Say what is to be set"),
        (("clear", "quality"), "has no quality to take out"),
        (("set", "--exposure-us", "500"), "exposure"),
        (("set", "--trigger", "software"), "Nothing would fire"),
    ):
        code, said = told("camera", *arguments, "--source", parts, *WHO)
        assert code == 1, arguments
        assert words in said, said
    assert told("camera", "show", "--source", parts, "--json")[1]["changes"] == []


def test_a_region_is_cut_and_voids_what_was_certified(told, parts, tmp_path):
    with open_data(tmp_path / "data") as folder:
        before = station_binding(folder, parts)
    assert told("camera", "set", "--roi", "10,20,64,48", "--source", parts, *WHO)[0] == 0
    with open_data(tmp_path / "data") as folder:
        assert station_binding(folder, parts).camera_sha256 != before.camera_sha256
        camera = chosen_camera(folder, parts)
        camera.open()
        assert camera.grab(1.0).pixels.shape == (48, 64)
        camera.close()
    assert told("camera", "clear", "roi", "--source", parts, *WHO)[0] == 0
    with open_data(tmp_path / "data") as folder:
        assert station_binding(folder, parts) == before


def test_teaching_from_a_station_waits_for_its_camera_thread(parts, tmp_path):
    with open_data(tmp_path / "data") as folder, only_station(folder.path):
        camera = chosen_camera(folder, parts)
        room = FolderCameraRoom(folder, camera)
        with pytest.raises(CameraError, match="does not run"):
            room.teach(Lesson(Teaching.QUALITY, 12))
        camera.open()
        with pytest.raises(Stopped):
            room.teach(Lesson(Teaching.QUALITY, 12), cancelled=lambda: True)
        with pytest.raises(ControlRefused, match="who makes it"):
            room.change(Signer("Erika", " "), roi=None)
        camera.close()
