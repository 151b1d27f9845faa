"""Generated parts as a data set on disk: COCO `annotations.json`, `images/`, `masks/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import KnownFault
from model.synthesis.generator import FULL_FRAME, draw_seed, render_part
from model.synthesis.part import Label, SyntheticPart

SPLITS = ("train", "val", "test")
SPLIT_SHARES = (0.7, 0.15, 0.15)
SMALLEST_BLOB_PX = 6


def write_dataset(
    folder: Path,
    count: int,
    seed: int,
    size: tuple[int, int] = FULL_FRAME,
    on_written: Callable[[int], None] | None = None,
) -> Path:
    """Write `count` generated parts; each is a group of its own, half of them without a scratch.

    Parameters
    ----------
    folder : Path
        Made if absent; must not hold an `annotations.json` yet.
    seed : int
        Same seed, same bytes.
    size : (height, width) px
    on_written : callable, optional
        Told the number of parts written so far.

    Returns
    -------
    Path of `annotations.json`.

    Raises
    ------
    KnownFault
        If the folder holds a data set or cannot be written.
    """
    target = folder / "annotations.json"
    if target.exists():
        raise KnownFault(f"{folder} already holds a data set; choose an empty folder.")
    rng = np.random.default_rng(seed)
    document: dict[str, Any] = {"images": [], "annotations": [], "categories": _categories()}
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        part_seed = draw_seed(rng)
        split = SPLITS[int(rng.choice(len(SPLITS), p=SPLIT_SHARES))]
        part = render_part(part_seed, size, defective=number % 2 == 0)
        _write_part(folder, document, part, number, split)
        if on_written is not None:
            on_written(number)
    target.write_text(json.dumps(document), encoding="utf-8")
    return target


def _categories() -> list[dict[str, Any]]:
    return [{"id": int(label), "name": label.name.lower()} for label in Label if label != Label.BACKGROUND]


def _write_part(folder: Path, document: dict[str, Any], part: SyntheticPart, number: int, split: str) -> None:
    name = f"part_{number:05d}"
    mask = np.where(part.labels == Label.SCRATCH, 255, 0).astype(np.uint8)
    _write_png(folder / "images" / f"{name}.png", part.pixels)
    _write_png(folder / "masks" / f"{name}.png", mask)
    height, width = part.labels.shape
    image: dict[str, Any] = {"id": number, "file_name": f"{name}.png", "mask": f"{name}.png"}
    image |= {"width": width, "height": height, "group": name, "split": split}
    image |= {"seed": part.seed, "look": part.look.name.lower()}
    document["images"].append(image)
    for found in (*_scratch_annotations(part), *_other_annotations(part)):
        found |= {"id": len(document["annotations"]) + 1, "image_id": number, "iscrowd": 0}
        document["annotations"].append(found)


def _write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    _, packed = cv2.imencode(".png", pixels)
    try:
        path.write_bytes(packed.tobytes())
    except OSError as error:
        raise KnownFault(f"{path} cannot be written: {error.strerror}.") from error


def _scratch_annotations(part: SyntheticPart) -> list[dict[str, Any]]:
    found = []
    for scratch in part.scratches:
        flat = [coordinate for point in scratch.polygon for coordinate in point]
        entry = {"category_id": int(Label.SCRATCH), "bbox": list(scratch.box), "segmentation": [flat]}
        entry |= {"area": round(scratch.length_px * scratch.width_px, 1), "length_px": round(scratch.length_px, 1)}
        entry |= {"width_px": round(scratch.width_px, 2), "contrast": round(scratch.contrast, 1)}
        found.append(entry)
    return found


def _other_annotations(part: SyntheticPart) -> list[dict[str, Any]]:
    found = []
    for label in (Label.DUST, Label.STAIN, Label.OIL):
        shown = (part.labels == label).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(shown, connectivity=8)
        for x, y, width, height, area in stats[1:count].tolist():
            if area >= SMALLEST_BLOB_PX:
                found.append({"category_id": int(label), "bbox": [x, y, width, height], "area": area})
    return found
