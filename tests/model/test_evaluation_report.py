"""The error analysis: one file, well formed, nothing loaded from elsewhere, truth to the figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from inspector_app.domain.frame import Judgement, Pixels
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from model.dataset import Annotation, DataSet, DataSetImage
from model.evaluation import EvaluationResult, evaluate
from model.evaluation.html import html_report
from model.evaluation.sheet import FALSE_COLOUR, TILE, cut_out, sheet, worst_tiles
from model.evaluation.svg import Axis, Chart, share_axis

WRITTEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
VOID = {"meta", "img", "br", "line", "rect", "circle", "polyline"}


class Listener:
    """A model that marks the brightest pixel's surroundings."""

    model = ModelIdentity("brightest & best", "1", "0" * 64, "1" * 64)

    def predict(self, pixels: Pixels) -> Prediction:
        row, column = np.unravel_index(int(pixels.argmax()), pixels.shape)
        x, y = max(int(column) - 5, 0), max(int(row) - 5, 0)
        corners = ((x, y), (x + 9, y), (x + 9, y + 9), (x, y + 9))
        region = Region("scratch", float(pixels.max()) / 255, Box(x, y, 10, 10), corners, 10.0, 3.0, True)
        return Prediction(PredictionStatus.OK, float(pixels.max()) / 255, (region,), self.model, 1.0)


def image(number: int, annotations: Sequence[Annotation]) -> DataSetImage:
    rejects = any(each.rejects for each in annotations)
    judgement = Judgement.REJECT if rejects else Judgement.ACCEPT
    name = f"part <{number}>"
    return DataSetImage(Path(str(number)), name, 200, 100, f"g{number % 5}", "val", tuple(annotations), None, judgement)


def read(path: Path) -> Pixels:
    number = int(path.name)
    pixels = np.full((100, 200), 40, np.uint8)
    pixels[50, 20 + 10 * number] = 60 + 10 * number
    return pixels


@pytest.fixture(scope="module")
def result() -> EvaluationResult:
    """Return ten parts: odd ones bear a scratch, under the bright pixel or (5, 9) elsewhere."""
    images = []
    for number in range(10):
        at = 20 + 10 * number if number not in {5, 9} else 150
        scratch = Annotation("scratch", Box(at - 6, 40, 14, 20 if at != 150 else 4), None, rejects=True)
        images.append(image(number, [scratch] if number % 2 else []))
    parts = DataSet(Path("parts"), tuple(images), ("scratch",), frozenset({"scratch"}), ())
    return evaluate(Listener(), parts, read, lambda _done, _total: None, lambda: False)


class Checker(HTMLParser):
    """Raises if elements do not close in order; collects what is referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in {"src", "href"} and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_report_is_one_well_formed_file(result: EvaluationResult) -> None:
    worst = worst_tiles(result, read, lambda: False)
    text = html_report(result, worst, WRITTEN)
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert all(link.startswith("data:image/jpeg;base64,") for link in checker.links)
    assert len(checker.links) == len(worst.misses) + len(worst.false)
    assert "<script" not in text
    assert "brightest &amp; best" in text
    assert "part &lt;5&gt;" in text
    assert "2026-01-31 12:00 UTC" in text
    assert text.count('<svg class="chart"') == 4


def test_the_tiles_are_the_misses_and_false_regions(result: EvaluationResult) -> None:
    worst = worst_tiles(result, read, lambda: False)
    assert {tile.title for tile in worst.misses} == {"part <5>", "part <9>"}
    assert worst.all_misses == 2
    # highest score first; the good parts' regions, and those beside the scratches of 5 and 9
    assert [tile.title for tile in worst.false] == [f"part <{number}>" for number in (9, 8, 6, 5, 4, 2, 0)]
    page = sheet(worst)
    assert page.shape[2] == 3
    assert (page != 255).any()
    assert worst_tiles(result, read, lambda: True).misses == ()


def test_a_stopped_evaluation_is_marked() -> None:
    parts = DataSet(Path("parts"), (image(1, []), image(2, [])), (), frozenset(), ())
    done: list[int] = []
    result = evaluate(Listener(), parts, read, lambda number, _: done.append(number), lambda: len(done) == 1)
    text = html_report(result, worst_tiles(result, read, lambda: False), WRITTEN)
    assert "Stopped early: only 1 of 2 pictures were judged." in text
    assert "not measurable" in text


@pytest.mark.parametrize("box", [Box(0, 0, 6, 6), Box(1200, 700, 80, 20), Box(0, 300, 1280, 10), Box(600, 0, 3, 720)])
@pytest.mark.parametrize("colour", [False, True])
def test_a_tile_shows_the_whole_place_and_covers_none_of_it(box: Box, colour: bool) -> None:
    pixels = np.full((720, 1280, 3) if colour else (720, 1280), 100, np.uint8)
    pixels[box.y : box.y + box.h, box.x : box.x + box.w] = 200
    tile = cut_out(pixels, box, FALSE_COLOUR)
    assert tile.shape == (TILE[1], TILE[0], 3)
    shown = np.abs(tile.astype(int) - 200).max(axis=2) < 60
    zoom = min(TILE[0] / (box.w * 1.5 + 24), TILE[1] / (box.h * 1.5 + 24), 3.0)
    zoom = max(zoom, TILE[0] / 1280 if TILE[0] * 720 > 1280 * TILE[1] else TILE[1] / 720)
    if min(box.w, box.h) * zoom > 2:
        assert shown.sum() > 0.6 * box.w * box.h * zoom**2


def test_a_chart_holds_points_within_its_frame() -> None:
    chart = Chart(Axis("x", 0.01, 10.0, (0.01, 1.0), log=True), share_axis("y <1>"), "says")
    chart.line([(0.0, 0.0), (0.1, 0.5), (99.0, 2.0)])
    chart.dot(1.0, 0.5, 0.4, 0.6)
    text = chart.render()
    places = re.search(r'points="([^"]*)"', text)
    assert places is not None
    assert places.group(1) == "52.0,256.0 170.0,134.0 406.0,12.0"
    assert "y &lt;1&gt;" in text
