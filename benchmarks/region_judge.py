"""What a judge of regions is worth beside the bundled network: every group judged by one fitted on the other folds.

    python -m benchmarks.region_judge ../shared/data/glass --split train --reject scratch

Nothing is taught but the judge, which takes one look at each picture. Printed for the network alone and with its judge.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from model.classifier import OpenVinoClassifier
from model.dataset import DataSet, DataSetImage, load_dataset
from model.evaluation.overlap import PixelTally
from model.evaluation.result import ONE_FALSE, EvaluationResult
from model.evaluation.runner import evaluate
from model.evaluation.summary import Work, summarise
from model.evaluation.values import Estimate
from model.manifest import Feature, ModelManifest
from model.model_files import ModelFiles
from model.registry import load_bundled
from model.training.export import open_onnx
from model.training.judge import Examples, fit_judge, gathered_examples
from model.training.lesson import known_part
from model.training.truth import read_grey

FOLDS = 5


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--split", help="judge the pictures of this split alone")
    parser.add_argument("--reject", action="append", help="a class that makes a part a reject")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    found = load_dataset(asked.dataset, asked.reject)
    images = [image for image in found.images if asked.split in {None, image.split}]
    files = load_bundled()
    whole = replace(found, images=tuple(images))
    print(_row("network alone", _judged(files, whole, files.manifest, asked.threads)), flush=True)
    print(_row("with a judge", _cross_judged(files, whole, asked.threads)))
    return 0


def _cross_judged(files: ModelFiles, dataset: DataSet, threads: int) -> EvaluationResult:
    folds = _folds(dataset.images)
    run = open_onnx(files.network, threads)
    each = [
        gathered_examples(
            (known_part(image) for image in fold),
            files.manifest,
            run,
            lambda _number: None,
        )
        for fold in folds
    ]
    pictures = []
    for number, fold in enumerate(folds):
        others = [examples for other, examples in enumerate(each) if other != number]
        learned = Examples(
            np.concatenate([examples.measures for examples in others]),
            np.concatenate([examples.true for examples in others]),
        )
        probability = replace(files.manifest.probability, feature=Feature.JUDGED_REGIONS)
        manifest = replace(files.manifest, judge=fit_judge(learned), probability=probability)
        pictures += _judged(files, replace(dataset, images=fold), manifest, threads).pictures
    work = Work(files.manifest.identity, str(dataset.folder), len(pictures), complete=True, cut=0.5, seed=0)
    return summarise(work, pictures, PixelTally(), ())


def _folds(images: Sequence[DataSetImage]) -> list[tuple[DataSetImage, ...]]:
    groups = sorted({image.group for image in images})
    held = [set(groups[number::FOLDS]) for number in range(min(FOLDS, len(groups)))]
    return [tuple(image for image in images if image.group in fold) for fold in held]


def _judged(files: ModelFiles, dataset: DataSet, manifest: ModelManifest, threads: int) -> EvaluationResult:
    classifier = OpenVinoClassifier(replace(files, manifest=manifest), threads)
    try:
        return evaluate(classifier, dataset, read_grey, lambda _done, _all: None, lambda: False)
    finally:
        classifier.close()


def _row(name: str, result: EvaluationResult) -> str:
    recall, places = result.froc[ONE_FALSE].recall, sum(len(picture.places) for picture in result.pictures)
    return (
        f"{name:<14} {len(result.pictures)} pictures, {places} marks: recall at 1 false a picture {_shown(recall)},"
        f" AUROC of pictures {_shown(result.auroc)}, {result.median_ms:.0f} ms a picture (median)"
    )


def _shown(figure: Estimate) -> str:
    if figure.value is None:
        return "not measurable"
    between = "" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]"
    return f"{figure.value:.3f}{between}"


if __name__ == "__main__":
    sys.exit(main())
