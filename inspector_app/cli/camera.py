"""The camera's configuration: show, set, teach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inspector_app.cli.output import (
    AsJson,
    DataFolder,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    told_progress,
)
from inspector_app.cli.signing import Because, By, PinStdin, signed
from inspector_app.domain.errors import OpticsRefused
from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.domain.records import utc_text
from inspector_app.optics.scale import ScaleTarget, Target
from inspector_app.optics.setup import CameraChange, CameraSetup, setup_record
from inspector_app.optics.teaching import CameraView, Lesson, Signer, Teaching

if TYPE_CHECKING:
    from inspector_app.bootstrap.camera_room import FolderCameraRoom

camera = typer.Typer(no_args_is_help=True)

Source = Annotated[
    str | None, typer.Option("--source", metavar="URI", help="The camera (else the one of station.toml).")
]


class Part(StrEnum):
    """What can be taken out of a configuration again."""

    DARK = "dark"
    FLAT = "flat"
    WHITE = "white"
    QUALITY = "quality"
    SCALE = "scale"
    ROI = "roi"


@camera.command("show")
@known_faults_in_one_sentence
def show(source: Source = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show how the camera was set up, by whom, when and why; the camera itself is not asked."""
    with _room(data, source, opened=False) as room:
        view = room.view()
    if as_json:
        changes = [_change_record(change) for change in view.changes]
        shown = {"sha256": view.setup.sha256, **setup_record(view.setup), "trouble": view.trouble, "changes": changes}
        print_json(shown | {"mm_per_px": view.mm_per_px})
        return
    for line in _lines(view):
        print_text(line)


