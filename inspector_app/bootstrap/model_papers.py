"""What is known of the models of a data folder, as a window shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from inspector_app.bootstrap.registry import ListedModel, listed_models
from inspector_app.bootstrap.settled import SettledFolder, utc_now
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import ModelError
from inspector_app.domain.model_papers import (
    GatePassed,
    ModelClass,
    ModelMetric,
    ModelStanding,
    PrecisionFigure,
    RuntimePair,
    ShownModel,
)
from inspector_app.domain.model_work import BroughtModel
from model.installing.candidate import complete_manifest, folder_card
from model.manifest import BACKGROUND, MANIFEST_NAME, ModelManifest, read_manifest
from model.registry import RegistryEntry

_MEASURED_ON = ("held_out", "choosing")


def station_models(folder: SettledFolder, control: ControlState) -> tuple[ShownModel, ...]:
    """Return the bundled and installed models with what they are to the station under a control state."""
    return tuple(_shown(found, control) for found in listed_models(folder))


def taught_models(folder: Path, installed: tuple[ShownModel, ...]) -> Iterator[ShownModel]:
    """Yield the models in a folder's subfolders that are not among the installed ones, by name."""
    known = {model.title for model in installed}
    for path in sorted(folder.glob(f"*/{MANIFEST_NAME}")):
        try:
            manifest = read_manifest(path)
        except ModelError as fault:
            yield ShownModel(path.parent.name, "", "", str(path.parent), ModelStanding.UNUSABLE, problem=str(fault))
            continue
        if _title(manifest) not in known:
            card = folder_card(path.parent).decode(errors="replace")
            yield _with_manifest(manifest, str(path.parent), ModelStanding.TAUGHT, card=card)


def brought_model(manifest_path: Path) -> BroughtModel:
    """Return what the manifest of a model from elsewhere says; `ModelError` naming file and key if it is wrong."""
    manifest = complete_manifest(manifest_path, None, utc_now())
    return BroughtModel(_title(manifest), manifest.licence, manifest.task, _classes(manifest))


def _shown(found: ListedModel, control: ControlState) -> ShownModel:
    model, entry = found.model, found.model.entry
    if model.manifest is None or model.problem is not None:
        name, version = ("", "") if model.manifest is None else (model.manifest.name, model.manifest.version)
        return ShownModel(
            found.title, name, version, model.place, ModelStanding.UNUSABLE, problem=model.problem, card=found.card
        )
    standing, slot = _standing(found, control)
    return _with_manifest(model.manifest, model.place, standing, slot, entry, found.card)


def _standing(found: ListedModel, control: ControlState) -> tuple[ModelStanding, str | None]:
    """Return what a model is to the station, and its slot; the slots of a rollout count before the settings."""
    otherwise = ModelStanding.BUNDLED if found.model.bundled else ModelStanding.INSTALLED
    slots = control.slots
    if slots is None:
        return (ModelStanding.IN_CHARGE if found.in_use else otherwise), None
    for slot in (slots.in_charge, slots.in_charge.other):
        held = slots.model(slot)
        if held is not None and f"{held.name} {held.version}" == found.title:
            return (ModelStanding.IN_CHARGE if slot is slots.in_charge else ModelStanding.BESIDE), slot.value
    return otherwise, None


def _with_manifest(
    manifest: ModelManifest,
    place: str,
    standing: ModelStanding,
    slot: str | None = None,
    entry: RegistryEntry | None = None,
    card: str = "",
) -> ShownModel:
    return ShownModel(
        title=_title(manifest),
        name=manifest.name,
        version=manifest.version,
        place=place,
        standing=standing,
        slot=slot,
        sha256=manifest.sha256,
        licence=manifest.licence,
        task=manifest.task,
        made_at=manifest.created_utc,
        classes=_classes(manifest),
        gate=None if entry is None else _gate(entry),
        precisions=() if entry is None else _precisions(entry),
        precision_basis="" if entry is None else _basis(entry),
        learned_from=_text(manifest.training, "data"),
        data_sha256=_text(manifest.training, "data_sha256"),
        metrics=tuple(_metrics(manifest.metrics)),
        card=card,
    )


def _classes(manifest: ModelManifest) -> tuple[ModelClass, ...]:
    return tuple(ModelClass(each.name, each.reject) for each in manifest.classes if each.name != BACKGROUND)


def _gate(entry: RegistryEntry) -> GatePassed:
    parity = entry.parity
    pairs = tuple(RuntimePair(pair.first, pair.second, pair.score, pair.mask) for pair in parity.pairs)
    return GatePassed(entry.installed_utc, parity.score_tolerance, parity.mask_tolerance, pairs, parity.left_out)


def _precisions(entry: RegistryEntry) -> tuple[PrecisionFigure, ...]:
    record = entry.precision
    if record is None:
        return ()
    return tuple(
        PrecisionFigure(each.precision.value, each.median_ms, each.precision is record.chosen, each.because)
        for each in record.measured
    )


def _basis(entry: RegistryEntry) -> str:
    record = entry.precision
    if record is None:
        return ""
    return (
        f"{record.pictures} pictures ({record.basis}), timed at {record.width}×{record.height} px with"
        f" {record.threads} threads on {record.processor}"
    )


def _metrics(metrics: Mapping[str, Any]) -> Iterator[ModelMetric]:
    for measured_on in _MEASURED_ON:
        figures = metrics.get(measured_on)
        for name, value in figures.items() if isinstance(figures, dict) else ():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield ModelMetric(measured_on, name, float(value))


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _title(manifest: ModelManifest) -> str:
    return f"{manifest.name} {manifest.version}"
