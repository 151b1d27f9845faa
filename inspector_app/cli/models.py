"""The vision engineer's commands: predict, train, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    say,
    stop_signals,
)

if TYPE_CHECKING:
    from inspector_app.bootstrap.models import PicturePrediction

Model = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="Folder with model.onnx and model.json; else the station's own model."),
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
    name: Annotated[str, typer.Option(help="The model's name.")] = "scratch-net",
    version: Annotated[str, typer.Option(help="The model's version.")] = "0.1.0",
    dataset: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Train on this data set with masks; else on generated glass parts."),
    ] = None,
    start_from: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Go on from this weights.npz of an earlier run.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same crops and first weights.")] = 1,
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps.")] = 6000,
    batch: Annotated[int, typer.Option(min=1, help="Crops in a step.")] = 12,
    crop: Annotated[int, typer.Option(min=64, help="Side of a crop in px, a multiple of 32.")] = 288,
    learning_rate: Annotated[float, typer.Option(min=1e-6, max=1.0, help="Highest rate of the optimiser.")] = 3e-3,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make crops.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the network.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Train a segmentation network and write it as a model that the station can load. Ctrl+C stops it."""
    from inspector_app.bootstrap.models import TrainingNews, TrainingRequest, train_model

    request = TrainingRequest(
        name, version, seed, steps, batch, crop, learning_rate, dataset, start_from, workers, threads
    )
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Training", total=steps)

        def on_news(news: TrainingNews) -> None:
            if news.step is not None and news.loss is not None:
                bar.update(task, completed=news.step, description=f"Training, loss {news.loss:.3f}")
            if as_json:
                print_json(news.record)

        folder = train_model(request, out, on_news, stop_asked.is_set)
    if not as_json:
        print_text(str(folder))


@known_faults_in_one_sentence
def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="COCO or MVTec AD data set.")],
    split: Annotated[str | None, typer.Option(help="Only this split.")] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option(
            "--reject", metavar="CLASS", help="A class that makes a part a reject; may be given several times."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the error analysis here: report.html, sheet.png, JSON."),
    ] = None,
    cut: Annotated[float, typer.Option(min=0.0, max=1.0, help="Probability from which a picture is a reject.")] = 0.5,
    model: Model = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Measure a model on a data set: pictures, regions, pixels, probabilities, with intervals. Ctrl+C stops it."""
    from inspector_app.bootstrap.evaluating import evaluate_model
    from inspector_app.bootstrap.settled import open_settings

    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Evaluating", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        result = evaluate_model(
            open_settings(data), model, dataset, split, reject, on_progress, stop_asked.is_set, cut, out
        )
    if as_json:
        print_json(result.record())
    else:
        for line in result.lines():
            print_text(line)
