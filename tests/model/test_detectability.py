"""Probability of detection by a model: generated truth, a whole run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from model.classifier import OpenVinoClassifier
from model.evaluation.detectability import Bench, measure_detectability
from model.evaluation.detectability_report import detectability_html, detectability_record
from model.evaluation.probes import ProbeSpans, probe_part
from model.model_files import ModelFiles
from model.precision import Precision
from model.synthesis.part import Label, Look


def test_probes_have_the_sizes_asked_for_and_there_are_no_others() -> None:
    spans = ProbeSpans((3.0, 3.0), (40.0, 40.0), (60.0, 60.0))
    part = probe_part(5, (600, 800), 6, spans, Look.CLEAR)
    assert 1 <= len(part.scratches) <= 6
    for scratch in part.scratches:
        assert scratch.width_px == pytest.approx(3.0, abs=0.01)
        assert scratch.length_px == pytest.approx(40.0, abs=3.0)
        assert abs(scratch.contrast) == pytest.approx(60.0, rel=0.5)
    twin = probe_part(5, (600, 800), 6, spans, Look.CLEAR)
    assert (part.pixels == twin.pixels).all()
    shown = part.labels == Label.SCRATCH
    boxes = np.zeros_like(shown)
    for scratch in part.scratches:
        x, y, w, h = scratch.box
        boxes[y : y + h, x : x + w] = True
    assert not (shown & ~boxes).any()


@pytest.fixture(scope="module")
def classifier(tiny_files: ModelFiles) -> Iterator[OpenVinoClassifier]:
    judge = OpenVinoClassifier(tiny_files, threads=1, precision=Precision.F32)
    yield judge
    judge.close()


def bench(parts: int = 14) -> Bench:
    return Bench(parts, (480, 640), 6, ProbeSpans(contrast=(16.0, 160.0)), 7, Look.PHONE)


def test_a_line_detector_finds_the_stronger_scratches(classifier: OpenVinoClassifier) -> None:
    told: list[tuple[int, int]] = []
    found = measure_detectability(classifier, bench(), lambda *step: told.append(step), lambda: False)
    assert told == [(number, 14) for number in range(1, 15)]
    assert found.complete
    assert found.line is not None, found.why_no_line
    assert found.varied == ("width", "contrast", "length")
    contrast = found.line.coefficients[1 + found.varied.index("contrast")]
    assert contrast > 0
    assert sum(cell.found.n for cell in found.cells) == len(found.trials)
    assert sum(cell.found.k for cell in found.cells) == sum(trial.hit for trial in found.trials)
    assert sum(share.n for _, share in found.counted("width")) == len(found.trials)
    assert [name for name, _ in found.looks] == ["phone"]
    assert {size.vary for size in found.sizes} == {"width", "contrast", "length"}
    record = detectability_record(found)
    assert json.loads(json.dumps(record, allow_nan=False))["counts"]["scratches"] == len(found.trials)
    assert record["memory_mib"]["peak"] is None or record["memory_mib"]["peak"] > 50
    text = detectability_html(found, datetime(2026, 1, 31, tzinfo=UTC))
    assert text.count('<svg class="chart"') == 3
    assert "Stopped" not in text


def test_the_same_seed_gives_the_same_trials_and_a_stopped_run_says_so(classifier: OpenVinoClassifier) -> None:
    whole = measure_detectability(classifier, bench(3), lambda *_: None, lambda: False)
    done: list[int] = []
    partly = measure_detectability(classifier, bench(3), lambda n, _: done.append(n), lambda: len(done) == 2)
    assert not partly.complete
    assert partly.trials == tuple(trial for trial in whole.trials if trial.part < 2)
    assert "Stopped early: only 2 of 3 parts" in detectability_html(partly, datetime(2026, 1, 31, tzinfo=UTC))


def test_nothing_judged_is_not_measurable(classifier: OpenVinoClassifier) -> None:
    found = measure_detectability(classifier, bench(2), lambda *_: None, lambda: True)
    assert (found.parts, found.trials, found.false_per_part) == (0, (), None)
    assert found.why_no_line == "no scratch shows"
    json.dumps(detectability_record(found), allow_nan=False)
    assert "There is no curve" in detectability_html(found, datetime(2026, 1, 31, tzinfo=UTC))
