"""How the station is tuned: queue sizes, deadlines, back-offs."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waiting times between attempts: ``first_s``, doubled each time, at most ``most_s``."""

    first_s: float = 0.2
    most_s: float = 5.0

    def delay_s(self, attempt: int) -> float:
        """Return the wait after the given failed attempt (0, 1, 2 …), in seconds."""
        return min(self.most_s, self.first_s * 2.0 ** min(attempt, 30))


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """When a prediction server is left alone, and when it is asked again; see `inspector_app.station.breaker`.

    Attributes
    ----------
    failures, window : int
        It is left alone when ``failures`` of its last ``window`` answers were bad or late.
    probes : int
        Good trials in a row after which it is asked again.
    settled : int
        Good answers in a row after which the next absence starts from the shortest pause again.
    backoff : Backoff
        Pauses between trials; each is drawn between half and one and a half times its length, so that stations that
        lost a server together do not come back together.
    """

    failures: int = 3
    window: int = 20
    probes: int = 2
    settled: int = 50
    backoff: Backoff = Backoff(0.5, 30.0)

    def __post_init__(self) -> None:
        if not 1 <= self.failures <= self.window or self.probes < 1 or self.settled < 1:
            raise ValueError("failures is 1 to window; probes and settled are at least 1")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How long a prediction server is waited for.

    Attributes
    ----------
    deadline_s : float
        Picture in hand to its answer; then the local model is asked.
    hedge_after_s : float or None
        The local model is asked already after this time, and the first answer is used; ``None``: it is not.
    connect_s : float
        To connect and to see which model is served.
    breaker : BreakerLimits
        When it is left alone.
    """

    deadline_s: float = 0.25
    hedge_after_s: float | None = None
    connect_s: float = 2.0
    breaker: BreakerLimits = BreakerLimits()


@dataclass(frozen=True, slots=True)
class StationOptions:
    """Everything about the station that a plant may want to tune.

    Attributes
    ----------
    frames_queued : int
        Pictures that may wait between camera and inspection; one more is an overflow.
    overflow_wait_s : float
        How long a live camera's picture waits for room before its part is recorded as an overflow.
    patient_schemes : frozenset of str
        Camera URI schemes whose source delivers at our pace: they wait for room and never overflow.
    overflow_markers : int
        Overflowed parts that may wait to be recorded; when they too are full the camera itself has to wait.
    grab_timeout_s : float
        Longest wait inside one `Camera.grab`.
    model_deadline_s : float
        Time a prediction has, picture in hand to answer; later is late and never used.
    model_warm_up_s : float
        Time that the model has before that to get ready for pictures of a size that is new to it.
    server : ServerOptions
        Where a prediction server is asked first.
    model_failures_to_fault : int
        Consecutive failed or late predictions that raise `FaultKind.MODEL_FAILING`.
    pictures_queued : int
        Pictures that may wait to be written to disk.
    picture_wait_s : float
        How long the inspection waits for room in that queue before the picture is given up as lost.
    comparisons_queued : int
        Decided parts that may wait for the answer of the model that is not in charge; with one more it is not asked.
    comparison_wait_s : float
        How long a source at our pace waits for room in that queue.
    usual_unfit_share : float
        Share of pictures that no model may judge which is taken as usual; clearly more are a fault.
    undo_window_s : float
        How long a verdict may be undone; the line is told when it has passed (0: at once).
    appear_after_s : float
        A part appears before the inspector this long after it was taken in hand, at every level alike, so that
        the time the model takes on a picture cannot be read from the moment of its appearance (0: at once).
    told_flush_s : float
        How long what the line has taken may wait for the next part's commit before it is committed on its own.
    housekeeping_s : float
        Longest pause between two looks at the disk's free space.
    line_patience_s : float
        How long parts and verdicts wait for one attempt to open a lost line; then they go on without it.
    part_prefix : str
        Begins the part ids that the station gives where the source has no names.
    product : str
        What the line makes, written to every part; empty: nobody says.
    camera_backoff, log_backoff, line_backoff, picture_backoff : Backoff
        Pauses between attempts to get each of them back.
    """

    frames_queued: int = 8
    overflow_wait_s: float = 0.5
    patient_schemes: frozenset[str] = frozenset({"folder", "synthetic", "video"})
    overflow_markers: int = 1000
    grab_timeout_s: float = 0.25
    model_deadline_s: float = 2.0
    model_warm_up_s: float = 30.0
    server: ServerOptions = ServerOptions()
    model_failures_to_fault: int = 3
    pictures_queued: int = 16
    picture_wait_s: float = 2.0
    comparisons_queued: int = 4
    comparison_wait_s: float = 30.0
    usual_unfit_share: float = 0.02
    undo_window_s: float = 4.0
    appear_after_s: float = 0.3
    told_flush_s: float = 0.5
    housekeeping_s: float = 5.0
    line_patience_s: float = 0.25
    part_prefix: str = ""
    product: str = ""
    camera_backoff: Backoff = Backoff()
    log_backoff: Backoff = Backoff(0.1, 2.0)
    line_backoff: Backoff = Backoff(0.5, 10.0)
    picture_backoff: Backoff = Backoff(0.1, 2.0)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and value < 0:
                raise ValueError(f"{field.name} must not be negative")
        if min(self.frames_queued, self.pictures_queued, self.model_failures_to_fault) < 1:
            raise ValueError("frames_queued, pictures_queued and model_failures_to_fault are at least 1")
        if min(self.grab_timeout_s, self.model_deadline_s, self.told_flush_s, self.housekeeping_s) <= 0.0:
            raise ValueError("grab_timeout_s, model_deadline_s, told_flush_s and housekeeping_s are above 0")

    def waits_for_us(self, uri: str) -> bool:
        """Return True if the source behind this camera URI, or each of several views, delivers at our pace."""
        scheme, _, rest = uri.partition(":")
        if scheme != "views":
            return scheme in self.patient_schemes
        members = [part.partition("=") for part in rest.split("|")]
        return all(self.waits_for_us(source) for name, _, source in members if name.strip() not in {"pair", "wait"})
