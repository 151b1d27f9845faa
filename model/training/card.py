"""The card of a model that was taught here: what it is, how it was made, what it does, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model.manifest import Feature, ModelManifest

_OPTIONS = ("seed", "steps", "batch", "crop_px", "learning_rate", "keep_start", "false_regions")
_OPTION_NAMES = {"crop_px": "crop"}


def card(manifest: ModelManifest, more: Sequence[str] = ()) -> str:
    """Return the card.

    Parameters
    ----------
    manifest : ModelManifest
        As `model.training.release.train` writes it.
    more : sequence of str
        Lines of further sections.
    """
    lines = [*_what_it_is(manifest), "", *_how_it_was_made(manifest), "", *_what_it_does(manifest), *more]
    return "\n".join(lines).rstrip("\n") + "\n"


def _what_it_is(manifest: ModelManifest) -> Iterator[str]:
    names = (f"**{each.name}** (rejects)" if each.reject else each.name for each in manifest.classes)
    regions, part = manifest.regions, manifest.probability
    training: Mapping[str, Any] = manifest.training
    mean, std = manifest.input.mean[0], manifest.input.std[0]
    yield f"# {manifest.name} {manifest.version}"
    yield ""
    yield f"A light segmentation network, made {manifest.created_utc:%Y-%m-%d}. Licence: {manifest.licence}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| file | `model.onnx`, sha256 `{manifest.sha256}` |"
    yield f"| network | {training['parameters']:,} parameters, one output for {manifest.output.stride} px |"
    yield (
        f"| input | {manifest.input.color} picture of any size, padded to a multiple of {manifest.input.stride},"
        f" `(grey / 255 - {mean:g}) / {std:g}` |"
    )
    yield f"| classes | {', '.join(names)} |"
    yield (
        f"| regions | probability {regions.low_threshold:g} connected to {regions.threshold:g},"
        f" at least {regions.min_length_px:.0f} px long |"
    )
    if manifest.judge is not None:
        yield (
            f"| judge | logistic regression on {len(manifest.judge.weight)} measures of each candidate; a region from"
            f" {manifest.judge.threshold:.3f} on |"
        )
    said = f"mean logit of the {part.k} strongest blocks"
    if part.feature is Feature.JUDGED_REGIONS:
        said = "logarithm of the regions' summed odds"
    yield f"| part | {said}, Platt's scaling a = {part.platt.a:.3f}, b = {part.platt.b:.3f} |"


def _how_it_was_made(manifest: ModelManifest) -> Iterator[str]:
    training: Mapping[str, Any] = manifest.training
    teaching = training.get("teaching")
    crops = f"{training['steps'] * training['batch']:,} crops of {training['crop_px']} px"
    yield "## How it was made"
    if isinstance(teaching, Mapping):
        yield f"From {crops} of {training['pictures']} pictures of the {training['data']}"
        yield f"(fingerprint `{training['data_sha256']}`); thresholds and probability were chosen on pictures of the"
        yield "same set that nothing was learned from, whole groups of them."
    else:
        yield f"From {crops} of parts that `model/synthesis` makes; no real picture was learned from."
        yield "Thresholds and probability were chosen on generated parts that no crop was cut from."
    yield ""
    yield "```"
    yield " ".join(["inspector-app train", *_arguments(training)])
    yield "```"
    yield "Crops depend on seed and number only; sums in the network depend on the number of threads, so elsewhere the"
    yield "weights repeat closely, not bit for bit."
    for name in ("start", "judge"):
        found = manifest.metrics.get(name)
        if isinstance(found, Mapping):
            yield ""
            yield str(found["sentence"])


def _arguments(training: Mapping[str, Any]) -> Iterator[str]:
    teaching = training.get("teaching")
    if isinstance(teaching, Mapping):
        yield str(teaching["folder"])
        yield from (f"--split {name}" for name in teaching["splits"])
        yield from (f"--reject {name}" for name in teaching["reject_classes"] or ())
        yield f"--validation {teaching['validation_share']:g}"
        if teaching["painted_share"] is not None:
            yield f"--painted {teaching['painted_share']:g}"
    yield "--out FOLDER"
    for name in _OPTIONS:
        if training[name] is None:
            continue
        yield f"--{_OPTION_NAMES.get(name, name.replace('_', '-'))} {training[name]:g}"
    yield f"--start-from {training['start_from'] or 'random'}"


def _what_it_does(manifest: ModelManifest) -> Iterator[str]:
    yield "## What it does"
    for name, where in (("held_out", "parts that nothing was chosen on"), ("choosing", "the parts of the choice")):
        figures = manifest.metrics.get(name)
        if isinstance(figures, Mapping):
            yield f"On {where} ({figures['parts']}, {figures['places']} marks): {'; '.join(_figures(figures))}."
    if "held_out" not in manifest.metrics:
        yield "They were used for choosing, so these figures flatter: measure it on pictures that it has not seen."
    if manifest.metrics.get("calibrated") is False:
        yield "The part's probability could not be fitted: those parts were all good or all rejects."


def _figures(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"marks found {figures['recall']:.0%} at {figures['false_regions_per_part']:.2f} false regions a part"
    named = (
        ("rejects below probability 0.5", "miss_rate", "{:.0%}"),
        ("good parts above it", "false_alarm_rate", "{:.0%}"),
        ("area under the curve", "auroc", "{:.3f}"),
    )
    yield from (f"{words} {shown.format(figures[key])}" for words, key, shown in named if figures[key] is not None)
