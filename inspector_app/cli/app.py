"""Assembles the commands into one program."""

from __future__ import annotations

import typer

from inspector_app.cli import (
    camera,
    cameras,
    doctor,
    exchange,
    line,
    models,
    parts,
    records,
    registry,
    rollout,
    serving,
    simulation,
    study,
    supervision,
    thresholds,
)
from inspector_app.cli.output import speak_utf8

app = typer.Typer(
    name="inspector-app",
    help="Human-in-the-loop inspection station: camera, model, inspector, line and log.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("station")(parts.station)
app.command("demo")(parts.demo)
app.command("run")(parts.run)
app.command("doctor")(doctor.doctor)
app.command("cameras")(cameras.cameras)
app.command("predict")(models.predict)
app.command("serve")(serving.serve)
app.command("batch")(serving.batch)
app.command("train")(models.train)
app.command("evaluate")(models.evaluate)
registry.models.command("detectability")(models.detectability)
registry.models.command("calibrate")(models.calibrate)
app.add_typer(registry.models, name="models", help="List, install, import, check, calibrate and remove models.")
app.add_typer(camera.camera, name="camera", help="How pictures are taken: settings, corrections, quality, scale.")
app.add_typer(supervision.level, name="level", help="Show or set the degree of automation.")
app.add_typer(thresholds.thresholds, name="thresholds", help="Thresholds with a contract.")
app.add_typer(line.line, name="line", help="Parts of which the line may not have heard.")
app.add_typer(rollout.rollout, name="rollout", help="Bring in a new model: beside the old one, then step by step.")
app.add_typer(records.report, name="report", help="Reports from the log.")
app.command("study")(study.study)
app.add_typer(exchange.bring_in, name="import", help="Decisions in from other programs.")
app.command("simulate")(simulation.simulate)
app.command("log")(records.log)
app.command("verify")(records.verify)


def main() -> None:
    """Run the program."""
    speak_utf8()
    app()
