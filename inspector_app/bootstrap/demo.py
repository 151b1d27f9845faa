"""The demonstration: made-up parts, a window, or a simulated shift through all five levels."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from inspector_app.bootstrap.building import built_station, set_up
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.bootstrap.demo_study import hold_study
from inspector_app.bootstrap.devices import known_truth, make_parts
from inspector_app.bootstrap.reporting import REPORT_FORMATS, agreement_content, write_agreement
from inspector_app.bootstrap.settled import utc_now
from inspector_app.bootstrap.study_room import FolderStudyRoom
from inspector_app.cameras.listing import picture_files
from inspector_app.cameras.reading import PictureLimits, PictureRefused, read_picture
from inspector_app.cameras.synthetic import MakePart, PartRequest, SyntheticCamera
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Presentation
from inspector_app.domain.errors import CameraLost, KnownFault
from inspector_app.domain.events import InspectionRecorded, ReviewRequested, StationEvent
from inspector_app.domain.frame import Pixels, Reference
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.ports import Camera, CameraControls, Decider, TriggerMode
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.status import StationState
from inspector_app.settings import (
    AutomationSection,
    CameraSection,
    GuardSection,
    ModelSection,
    Settings,
    StationSection,
)
from inspector_app.station.deciders import parse_decider
from inspector_app.station.station import Station

OnPart = Callable[[int, str], None]
"""Told how many parts of the shift are done, and what is going on."""

SUPERVISOR: Final = "demo supervisor"
INSPECTORS: Final = ("simulated:se=.95,sp=.98,seed=1,name=anna", "simulated:se=.9,sp=.99,seed=2,name=ben")
BUNDLED_EVERY: Final = 33
"""One of so many parts of the demonstration is a bundled picture instead of a generated one."""

SEED: Final = 7
INSPECTOR_SHOWN: Final = "anna"
PAGES_SHOWN: Final[Mapping[Level, tuple[str, ...]]] = {
    Level.ASSIST: ("inspect", "automation"),
    Level.FULL: ("inspect", "history", "part", "agreement", "automation", "study", "models", "system", "camera"),
}
"""Pages that are photographed at a level; elsewhere the inspector's alone."""

STANDSTILL_S: Final = 60.0
STOP_S: Final = 30.0

LEVEL_CHANGES: Final[Mapping[Level, Mapping[str, object]]] = {
    Level.HUMAN_ONLY: {},
    Level.SHADOW: {"level": Level.SHADOW},
    Level.ASSIST: {"level": Level.ASSIST},
    Level.PARTIAL: {"level": Level.PARTIAL, "canary_share": 0.5, "accept_below": 0.2, "reject_above": 0.8},
    Level.FULL: {"level": Level.FULL, "canary_share": 1.0},
}
"""What is ordered at each stage. The canary share is far above a plant's first 5 %, and the thresholds are wider than
any evidence would allow, so that a short shift shows the model at work; the report shows what that costs."""


def demo_settings(**station: object) -> Settings:
    """Return the demonstration's settings: defaults, but for a name, what is given for ``[station]``, and patience.

    A machine that also installs or tests something must not make the demonstration a story of late predictions.
    """
    return Settings(
        station=StationSection.model_validate({"id": "demo", **station}),
        camera=CameraSection(source=f"synthetic:?seed={SEED}"),
        model=ModelSection(deadline_ms=20_000.0),
        automation=AutomationSection(level=Level.HUMAN_ONLY, style=AssistStyle.SECOND_LOOK),
        # Guards would rightly end the walk through the levels: its thresholds are wider than evidence allows.
        guards=GuardSection(enabled=False),
    )


def demo_camera(rate_hz: float | None) -> SyntheticCamera:
    """Return the camera of the demonstration: generated parts, and now and then a bundled picture."""
    request = PartRequest(seed=SEED, width_px=1920, height_px=1080, defect_share=0.3)
    make = with_bundled_parts(make_parts(request), bundled_parts())
    return SyntheticCamera(request, make, uri=f"synthetic:?seed={SEED}", clock=utc_now, rate_hz=rate_hz)


def bundled_parts() -> tuple[tuple[Pixels, Reference], ...]:
    """Return the pictures that came with the program, with their truth."""
    with as_file(files("resources") / "demo_parts") as folder:
        truth = known_truth(folder)
        read = [(found.name, read_picture(found.path, PictureLimits())) for found in picture_files(folder)]
    damaged = [name for name, picture in read if isinstance(picture, PictureRefused)]
    if damaged:
        raise KnownFault(f"The bundled picture {damaged[0]} is damaged; install the program again.")
    return tuple((picture.pixels, truth[name]) for name, picture in read if not isinstance(picture, PictureRefused))


def with_bundled_parts(make: MakePart, bundled: Sequence[tuple[Pixels, Reference]]) -> MakePart:
    """Return a maker that gives a bundled part in place of every so many generated ones."""

    def made(index: int) -> tuple[Pixels, Reference]:
        turn, rest = divmod(index, BUNDLED_EVERY)
        return bundled[turn % len(bundled)] if rest == BUNDLED_EVERY // 2 and bundled else make(index)

    return made


def open_demo_window(out: Path) -> int:
    """Open the window on made-up parts, one every few seconds; the agreement report is left in ``out``."""
    from inspector_app.bootstrap.window import show, window_settings

    with (
        tempfile.TemporaryDirectory(prefix="inspection-demo-") as name,
        open_data(Path(name), demo_settings()) as folder,
    ):
        camera = set_up(folder, demo_camera(0.4))
        with built_station(folder, camera, folder.classifier()) as station:
            code = show(folder, station, window_settings(folder), camera)
        write_agreement(agreement_content(folder, LogFilter()), out, REPORT_FORMATS)
    return code


