"""The vision engineer's work: predict, train, evaluate."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector_app.bootstrap.data import DataFolder, utc_now
from inspector_app.cameras.reading import PictureLimits, PictureRefused, read_picture
from inspector_app.domain.errors import DataSetError, ModelError
from inspector_app.domain.frame import PictureProblem
from inspector_app.domain.prediction import Prediction
from inspector_app.domain.records import prediction_record
from model.classifier import OpenVinoClassifier, Precision, open_classifier

if TYPE_CHECKING:
    from model.training.config import TrainingConfig, TrainingEvent


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


def open_model(folder: DataFolder, model: Path | None) -> OpenVinoClassifier:
    """Return the model in a folder, or the station's own; `ModelError` if it cannot be loaded."""
    if model is None:
        return folder.classifier()
    section = folder.settings.model
    return open_classifier(model, section.threads or None, Precision(section.precision))


def predictions(folder: DataFolder, model: Path | None, images: Sequence[Path]) -> Iterator[PicturePrediction]:
    """Yield the model's answer for each file, in order; a file that is no picture does not end the others."""
    classifier = open_model(folder, model)
    camera = folder.settings.camera
    limits = PictureLimits(min_side_px=camera.min_side_px, max_pixels=int(camera.max_megapixels * 1_000_000))
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


def train_model(
    config: TrainingConfig,
    out: Path,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> Path:
    """Train a model and return its folder.

    Raises
    ------
    ModelError
        Without the ``[train]`` extra.
    SettingsError, DataSetError
        See `model.training.release.train`.
    """
    require_training()
    from model.training.release import train

    return train(config, out, utc_now(), on_progress, cancelled).folder


def require_training() -> None:
    """Refuse in one sentence where PyTorch is not installed."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None:
        raise ModelError('Training needs PyTorch: pip install "inspection-station[train]".')


def data_set_folder(path: Path) -> Path:
    """Return a data set's folder, or refuse in one sentence."""
    if not path.is_dir():
        raise DataSetError(f"{path} is not a folder; a data set is a folder with annotations.json and images/.")
    return path
