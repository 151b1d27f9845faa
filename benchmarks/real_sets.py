"""Targets on real pictures: teach on one side of each set, measure on the other, print figure beside target.

    python -m benchmarks.real_sets ../shared/data --out FOLDER --minutes 15 [--only goggles]

Everything is done by the program's own commands, which are printed; models and evaluations stay below ``--out``, and
a model that is there already is not taught again. ``--steps`` instead of ``--minutes`` makes the same lesson on a
machine that has other work as well. Intervals draw whole groups anew; there is none where groups are too few.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.blocks import in_blocks

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to be reached."""

    name: str
    least: float
    figure: Callable[[Record], Record | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One data set, one direction.

    Attributes
    ----------
    learn, judge : str or None
        Splits; without ``learn`` the bundled model is judged, without ``judge`` on all pictures.
    by_block : bool
        The splits are the set's groups (blocks of capture), see `benchmarks.blocks`.
    """

    name: str
    folder: str
    learn: str | None
    judge: str | None
    options: tuple[str, ...]
    reject: str | None
    targets: tuple[Target, ...]
    by_block: bool = False


def _auroc(record: Record) -> Record | None:
    figure: Record = record["picture"]["auroc"]
    return figure


def _average_precision(record: Record) -> Record | None:
    figure: Record = record["picture"]["average_precision"]
    return figure


def _recall_at_one(record: Record) -> Record | None:
    points = [point for point in record["regions"]["froc"] if point["false_per_picture"] == 1.0]
    return points[0]["recall"] if points else None


def _main_hit(record: Record) -> Record | None:
    share = record["regions"]["main_hit"]
    return {"estimate": share["k"] / share["n"], "low": None, "high": None} if share["n"] else None


_RANKED = (Target("average precision of pictures", 0.99, _average_precision),)
_MARKED = (Target("recall at 1 false a picture", 0.90, _recall_at_one),)
CASES = (
    Case("commutators 1-2", "commutators", "fold1", "fold2", ("--validation", "0.12"), None, _RANKED),
    Case("commutators 2-1", "commutators", "fold2", "fold1", ("--validation", "0.12"), None, _RANKED),
    Case(
        "goggles",
        "goggles",
        "train",
        "val",
        ("--crop", "224", "--batch", "16"),
        "scratch",
        (Target("AUROC of pictures", 0.90, _auroc), Target("recall at 1 false a picture", 0.80, _recall_at_one)),
    ),
    Case(
        "glass",
        "glass",
        "train",
        "val",
        (),
        "scratch",
        _MARKED,
    ),
    Case("glass 1411-1412", "glass", "1411", "1412", (), "scratch", _MARKED, by_block=True),
    Case("glass 1412-1411", "glass", "1412", "1411", (), "scratch", _MARKED, by_block=True),
    Case(
        "phones",
        "phones",
        None,
        None,
        (),
        "scratch",
        (Target("main scratch marked", 1.0, _main_hit), Target("AUROC of pictures", 0.95, _auroc)),
    ),
)


def main() -> int:
    """Run the cases; the exit status is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder that holds the sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for models and evaluations")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=15.0, help="time to learn for each model")
    length.add_argument("--steps", type=int, help="steps of each model, however long they take")
    parser.add_argument("--threads", type=int, default=2, help="of a network that learns")
    parser.add_argument("--only", action="append", help="one of: " + ", ".join(case.name for case in CASES))
    asked = parser.parse_args()
    lesson = ("--minutes", str(asked.minutes)) if asked.steps is None else ("--steps", str(asked.steps))
    lesson = (*lesson, "--threads", str(asked.threads))
    missed = 0
    for case in CASES:
        if not asked.only or case.name in asked.only:
            record = judged(case, asked.data / case.folder, asked.out / case.name.replace(" ", "-"), lesson)
            for target in case.targets:
                reached, line = shown(case, target, record)
                missed += not reached
                print(line, flush=True)
    return 1 if missed else 0


def shown(case: Case, target: Target, record: Record) -> tuple[bool, str]:
    """Return whether a target is reached, and the line that says so."""
    found = target.figure(record)
    value = None if found is None else found["estimate"]
    figure, interval, reached = "not measurable", "", False
    if found is not None and value is not None:
        figure, reached = f"{value:.4f}", value >= target.least
        if found["low"] is not None and found["high"] is not None:
            interval = f"({found['low']:.3f}-{found['high']:.3f})"
    word = "reached" if reached else "MISSED"
    return reached, f"{case.name:<16} {target.name:<30} {figure:>8} {interval:<15} target {target.least:.2f}  {word}"


def judged(case: Case, folder: Path, out: Path, lesson: Sequence[str]) -> Record:
    """Teach if the case asks for it and nothing is there yet, then evaluate; return the evaluation's record."""
    if case.by_block:
        folder = in_blocks(folder, out.parent / f"{case.folder}-blocks")
    reject = () if case.reject is None else ("--reject", case.reject)
    model: tuple[str, ...] = ()
    if case.learn is not None:
        model = ("--model", str(out))
        if not (out / "model.json").exists():
            options = ("--split", case.learn, "--out", str(out), *lesson, *case.options, *reject)
            _program("train", str(folder), *options)
    side = () if case.judge is None else ("--split", case.judge)
    printed = _program("evaluate", str(folder), *side, *reject, *model, "--json")
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(printed, encoding="utf-8")
    record: Record = json.loads(printed)
    return record


def _program(*arguments: str) -> str:
    command: Sequence[str] = ("inspector-app", *arguments)
    print("$ " + " ".join(command), flush=True)
    run = [sys.executable, "-m", "inspector_app", *arguments]
    return subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
