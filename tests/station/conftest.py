"""A station in memory: small real devices that can be told to fail, and a log that keeps what was committed."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import (
    CameraLost,
    ControlRefused,
    EndOfPictures,
    LineError,
    LogProblem,
    LogUnavailable,
    ModelError,
)
from inspector_app.domain.events import StationEvent
from inspector_app.domain.frame import (
    Capture,
    Frame,
    Judgement,
    PictureFlaw,
    PictureProblem,
    Pixels,
    Reference,
    ReferenceSource,
    Unfit,
    UnusableFrame,
    frozen_pixels,
)
from inspector_app.domain.inspection import Inspection, LogEntry, PictureFacts, PictureState, StoredPicture
from inspector_app.domain.ports import (
    CameraControls,
    CameraCounts,
    Decider,
    LineMessage,
    LineTold,
)
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.review import still_waits
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import Verdict
from inspector_app.station.equipment import Equipment
from inspector_app.station.options import Backoff, StationOptions
from inspector_app.station.station import Station

PATIENCE_S = 60.0
MODEL = ModelIdentity("test", "1", "a" * 64, "b" * 64)
QUICK = Backoff(0.002, 0.01)


def now() -> datetime:
    return datetime.now(UTC)


def control(level: Level = Level.HUMAN_ONLY, **changes: object) -> ControlState:
    state = ControlState(
        version=1,
        level=level,
        style=AssistStyle.HIGHLIGHT,
        accept_below=0.2,
        cut=0.5,
        reject_above=0.8,
        canary_share=1.0,
        audit_share=1e-9,
        unaided_share=1e-9,
        hold_audits=True,
        salts=Salts("canary", "audit", "first"),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def frame(number: int, *, name: str | None = "", defect: bool | None = None, source: str = "folder:x") -> Frame:
    pixels = np.full((4, 6), number % 251, np.uint8)
    pixels[0, :4] = list(number.to_bytes(4, "big"))
    reference = None
    if defect is not None:
        judgement = Judgement.REJECT if defect else Judgement.ACCEPT
        reference = Reference(judgement, ReferenceSource.GENERATOR)
    label = f"part-{number:04d}" if name == "" else name
    return Frame(frozen_pixels(pixels), now(), source, number, name=label, reference=reference)


def unfit(number: int) -> Frame:
    """Return a picture that is there and that no model may judge."""
    return replace(frame(number), unfit=Unfit(PictureFlaw.BLURRED, "The picture is out of focus."))


def unusable(number: int) -> UnusableFrame:
    return UnusableFrame(PictureProblem.TRUNCATED, "cut off", now(), "folder:x", number, name=f"part-{number:04d}")


class ScriptedCamera:
    """Delivers captures in order; an exception in the script is raised where it stands, an event waited for."""

    def __init__(
        self, script: Iterable[Capture | Exception | threading.Event | None], uri: str = "folder:x", hold: bool = False
    ) -> None:
        self.uri = uri
        self.name = "scripted"
        self.counts = CameraCounts()
        self.script: deque[Capture | Exception | threading.Event | None] = deque(script)
        self.hold = hold
        self.open_now = False
        self.opened = 0
        self.refuse_opens = 0
        self.users: set[str] = set()

    def open(self) -> None:
        self.users.add(threading.current_thread().name)
        if self.refuse_opens:
            self.refuse_opens -= 1
            raise CameraLost("not there")
        self.open_now = True
        self.opened += 1

    def configure(self, controls: CameraControls) -> CameraControls:
        return controls

    def trigger(self) -> None:
        raise NotImplementedError

    def grab(self, timeout_s: float) -> Capture | None:
        self.users.add(threading.current_thread().name)
        assert self.open_now, "grabbed from a closed camera"
        if not self.script:
            if self.hold:
                time.sleep(min(timeout_s, 0.005))
                return None
            raise EndOfPictures("no more")
        item = self.script.popleft()
        if isinstance(item, Exception):
            raise item
        if isinstance(item, threading.Event):
            assert item.wait(PATIENCE_S)
            return None
        return item

    def close(self) -> None:
        self.open_now = False


def prediction(probability: float) -> Prediction:
    region = Region("scratch", 0.9, Box(1, 1, 2, 2), ((1, 1), (2, 1), (2, 2)), 2.0, 1.0, rejects=True)
    return Prediction(PredictionStatus.OK, probability, (region,) if probability >= 0.5 else (), MODEL, 1.0)


class ScriptedClassifier:
    """Answers with what ``answer`` returns or raises for a picture's number."""

    def __init__(self, answer: Callable[[int], object], model: ModelIdentity = MODEL) -> None:
        self.model = model
        self.closed = False
        self.answer = answer
        self.asked: list[int] = []
        self.warming: Callable[[], None] = lambda: None

    def warm_up(self, height: int, width: int) -> None:
        self.warming()

    def predict(self, pixels: Pixels) -> Prediction:
        number = int.from_bytes(bytes(pixels[0, :4].tolist()), "big")
        self.asked.append(number)
        answer = self.answer(number)
        return replace(answer, model=self.model) if isinstance(answer, Prediction) else answer  # type: ignore[return-value]

    def close(self) -> None:
        self.closed = True


