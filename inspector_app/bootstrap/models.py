"""The vision engineer's work: predict and train."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.settled import BUNDLED, SettledFolder, utc_now
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import PictureProblem
from inspector_app.domain.prediction import Prediction
from inspector_app.domain.records import prediction_record
from model.classifier import OpenVinoClassifier
from model.model_files import read_model_files
from model.precision import Precision
from model.registry.entry import ENTRY_NAME
from model.registry.store import load_installed

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


def open_model(folder: SettledFolder, model: Path | None) -> OpenVinoClassifier:
    """Return a model as the station would run it; `ModelError` if it cannot be loaded.

    Parameters
    ----------
    folder : SettledFolder
        For precision, threads and scale.
    model : Path or None
        A model's folder, of an installed one with every hash checked; ``bundled``; ``None``: the station's own.
    """
    if model is None or str(model) == BUNDLED:
        return folder.classifier(None if model is None else BUNDLED)
    section = folder.settings.model
    precision = Precision(section.precision)
    installed = (model / ENTRY_NAME).is_file()
    files = load_installed(model, precision) if installed else read_model_files(model)
    return OpenVinoClassifier(files, section.threads or None, precision, mm_per_px=folder.mm_per_px)


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


RANDOM_START = "random"


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What a training run is asked to do; see `model.training.config` for the meaning of each.

    Attributes
    ----------
    dataset : Path or None
        Data set to learn from; None: generated parts.
    start_from : str
        ``"bundled"``, ``"random"``, a model's folder or a file of weights.
    """

    name: str
    version: str
    seed: int
    steps: int
    minutes: float | None
    batch: int
    crop_px: int
    learning_rate: float
    keep_start: float | None
    false_regions: float
    validation_parts: int
    workers: int
    threads: int
    dataset: Path | None
    splits: tuple[str, ...]
    reject_classes: tuple[str, ...] | None
    validation_share: float
    painted_share: float | None
    start_from: str


@dataclass(frozen=True, slots=True)
class TrainingNews:
    """What a training run tells.

    Attributes
    ----------
    line : str or None
        For people; None where a bar that moves says enough.
    step, steps : int or None
        Steps made so far and in all, where the news is about them.
    record : dict
        Everything, as plain JSON values.
    """

    line: str | None
    step: int | None
    steps: int | None
    record: dict[str, Any]


def training_lacks() -> str | None:
    """Return one sentence about what training needs and is not installed, ``None`` if all is here."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("onnx") is None:
        return 'Training needs PyTorch: pip install "inspection-station[train]".'
    return None


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
    lacking = training_lacks()
    if lacking is not None:
        raise ModelError(lacking)
    from model.training.release import train
    from model.training.trainer import WEIGHTS_NAME, TrainingCancelled

    config = _training_config(request)
    try:
        return train(config, out, utc_now(), lambda event: on_news(_news(event)), cancelled).folder
    except TrainingCancelled:
        kept = out / WEIGHTS_NAME
        if not kept.exists():
            raise ModelError("The training was stopped before its first step; nothing was written.") from None
        raise ModelError(
            f"The training was stopped; no model was written, the weights so far are in {kept} "
            "(go on from them with --start-from)."
        ) from None


def _training_config(request: TrainingRequest) -> TrainingConfig:
    from model.training.config import Teaching, TrainingConfig

    shared = {
        field.name: getattr(request, field.name)
        for field in fields(TrainingRequest)
        if field.name in TrainingConfig.__dataclass_fields__ and field.name != "start_from"
    }
    teaching = None
    if request.dataset is not None:
        teaching = Teaching(
            request.dataset, request.splits, request.reject_classes, request.validation_share, request.painted_share
        )
    return TrainingConfig(
        **shared, teaching=teaching, start_from=None if request.start_from == RANDOM_START else request.start_from
    )


def _news(event: TrainingEvent) -> TrainingNews:
    values: dict[str, Any] = asdict(event)
    record = {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}
    record = {"event": type(event).__name__, **record}
    return TrainingNews(_line(event), values.get("step"), values.get("steps"), record)


def _line(event: TrainingEvent) -> str | None:
    """Return an event in words."""
    from model.training import config as news

    match event:
        case news.TrainingStarted():
            learned = f"{event.learning} pictures, {event.held_out} held out" if event.learning else "made on the way"
            return f"Learning {', '.join(event.classes[1:])} from {event.training_data} ({learned})."
        case news.TrainingProgressed():
            pace = f"{event.crops_per_s:.0f} crops/s, {event.left_s / 60.0:.0f} min left"
            return f"step {event.step} of {event.steps}: loss {event.loss:.3f}, Dice {event.dice:.2f}, {pace}"
        case news.HeldOutTried():
            known = (("average precision", event.average_precision), ("recall", event.recall))
            figures = ", ".join(f"{name} {figure:.3f}" for name, figure in known if figure is not None)
            return f"step {event.step}, on what is held out: {figures}{' (best so far)' if event.best else ''}"
        case news.StartWeighed() | news.JudgeWeighed():
            return event.sentence
        case news.PictureRead() | news.WeighingProgressed() | news.JudgingProgressed() | news.ValidationProgressed():
            return None
        case news.ModelReleased():
            return f"Model written to {event.folder}."
