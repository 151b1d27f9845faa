"""A part of two views through the whole station: settings, log, record, replay."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector_app.bootstrap.building import built_station, chosen_camera
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.devices import open_camera
from inspector_app.domain.decision import Reason
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.inspection import PictureFacts
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.records import entry_record, prediction_record
from inspector_app.domain.views import ViewPlace
from inspector_app.settings import CameraSection, ViewSection


def settle(folder: Path, camera: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "station.toml").write_text(f"[camera]\n{camera}", encoding="utf-8")
    return folder


def save(folder: Path, *names: str) -> None:
    folder.mkdir()
    for number, name in enumerate(names, 1):
        picture = np.random.default_rng(number).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{name}.png"), picture)


def test_a_part_of_two_views_is_one_picture_in_the_log(tmp_path: Path) -> None:
    save(tmp_path / "a", "p1", "p2")
    save(tmp_path / "b", "p1")
    text = f"""
    pair = "name"
    view_wait_ms = 3000
    [[camera.views]]
    name = "front"
    source = "folder:{tmp_path / "a"}"
    [[camera.views]]
    name = "back"
    source = "folder:{tmp_path / "b"}"
    frame_rate_hz = 500
    """
    with open_data(settle(tmp_path / "data", text)) as data:
        with built_station(data, chosen_camera(data, None), None) as station:
            station.start()
            until = time.monotonic() + 60.0
            while len(station.waiting()) < 2 and time.monotonic() < until:
                time.sleep(0.02)
            waiting = station.waiting()
            picture = station.picture(waiting[0].inspection_id)
            station.stop(60.0)
        entries = data.log.reader.search(LogFilter(), 10)[::-1]
    assert [entry.inspection.part_id for entry in entries] == ["p1", "p2"]
    assert entries[0].inspection.source.startswith("views:front=folder:")
    assert "rate=500" in entries[0].inspection.source
    facts = [entry.inspection.picture for entry in entries]
    assert all(isinstance(fact, PictureFacts) for fact in facts)
    places = (ViewPlace("front", 0, 0, 64, 48), ViewPlace("back", 96, 0, 64, 48))
    assert facts[0].views == places
    assert facts[1].views == places[:1]
    assert waiting[0].views == places
    assert picture is not None
    assert picture.shape == (48, 160, 3)
    assert waiting[1].picture_fault == "The view back is missing."
    assert Reason.PICTURE_UNUSABLE in entries[1].inspection.decision.reasons
    record = entry_record(entries[0])["picture"]
    assert record["views"] == [{"name": "front", "box": [0, 0, 64, 48]}, {"name": "back", "box": [96, 0, 64, 48]}]


def test_a_region_says_which_view_it_lies_in() -> None:
    places = (ViewPlace("front", 0, 0, 64, 48), ViewPlace("back", 96, 0, 64, 48))
    regions = tuple(
        Region("scratch", 0.9, Box(x, 4, 10, 10), ((x, 4), (x + 10, 4), (x + 10, 14)), 10.0, 1.0, rejects=True)
        for x in (5, 75, 100)
    )
    prediction = Prediction(PredictionStatus.OK, 0.9, regions, ModelIdentity("m", "1", "a" * 64, "b" * 64), 1.0)
    assert [region["view"] for region in prediction_record(prediction, places)["regions"]] == ["front", None, "back"]
    assert "view" not in prediction_record(prediction)["regions"][0]


def test_the_views_are_part_of_the_cameras_uri() -> None:
    section = CameraSection(
        views=(
            ViewSection(name="front", source="usb:0", exposure_us=1500.0),
            ViewSection(name="back", source="usb:1?size=640x480", frame_rate_hz=10.0),
        )
    )
    camera = open_camera(section, None)
    assert camera.uri == "views:front=usb:0?exposure=1500|back=usb:1?size=640x480&rate=10|wait=500"


TWO_USB = """
view_wait_ms = 2000
[[camera.views]]
name = "a"
source = "usb:0"
[[camera.views]]
name = "b"
source = "usb:1"
[trigger]
source = "line"
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('source = "usb:0"\n[[camera.views]]\nname = "a"\nsource = "usb:1"', "source and views exclude each other"),
        ('[[camera.views]]\nname = "a"\nsource = "usb:1"', "views must be at least two"),
        ('[[camera.views]]\nname = "a"\nsource = "usb:0"\n[[camera.views]]\nname = "a"\nsource = "usb:1"', "a name of"),
        ('[[camera.views]]\nname = "a|b"\nsource = "usb:0"', "name"),
        (TWO_USB, "view_wait_ms must be below"),
    ],
)
def test_views_that_do_not_fit_are_named(tmp_path: Path, text: str, words: str) -> None:
    folder = settle(tmp_path, text)
    with pytest.raises(SettingsError, match=words):
        open_data(folder).__enter__()