class ScriptedServer(ScriptedClassifier):
    """A served model that answers with what ``answer`` returns or raises; ``away`` refuses to connect."""

    server = "grpc://edge:8001"
    picture = "raw"

    def __init__(self, answer: Callable[[int], object], model: ModelIdentity = MODEL) -> None:
        super().__init__(answer, model)
        self.away: str | None = None
        self.connected = False
        self.connects = 0

    def warm_up(self, height: int, width: int) -> None:
        if self.connected:
            return
        if self.away is not None:
            raise ModelError(self.away)
        self.connects += 1
        self.connected = True

    def predict(self, pixels: Pixels) -> Prediction:
        if self.away is not None:
            self.connected = False
            raise ModelError(self.away)
        return super().predict(pixels)


class MemoryLine:
    """Keeps every message; ``check`` may raise before it is taken."""

    name = "memory"

    def __init__(self) -> None:
        self.messages: list[LineMessage] = []
        self.check: Callable[[LineMessage], None] = lambda message: None
        self.refuse_opens = 0
        self.open_now = False

    def open(self) -> None:
        if self.refuse_opens:
            self.refuse_opens -= 1
            raise LineError("the line is not there")
        self.open_now = True

    def tell(self, message: LineMessage) -> None:
        assert self.open_now, "told a closed line"
        self.check(message)
        self.messages.append(message)

    def close(self) -> None:
        self.open_now = False

    def heard(self, part_id: str) -> list[Disposition]:
        return [message.disposition for message in self.messages if message.part_id == part_id]


