"""The vision engineer's commands: predict, train, evaluate."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    ProgressLines,
    Rejects,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    say,
    stop_signals,
    told_progress,
)

if TYPE_CHECKING:
    from inspector_app.bootstrap.models import PicturePrediction

Model = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="DIR", help="Folder with model.onnx and model.json, or 'bundled'; else the station's own."
    ),
]


@known_faults_in_one_sentence
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Picture files.")],
    model: Model = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what the model says about pictures: probability of a reject, and regions."""
    from inspector_app.bootstrap.models import predictions
    from inspector_app.bootstrap.settled import open_settings

    bad = 0
    for found in predictions(open_settings(data), model, images):
        bad += not found.good
        if as_json:
            print_json(found.record())
        elif found.good:
            print_text(prediction_line(found))
        if not found.good:
            say(str(found.record()["detail"]))
    if bad:
        raise typer.Exit(1)


def prediction_line(found: PicturePrediction) -> str:
    """Return an answer as a line for people."""
    record = found.record()
    regions = ", ".join(f"{r['class']} {r['score']:.2f} at {r['box']}" for r in record["regions"]) or "no regions"
    return f"{found.path}: reject probability {record['probability']:.3f}; {regions} ({record['elapsed_ms']:.0f} ms)"


@known_faults_in_one_sentence
def train(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the model; must not hold one.")],
    dataset: Annotated[
        Path | None,
        typer.Argument(metavar="[DATASET]", help="COCO or MVTec AD data set to learn from; else generated glass."),
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", help="Learn from this split (else train); no other is looked at.")
    ] = None,
    reject: Rejects = None,
    minutes: Annotated[float | None, typer.Option(min=0.05, help="Time for learning; --steps is the most.")] = None,
    name: Annotated[str | None, typer.Option(help="The model's name; else that of the data set's folder.")] = None,
    version: Annotated[str, typer.Option(help="The model's version.")] = "0.1.0",
    start_from: Annotated[
        str,
        typer.Option(metavar="WHERE", help="bundled, random, a model's folder, or weights.npz of an earlier run."),
    ] = "bundled",
    keep_start: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=0.99, help="Share of its start that the model keeps (else what is best on the held-out)."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and steps: same crops, same held-out groups.")] = 1,
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 3000,
    batch: Annotated[int, typer.Option(min=1, help="Crops in a step.")] = 12,
    crop: Annotated[int, typer.Option(min=64, help="Side of a crop in px, a multiple of 32.")] = 288,
    learning_rate: Annotated[float, typer.Option(min=1e-6, max=1.0, help="Highest rate of the optimiser.")] = 1.5e-3,
    validation: Annotated[
        float, typer.Option(min=0.05, max=0.5, help="Share of the pictures, whole groups, that is held out.")
    ] = 0.2,
    painted: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, help="Share of crops with painted scratches (else only where all are good)."),
    ] = None,
    false_regions: Annotated[
        float, typer.Option(min=0.01, help="Wrong regions per picture that the thresholds may let through.")
    ] = 0.5,
    validation_parts: Annotated[
        int, typer.Option(min=8, help="Generated parts held out to choose on, where there is no data set.")
    ] = 80,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make generated crops.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the network.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Teach a network and write it as a model that the station can load. Ctrl+C stops it and keeps the weights.

    It learns from what there is: masks, outlines, boxes, rejected pictures without a mark, good pictures alone.
    """
    from inspector_app.bootstrap.models import TrainingNews, TrainingRequest, train_model

    request = TrainingRequest(
        name=model_name(name, dataset),
        version=version,
        seed=seed,
        steps=steps,
        minutes=minutes,
        batch=batch,
        crop_px=crop,
        learning_rate=learning_rate,
        keep_start=keep_start,
        false_regions=false_regions,
        validation_parts=validation_parts,
        workers=workers,
        threads=threads,
        dataset=dataset,
        splits=tuple(split or ()),
        reject_classes=None if reject is None else tuple(reject),
        validation_share=validation,
        painted_share=painted,
        start_from=start_from,
    )
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Learning", total=steps)

        def on_news(news: TrainingNews) -> None:
            if news.step is not None:
                bar.update(task, completed=news.step, total=news.steps or bar.tasks[task].total)
            if as_json:
                print_json(news.record)
            elif news.line is not None:
                bar.console.print(news.line, markup=False, highlight=False, soft_wrap=True)

        folder = train_model(request, out, on_news, stop_asked.is_set)
    if not as_json:
        print_text(str(folder))


def model_name(wanted: str | None, dataset: Path | None) -> str:
    """Return the name of a model to be taught: as wanted, else of its data set's folder, else of the bundled one."""
    if wanted is not None or dataset is None:
        return wanted or "scratch-net"
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", dataset.resolve().name).strip("-._+") or "taught"


