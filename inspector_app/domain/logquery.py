"""The read side of the log: filters and counted rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.control import ControlChange, Level
from inspector_app.domain.decision import Disposition, Route
from inspector_app.domain.frame import Judgement, PictureFlaw, PictureProblem
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.seed import KnownDefect
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which parts are meant; ``None`` means any.

    Attributes
    ----------
    since, until : datetime or None
        UTC, captured at or after, captured before.
    part : str or None
        Part id contains this text (case-insensitive).
    level : Level or None
        Level in force.
    disposition : Disposition or None
        What counts now.
    model_version : str or None
        ``"name version"`` of the model.
    inspector : str or None
        Parts with a standing verdict by this person; where verdicts are counted, this person's only.
    disagreement : bool or None
        True: only parts where a standing verdict (accept or reject) differs from the model's judgement; False: only
        the others.
    station : str or None
        The station that recorded the part: one line has one.
    product : str or None
        What the line made.
    answer, kinds : Answer or None, tuple of VerdictKind
        Parts with a standing verdict of this answer and one of these kinds (empty: any), by ``inspector`` if that is
        given; where verdicts are counted, these only.
    judgement, reference : Judgement or None
        The model's judgement at the cut, and known truth.
    route : Route or None
        Who decided the part.
    seeded : bool or None
        True: only seeded parts; False: only parts of production. Where parts or verdicts are counted, ``None`` means
        production.
    sure : bool or None
        As of ``answer``: True: that standing verdict accepts or rejects; False: it is unsure.
    judged : bool or None
        True: the model judged the part at the cut; False: it did not.
    """

    since: datetime | None = None
    until: datetime | None = None
    part: str | None = None
    level: Level | None = None
    disposition: Disposition | None = None
    model_version: str | None = None
    inspector: str | None = None
    disagreement: bool | None = None
    station: str | None = None
    answer: Answer | None = None
    kinds: tuple[VerdictKind, ...] = ()
    judgement: Judgement | None = None
    reference: Judgement | None = None
    route: Route | None = None
    product: str | None = None
    seeded: bool | None = None
    sure: bool | None = None
    judged: bool | None = None

    @property
    def tells_of_the_model(self) -> bool:
        """True if a part's being among those meant says something of what the model thinks of it."""
        return bool(self.disagreement is not None or self.judgement or self.route or self.judged is not None)

    @property
    def tells_of_the_outcome(self) -> bool:
        """True if a part's being among those meant says something of what was found: no sample of all parts then."""
        spoken = self.inspector is not None or self.answer is not None or self.sure is not None or bool(self.kinds)
        known = self.reference is not None or bool(self.seeded)
        return spoken or self.tells_of_the_model or self.disposition is not None or known


@dataclass(frozen=True, slots=True)
class LogContents:
    """What there is to choose from in a log, each sorted.

    Attributes
    ----------
    stations, products, inspectors : tuple of str
        Names that occur; an inspector with a standing verdict.
    models : tuple of str
        ``"name version"`` of every model that answered.
    """

    stations: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    inspectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """One verdict with the part that it is on, as it is in the log now."""

    entry: LogEntry
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """Number of standing (not retracted) verdicts with these values; one row a combination.

    ``route`` says who decided the part: an audit is compared with what the model decided, which in full is not the
    same as its judgement at the cut. ``None`` where it was not counted; audits are then not measurable.
    """

    level: Level
    model_version: str | None
    inspector: str
    kind: VerdictKind
    answer: Answer
    model_judgement: Judgement | None
    reference: Judgement | None
    n: int
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class ImportedCount:
    """Number of imported decisions with these values; one row a combination.

    Attributes
    ----------
    source : str
        Which import: file name and the first digits of its SHA-256.
    model_version, inspector : str or None
        As the file names them, ``None`` where it does not.
    answer, model_judgement, reference
        As of `VerdictCount`.
    n : int
        How many.
    """

    source: str
    model_version: str | None
    inspector: str | None
    answer: Answer
    model_judgement: Judgement | None
    reference: Judgement | None
    n: int


@dataclass(frozen=True, slots=True)
class PartCount:
    """Number of inspections with these values; one row a combination.

    ``audit_probability`` is the chance with which such a part, once decided by the model, was to be audited by any
    stream of audits; 0 for parts that the model did not decide.
    """

    level: Level
    model_version: str | None
    route: Route
    disposition: Disposition
    model_judgement: Judgement | None
    reference: Judgement | None
    n: int
    audit_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class PictureCount:
    """Number of parts whose picture no model may judge for this reason: there is none, or it is not fit."""

    reason: PictureProblem | PictureFlaw
    n: int


