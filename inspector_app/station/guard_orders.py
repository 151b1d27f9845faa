"""How guards are set up, what they read of the log, and what they see of a part and of the camera."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.guards import GuardSettings
from inspector_app.automation.ramp import RampLimits
from inspector_app.domain.decision import Route
from inspector_app.domain.inspection import Inspection
from inspector_app.domain.ports import CameraControls
from inspector_app.domain.rollout import RolloutCount
from inspector_app.domain.watched import WatchedPart


class GuardHistory(Protocol):
    """What guards need of the log."""

    def watched_parts(self, since_version: int) -> Iterator[WatchedPart]:
        """Yield this station's parts from a control state on, in the order in which they were recorded."""
        ...

    def reference_scores(self, before_version: int, most: int) -> tuple[float, ...]:
        """Return the newest probabilities of the model in charge before a control state, sorted."""
        ...

    def accepted_seeds(self, before_version: int) -> frozenset[tuple[str, str]]:
        """Return the model files (SHA-256) and the archived defects that they accepted before a control state."""
        ...

    def rollout_counts(self, since_version: int, slow_ms: float) -> tuple[RolloutCount, ...]:
        """Count this station's parts from a control state on."""
        ...

    def cameras(self) -> tuple[tuple[datetime, str], ...]:
        """Return when this station's camera was configured (UTC) and the digests noted then, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class GuardOrders:
    """How guards are set up.

    Attributes
    ----------
    settings : GuardSettings
        When they fire.
    ramp : RampLimits
        Guardrails of a rollout.
    critical_classes : frozenset of str
        Defects that must never escape.
    least_scores, most_scores : int
        Scores that stand for production as it should be; with fewer than the least drift is not watched.
    audits : AuditPlan or None
        The schedule that sets the audit share; ``None``: it stays as the supervisor has set it.
    confirm_escapes : bool
        True: a blind reject of an accepted part counts once a third look has settled it, and waits for that like an
        audit for its verdict; only a critical class counts at once. False: it counts at once.
    """

    settings: GuardSettings = field(default_factory=GuardSettings)
    ramp: RampLimits = field(default_factory=RampLimits)
    critical_classes: frozenset[str] = frozenset()
    least_scores: int = 200
    most_scores: int = 1000
    audits: AuditPlan | None = None
    confirm_escapes: bool = False


def watched(inspection: Inspection) -> WatchedPart:
    """Return a fresh part as guards see it."""
    decision, prediction = inspection.decision, inspection.prediction
    return WatchedPart(
        inspection_id=inspection.inspection_id,
        part_id=inspection.part_id,
        probability=None if prediction is None else prediction.probability,
        model=None if prediction is None else prediction.model,
        challenger=decision.challenger is not None and decision.challenger.drawn,
        accepted=decision.route is Route.MODEL_ACCEPT,
        audited=decision.audited,
        uniform=decision.audit is not None and decision.audit.drawn,
        seed=None if inspection.seed is None else inspection.seed.defect.name,
    )


def camera_sha256(uri: str, controls: CameraControls, setup: str | None = None) -> str:
    """Return the digest of a camera's configuration; times and gains count to two digits, as devices round them.

    ``setup`` is the SHA-256 of what is done to pictures beyond the camera's own settings, ``None`` if nothing.
    """
    numbers = (controls.exposure_us, controls.gain_db, controls.frame_rate_hz)
    rounded = [None if value is None else f"{value:.1e}" for value in numbers]
    trigger = None if controls.trigger is None else controls.trigger.value
    further = () if setup is None else (setup,)
    return hashlib.sha256(json.dumps([uri, controls.pixel_format, trigger, *rounded, *further]).encode()).hexdigest()
