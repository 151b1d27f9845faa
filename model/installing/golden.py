"""The pictures that every runtime must judge alike, and the answers to them that stay with an installed model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import ModelError
from inspector_app.domain.frame import Pixels, frozen_pixels
from model.preprocessing import Maps
from model.synthesis.generator import render_part

GOLDEN_NAME = "golden.npz"

_NOISE_SEED = 20
_PART_SEED = 2_000_000
_SIZES = ((192, 256), (223, 301), (320, 192), (64, 97))
"""Height and width of the generated parts; odd ones, so that padding is looked at too."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a runtime makes of a picture: the part's probability and the maps it comes from."""

    probability: float
    maps: Maps


def golden_pictures(own: Mapping[str, Pixels] | None = None) -> dict[str, Pixels]:
    """Return the pictures of the gate by name: made ones that never change, and the plant's own if given."""
    rng = np.random.default_rng(_NOISE_SEED)
    pictures: dict[str, Pixels] = {
        "flat grey": frozen_pixels(np.full((128, 160), 96, np.uint8)),
        "noise": frozen_pixels(rng.integers(0, 256, (131, 190, 3), dtype=np.uint8)),
    }
    for number, size in enumerate(_SIZES, start=1):
        part = render_part(_PART_SEED + number, size, defective=number % 2 == 1)
        pictures[f"generated part {number}"] = part.pixels
    return pictures | {f"own picture {name}": pixels for name, pixels in (own or {}).items()}


def write_golden(folder: Path, pictures: Mapping[str, Pixels], answers: Mapping[str, Answer]) -> None:
    """Keep the pictures and the answers to them beside a model; plain arrays, nothing that runs when read."""
    names = list(pictures)
    arrays: dict[str, NDArray[Any]] = {"names": np.array(names)}
    for number, name in enumerate(names):
        arrays[f"picture_{number}"] = pictures[name]
        arrays[f"maps_{number}"] = answers[name].maps
        arrays[f"probability_{number}"] = np.array(answers[name].probability)
    np.savez_compressed(folder / GOLDEN_NAME, allow_pickle=False, **arrays)


def read_golden(folder: Path) -> tuple[dict[str, Pixels], dict[str, Answer]]:
    """Return what `write_golden` kept; `ModelError` if it cannot be read."""
    path = folder / GOLDEN_NAME
    pictures: dict[str, Pixels] = {}
    answers: dict[str, Answer] = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for number, name in enumerate(arrays["names"].tolist()):
                pictures[name] = frozen_pixels(arrays[f"picture_{number}"])
                answers[name] = Answer(float(arrays[f"probability_{number}"]), arrays[f"maps_{number}"])
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"{path}: the golden answers cannot be read ({error}); install the model again.") from error
    return pictures, answers
