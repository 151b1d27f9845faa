"""What the station needs from the outside, as Protocols; adapters implement them, `bootstrap` chooses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from inspector_app.domain.control import Command, ControlChange, ControlState
from inspector_app.domain.decision import Disposition
from inspector_app.domain.events import StationEvent
from inspector_app.domain.frame import Capture, Frame, Pixels
from inspector_app.domain.inspection import Inspection, LogEntry, StoredPicture
from inspector_app.domain.judged import JudgedPart
from inspector_app.domain.logquery import GivenVerdict, Incident, LogFilter, VerdictCount
from inspector_app.domain.prediction import ModelIdentity, Prediction
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.status import StationStatus
from inspector_app.domain.verdict import Answer, Verdict

Clock = Callable[[], datetime]
"""Returns the time now, timezone-aware UTC."""

OnEvent = Callable[[StationEvent], None]
"""Called on the station's threads, after the fact is in the log; must return at once."""


class TriggerMode(StrEnum):
    """What makes the camera take a picture."""

    FREE_RUN = "free_run"
    SOFTWARE = "software"
    HARDWARE = "hardware"


@dataclass(frozen=True, slots=True)
class CameraControls:
    """Settings of a camera; ``None`` leaves a setting as it is.

    Attributes
    ----------
    exposure_us, gain_db, frame_rate_hz : float or None
        Exposure time in µs, gain in dB, pictures per second in free run.
    pixel_format : str or None
        GenICam name, for example ``"Mono8"``, ``"RGB8"``, ``"BayerRG8"``.
    trigger : TriggerMode or None
        Free run, software or hardware trigger.
    """

    exposure_us: float | None = None
    gain_db: float | None = None
    frame_rate_hz: float | None = None
    pixel_format: str | None = None
    trigger: TriggerMode | None = None


@dataclass(frozen=True, slots=True)
class CameraRanges:
    """What a camera can be asked for; ``None`` or empty where it cannot be set.

    Attributes
    ----------
    exposure_us, gain_db, frame_rate_hz : (float, float) or None
        Least and greatest.
    pixel_formats : tuple of str
        Names of the formats it offers.
    triggers : tuple of TriggerMode
        Ways in which it can be made to take a picture.
    """

    exposure_us: tuple[float, float] | None = None
    gain_db: tuple[float, float] | None = None
    frame_rate_hz: tuple[float, float] | None = None
    pixel_formats: tuple[str, ...] = ()
    triggers: tuple[TriggerMode, ...] = ()


@runtime_checkable
class RangedCamera(Protocol):
    """A camera that says what it can be asked for; called while it is open, on the thread that uses it."""

    def ranges(self) -> CameraRanges:
        """Return what it can be asked for now."""
        ...


@dataclass(frozen=True, slots=True)
class CameraCounts:
    """Pictures since the camera object was made; kept across reconnects."""

    delivered: int = 0
    unusable: int = 0
    skipped: int = 0


class Camera(Protocol):
    """A source of pictures, used by one thread at a time.

    ``open`` and ``close`` are idempotent; after `CameraLost` a ``close`` and ``open`` may bring it back.
    """

    @property
    def name(self) -> str:
        """Display name, for example ``"Basler acA1920 (0815-0000)"``."""
        ...

    @property
    def uri(self) -> str:
        """The URI it was made from."""
        ...

    @property
    def counts(self) -> CameraCounts:
        """Pictures delivered, unusable and skipped so far."""
        ...

    def open(self) -> None:
        """Connect and start acquisition; `CameraLost` if it cannot."""
        ...

    def configure(self, controls: CameraControls) -> CameraControls:
        """Apply what is not ``None`` and return what is in force; `CameraSettingError` names what is allowed."""
        ...

    def trigger(self) -> None:
        """Take one picture now (software trigger); `CameraSettingError` if it is not in that mode."""
        ...

    def grab(self, timeout_s: float) -> Capture | None:
        """Return the next part's picture in order, or ``None`` if none came in time.

        Raises `CameraLost` when the camera is gone and `EndOfPictures` when a finite source is exhausted.
        """
        ...

    def close(self) -> None:
        """Stop and release; never raises for a camera that is already gone."""
        ...


@runtime_checkable
class MissesParts(Protocol):
    """A camera that knows of parts although it is lost or is about to be closed."""

    def missed_parts(self) -> tuple[Capture, ...]:
        """Return the parts that have passed meanwhile, each once."""
        ...


