"""Whole training runs, small."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from inspector_app.domain.errors import SettingsError  # noqa: E402
from model.model_files import read_model_files  # noqa: E402
from model.training import held_out  # noqa: E402
from model.training.config import (  # noqa: E402
    HeldOutTried,
    ModelReleased,
    TrainingConfig,
    TrainingEvent,
    TrainingProgressed,
    TrainingStarted,
    ValidationProgressed,
)
from model.training.lesson import prepared  # noqa: E402
from model.training.release import train  # noqa: E402
from model.training.start import starting_network  # noqa: E402
from model.training.trainer import Trainer, TrainingCancelled  # noqa: E402

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def small(**changes: object) -> TrainingConfig:
    settings: dict[str, object] = {"steps": 2, "batch": 2, "crop_px": 64, "workers": 0, "threads": 1}
    return TrainingConfig(**(settings | {"half_precision": False, "validation_parts": 8, "looks": 1} | changes))  # type: ignore[arg-type]


def fit(config: TrainingConfig, folder: Path, on_event: Callable[[TrainingEvent], None]) -> None:
    lesson = prepared(config, lambda _done, _total: None)
    network = starting_network(lesson.classes, config.seed, None)
    Trainer(config, network, lesson.classes, folder, on_event, lambda: False).fit(lesson.batches, None)


@pytest.mark.slow
def test_thirty_steps_lower_the_loss(tmp_path: Path) -> None:
    events: list[TrainingEvent] = []
    fit(small(steps=60, batch=6, crop_px=96), tmp_path, events.append)
    losses = [event.loss for event in events if isinstance(event, TrainingProgressed)]
    assert losses[-1] < 0.8 * losses[0]


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        fit(small(), tmp_path / name, lambda _event: None)
    first, second = ((tmp_path / name / "weights.npz").read_bytes() for name in ("a", "b"))
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()


def test_cancelling_stops_between_steps(tmp_path: Path) -> None:
    answers = iter([False, False, True])
    events: list[TrainingEvent] = []
    with pytest.raises(TrainingCancelled):
        train(small(steps=50), tmp_path / "model", NOON, events.append, lambda: next(answers))
    assert not (tmp_path / "model" / "model.json").exists()
    assert isinstance(events[0], TrainingStarted)


def test_a_released_folder_is_a_checked_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "FULL_FRAME", (128, 160))
    monkeypatch.setattr(held_out, "THRESHOLDS", (0.3, 0.6))
    monkeypatch.setattr(held_out, "SHORTEST_PX", (16.0,))
    events: list[TrainingEvent] = []
    result = train(small(), tmp_path / "model", NOON, events.append, lambda: False)
    files = read_model_files(result.folder)
    assert files.manifest == result.manifest
    assert files.manifest.sha256 == hashlib.sha256(files.network).hexdigest()
    assert files.manifest.reject_classes == {"scratch"}
    assert files.manifest.created_utc == NOON
    assert files.manifest.training["seed"] == 1
    assert files.manifest.metrics["held_out"]["parts"] == 8
    assert sum(isinstance(event, ValidationProgressed) for event in events) == 16
    assert sum(isinstance(event, HeldOutTried) for event in events) == 1
    assert events[-1] == ModelReleased(result.folder)


def test_a_folder_with_a_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(SettingsError, match="already holds"):
        train(small(), tmp_path, NOON, lambda _event: None, lambda: False)
