"""What guards are told, and what they answer: values only, so that a recorded stream of them replays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.control import ControlChange, Level


class GuardKind(StrEnum):
    """The causes for which automation steps left by itself."""

    HARM = "harm"
    ESCAPES_RISING = "escapes_rising"
    CRITICAL_ESCAPE = "critical_escape"
    SCORE_DRIFT = "score_drift"
    MODEL_CHANGED = "model_changed"
    CAMERA_CHANGED = "camera_changed"
    AUDIT_BACKLOG = "audit_backlog"
    SEED_MISSED = "seed_missed"
    HEARTBEAT_LOST = "heartbeat_lost"

    @property
    def step_to(self) -> Level:
        """The level furthest right that is left until a supervisor signs again."""
        return _STEPS[self]

    @property
    def audits_all(self) -> bool:
        """True if, where the model still decides, each of its decisions is audited until then."""
        return self is GuardKind.SCORE_DRIFT


_TITLES: Mapping[str, str] = {
    GuardKind.HARM: "Too many escapes",
    GuardKind.ESCAPES_RISING: "Escapes rising",
    GuardKind.CRITICAL_ESCAPE: "Critical escape",
    GuardKind.SCORE_DRIFT: "Scores drift",
    GuardKind.MODEL_CHANGED: "Model changed",
    GuardKind.CAMERA_CHANGED: "Camera changed",
    GuardKind.AUDIT_BACKLOG: "Audits wait",
    GuardKind.SEED_MISSED: "Seeded defect missed",
    GuardKind.HEARTBEAT_LOST: "Model silent",
}


def guard_title(kind: str) -> str:
    """Return a guard's name as people read it; one that is not known here keeps its kind."""
    return _TITLES.get(kind, kind)


_STEPS = {
    # The model's answers are wrong where it matters most, or are no longer those that were vouched for.
    GuardKind.CRITICAL_ESCAPE: Level.SHADOW,
    GuardKind.MODEL_CHANGED: Level.SHADOW,
    GuardKind.CAMERA_CHANGED: Level.SHADOW,
    # The model helps but does not decide.
    GuardKind.HARM: Level.ASSIST,
    GuardKind.ESCAPES_RISING: Level.ASSIST,
    GuardKind.SEED_MISSED: Level.ASSIST,
    GuardKind.AUDIT_BACKLOG: Level.ASSIST,
    GuardKind.HEARTBEAT_LOST: Level.ASSIST,
    # Something looks different, nothing is known to be wrong.
    GuardKind.SCORE_DRIFT: Level.PARTIAL,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What the model's answers depend on besides the part; a signature vouches for exactly this.

    Attributes
    ----------
    model_sha256, preprocessing_sha256 : str
        As in the prediction's `ModelIdentity`.
    camera_sha256 : str or None
        Digest of the camera's configuration; ``None`` where it is not known, and then it is not compared.
    """

    model_sha256: str
    preprocessing_sha256: str
    camera_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PartScored:
    """The model has answered on a part of production.

    Attributes
    ----------
    probability : float
        0 … 1.
    u : float
        In [0, 1): `monitoring.score_drift.smoothing_draw` of the part.
    identity : Identity
        Who answered, on whose picture.
    """

    probability: float
    u: float
    identity: Identity


@dataclass(frozen=True, slots=True)
class ModelRefused:
    """A slot should hold a model and holds another: found when it was loaded, before any part was given to it.

    Attributes
    ----------
    sentence : str
        How they differ.
    """

    sentence: str


@dataclass(frozen=True, slots=True)
class AuditConfirmed:
    """A blind verdict on a part that the model accepted stands; a third look has settled it where that is waited for.

    Attributes
    ----------
    escape : bool
        True if the part is bad.
    critical : bool
        True if the defect is of a class that must never escape.
    uniform : bool
        True for the uniform stream; only that is a fair sample of the model's accepts. A targeted audit counts for
        a critical escape alone.
    """

    escape: bool
    critical: bool = False
    uniform: bool = True


@dataclass(frozen=True, slots=True)
class SeedJudged:
    """The model has judged a seeded part whose defect it did not accept when it was vouched for.

    Attributes
    ----------
    accepted : bool
        True if the model accepts it now.
    """

    accepted: bool


@dataclass(frozen=True, slots=True)
class ClockTicked:
    """Time has passed.

    Attributes
    ----------
    oldest_audit_s : float
        Age of the oldest audit without an answer, 0 if none waits.
    silence_s : float
        Since the model last gave a sign of life.
    """

    oldest_audit_s: float
    silence_s: float


@dataclass(frozen=True, slots=True)
class SignedAgain:
    """A supervisor has looked and signed: all latches open, all statistics begin anew.

    Attributes
    ----------
    identity : Identity or None
        What is vouched for from now on; ``None``: the next part's.
    reference : tuple of float
        Sorted probabilities that stand for production as it should be; empty: drift is not watched.
    """

    identity: Identity | None
    reference: tuple[float, ...] = ()


GuardEvent = PartScored | ModelRefused | AuditConfirmed | SeedJudged | ClockTicked | SignedAgain


@dataclass(frozen=True, slots=True)
class GuardTrip:
    """A guard has fired.

    Attributes
    ----------
    kind : GuardKind
        Which.
    evidence : tuple of (str, float)
        The figures it fired on, by name.
    step_to : Level
        The level furthest right that is allowed until a supervisor signs; a station further left stays there.
    sentence : str
        One sentence for the operator.
    """

    kind: GuardKind
    evidence: tuple[tuple[str, float], ...]
    step_to: Level
    sentence: str


def latched_at(changes: Iterable[ControlChange], kind: GuardKind) -> tuple[datetime, ...]:
    """Return when a guard has stepped left, by the recorded commands, oldest first."""
    return tuple(
        change.at
        for change in changes
        if kind in change.after.latched and (change.before is None or kind not in change.before.latched)
    )