class Classifier(Protocol):
    """A model in memory, used by one thread at a time. A raised exception counts as a failed prediction."""

    @property
    def model(self) -> ModelIdentity:
        """Which model this is."""
        ...

    def warm_up(self, height: int, width: int) -> None:
        """Get ready for pictures of this size; returns at once where it is ready, and may take seconds where not."""
        ...

    def predict(self, pixels: Pixels) -> Prediction:
        """Judge one picture (see `Pixels`)."""
        ...

    def close(self) -> None:
        """Free what it holds; idempotent."""
        ...


class ServedClassifier(Classifier, Protocol):
    """A model that a prediction server runs, held to one identity; used by one thread at a time but for ``close``.

    ``warm_up`` connects and checks which model is served; a `KnownFault` if that fails, or if an answer is of another
    model or shape.
    """

    @property
    def server(self) -> str:
        """URL of the server in use, or of the first one to try."""
        ...

    @property
    def picture(self) -> str:
        """How pictures go to it, see `inspector_app.domain.prediction.Asked`."""
        ...

    @property
    def connected(self) -> bool:
        """True from a good ``warm_up`` until the connection is lost or another model is found there."""
        ...

    def close(self) -> None:
        """Cancel what is under way and let go of the server, from any thread; idempotent."""
        ...


ConnectServer = Callable[[ModelIdentity], ServedClassifier]
"""Makes the classifier for a model that the prediction server should serve; nothing is connected yet."""

LoadModel = Callable[[ModelIdentity], Classifier]
"""Loads the model of this identity from the registry; `ModelError` if it is not there, damaged or another one."""


@dataclass(frozen=True, slots=True)
class LineMessage:
    """What the line is told about a part.

    ``was_held`` is True for what becomes of a part that was on hold, in this run or an earlier one: it comes in no
    turn, and says nothing of the part that the line has just sent.
    """

    inspection_id: str
    part_id: str
    disposition: Disposition
    at: datetime
    was_held: bool = False


class LineOutput(Protocol):
    """An output to the line. Silence always means hold (or reject lane) on the line's side."""

    @property
    def name(self) -> str:
        """Display name."""
        ...

    def open(self) -> None:
        """Connect; `LineError` if it cannot."""
        ...

    def tell(self, message: LineMessage) -> None:
        """Deliver one message durably or with acknowledgement; `LineError` if it was not taken."""
        ...

    def close(self) -> None:
        """Release; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class LineTold:
    """The line is known to have taken a message."""

    inspection_id: str
    disposition: Disposition
    at: datetime


class InspectionLog(Protocol):
    """The write side of the log. Each call is one durable transaction or raises `LogUnavailable`, nothing written.

    Safe to call from several threads.
    """

    def record_inspection(self, inspection: Inspection, told: Sequence[LineTold] = ()) -> None:
        """Commit one part, and with it what the line has meanwhile taken."""
        ...

    def record_verdict(self, verdict: Verdict, disposition: Disposition) -> None:
        """Commit a verdict and the part's disposition after it."""
        ...

    def record_retraction(self, verdict_id: str, by: str, at: datetime, disposition: Disposition) -> None:
        """Commit that a verdict was undone, and the part's disposition after it."""
        ...

    def record_comparison(self, comparison: Comparison) -> None:
        """Commit what the model that was not in charge of a part said about it."""
        ...

    def record_told(self, told: Sequence[LineTold]) -> None:
        """Commit what the line has taken."""
        ...

    def record_picture(self, pixels_sha256: str, picture: StoredPicture) -> None:
        """Commit where a picture is, or that it is lost."""
        ...

    def record_incident(self, kind: str, sentence: str, at: datetime) -> None:
        """Commit something an operator or auditor must be able to find later (fault, recovery, start, stop)."""
        ...

    def pending_pictures(self) -> tuple[str, ...]:
        """Return the pixels_sha256 of pictures neither stored nor lost."""
        ...

    def waiting(self) -> tuple[LogEntry, ...]:
        """Return the parts that still wait for a human, oldest first."""
        ...

    def to_adjudicate(self, since_version: int) -> tuple[LogEntry, ...]:
        """Return the parts since a control state on which two models differ and nobody was asked, oldest first."""
        ...

    def untold(self) -> tuple[LogEntry, ...]:
        """Return the parts of which the line is not known to have heard the disposition that counts, oldest first."""
        ...


class ControlLog(Protocol):
    """The supervisor's commands, append-only."""

    def current(self) -> ControlState | None:
        """Return the newest state, ``None`` before the first."""
        ...

    def append(self, change: ControlChange) -> None:
        """Commit a change; `ControlRefused` if somebody else has changed the state since ``change.before``."""
        ...

    def changes(self) -> tuple[ControlChange, ...]:
        """Return all changes, oldest first."""
        ...


