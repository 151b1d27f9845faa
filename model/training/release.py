"""From a configuration to a model folder: fit, export, check, choose thresholds, write."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import torch
from pydantic import JsonValue
from torch import Tensor

from inspector_app.domain.errors import SettingsError
from model.manifest import (
    CARD_NAME,
    MANIFEST_NAME,
    NETWORK_NAME,
    Activation,
    Color,
    Feature,
    InputSpec,
    JudgeSpec,
    ModelManifest,
    OutputSpec,
    Platt,
    ProbabilitySpec,
    RegionSpec,
    write_manifest,
)
from model.network import NETWORK_STRIDE_PX, OUTPUT_STRIDE_PX, SegmentationNetwork, parameter_count
from model.preprocessing import Network
from model.training.card import card
from model.training.choices import chosen
from model.training.config import (
    GREY_MEAN,
    GREY_STD,
    HeldOutTried,
    JudgingProgressed,
    ModelReleased,
    PictureRead,
    TrainingConfig,
    TrainingEvent,
    TrainingStarted,
    ValidationProgressed,
    WeighingProgressed,
)
from model.training.export import check_parity, eager, onnx_bytes, open_onnx
from model.training.held_out import (
    REPORTING,
    KnownPart,
    RegionCount,
    SeenPart,
    count_regions,
    generated_parts,
    look_at,
    part_figures,
    ranking,
    recall_at,
)
from model.training.judge import fit_judge, gathered_examples
from model.training.keeping import Kept, shares_to_weigh, weighed
from model.training.lesson import Lesson, prepared
from model.training.loss import TOP_BLOCKS
from model.training.start import known_weights, save_weights, starting_network
from model.training.trainer import WEIGHTS_NAME, Trainer, TrainingCancelled

TRIED_FALSE_REGIONS = 0.5
"""Wrong regions per picture at which the recall of the validation curve is told, whatever the thresholds may allow."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run left behind.

    Attributes
    ----------
    folder : Path
        Holds `model.onnx`, `model.json`, `README.md` (the card) and `weights.npz`.
    manifest : ModelManifest
        As written, metrics on held-out parts included.
    """

    folder: Path
    manifest: ModelManifest


def train(
    config: TrainingConfig,
    folder: Path,
    created_utc: datetime,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
    clock_s: Callable[[], float] = time.monotonic,
) -> TrainingResult:
    """Train, export, check and write a model.

    Parameters
    ----------
    folder : Path
        Made if absent; must not hold a model yet.
    created_utc : datetime
        Goes into the manifest.
    on_progress : callable
        Told every event, on the calling thread.
    cancelled : callable
        Asked between steps and between held-out parts.

    Raises
    ------
    TrainingCancelled
        If asked to stop; no model is written, the weights so far are in `weights.npz`.
    SettingsError
        If `folder` holds a model.
    DataSetError
        If the data set cannot be learned from.
    """
    if (folder / MANIFEST_NAME).exists():
        raise SettingsError(f"{folder} already holds a model; choose an empty folder.")
    known = None if config.start_from is None else known_weights(config.start_from)

    def on_read(done: int, total: int) -> None:
        _stop_if(cancelled)
        on_progress(PictureRead(done, total))

    lesson = prepared(config, on_read)
    network = starting_network(lesson.classes, config.seed, known)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    on_progress(_started(config, network, lesson))
    trainer = Trainer(config, network, lesson.classes, folder, on_progress, cancelled, clock_s)
    draft = _draft(config, lesson, parameter_count(network), created_utc)

    def tried(state: SegmentationNetwork, step: int) -> HeldOutTried:
        return _tried(_looked_at(lesson.tried(), draft, eager(state), cancelled), draft, step)

    network = trainer.fit(lesson.batches, tried)
    draft = _draft(trainer.config, lesson, parameter_count(network), created_utc)
    if known is not None:
        kept = _weighed(trainer.config, lesson, network, start, draft, on_progress, cancelled)
        network, draft = kept.network, replace(draft, metrics={"start": _plain(kept.weighed)})
        # the model's installation compares these with what is exported
        save_weights(network, lesson.classes, folder / WEIGHTS_NAME)
    return _released(trainer, lesson, network, draft, folder, on_progress, cancelled)


def _started(config: TrainingConfig, network: SegmentationNetwork, lesson: Lesson) -> TrainingStarted:
    names = tuple(spec.name for spec in lesson.classes)
    held_out = lesson.choosing_count
    return TrainingStarted(config.steps, parameter_count(network), lesson.data, names, lesson.learning, held_out)


def _tried(seen: Sequence[SeenPart], draft: ModelManifest, step: int) -> HeldOutTried:
    precision, recall = ranking(seen, draft), recall_at(seen, draft, TRIED_FALSE_REGIONS)
    known = [figure for figure in (precision, recall) if figure is not None]
    return HeldOutTried(step, precision, recall, sum(known) / max(len(known), 1), best=False)


def _weighed(
    config: TrainingConfig,
    lesson: Lesson,
    network: SegmentationNetwork,
    start: Mapping[str, Tensor],
    draft: ModelManifest,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> Kept:
    """Judge the start, what was learned and mixtures of both on all that is held out."""
    shares = shares_to_weigh(config.keep_start)
    looks = count(1)

    def on_look(_number: int) -> None:
        on_progress(WeighingProgressed(next(looks), len(shares) * lesson.choosing_count))

    def judged(state: SegmentationNetwork) -> HeldOutTried:
        run = open_onnx(onnx_bytes(state), config.threads)  # several times as quick as the network itself
        return _tried(_looked_at(lesson.choosing(), draft, run, cancelled, on_look), draft, config.steps)

    plain = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    kept = weighed(plain, start, shares, judged)
    on_progress(kept.weighed)
    return kept


def _released(
    trainer: Trainer,
    lesson: Lesson,
    network: SegmentationNetwork,
    draft: ModelManifest,
    folder: Path,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> TrainingResult:
    """Export a trained network and write it with the thresholds chosen on held-out parts."""
    config = trainer.config
    network = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    packed = onnx_bytes(network)
    difference = check_parity(network, packed, config.threads)
    run = open_onnx(packed, config.threads)
    draft = replace(draft, sha256=hashlib.sha256(packed).hexdigest())
    judge = _judge(lesson, draft, run, on_progress, cancelled)
    on_look = _validation(lesson.choosing_count, on_progress)
    choosing = _looked_at(lesson.choosing(), replace(draft, judge=judge), run, cancelled, on_look)
    choice = chosen(choosing, replace(draft, judge=judge), config.false_regions, lambda: _stop_if(cancelled))
    manifest = choice.manifest
    metrics: dict[str, JsonValue] = {
        **draft.metrics,
        "choosing": _figures(choosing, manifest, choice.count),
        "calibrated": choice.calibrated,
        "onnx_difference": difference,
        "curve": [_plain(entry) for entry in trainer.curve],
    }
    if choice.judge is not None:
        on_progress(choice.judge)
        metrics["judge"] = _plain(choice.judge)
    del choosing
    if config.teaching is None:
        parts = generated_parts(config.seed, REPORTING, config.validation_parts)
        on_look = _validation(config.validation_parts, on_progress)
        reporting = _looked_at(parts, manifest, run, cancelled, on_look)
        metrics["held_out"] = _figures(reporting, manifest, count_regions(reporting, manifest))
    manifest = replace(manifest, metrics=metrics)
    (folder / NETWORK_NAME).write_bytes(packed)
    (folder / CARD_NAME).write_text(card(manifest), encoding="utf-8")
    write_manifest(manifest, folder / MANIFEST_NAME)
    on_progress(ModelReleased(folder))
    return TrainingResult(folder, manifest)


def _figures(seen: Sequence[SeenPart], manifest: ModelManifest, counted: RegionCount) -> dict[str, JsonValue]:
    return {
        "parts": len(seen),
        "places": counted.places,
        "recall": counted.recall,
        "false_regions_per_part": counted.false_per_part,
        **part_figures(seen, manifest),
    }


def _draft(config: TrainingConfig, lesson: Lesson, parameters: int, created_utc: datetime) -> ModelManifest:
    described = _plain(config)
    described["parameters"] = parameters
    described["data"] = lesson.data
    described["data_sha256"] = lesson.fingerprint
    described["pictures"] = lesson.learning
    return ModelManifest(
        name=config.name,
        version=config.version,
        sha256="0" * 64,
        created_utc=created_utc,
        licence="Apache-2.0" if config.teaching is None else "as its pictures",
        task="segmentation",
        input=InputSpec(Color.GREY, 1.0 / 255.0, (GREY_MEAN,), (GREY_STD,), NETWORK_STRIDE_PX),
        output=OutputSpec(Activation.SOFTMAX, OUTPUT_STRIDE_PX),
        classes=lesson.classes,
        regions=RegionSpec(threshold=0.3, low_threshold=0.15),
        probability=ProbabilitySpec(Feature.TOPK_MEAN_LOGIT, TOP_BLOCKS, Platt(1.0, 0.0)),
        training=described,
    )


def _plain(value: Any) -> dict[str, JsonValue]:
    """Return a record's fields as plain JSON values; of a path its name alone."""
    return {key: _plain_value(entry) for key, entry in asdict(value).items()}


