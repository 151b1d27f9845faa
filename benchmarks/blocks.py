"""A data set once more, with its blocks of capture as splits: learn on one, judge another."""

from __future__ import annotations

import json
from pathlib import Path

_SERIES = 6


def in_blocks(folder: Path, out: Path) -> Path:
    """Write a set's truth with its groups as splits, and return the folder; the pictures stay where they are.

    Within a block, pictures that were taken one after the other, by the first `_SERIES` characters of their names,
    make a group, so that what is held out while learning was not taken in between.

    Parameters
    ----------
    folder : Path
        Holds ``annotations.json`` and ``images/``.
    out : Path
        Made if absent.
    """
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "images").exists():
        (out / "images").symlink_to((folder / "images").resolve(), target_is_directory=True)
    record = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    for image in record["images"]:
        image["split"], image["group"] = image["group"], image["file_name"][:_SERIES]
    (out / "annotations.json").write_text(json.dumps(record), encoding="utf-8")
    return out