class MemoryLog:
    """`InspectionLog` and the part of `LogReader` that the station uses; ``trouble`` may refuse a call."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.entries_: dict[str, LogEntry] = {}
        self.told: dict[str, Disposition] = {}
        self.pictures: dict[str, StoredPicture] = {}
        self.incidents: list[tuple[str, str]] = []
        self.comparisons: dict[str, Comparison] = {}
        self.trouble: Callable[[str], LogProblem | None] = lambda call: None

    def _check(self, call: str) -> None:
        problem = self.trouble(call)
        if problem is not None:
            raise LogUnavailable(problem, f"{call}: {problem}")

    def record_inspection(self, inspection: Inspection, told: Sequence[LineTold] = ()) -> None:
        with self.lock:
            self._check("record_inspection")
            assert inspection.inspection_id not in self.entries_, "recorded twice"
            if isinstance(inspection.picture, PictureFacts):
                self.pictures.setdefault(inspection.picture.pixels_sha256, StoredPicture(PictureState.PENDING))
            self.entries_[inspection.inspection_id] = LogEntry(
                inspection, None, (), inspection.decision.disposition, line_told=False
            )
            self.told.update({each.inspection_id: each.disposition for each in told})

    def record_verdict(self, verdict: Verdict, disposition: Disposition) -> None:
        with self.lock:
            self._check("record_verdict")
            entry = self.entries_[verdict.inspection_id]
            self.entries_[verdict.inspection_id] = replace(
                entry, verdicts=(*entry.verdicts, verdict), disposition=disposition
            )

    def record_retraction(self, verdict_id: str, by: str, at: datetime, disposition: Disposition) -> None:
        with self.lock:
            self._check("record_retraction")
            for key, entry in self.entries_.items():
                if any(verdict.verdict_id == verdict_id for verdict in entry.verdicts):
                    verdicts = tuple(
                        replace(verdict, retracted=True) if verdict.verdict_id == verdict_id else verdict
                        for verdict in entry.verdicts
                    )
                    self.entries_[key] = replace(entry, verdicts=verdicts, disposition=disposition)
                    return
            raise AssertionError("no such verdict")

    def record_comparison(self, comparison: Comparison) -> None:
        with self.lock:
            self._check("record_comparison")
            assert comparison.inspection_id in self.entries_, "compared before it was recorded"
            assert comparison.inspection_id not in self.comparisons, "compared twice"
            self.comparisons[comparison.inspection_id] = comparison

    def to_adjudicate(self, since_version: int) -> tuple[LogEntry, ...]:
        self._check("to_adjudicate")
        return tuple(
            entry
            for entry in self.all()
            if entry.beside is not None
            and entry.beside.differs
            and not entry.inspection.decision.asks_human
            and not entry.verdicts
            and entry.inspection.control.version >= since_version
        )

    def record_told(self, told: Sequence[LineTold]) -> None:
        with self.lock:
            self._check("record_told")
            self.told.update({each.inspection_id: each.disposition for each in told})

    def record_picture(self, pixels_sha256: str, picture: StoredPicture) -> None:
        with self.lock:
            self._check("record_picture")
            self.pictures[pixels_sha256] = picture

    def record_incident(self, kind: str, sentence: str, at: datetime) -> None:
        with self.lock:
            self._check("record_incident")
            self.incidents.append((kind, sentence))

    def pending_pictures(self) -> tuple[str, ...]:
        with self.lock:
            self._check("pending_pictures")
            return tuple(key for key, picture in self.pictures.items() if picture.state is PictureState.PENDING)

    def waiting(self) -> tuple[LogEntry, ...]:
        self._check("waiting")
        return tuple(
            entry
            for entry in self.all()
            if still_waits(entry.inspection.decision.presentation, [v.kind for v in entry.verdicts if not v.retracted])
        )

    def untold(self) -> tuple[LogEntry, ...]:
        self._check("untold")
        return tuple(entry for entry in self.all() if not entry.line_told)

    def entry(self, inspection_id: str) -> LogEntry | None:
        self._check("entry")
        return next((e for e in self.all() if e.inspection.inspection_id == inspection_id), None)

    def all(self) -> tuple[LogEntry, ...]:
        with self.lock:
            return tuple(self._complete(key, entry) for key, entry in self.entries_.items())

    def _complete(self, key: str, entry: LogEntry) -> LogEntry:
        picture = entry.inspection.picture
        stored = self.pictures[picture.pixels_sha256] if isinstance(picture, PictureFacts) else None
        told = self.told.get(key) is entry.disposition
        return replace(entry, stored_picture=stored, line_told=told, beside=self.comparisons.get(key))

    def part(self, part_id: str) -> LogEntry:
        (entry,) = [entry for entry in self.all() if entry.inspection.part_id == part_id]
        return entry


class MemoryControlLog:
    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.recorded: list[ControlChange] = []

    def current(self) -> ControlState | None:
        self.log._check("control")
        return self.recorded[-1].after if self.recorded else None

    def append(self, change: ControlChange) -> None:
        self.log._check("control_append")
        if change.before != (self.recorded[-1].after if self.recorded else None):
            raise ControlRefused("somebody else was quicker")
        self.recorded.append(change)

    def changes(self) -> tuple[ControlChange, ...]:
        return tuple(self.recorded)


class MemoryPictures:
    """A picture store in memory; ``trouble`` may refuse a write, ``gate`` may delay it."""

    def __init__(self) -> None:
        self.kept: dict[str, Pixels] = {}
        self.trouble: Callable[[], LogProblem | None] = lambda: None
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()

    def write(self, pixels_sha256: str, pixels: Pixels) -> StoredPicture:
        self.begun.set()
        self.gate.wait(PATIENCE_S)
        problem = self.trouble()
        if problem is not None:
            raise LogUnavailable(problem, f"pictures: {problem}")
        self.kept[pixels_sha256] = pixels
        return StoredPicture(PictureState.STORED, pixels_sha256, "f" * 64)

    def read(self, picture: StoredPicture) -> Pixels:
        return self.kept[picture.path or ""]

    def recover(self, pixels_sha256: str) -> StoredPicture | None:
        if pixels_sha256 not in self.kept:
            return None
        return StoredPicture(PictureState.STORED, pixels_sha256, "f" * 64)

    def free_bytes(self) -> int:
        return 1_000_000


@dataclass
class Rig:
    """A station with its devices, and the order in which things happened."""

    camera: ScriptedCamera
    classifier: ScriptedClassifier | None = None
    servers: Sequence[ScriptedServer] = ()
    others: Sequence[ScriptedClassifier] = ()
    level: Level = Level.HUMAN_ONLY
    changes: dict[str, object] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    deciders: Sequence[Decider] = ()
    expects_bug: bool = False
    line: MemoryLine = field(default_factory=MemoryLine)
    log: MemoryLog = field(default_factory=MemoryLog)
    pictures: MemoryPictures = field(default_factory=MemoryPictures)
    events: list[StationEvent] = field(default_factory=list)
    bugs: list[tuple[str, BaseException]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.control_log = MemoryControlLog(self.log)
        self.loads: list[ModelIdentity] = []
        self.heard = threading.Condition()
        self.station = self.another()

    def another(self) -> Station:
        """A station on the same log and devices, as after a restart of the program."""
        quick: dict[str, object] = {
            "grab_timeout_s": 0.01,
            "told_flush_s": 0.01,
            "undo_window_s": 0.0,
            "appear_after_s": 0.0,
            # A busy machine must not make a model late or lose a picture where a test is not about that.
            "model_deadline_s": PATIENCE_S,
            "picture_wait_s": PATIENCE_S,
            "camera_backoff": QUICK,
            "log_backoff": QUICK,
            "line_backoff": QUICK,
            "picture_backoff": QUICK,
            **self.options,
        }
        self.station = Station(
            Equipment(
                self.camera,
                self.classifier,
                self.line,
                self.log,
                self.log,
                self.control_log,
                self.pictures,
                self.load_model,  # type: ignore[arg-type]
                connect_server=self.connect_server if self.servers else None,
            ),
            control(self.level, **self.changes),
            may_control=lambda user: user == "boss",
            clock=now,
            random_bits=random.getrandbits,
            on_bug=lambda thread, bug: self.bugs.append((thread, bug)),
            options=StationOptions(**quick),  # type: ignore[arg-type]
            deciders=self.deciders,
        )
        self.station.subscribe(self.hear)
        return self.station

    def load_model(self, identity: ModelIdentity) -> ScriptedClassifier:
        """Return the model of a name and version, as a registry would."""
        self.loads.append(identity)
        for other in self.others:
            if (other.model.name, other.model.version) == (identity.name, identity.version):
                return other
        raise ModelError(f"model {identity.name} {identity.version} is not here.")

    def connect_server(self, identity: ModelIdentity) -> ScriptedServer:
        """Return the served model of an identity."""
        return next(server for server in self.servers if server.model == identity)

    def hear(self, event: StationEvent) -> None:
        with self.heard:
            self.events.append(event)
            self.heard.notify_all()

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that an event brings about, or that happens beside events."""
        end = time.monotonic() + PATIENCE_S
        with self.heard:
            while not reached():
                assert time.monotonic() < end, f"never happened; {self.station.status()}"
                self.heard.wait(0.005)

    def until_state(self, state: StationState) -> None:
        self.until(lambda: self.station.status().state is state)

    def of(self, kind: type) -> list[StationEvent]:
        with self.heard:
            return [event for event in self.events if isinstance(event, kind)]

    def run_out(self) -> None:
        """Start, take all that the camera has, stop."""
        self.station.start()
        self.until_state(StationState.FINISHED)
        self.station.stop(PATIENCE_S)