def headless_shift(parts: int, out: Path, on_part: OnPart) -> tuple[Path, ...]:
    """Run a simulated shift through all five levels and return what it leaves.

    Every part goes the whole way: camera, model, policy, log, line, review queue, verdict of a simulated inspector.

    Parameters
    ----------
    parts : int
        At least 5; divided evenly among the levels.
    out : Path
        Gets ``agreement.json``, ``agreement.csv`` and a picture of the window at each level.
    on_part : OnPart
        Told of progress.
    """
    from inspector_app.bootstrap.window import photographed

    left: list[Path] = []
    made = demo_camera(None)
    made.configure(CameraControls(trigger=TriggerMode.SOFTWARE))
    with (
        tempfile.TemporaryDirectory(prefix="inspection-demo-") as name,
        open_data(Path(name), demo_settings(undo_s=0.0, appear_after_s=0.0)) as folder,
        built_station(folder, camera := set_up(folder, made), folder.classifier()) as station,
    ):
        shift = Shift(folder, station, camera, on_part)
        for number, level in enumerate(Level):
            shift.work(level, parts * (number + 1) // len(Level))
            shift.leave_one_waiting()
            if level is Level.FULL:
                hold_study(FolderStudyRoom(folder), SUPERVISOR, SEED, utc_now)
            with photographed(folder, station, INSPECTOR_SHOWN, camera) as studio:
                left += studio.take(out, level.value, pages=PAGES_SHOWN.get(level, ("inspect",)))
            shift.judge_all()
        shift.end()
        left += write_agreement(agreement_content(folder, LogFilter()), out, REPORT_FORMATS)
    return tuple(left)


class Shift:
    """Simulated inspectors at the review queue of a real station.

    Parameters
    ----------
    folder : DataFolder
        Where the parts' records are read.
    station : Station
        Without deciders of its own; started here.
    camera : Camera
        The station's, on software trigger: a part is made when the shift asks for it.
    on_part : OnPart
        Told of progress.
    """

    def __init__(self, folder: DataFolder, station: Station, camera: Camera, on_part: OnPart) -> None:
        self._reader = folder.log.reader
        self._station = station
        self._camera = camera
        self._on_part = on_part
        self._inspectors: tuple[Decider, ...] = tuple(parse_decider(spec) for spec in INSPECTORS)
        self._events: queue.SimpleQueue[StationEvent] = queue.SimpleQueue()
        self._unsubscribe = station.subscribe(self._events.put)
        self._recorded = 0
        self._asked_for = 0
        self._to_come: set[str] = set()

    def work(self, level: Level, until: int) -> None:
        """Set the level, take parts until so many are recorded in all, and judge those that ask for it."""
        changes = LEVEL_CHANGES[level]
        if changes:
            self._station.change_control(SUPERVISOR, f"demonstration of the level {level.value}", **changes)
        self._take(until - self._asked_for)
        self.judge_all()

    def leave_one_waiting(self) -> None:
        """Take parts until one waits for an inspector; where there is a second look, until that is open."""
        while not self._station.waiting():
            self._take(1)
        item = self._station.waiting()[0]
        entry = self._entry(item)
        if entry.inspection.decision.presentation is Presentation.SECOND_LOOK and not item.revealed:
            self._submit(item, entry)

    def judge_all(self) -> None:
        """Give verdicts on all parts that wait."""
        for item in self._station.waiting():
            second = self._submit(item, self._entry(item))
            if second is not None:
                self._submit(second, self._entry(second))

    def end(self) -> None:
        """Stop the station."""
        self._unsubscribe()
        self._station.stop(STOP_S)

    def _take(self, parts: int) -> None:
        """Take parts, judging on the way; return when they are recorded and the last ones for humans wait."""
        if self._station.status().state is StationState.STOPPED:
            self._station.start()
        self._trigger(parts)
        self._asked_for += parts
        while self._recorded < self._asked_for or self._to_come:
            self._next_event()
            if self._recorded < self._asked_for:
                self.judge_all()

    def _trigger(self, parts: int) -> None:
        """Ask the camera for parts; the station's camera thread opens it in its own time."""
        end = time.monotonic() + STANDSTILL_S
        while parts:
            try:
                self._camera.trigger()
            except CameraLost:
                if time.monotonic() > end:
                    raise
                threading.Event().wait(0.05)
            else:
                parts -= 1

    def _next_event(self) -> None:
        try:
            event = self._events.get(timeout=STANDSTILL_S)
        except queue.Empty:
            faults = "; ".join(fault.sentence for fault in self._station.status().faults)
            raise KnownFault(f"The demonstration stands still. {faults}".strip()) from None
        if isinstance(event, InspectionRecorded):
            self._recorded += 1
            if event.inspection.decision.asks_human:
                self._to_come.add(event.inspection.inspection_id)
            self._on_part(self._recorded, f"Level {event.inspection.control.level.value}")
        elif isinstance(event, ReviewRequested):
            self._to_come.discard(event.inspection_id)

    def _submit(self, item: ReviewItem, entry: LogEntry) -> ReviewItem | None:
        """Give one verdict on a part, by the inspector that the part belongs to; return the second look it opens."""
        turn = int(sticky_uniform("demo inspector", item.part_id) * len(self._inspectors))
        inspector = self._inspectors[turn]
        began = time.monotonic()
        answer, classes = inspector.decide(entry, item)
        seconds = time.monotonic() - began
        return self._station.submit(item.inspection_id, inspector.name, answer, classes, seconds).second_look

    def _entry(self, item: ReviewItem) -> LogEntry:
        entry = self._reader.entry(item.inspection_id)
        if entry is None:
            raise KnownFault(f"Part {item.part_id} waits but is not in the log.")
        return entry