def _plain_value(value: Any) -> JsonValue:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, dict):
        return {key: _plain_value(entry) for key, entry in value.items()}
    return [_plain_value(entry) for entry in value] if isinstance(value, tuple) else value


def _judge(
    lesson: Lesson,
    draft: ModelManifest,
    run: Network,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> JudgeSpec | None:
    """Fit a judge of regions on the pictures learned from; None where their marks are too few or not located."""

    def on_look(number: int) -> None:
        _stop_if(cancelled)
        on_progress(JudgingProgressed(number, lesson.example_count))

    examples = gathered_examples(lesson.examples(), draft, run, on_look)
    return fit_judge(examples) if examples.enough else None


def _validation(parts: int, on_progress: Callable[[TrainingEvent], None]) -> Callable[[int], None]:
    return lambda number: on_progress(ValidationProgressed(number, parts))


def _looked_at(
    parts: Iterator[KnownPart],
    manifest: ModelManifest,
    run: Network,
    cancelled: Callable[[], bool],
    on_look: Callable[[int], None] | None = None,
) -> list[SeenPart]:
    """Look at all parts; `on_look` is told how many have been looked at."""
    seen = []
    for number, part in enumerate(parts, start=1):
        _stop_if(cancelled)
        seen.append(look_at(part, manifest, run))
        if on_look is not None:
            on_look(number)
    return seen


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise TrainingCancelled
