"""The industrial cameras that answer now."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.output import AsJson, known_faults_in_one_sentence, print_json, print_text


@known_faults_in_one_sentence
def cameras(
    producer: Annotated[
        Path | None, typer.Option("--producer", metavar="FILE.cti", help="A GenTL producer to ask as well.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the cameras that answer (Basler, GigE Vision, USB3 Vision, GenTL), each with the source to use it by."""
    from inspector_app.bootstrap.devices import list_cameras

    found = list_cameras(producer)
    if as_json:
        print_json(asdict(found), indent=2)
        return
    for camera in found.cameras:
        print_text(f"{camera.uri}  {camera.title}{f' at {camera.place}' if camera.place else ''}")
    if not found.cameras:
        print_text("No camera answers. Is it powered, on this network, and not in use by another program?")
    for sentence in found.not_looked:
        print_text(sentence)
