"""A part as guards see it: live from its record, and again from the log when a station starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.verdict import Answer

CAMERA_CONFIGURED = "camera_configured"
"""Kind of the incident that notes how the camera is set; its sentence begins with the digest."""


@dataclass(frozen=True, slots=True)
class WatchedPart:
    """What guards need of a part.

    Attributes
    ----------
    inspection_id, part_id : str
        Identities.
    probability : float or None
        Of the model in charge; ``None`` without a usable prediction.
    model : ModelIdentity or None
        Which model that was.
    challenger : bool
        True if a new model stood in for the champion.
    accepted, audited : bool
        Whether the model accepted it, and whether it was drawn for a blind audit by either stream.
    uniform : bool
        Whether the uniform stream drew it: only that is a fair sample.
    seed : str or None
        The archived defect of a seeded part; ``None`` for a part of production.
    verdict : Answer or None
        The standing verdict of the audit.
    classes : tuple of str
        The defects that it named.
    verdict_at : datetime or None
        UTC.
    settled : Answer or None
        What a third look has found, if there was a sure one.
    """

    inspection_id: str
    part_id: str
    probability: float | None
    model: ModelIdentity | None
    challenger: bool
    accepted: bool
    audited: bool
    uniform: bool
    seed: str | None = None
    verdict: Answer | None = None
    classes: tuple[str, ...] = ()
    verdict_at: datetime | None = None
    settled: Answer | None = None
