"""What has happened in the station: frozen, in the past tense, delivered after it is in the log."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.domain.control import ControlChange
from inspector_app.domain.decision import Disposition
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.rollout import Comparison, Slot
from inspector_app.domain.status import Fault, ServerStatus, StationState
from inspector_app.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class InspectionRecorded:
    """A part is in the log (and the line has been told, unless a line fault says otherwise)."""

    inspection: Inspection


@dataclass(frozen=True, slots=True)
class ReviewRequested:
    """A part waits for an inspector."""

    inspection_id: str


@dataclass(frozen=True, slots=True)
class VerdictRecorded:
    """A verdict is in the log."""

    verdict: Verdict
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class VerdictRetracted:
    """A verdict was undone; the part waits again."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PartDisposed:
    """The line was told what becomes of a part after a human verdict."""

    inspection_id: str
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class ControlChanged:
    """A new control state is in the log and in force from the next part on."""

    change: ControlChange


@dataclass(frozen=True, slots=True)
class ComparisonRecorded:
    """The answer of the model that was not in charge of a part is in the log."""

    comparison: Comparison


@dataclass(frozen=True, slots=True)
class ModelReady:
    """The model of a slot is loaded, or another one has taken its place; ``title`` is its name and version."""

    slot: Slot
    title: str


@dataclass(frozen=True, slots=True)
class ModelNotAsNamed:
    """The model that a slot should hold is not the one that was found there: a hash differs; ``sentence`` says how."""

    slot: Slot
    sentence: str


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """The prediction server of a slot answers, or no longer does; ``sentence`` is what the log says about it."""

    slot: Slot
    status: ServerStatus
    sentence: str


@dataclass(frozen=True, slots=True)
class GuardTripped:
    """A guard has stepped left; ``change`` is in the log and in force from the next part on."""

    kind: str
    change: ControlChange


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """A fault has begun."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """A fault is over."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The station has gone from one state to another."""

    before: StationState
    after: StationState


@dataclass(frozen=True, slots=True)
class PictureStored:
    """A part's picture is safe on disk."""

    pixels_sha256: str


@dataclass(frozen=True, slots=True)
class PictureLost:
    """A part's picture could not be kept; the log says so too."""

    pixels_sha256: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FrameArrived:
    """A new picture is in the latest-picture slot; it carries no picture itself."""


StationEvent = (
    InspectionRecorded
    | ReviewRequested
    | VerdictRecorded
    | VerdictRetracted
    | PartDisposed
    | ControlChanged
    | ComparisonRecorded
    | ModelReady
    | ModelNotAsNamed
    | ServerChanged
    | GuardTripped
    | FaultRaised
    | FaultCleared
    | StateChanged
    | PictureStored
    | PictureLost
    | FrameArrived
)