@known_faults_in_one_sentence
def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="COCO or MVTec AD data set.")],
    split: Annotated[str | None, typer.Option(help="Only this split.")] = None,
    reject: Rejects = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the error analysis here: report.html, sheet.png, JSON."),
    ] = None,
    cut: Annotated[float, typer.Option(min=0.0, max=1.0, help="Probability from which a picture is a reject.")] = 0.5,
    model: Model = None,
    data: DataFolder = None,
    as_json: AsJson = False,
    progress_lines: ProgressLines = False,
) -> None:
    """Measure a model on a data set: pictures, regions, pixels, probabilities, with intervals. Ctrl+C stops it."""
    from inspector_app.bootstrap.evaluating import evaluate_model
    from inspector_app.bootstrap.settled import open_settings

    with stop_signals() as stop_asked, told_progress("Evaluating", as_lines=progress_lines) as tell:
        result = evaluate_model(
            open_settings(data),
            model,
            dataset,
            split,
            reject,
            lambda done, total: tell("Evaluating", done, total),
            stop_asked.is_set,
            cut,
            out,
        )
    if as_json:
        print_json(result.record())
    else:
        for line in result.lines():
            print_text(line)


@known_faults_in_one_sentence
def calibrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Pictures that the model was not trained on.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the new version of the model.")],
    split: Annotated[str | None, typer.Option(help="Only this split.")] = None,
    reject: Rejects = None,
    method: Annotated[
        str, typer.Option(metavar="METHOD", help="platt (slope and intercept) or temperature (slope).")
    ] = "platt",
    defect_rate: Annotated[
        float | None,
        typer.Option(min=1e-6, max=0.999, help="Share of rejects on the line; else that of the pictures is meant."),
    ] = None,
    version: Annotated[str | None, typer.Option(help="Of the new model; else the old one with +calibrated.")] = None,
    model: Model = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Fit a model's probability to labelled pictures and write it as a new version. Ctrl+C stops it."""
    from inspector_app.bootstrap.calibrating import METHODS, CalibrationRequest, calibrate_model
    from inspector_app.bootstrap.settled import open_settings

    if method not in METHODS:
        raise typer.BadParameter(f"{method!r} is no method; allowed are platt and temperature.", param_hint="--method")
    request = CalibrationRequest(dataset, split, reject, method, defect_rate, version)
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Judging", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = calibrate_model(open_settings(data), model, request, out, on_progress, stop_asked.is_set)
    if as_json:
        print_json(found.record())
    else:
        for line in found.lines():
            print_text(line)


@known_faults_in_one_sentence
def detectability(
    parts: Annotated[int, typer.Option(min=1, help="Generated parts.")] = 120,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the camera's pictures in px.")] = "1920x1080",
    per_part: Annotated[int, typer.Option("--scratches", min=1, max=100, help="Scratches on each part.")] = 6,
    widths: Annotated[tuple[float, float], typer.Option(metavar="FROM TO", help="Scratch widths in px.")] = (1.0, 8.0),
    lengths: Annotated[tuple[float, float], typer.Option(metavar="FROM TO", help="Scratch lengths in px.")] = (
        20.0,
        200.0,
    ),
    contrasts: Annotated[tuple[float, float], typer.Option(metavar="FROM TO", help="Contrasts in grey levels.")] = (
        16.0,
        120.0,
    ),
    look: Annotated[
        str | None, typer.Option(metavar="LOOK", help="Only parts like this: phone, clear, backlight or brushed.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same parts.")] = 1,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write the report here: HTML, JSON.")] = None,
    model: Model = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Measure the probability of detection (POD) by scratch width, contrast and length. Ctrl+C stops it."""
    from inspector_app.bootstrap.detecting import LOOKS, DetectabilityRequest, model_detectability
    from inspector_app.bootstrap.settled import open_settings

    if look is not None and look not in LOOKS:
        raise typer.BadParameter(f"{look!r} is no look; allowed are {', '.join(LOOKS)}.", param_hint="--look")
    request = DetectabilityRequest(parts, _frame(size), per_part, widths, lengths, contrasts, seed, look)
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Testing", total=parts)

        def on_progress(done: int, _total: int) -> None:
            bar.update(task, completed=done)

        found = model_detectability(open_settings(data), model, request, out, on_progress, stop_asked.is_set)
    if as_json:
        print_json(found.record())
    else:
        for line in found.lines():
            print_text(line)


def _frame(size: str) -> tuple[int, int]:
    """Return (height, width) of ``WIDTHxHEIGHT``."""
    width, _, height = size.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) >= 256):
        raise typer.BadParameter(f"{size!r} is no size; write 1920x1080, at least 256 each.", param_hint="--size")
    return int(height), int(width)