class LogReader(Protocol):
    """The read side, for history, reports and export. Safe to call from several threads."""

    def entry(self, inspection_id: str) -> LogEntry | None:
        """Return one part, ``None`` if unknown."""
        ...

    def search(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[LogEntry, ...]:
        """Return parts, newest first."""
        ...

    def count(self, which: LogFilter) -> int:
        """Return how many parts match."""
        ...

    def entries(self, which: LogFilter) -> Iterator[LogEntry]:
        """Yield all matching parts, oldest first, in bounded memory."""
        ...

    def verdict_counts(self, which: LogFilter) -> tuple[VerdictCount, ...]:
        """Count standing verdicts by combination, in the database."""
        ...

    def search_verdicts(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[GivenVerdict, ...]:
        """Return the verdicts that `verdict_counts` counts, those on the newest parts first."""
        ...

    def judged_parts(self, which: LogFilter) -> tuple[JudgedPart, ...]:
        """Return the parts with a verdict that counts as truth and a usable prediction, oldest first."""
        ...

    def incidents(self, limit: int) -> tuple[Incident, ...]:
        """Return the newest incidents, newest first."""
        ...


class PictureStore(Protocol):
    """Pictures on disk, content-addressed, lossless, written atomically."""

    def write(self, pixels_sha256: str, pixels: Pixels) -> StoredPicture:
        """Encode and write one picture durably; `LogUnavailable` (disk full, read-only) if it cannot."""
        ...

    def read(self, picture: StoredPicture) -> Pixels:
        """Return the pixels; `LogUnavailable` (corrupt, unreachable) if the file is gone or does not fit its hash."""
        ...

    def recover(self, pixels_sha256: str) -> StoredPicture | None:
        """After a crash: return the picture if it was fully written, else ``None``.

        Clears half-written files of it.
        """
        ...

    def free_bytes(self) -> int:
        """Return the free space of the file system."""
        ...


class Decider(Protocol):
    """A stand-in for the inspector in headless runs (truth, or a simulated inspector)."""

    @property
    def name(self) -> str:
        """The name that its verdicts carry."""
        ...

    def decide(self, entry: LogEntry, item: ReviewItem) -> tuple[Answer, tuple[str, ...]]:
        """Return the answer and the defect classes for a part."""
        ...


class StationPort(Protocol):
    """What window and command line may ask of a station. All methods are safe from any thread."""

    @property
    def control(self) -> ControlState:
        """The state in force for the next part."""
        ...

    def start(self) -> None:
        """Open everything, recover from a crash, begin to take parts. Blocks until running or faulted."""
        ...

    def stop(self, deadline_s: float) -> None:
        """Take no new parts, finish those in hand, close everything; idempotent. Blocks at most ``deadline_s``."""
        ...

    def pause(self) -> None:
        """Take no new pictures until `resume`."""
        ...

    def resume(self) -> None:
        """Go on after `pause`."""
        ...

    def status(self) -> StationStatus:
        """Return the snapshot; never blocks on devices or disk."""
        ...

    def latest_frame(self) -> Frame | None:
        """Return the newest picture for the live view (lossy)."""
        ...

    def waiting(self) -> tuple[ReviewItem, ...]:
        """Return the parts that wait for a verdict, in the order they are to be looked at."""
        ...

    def picture(self, inspection_id: str) -> Pixels | None:
        """Return a part's picture from memory or disk, ``None`` if there is none. May block on the disk."""
        ...

    def submit(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record a verdict; blocks on the log. `VerdictRefused` or `LogUnavailable`."""
        ...

    def third_look(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record what somebody who has not spoken about it says of a part, blind to human and model.

        A part on hold is disposed of by it; what has left stays what it was. Blocks on the log; `VerdictRefused` or
        `LogUnavailable`.
        """
        ...

    def undo(self, by: str, inspection_id: str | None = None) -> ReviewItem:
        """Undo this person's last verdict while the line has not been told; the part is first in the queue again.

        With an inspection, the last one on that part, which may be a third look: the part then waits for one again.
        `VerdictRefused` when there is none or it is too late.
        """
        ...

    def change_control(self, by: str, because: str, **changes: object) -> ControlState:
        """Record a supervisor command (fields of `ControlState`) and put it in force; `ControlRefused`."""
        ...

    def order(self, command: Command) -> ControlState:
        """Record a supervisor command, signed or not, and put it in force.

        `ControlRefused`; `SignatureNeeded` if it moves right, signatures are required, and it carries no PIN.
        """
        ...
