"""Anomalib's models against ours: the same pictures, the same machine, the same run.

    python -m benchmarks.side_by_side ../shared/data --out FOLDER --ours commutators=MODEL --only commutators

Anomalib gets an environment of its own in a cache folder, made once (about 2 GB). Its models learn, are exported to
OpenVINO and judge with the export; our evaluation turns their scores and maps into figures, and our model's likewise.
Then both are timed in turn. What is below ``--out`` already is not done again: stop it and start it as you like.

Backbones are the published ones where ``--weights`` holds them (``wide_resnet50_2.tv_in1k.safetensors``,
``resnet18.tv_in1k.safetensors``, as timm offers them), else EfficientNet-Lite0, which a package ships; the table says
which. With the preset sizes and two idle cores a set takes ten to thirty minutes, and SuperSimpleNet as long again
(11 s for a step of eight pictures); ``--pictures``, ``--epochs`` and ``--bank`` bound it, and anomalib's figures rise
with all three.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import platformdirs

from benchmarks.blocks import in_blocks
from benchmarks.side_by_side.answers import StoredAnswers
from benchmarks.side_by_side.environment import made
from benchmarks.side_by_side.job import NETWORK, Answers, Job, read_answers, read_job
from benchmarks.side_by_side.sets import CASES, Case, Chosen, chosen, make_job
from benchmarks.side_by_side.speed import OURS, exported, timed
from inspector_app.bootstrap.devices import picture_limits
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import DataSetError, KnownFault
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Classifier
from inspector_app.settings import CameraSection
from model.classifier import OpenVinoClassifier
from model.evaluation import EvaluationResult, evaluate
from model.evaluation.values import Estimate
from model.model_files import read_model_files
from model.precision import Precision
from model.registry import load_bundled
from model.registry.entry import ENTRY_NAME
from model.registry.store import load_installed

MODELS = ("dfkde", "padim", "patchcore", "stfpm", "supersimplenet", "efficientad")
TIMED_PICTURES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's arguments."""

    data: Path
    out: Path
    cache: Path
    ours: dict[str, Path]
    only: tuple[str, ...]
    models: tuple[str, ...]
    pictures: int
    epochs: int
    bank: int
    weights: str
    rounds: int
    pip: tuple[str, ...]
    seed: int = 0


