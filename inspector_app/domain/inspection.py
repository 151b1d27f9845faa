"""The record of one part: what was seen, said and decided, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Decision, Disposition
from inspector_app.domain.frame import PictureProblem, Reference, Unfit
from inspector_app.domain.prediction import Prediction
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.seed import Seed
from inspector_app.domain.verdict import Verdict
from inspector_app.domain.views import ViewPlace


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Identity of a picture, known before it is encoded (`frame.pixels_sha256`), and why it is unfit, if it is.

    ``views`` says where each view lies in a picture of several.
    """

    pixels_sha256: str
    width: int
    height: int
    channels: int
    unfit: Unfit | None = None
    views: tuple[ViewPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureFault:
    """Why the part has no picture."""

    problem: PictureProblem
    sentence: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is committed before the line hears of the part; never changed afterwards.

    Attributes
    ----------
    inspection_id : str
        UUIDv7, so that identities sort by time.
    part_id : str
        The part; may return in a later inspection.
    captured_at : datetime
        UTC.
    source : str
        URI of the camera.
    sequence, skipped : int
        Of the frame.
    path : str or None
        The file the picture came from, if any.
    picture : PictureFacts or PictureFault
        The picture's identity, or why there is none.
    prediction : Prediction or None
        ``None`` when the level does not run the model.
    control : ControlState
        In force for this part.
    decision : Decision
        The policy's answer.
    reference : Reference or None
        Known truth, for data sets, generators and seeded parts only.
    product : str or None
        What the line made, as the settings named it; ``None`` where they named nothing.
    seed : Seed or None
        What makes it a seeded part; ``None`` for a part of production. The line never hears of a seeded part, and no
        figure of production counts it.
    """

    inspection_id: str
    part_id: str
    captured_at: datetime
    source: str
    sequence: int
    skipped: int
    path: str | None
    picture: PictureFacts | PictureFault
    prediction: Prediction | None
    control: ControlState
    decision: Decision
    reference: Reference | None
    product: str | None = None
    seed: Seed | None = None

    @property
    def picture_complaint(self) -> PictureFault | Unfit | None:
        """Why the model must not judge the picture: there is none, or it is unfit; ``None`` for a usable one."""
        return self.picture.unfit if isinstance(self.picture, PictureFacts) else self.picture

    @property
    def picture_usable(self) -> bool:
        """True if there is a picture that the model may judge."""
        return self.picture_complaint is None


class PictureState(StrEnum):
    """Where a picture is."""

    PENDING = "pending"
    STORED = "stored"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """The picture on disk.

    Attributes
    ----------
    state : PictureState
        ``PENDING`` until the encoder has written it; ``LOST`` if it never will be.
    path : str or None
        Relative to the data folder, once stored.
    file_sha256 : str or None
        Of the file, 64 hex digits, once stored.
    detail : str or None
        One sentence why it was lost.
    """

    state: PictureState
    path: str | None = None
    file_sha256: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One part as the log has it now.

    Attributes
    ----------
    inspection : Inspection
        As committed.
    stored_picture : StoredPicture or None
        ``None`` when there was no picture.
    verdicts : tuple of Verdict
        Oldest first, retracted ones included.
    disposition : Disposition
        What counts now.
    line_told : bool
        True if the line is known to have heard the disposition that counts now.
    beside : Comparison or None
        What the model that was not in charge said, in a rollout.
    """

    inspection: Inspection
    stored_picture: StoredPicture | None
    verdicts: tuple[Verdict, ...]
    disposition: Disposition
    line_told: bool
    beside: Comparison | None = None
