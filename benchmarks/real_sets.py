"""Targets on real pictures: teach on one side of each set, measure on the other, print figure beside target.

    python -m benchmarks.real_sets ../shared/data --out /tmp/taught --minutes 15 [--only goggles]

Everything is done by the program's own commands, which are printed; models and evaluations stay below ``--out``, and
a model that is there already is not taught again.
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

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to be reached."""

    name: str
    least: float
    figure: Callable[[Record], float | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One data set, one direction.

    Attributes
    ----------
    learn, judge : str or None
        Splits; without ``learn`` the bundled model is judged, without ``judge`` on all pictures.
    """

    name: str
    folder: str
    learn: str | None
    judge: str | None
    options: tuple[str, ...]
    reject: str | None
    targets: tuple[Target, ...]


def _auroc(record: Record) -> float | None:
    return _estimate(record["picture"]["auroc"])


def _average_precision(record: Record) -> float | None:
    return _estimate(record["picture"]["average_precision"])


def _recall_at_one(record: Record) -> float | None:
    points = [point for point in record["regions"]["froc"] if point["false_per_picture"] == 1.0]
    return _estimate(points[0]["recall"]) if points else None


def _main_hit(record: Record) -> float | None:
    share = record["regions"]["main_hit"]
    return share["k"] / share["n"] if share["n"] else None


def _estimate(figure: Record) -> float | None:
    value = figure["estimate"]
    return None if value is None else float(value)


_RANKED = (Target("average precision of pictures", 0.99, _average_precision),)
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
        (Target("recall at 1 false a picture", 0.90, _recall_at_one),),
    ),
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
    parser.add_argument("--minutes", type=float, default=15.0, help="time to learn for each model")
    parser.add_argument("--only", action="append", help="one of: " + ", ".join(case.name for case in CASES))
    asked = parser.parse_args()
    missed = 0
    for case in CASES:
        if not asked.only or case.name in asked.only:
            record = judged(case, asked.data / case.folder, asked.out / case.name.replace(" ", "-"), asked.minutes)
            for target in case.targets:
                found = target.figure(record)
                good = found is not None and found >= target.least
                missed += not good
                shown = "not measurable" if found is None else f"{found:.4f}"
                word = "reached" if good else "MISSED"
                print(f"{case.name:<16} {target.name:<32} {shown:>8}  target {target.least:.2f}  {word}", flush=True)
    return 1 if missed else 0


def judged(case: Case, folder: Path, out: Path, minutes: float) -> Record:
    """Teach if the case asks for it and nothing is there yet, then evaluate; return the evaluation's record."""
    reject = () if case.reject is None else ("--reject", case.reject)
    model: tuple[str, ...] = ()
    if case.learn is not None:
        model = ("--model", str(out))
        if not (out / "model.json").exists():
            lesson = ("--split", case.learn, "--out", str(out), "--minutes", str(minutes), *case.options, *reject)
            _program("train", str(folder), *lesson)
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