def main() -> int:
    """Run what is asked for."""
    asked = _arguments()
    try:
        for case in CASES:
            if not asked.only or case.name in asked.only:
                _run(case, asked)
    except KnownFault as fault:
        print(fault, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; what is done is kept", file=sys.stderr)
        return 1
    return 0


def _run(case: Case, asked: Asked) -> None:
    folder = asked.out / case.name
    folder.mkdir(parents=True, exist_ok=True)
    place = asked.data / case.folder
    place = in_blocks(place, asked.out / f"{case.folder}-blocks") if case.by_block else place
    pictures = chosen(case, place, asked.pictures, asked.seed)
    job = _job(case, pictures, folder, asked)
    missing = [name for name in asked.models if read_answers(folder / name) is None]
    python = made(asked.cache, list(asked.pip)) if missing else Path(sys.executable)
    for name in missing:
        _ask(python, folder, name)
    answers = [
        read_answers(folder / name) or Answers(name, f"it failed, see {folder / name}.log") for name in asked.models
    ]
    ours = _ours(case, asked)
    try:
        _table(case, job, pictures, answers, folder, ours)
        _speed(case, job, pictures, answers, folder, ours, asked.rounds)
    finally:
        ours.close()


def _ask(python: Path, folder: Path, name: str) -> None:
    """Let one model learn and judge; what fails leaves a log and no answers, so that it is tried again."""
    print(f"{folder.name}: {name} learns", flush=True)
    with (folder / f"{name}.log").open("w", encoding="utf-8") as log:
        script = Path(__file__).with_name("theirs.py")
        done = subprocess.run([python, "-W", "ignore", script, folder, name], stderr=log, check=False)
    if done.returncode:
        print(f"{folder.name}: {name} failed, see {log.name}", flush=True)


def _job(case: Case, pictures: Chosen, folder: Path, asked: Asked) -> Job:
    """Return what anomalib is asked; refuse a folder in which it was asked for other pictures."""
    path = folder / "job.json"
    job = make_job(case, pictures, read, folder, asked.epochs, asked.bank, asked.seed, asked.weights)
    if path.is_file():
        before = read_job(path)
        same = replace(job, epochs=before.epochs, bank=before.bank, weights=before.weights)
        if before != same:
            raise KnownFault(
                f"{folder} holds the answers to another question (pictures or size); choose another --out."
            )
    job.write(path)
    return job


def _ours(case: Case, asked: Asked) -> OpenVinoClassifier:
    """Return our model as a station runs it: an installed one in the precision that was measured best."""
    if case.name not in asked.ours:
        return OpenVinoClassifier(load_bundled())
    folder = asked.ours[case.name]
    installed = (folder / ENTRY_NAME).is_file()
    return OpenVinoClassifier(load_installed(folder) if installed else read_model_files(folder))


def read(path: Path) -> Pixels:
    """Read a picture within the station's limits; `DataSetError` if it cannot be used."""
    picture = read_picture(path, picture_limits(CameraSection()))
    if isinstance(picture, PictureRefused):
        raise DataSetError(picture.sentence)
    return picture.pixels


def _table(
    case: Case, job: Job, pictures: Chosen, answers: list[Answers], folder: Path, ours: OpenVinoClassifier
) -> None:
    learned = f"learned from {len(job.normal)} good, {len(job.abnormal)} rejects"
    print(f"\n{case.name}: {len(job.judged)} pictures judged; anomalib {learned}; {case.note}")
    print(f"{'':<16}{'AUROC':>21}{'AP':>21}   region recall at 0.1, 0.5, 1, 2 false a picture")
    for each in answers:
        if each.not_run is not None:
            print(f"{each.model:<16}not run: {each.not_run}")
            continue
        stored = StoredAnswers(job, each, folder / each.model, read)
        setting = ", ".join(f"{name} {value}" for name, value in each.setting.items()) + f", {each.seconds:.0f} s"
        print(_line(each.model, _judged(stored, pictures, stored.read), each.maps) + f"   {setting}", flush=True)
    card = f"{ours.model.name} {ours.model.version} {ours.model.sha256[:8]}, {ours.precision.value}"
    print(_line(OURS, _judged(ours, pictures, read), True) + f"   {card}", flush=True)


def _judged(classifier: Classifier, pictures: Chosen, reader: Callable[[Path], Pixels]) -> EvaluationResult:
    return evaluate(classifier, pictures.judged, reader, lambda _done, _all: None, lambda: False)


def _line(name: str, result: EvaluationResult, maps: bool) -> str:
    recall = "  ".join(f"{_number(point.recall.value)}" for point in result.froc) if maps else "no map"
    picture = f"{_shown(result.auroc):>21}{_shown(result.average_precision):>21}"
    return f"{name:<16}{picture}   {recall:<26}"


def _shown(estimate: Estimate) -> str:
    interval = "" if estimate.low is None or estimate.high is None else f" ({estimate.low:.3f}-{estimate.high:.3f})"
    return _number(estimate.value) + interval


def _number(value: float | None) -> str:
    return "  -  " if value is None else f"{value:.3f}"


def _speed(
    case: Case,
    job: Job,
    pictures: Chosen,
    answers: list[Answers],
    folder: Path,
    ours: OpenVinoClassifier,
    rounds: int,
) -> None:
    run = [each.model for each in answers if each.not_run is None]
    if not rounds or not run:
        return
    some = [read(image.path) for image in pictures.judged.images[:TIMED_PICTURES]]
    precisions = (Precision.F32,) if ours.precision is Precision.F32 else (Precision.F32, Precision.BF16)
    theirs = {
        f"{name} {precision.value}": exported(folder / name / NETWORK, job.height, job.width, precision, ours.threads)
        for name in run
        for precision in precisions
    }
    size = f"{some[0].shape[1]}x{some[0].shape[0]}"
    print(f"\n{case.name}: ms a picture, {size}, {ours.threads} threads, {rounds} rounds in turn; figures above: f32")
    times = timed(ours, theirs, some, rounds)
    mine = float(np.median(times[OURS]))
    print(f"{OURS + ' ' + ours.precision.value:<24} {mine:8.1f} ms")
    for name in theirs:
        median = float(np.median(times[name]))
        print(f"{name:<24} {median:8.1f} ms   ours takes {mine / median:6.2f} of it")


def _arguments() -> Asked:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.side_by_side",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cases = [case.name for case in CASES]
    parser.add_argument("data", type=Path, help="folder that holds the sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for answers, kept between runs")
    parser.add_argument("--cache", type=Path, default=platformdirs.user_cache_path("inspection-station"))
    parser.add_argument(
        "--ours",
        action="append",
        default=[],
        metavar="SET=FOLDER",
        help="a model's folder, also of an installed one; else the bundled model",
    )
    parser.add_argument("--only", action="append", choices=cases)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--pictures", type=int, default=80, help="most good ones, and most rejects, to learn from")
    parser.add_argument("--epochs", type=int, default=10, help="of stfpm and supersimplenet")
    parser.add_argument("--bank", type=int, default=1000, help="patches that patchcore keeps")
    parser.add_argument("--weights", default="", metavar="FOLDER", help="with published backbones")
    parser.add_argument("--rounds", type=int, default=15, help="of timing; 0: none")
    parser.add_argument(
        "--pip", action="append", default=[], metavar="ARGUMENT", help="for pip, as --pip=--index-url=…"
    )
    asked = parser.parse_args()
    ours = {}
    for each in asked.ours:
        name, equals, place = each.partition("=")
        if not equals or name not in cases:
            parser.error(f"--ours {each}: SET=FOLDER with one of {', '.join(cases)}")
        ours[name] = Path(place)
    weights = str(Path(asked.weights).resolve()) if asked.weights else ""
    return Asked(
        asked.data.resolve(),
        asked.out.resolve(),
        asked.cache.resolve(),
        ours,
        tuple(asked.only or ()),
        tuple(asked.models),
        asked.pictures,
        asked.epochs,
        asked.bank,
        weights,
        asked.rounds,
        tuple(asked.pip),
    )


if __name__ == "__main__":
    sys.exit(main())