@pytest.fixture
def make_rig() -> Iterator[Callable[..., Rig]]:
    """Rigs that are stopped at the end, with no thread and no unexpected bug left over."""
    rigs: list[Rig] = []

    def make(script: Iterable[Capture | Exception | threading.Event | None] = (), **more: object) -> Rig:
        camera = more.pop("camera", None) or ScriptedCamera(script)
        rigs.append(Rig(camera, **more))  # type: ignore[arg-type]
        return rigs[-1]

    before = set(threading.enumerate())
    yield make
    for rig in rigs:
        rig.station.stop(PATIENCE_S)
        assert rig.expects_bug or not rig.bugs, rig.bugs
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in left), left


@pytest.fixture
def kit() -> type[Kit]:
    return Kit


class Kit:
    """What tests make things with (test files cannot import one another)."""

    frame = staticmethod(frame)
    unusable = staticmethod(unusable)
    unfit = staticmethod(unfit)
    control = staticmethod(control)
    prediction = staticmethod(prediction)
    now = staticmethod(now)
    Camera = ScriptedCamera
    Classifier = ScriptedClassifier
    Server = ScriptedServer
    Line = MemoryLine
    Log = MemoryLog
    ControlLog = MemoryControlLog
    Pictures = MemoryPictures
    Rig = Rig
    PATIENCE_S = PATIENCE_S
    QUICK = QUICK
    MODEL = MODEL