@dataclass(frozen=True, slots=True)
class AuditCount:
    """Number of parts that the model decided and that were drawn to be audited.

    Attributes
    ----------
    model_version, route, model_judgement, audit_probability
        As of `PartCount`.
    found : Judgement or None
        The newest sure verdict given without the model in view, or a third look; ``None`` while there is none.
    n : int
        How many.
    """

    model_version: str | None
    route: Route
    model_judgement: Judgement | None
    audit_probability: float
    found: Judgement | None
    n: int


@dataclass(frozen=True, slots=True)
class AuditedStretch:
    """Uniform audits of accepts of the model whose parts were captured in one stretch of time.

    Attributes
    ----------
    end : datetime
        UTC, where the stretch ends.
    audited, bad : int
        Audits with a sure answer, and those that found the part bad: by a third look where there was one.
    """

    end: datetime
    audited: int
    bad: int


@dataclass(frozen=True, slots=True)
class ThirdLookCount:
    """Number of parts that an inspector judged unaided and that a third look then settled.

    Attributes
    ----------
    level, model_version, model_judgement, reference
        As of `PartCount`.
    first : Answer
        The newest standing unaided verdict.
    settled : Judgement
        The newest sure third look.
    n : int
        How many.
    """

    level: Level
    model_version: str | None
    model_judgement: Judgement | None
    reference: Judgement | None
    first: Answer
    settled: Judgement
    n: int


@dataclass(frozen=True, slots=True)
class SecondLookCount:
    """Number of second looks that went alike, both answers sure.

    Attributes
    ----------
    inspector : str
        Who looked, both times.
    first, advice, second : Judgement
        The answer before the model was revealed, the model's at the cut, the answer afterwards.
    truth : Judgement or None
        By a third look, else the reference; ``None`` if nobody knows.
    n : int
        How many.
    """

    inspector: str
    first: Judgement
    advice: Judgement
    second: Judgement
    truth: Judgement | None
    n: int


@dataclass(frozen=True, slots=True)
class LookCounts:
    """Counted looks beyond the first ones."""

    audits: tuple[AuditCount, ...] = ()
    third_looks: tuple[ThirdLookCount, ...] = ()
    second_looks: tuple[SecondLookCount, ...] = ()


@dataclass(frozen=True, slots=True)
class SeededPart:
    """A known defect that was shown again, and what was said of it.

    Attributes
    ----------
    defect : KnownDefect
        Which.
    captured_at : datetime
        UTC, when it came.
    route : Route
        Who decided it.
    model_judgement : Judgement or None
        The model's, at the cut.
    misled : bool
        True if the inspector was shown wrong advice on purpose.
    waits : bool
        True while an inspector is still asked.
    answers : tuple of (str, VerdictKind, Answer)
        Who, under which conditions, what: the standing verdicts, oldest first.
    """

    defect: KnownDefect
    captured_at: datetime
    route: Route
    model_judgement: Judgement | None
    misled: bool
    waits: bool
    answers: tuple[tuple[str, VerdictKind, Answer], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """Something an operator or auditor must be able to find later; ``at`` is UTC."""

    kind: str
    sentence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model file at work: how many parts it judged, and when the first and the last of them were captured (UTC)."""

    model: ModelIdentity
    parts: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class StationChange:
    """A recorded supervisor command, with the station it was given to."""

    station: str
    change: ControlChange


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The newest link of a station's audit chain."""

    station: str
    links: int
    digest: str


@dataclass(frozen=True, slots=True)
class TrendCount:
    """Standing verdicts on parts captured in one stretch of time, against the model's judgement.

    Attributes
    ----------
    start : datetime
        UTC, where the stretch begins.
    both_reject, human_rejects, model_rejects, both_accept : int
        Verdicts in the four cells; unsure ones, and those on parts that the model did not judge, are in none.
    """

    start: datetime
    both_reject: int
    human_rejects: int
    model_rejects: int
    both_accept: int


@dataclass(frozen=True, slots=True)
class Span:
    """How many parts there are, and when the first and the last were captured (UTC, ``None`` without parts)."""

    parts: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class CountedParts:
    """The parts meant: by combination, in all, and by the model that judged them."""

    counts: tuple[PartCount, ...] = ()
    span: Span = Span(0, None, None)
    models: tuple[ModelUse, ...] = ()
