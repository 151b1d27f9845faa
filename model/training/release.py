"""From a configuration to a model folder: fit, export, check, choose thresholds, write."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import torch
from pydantic import JsonValue

from inspector_app.domain.errors import DataSetError, SettingsError
from model.manifest import (
    MANIFEST_NAME,
    NETWORK_NAME,
    Activation,
    ClassSpec,
    Color,
    Feature,
    InputSpec,
    ModelManifest,
    OutputSpec,
    Platt,
    ProbabilitySpec,
    RegionSpec,
    write_manifest,
)
from model.network import NETWORK_STRIDE_PX, OUTPUT_STRIDE_PX, SegmentationNetwork, parameter_count
from model.synthesis.part import Label
from model.training.config import (
    CLASS_NAMES,
    GREY_MEAN,
    GREY_STD,
    ModelReleased,
    TrainingConfig,
    TrainingEvent,
    ValidationProgressed,
)
from model.training.export import check_parity, onnx_bytes, open_onnx
from model.training.folder_crops import labelled_pictures
from model.training.held_out import (
    CHOOSING,
    REPORTING,
    KnownPart,
    SeenPart,
    choose_regions,
    count_regions,
    folder_parts,
    generated_parts,
    look_at,
    part_features,
    part_figures,
)
from model.training.probability import fit_platt
from model.training.trainer import TrainingCancelled, fit

TOP_BLOCKS = 64
"""Output blocks that speak for the whole part: about a scratch of 60 px length and 4 px width."""


FOLDER_SPLITS = {CHOOSING: frozenset({"val"}), REPORTING: frozenset({"test"})}
"""Splits of a data set to choose thresholds on and to report figures from; training has its own."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run left behind.

    Attributes
    ----------
    folder : Path
        Holds `model.onnx`, `model.json` and `weights.npz`.
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
        If asked to stop; no model is written.
    SettingsError
        If `folder` holds a model.
    DataSetError
        If the data set to learn from lacks pixel truth or a split to choose thresholds on.
    """
    if (folder / MANIFEST_NAME).exists():
        raise SettingsError(f"{folder} already holds a model; choose an empty folder.")
    if config.folder is not None:
        _check_held_out(config.folder)
    folder.mkdir(parents=True, exist_ok=True)
    network = fit(config, folder, on_progress, cancelled, clock_s)
    return release(config, network, folder, created_utc, on_progress, cancelled)


def release(
    config: TrainingConfig,
    network: SegmentationNetwork,
    folder: Path,
    created_utc: datetime,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> TrainingResult:
    """Export a trained network and write it with the thresholds chosen on held-out parts."""
    torch.set_num_threads(config.threads)
    network = network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    packed = onnx_bytes(network)
    difference = check_parity(network, packed, config.threads)
    draft = _draft(config, network, packed, created_utc)
    choosing = _look(config, CHOOSING, draft, packed, on_progress, cancelled)
    spec, chosen = choose_regions(choosing, draft, lambda: _stop_if(cancelled))
    manifest = replace(draft, regions=spec)
    platt = fit_platt(*part_features(choosing, manifest))
    manifest = replace(manifest, probability=replace(manifest.probability, platt=platt))
    del choosing
    reporting = _look(config, REPORTING, manifest, packed, on_progress, cancelled)
    metrics = _figures(reporting, manifest) | {"onnx_difference": difference}
    metrics["choosing"] = {"recall": chosen.recall, "false_regions_per_part": chosen.false_per_part}
    manifest = replace(manifest, metrics=metrics)
    (folder / NETWORK_NAME).write_bytes(packed)
    write_manifest(manifest, folder / MANIFEST_NAME)
    on_progress(ModelReleased(folder))
    return TrainingResult(folder, manifest)


def _figures(seen: Sequence[SeenPart], manifest: ModelManifest) -> dict[str, JsonValue]:
    counted = count_regions(seen, manifest)
    return {
        "held_out": {
            "parts": counted.parts,
            "scratches": counted.scratches,
            "recall": counted.recall,
            "false_regions_per_part": counted.false_per_part,
            **part_figures(seen, manifest),
        }
    }


def _draft(config: TrainingConfig, network: SegmentationNetwork, packed: bytes, created_utc: datetime) -> ModelManifest:
    described: dict[str, JsonValue] = {
        key: str(value) if isinstance(value, Path) else value for key, value in asdict(config).items()
    }
    described["parameters"] = parameter_count(network)
    described["data"] = (
        "parts made by model.synthesis only" if config.folder is None else f"data set {config.folder.name}"
    )
    return ModelManifest(
        name=config.name,
        version=config.version,
        sha256=hashlib.sha256(packed).hexdigest(),
        created_utc=created_utc,
        licence="Apache-2.0",
        task="segmentation",
        input=InputSpec(Color.GREY, 1.0 / 255.0, (GREY_MEAN,), (GREY_STD,), NETWORK_STRIDE_PX),
        output=OutputSpec(Activation.SOFTMAX, OUTPUT_STRIDE_PX),
        classes=tuple(ClassSpec(name, name == Label.SCRATCH.name.lower()) for name in CLASS_NAMES),
        regions=RegionSpec(threshold=0.5, low_threshold=0.3),
        probability=ProbabilitySpec(Feature.TOPK_MEAN_LOGIT, TOP_BLOCKS, Platt(1.0, 0.0)),
        training=described,
    )


def _look(
    config: TrainingConfig,
    stream: int,
    manifest: ModelManifest,
    packed: bytes,
    on_progress: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
) -> list[SeenPart]:
    run = open_onnx(packed, config.threads)
    parts, count = _held_out(config, stream)
    seen = []
    for number, part in enumerate(parts, start=1):
        _stop_if(cancelled)
        seen.append(look_at(part, manifest, run))
        on_progress(ValidationProgressed(number, count))
    return seen


def _held_out(config: TrainingConfig, stream: int) -> tuple[Iterator[KnownPart], int]:
    """Return the parts of a stream and how many there are."""
    if config.folder is None:
        return generated_parts(config.seed, stream, config.validation_parts), config.validation_parts
    pictures = labelled_pictures(config.folder, FOLDER_SPLITS[stream])
    return folder_parts(pictures), len(pictures)


def _check_held_out(folder: Path) -> None:
    """Refuse a data set on which no threshold can be chosen, before hours are spent.

    Raises
    ------
    DataSetError
        If a split for choosing or reporting lacks good or defective pictures.
    """
    for splits in FOLDER_SPLITS.values():
        pictures = labelled_pictures(folder, splits)
        if len({picture.judgement for picture in pictures}) < 2:
            wanted = " or ".join(f"'{name}'" for name in sorted(splits))
            raise DataSetError(f"{folder}: the split {wanted} must hold good and defective pictures with pixel truth.")


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise TrainingCancelled