@camera.command("set")
@known_faults_in_one_sentence
def set_controls(
    by: By,
    because: Because,
    exposure_us: Annotated[float | None, typer.Option(min=0.0, help="Exposure in µs.")] = None,
    gain_db: Annotated[float | None, typer.Option(min=0.0, help="Gain in dB.")] = None,
    frame_rate_hz: Annotated[float | None, typer.Option(min=0.0, help="Pictures per second.")] = None,
    pixel_format: Annotated[str | None, typer.Option(help="GenICam name, such as Mono8.")] = None,
    trigger: Annotated[TriggerMode | None, typer.Option(help="What makes it take a picture.")] = None,
    roi: Annotated[str | None, typer.Option(metavar="X,Y,W,H", help="Region of interest in px.")] = None,
    pin_stdin: PinStdin = False,
    source: Source = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Set the camera: it is asked first, and only what it takes is recorded."""
    asked = CameraControls(exposure_us, gain_db, frame_rate_hz, pixel_format, trigger)
    with _room(data, source) as room:
        changes: dict[str, object] = {}
        if asked != CameraControls():
            changes["controls"] = room.view().setup.with_controls(asked)
        if roi is not None:
            changes["roi"] = _box(roi)
        if not changes:
            raise OpticsRefused("Say what is to be set; see --help.")
        _sign(room, by, because, pin_stdin, changes, as_json)


@camera.command("teach")
@known_faults_in_one_sentence
def teach(
    what: Annotated[Teaching, typer.Argument(help="dark, flat, white, quality or scale.")],
    by: By,
    because: Because,
    frames: Annotated[int, typer.Option(min=1, max=1000, help="Frames that are taken for it.")] = 16,
    target: Annotated[Target, typer.Option(help="For the scale: what lies under the camera.")] = Target.CHECKERBOARD,
    grid: Annotated[str, typer.Option(metavar="COLSxROWS", help="Inner corners, or dots, along the sides.")] = "9x6",
    pitch_mm: Annotated[float | None, typer.Option(help="From corner to corner, or dot to dot, in mm.")] = None,
    despite: Annotated[
        bool, typer.Option("--despite", help="Take an uneven flat field: the ground is even, and the light is not.")
    ] = False,
    try_only: Annotated[bool, typer.Option("--try", help="Say what would be taught, and change nothing.")] = False,
    pin_stdin: PinStdin = False,
    source: Source = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Teach dark frame, flat field, white balance, limits of picture quality, or the scale, from frames of the camera.

    dark: lens covered. flat: an even, bright ground. white: a grey card. quality: good pictures of different parts.
    scale: a checkerboard or a grid of dots.
    """
    lesson = Lesson(what, frames, _target(target, grid, pitch_mm) if what is Teaching.SCALE else None, despite)
    with _room(data, source) as room:
        with told_progress("taking frames", as_lines=False) as bar:
            proposal = room.teach(lesson, lambda done, total: bar("taking frames", done, total))
        if not as_json:
            print_text(proposal.sentence)
        if try_only:
            if as_json:
                print_json({"taught": what.value, "sentence": proposal.sentence, "changed": False})
            return
        _sign(room, by, because, pin_stdin, dict(proposal.changes), as_json, proposal.sentence)


@camera.command("clear")
@known_faults_in_one_sentence
def clear(
    what: Annotated[Part, typer.Argument(help="dark, flat, white, quality, scale or roi.")],
    by: By,
    because: Because,
    pin_stdin: PinStdin = False,
    source: Source = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Take one part of the configuration out again."""
    with _room(data, source, opened=False) as room:
        setup = room.view().setup
        if getattr(setup, what.value) is None:
            raise OpticsRefused(f"The configuration of {setup.source} has no {what.value} to take out.")
        _sign(room, by, because, pin_stdin, {what.value: None}, as_json)


@camera.command("check")
@known_faults_in_one_sentence
def check(
    frames: Annotated[int, typer.Option(min=1, max=100_000, help="Pictures to look at.")] = 100,
    source: Source = None,
    like: Annotated[
        str | None, typer.Option(metavar="URI", help="Use the configuration of this camera instead.")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say how many pictures of a source a model would not be allowed to judge, and why; nothing is recorded."""
    with _room(data, source) as room:
        found = room.checked(frames, like)
    counts = Counter(flaw for _, flaw, _ in found if flaw is not None)
    if as_json:
        rows = [{"name": name, "flaw": flaw, "detail": detail} for name, flaw, detail in found]
        print_json({"pictures": len(found), "unfit": counts.total(), "by_flaw": dict(counts), "rows": rows})
        return
    print_text(f"{counts.total()} of {len(found)} pictures could not be judged")
    for name, _, detail in found:
        if detail is not None:
            print_text(f"{name}: {detail}")


@contextmanager
def _room(data: Path | None, source: str | None, *, opened: bool = True) -> Iterator[FolderCameraRoom]:
    from inspector_app.bootstrap.camera_room import camera_room
    from inspector_app.bootstrap.data import open_data

    with open_data(data) as folder, camera_room(folder, source, opened=opened) as room:
        yield room


def _sign(
    room: FolderCameraRoom,
    by: str,
    because: str,
    pin_stdin: bool,
    changes: dict[str, object],
    as_json: bool,
    sentence: str | None = None,
) -> None:
    order: Callable[[str | None], CameraChange] = lambda pin: room.change(Signer(by, because, pin), **changes)  # noqa: E731
    change = signed(order, by, pin_stdin)
    if as_json:
        print_json(_change_record(change) | {"changed": True, "sentence": sentence})
        return
    print_text(f"recorded; the camera's configuration is now {change.after.sha256[:12]}")
    if change.before is not None and change.before.quality is not None and change.after.quality is None:
        print_text("the limits of picture quality no longer fit and were dropped; teach them again")
    print_text("thresholds and certificates from before no longer stand for these pictures")


def _change_record(change: CameraChange) -> dict[str, Any]:
    before = change.before
    return {
        "by": change.by,
        "because": change.because,
        "at": utc_text(change.at),
        "before_sha256": None if before is None else before.sha256,
        "sha256": change.after.sha256,
        "signed": change.signed,
    }


def _lines(view: CameraView) -> Iterator[str]:
    setup: CameraSetup = view.setup
    yield f"{view.name} ({setup.source}), configuration {setup.sha256[:12]}"
    if view.trouble is not None:
        yield view.trouble
    yield from setup.words()
    for change in view.changes:
        yield f"changed by {change.by} at {change.at:%Y-%m-%d %H:%M:%S} UTC because {change.because}"


def _box(text: str) -> Box:
    try:
        x, y, w, h = (int(value) for value in text.split(","))
    except ValueError:
        raise OpticsRefused(f"A region is X,Y,W,H in whole px, not {text!r}.") from None
    if min(x, y) < 0 or min(w, h) < 32:
        raise OpticsRefused("A region begins at 0 or later and is at least 32 px wide and high.")
    return Box(x, y, w, h)


def _target(kind: Target, grid: str, pitch_mm: float | None) -> ScaleTarget:
    columns, _, rows = grid.partition("x")
    if not (columns.isdigit() and rows.isdigit()):
        raise OpticsRefused(f"A grid is COLSxROWS, such as 9x6, not {grid!r}.")
    if pitch_mm is None:
        raise OpticsRefused("To measure the scale, give --pitch-mm.")
    return ScaleTarget(kind, int(columns), int(rows), pitch_mm)
