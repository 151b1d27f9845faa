"""The station's state as one frozen snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.rollout import Slot


class StationState(StrEnum):
    """Life of a station.

    ``STOPPED → STARTING → RUNNING ⇄ PAUSED``; ``STARTING, RUNNING, PAUSED, FINISHED ⇄ FAULTED`` while a fault lasts
    that stops parts; any state ``→ STOPPING → STOPPED``; ``RUNNING ⇄ FINISHED`` when a source has no more pictures,
    until more are asked for.
    """

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FAULTED = "faulted"
    FINISHED = "finished"
    STOPPING = "stopping"


class FaultKind(StrEnum):
    """Named faults. None of them accepts a part."""

    CAMERA_LOST = "camera_lost"
    CAMERA_BUG = "camera_bug"
    MODEL_MISSING = "model_missing"
    MODEL_FAILING = "model_failing"
    LINE_LOST = "line_lost"
    DISK_FULL = "disk_full"
    LOG_READ_ONLY = "log_read_only"
    LOG_UNAVAILABLE = "log_unavailable"
    PICTURES_NOT_STORED = "pictures_not_stored"
    QUEUE_OVERFLOW = "queue_overflow"
    PICTURES_UNFIT = "pictures_unfit"
    BUG = "bug"

    @property
    def stops_parts(self) -> bool:
        """True if parts wait (are held) while the fault lasts, because they cannot be recorded or a bug was met."""
        return self in {
            FaultKind.DISK_FULL,
            FaultKind.LOG_READ_ONLY,
            FaultKind.LOG_UNAVAILABLE,
            FaultKind.BUG,
        }


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that lasts now: its kind, one sentence for the operator, and since when (UTC)."""

    kind: FaultKind
    sentence: str
    since: datetime


@dataclass(frozen=True, slots=True)
class StationCounts:
    """Counts since the station was started; none of them ever falls.

    ``unusable`` counts all parts whose picture no model may judge; ``unfit`` those among them that have a picture.
    Seeded parts are in ``seeded`` alone.
    """

    captured: int = 0
    recorded: int = 0
    skipped_by_camera: int = 0
    overflowed: int = 0
    unusable: int = 0
    unfit: int = 0
    routed_to_human: int = 0
    accepted: int = 0
    rejected: int = 0
    audits: int = 0
    late_predictions: int = 0
    failed_predictions: int = 0
    line_failures: int = 0
    pictures_stored: int = 0
    pictures_lost: int = 0
    reconnects: int = 0
    missed_triggers: int = 0
    late_pictures: int = 0
    pictures_not_asked_for: int = 0
    doubled_parts: int = 0
    part_ids_unclear: int = 0
    local_answers: int = 0
    """Predictions that the local model gave because the prediction server did not."""
    seeded: int = 0


class ServerState(StrEnum):
    """Whether a prediction server answers for a model."""

    ANSWERING = "answering"
    AWAY = "away"
    RETURNING = "returning"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The prediction server as one slot sees it.

    Attributes
    ----------
    url : str
        Of the server.
    state : ServerState
        ``RETURNING``: it answers trials again, and soon parts.
    since : datetime
        UTC; when it began to answer, or was found away.
    why : str or None
        One sentence why it is not asked; ``None`` while it answers.
    local : bool
        True if the local model answers in its place.
    """

    url: str
    state: ServerState
    since: datetime
    why: str | None
    local: bool


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """What one slot holds: the model's name and version, whether it is loaded, and if not, one sentence why."""

    slot: Slot
    title: str
    ready: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StationStatus:
    """Snapshot for status strip, monitoring and tests.

    Attributes
    ----------
    state : StationState
        Where the station is in its life.
    faults : tuple of Fault
        Lasting faults, oldest first.
    counts : StationCounts
        Since start.
    camera, model, line : str
        Display names of what is in use; ``"none"`` where there is none.
    frames_queued, pictures_queued, waiting_for_human : int
        Queue lengths now.
    disk_free_bytes : int
        On the data folder's file system.
    last_inspection_ms : float or None
        Frame in hand to line told, of the last part.
    slots : tuple of SlotStatus
        The slots that hold a model.
    server : ServerStatus or None
        The prediction server of the slot in charge; ``None`` where none is set.
    """

    state: StationState
    faults: tuple[Fault, ...]
    counts: StationCounts
    camera: str
    model: str
    line: str
    frames_queued: int
    pictures_queued: int
    waiting_for_human: int
    disk_free_bytes: int
    last_inspection_ms: float | None
    slots: tuple[SlotStatus, ...] = ()
    server: ServerStatus | None = None
