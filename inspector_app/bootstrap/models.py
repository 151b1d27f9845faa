"""The vision engineer's work: predict and train."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import PictureProblem
from inspector_app.domain.prediction import Prediction
from inspector_app.domain.records import prediction_record
from model.classifier import OpenVinoClassifier, open_classifier
from model.precision import Precision

if TYPE_CHECKING:
    from model.training.config import TrainingEvent


@dataclass(frozen=True, slots=True)
class PicturePrediction:
    """What the model says about a file, or why the file gives no picture."""

    path: Path
    answer: Prediction | PictureRefused

    @property
    def good(self) -> bool:
        """True if there is a probability."""
        return isinstance(self.answer, Prediction) and self.answer.probability is not None

    def record(self) -> dict[str, Any]:
        """Return plain JSON values in the public shape."""
        if isinstance(self.answer, Prediction):
            return {"image": str(self.path), **prediction_record(self.answer)}
        return {
            "image": str(self.path),
            "status": "unusable",
            "probability": None,
            "regions": [],
            "model": None,
            "elapsed_ms": 0.0,
            "problem": self.answer.problem.value,
            "detail": self.answer.sentence,
        }


def open_model(folder: SettledFolder, model: Path | None) -> OpenVinoClassifier:
    """Return the model in a folder, or the station's own; `ModelError` if it cannot be loaded."""
    if model is None:
        return folder.classifier()
    section = folder.settings.model
    return open_classifier(model, section.threads or None, Precision(section.precision))


def predictions(folder: SettledFolder, model: Path | None, images: Sequence[Path]) -> Iterator[PicturePrediction]:
    """Yield the model's answer for each file, in order; a file that is no picture does not end the others."""
    classifier = open_model(folder, model)
    limits = picture_limits(folder.settings.camera)
    try:
        for path in images:
            if not path.is_file():
                missing = PictureRefused(PictureProblem.UNREADABLE, f"{path} does not exist or is no file.")
                yield PicturePrediction(path, missing)
                continue
            read = read_picture(path, limits)
            if isinstance(read, PictureRefused):
                yield PicturePrediction(path, read)
            else:
                yield PicturePrediction(path, classifier.predict(read.pixels))
    finally:
        classifier.close()


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What a training run is asked to do; see `model.training.config.TrainingConfig` for the meaning of each."""

    name: str
    version: str
    seed: int
    steps: int
    batch: int
    crop_px: int
    learning_rate: float
    folder: Path | None
    start_from: Path | None
    workers: int
    threads: int


@dataclass(frozen=True, slots=True)
class TrainingNews:
    """What a training run tells.

    Attributes
    ----------
    step : int or None
        Steps made so far, where the news is about them.
    loss : float or None
        Mean since the last news.
    record : dict
        Everything, as plain JSON values.
    """

    step: int | None
    loss: float | None
    record: dict[str, Any]


def train_model(
    request: TrainingRequest,
    out: Path,
    on_news: Callable[[TrainingNews], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Train a model and return its folder.

    Raises
    ------
    ModelError
        Without the ``[train]`` extra, or if the run was cancelled.
    SettingsError, DataSetError
        See `model.training.release.train`.
    """
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None:
        raise ModelError('Training needs PyTorch: pip install "inspection-station[train]".')
    from model.training.config import TrainingConfig
    from model.training.release import train
    from model.training.trainer import TrainingCancelled

    config = TrainingConfig(**{field.name: getattr(request, field.name) for field in fields(request)})
    try:
        return train(config, out, utc_now(), lambda event: on_news(_news(event)), cancelled).folder
    except TrainingCancelled:
        raise ModelError("The training was stopped; no model was written.") from None


def _news(event: TrainingEvent) -> TrainingNews:
    values: dict[str, Any] = asdict(event)
    record = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
    return TrainingNews(values.get("step"), values.get("loss"), {"event": type(event).__name__, **record})
