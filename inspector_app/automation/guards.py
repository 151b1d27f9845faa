"""Guards: a pure function of what happened, which says when automation steps left by itself.

A guard that has fired is latched: its step stays until a supervisor signs again, whatever the figures do meanwhile, and
it does not fire twice. `observe` is deterministic, so the same events from the same start give the same trips.

What false alarms cost and how late a guard may be is known in advance: the harm e-process fires with probability at
most δ as long as escapes keep within the limit, however long it is watched; the CUSUM's run lengths
follow from its plan; the drift alarm comes without drift on average no sooner than after so many parts as its limit
says. All others fire on a single fact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from inspector_app.automation.cusum import CusumPlan, cusum_after
from inspector_app.automation.detectors import shiryaev_roberts
from inspector_app.automation.guard_events import (
    AuditConfirmed,
    ClockTicked,
    GuardEvent,
    GuardKind,
    GuardTrip,
    Identity,
    ModelRefused,
    PartScored,
    SeedJudged,
    SignedAgain,
)
from inspector_app.automation.sequential import e_value, log_e_harm, shown
from inspector_app.domain.shares import percent
from inspector_app.monitoring.score_drift import BETS, ScoreReference, conformal_p, drift_e_values

Trips = tuple[GuardTrip, ...]


def usual_chart(escape_limit: float) -> CusumPlan:
    """Return the chart of escapes for a contract: tells soon of three times its limit, above 0 and below 1/2.

    At 0.5 % that is a false alarm every 25,000 audits, 587 audits to see 1.5 % and 195 to see 3 %.
    """
    return CusumPlan(escape_limit, min(3.0 * escape_limit, (1.0 + escape_limit) / 2.0), limit=4)


USUAL_CHART = usual_chart(0.005)
"""Chart of the default contract."""


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """When guards fire.

    Attributes
    ----------
    escape_limit : float
        α, above 0 and below 1: escapes among the model's accepts that the contract allows.
    harm_delta : float
        δ, above 0 and below 1: chance that the harm guard ever fires while escapes keep within the limit.
    cusum : CusumPlan
        Chart of the escapes among audits.
    drift_parts : float
        ≥ 1: without drift, so many parts pass on average before a false drift alarm.
    drift_tolerance : float
        0 … 0.1: see `ScoreReference`.
    audit_wait_s, silence_s : float
        Above 0: how long an audit may wait for its verdict, and a model be silent.
    """

    escape_limit: float = 0.005
    harm_delta: float = 0.01
    cusum: CusumPlan = USUAL_CHART
    drift_parts: float = 50_000.0
    drift_tolerance: float = 0.03
    audit_wait_s: float = 3600.0
    silence_s: float = 10.0

    def __post_init__(self) -> None:
        if not (0.0 < self.escape_limit < 1.0 and 0.0 < self.harm_delta < 1.0):
            raise ValueError("escape_limit and harm_delta are above 0 and below 1")
        if not 0.0 <= self.drift_tolerance <= 0.1:
            raise ValueError("drift_tolerance is in 0 … 0.1")
        if not self.drift_parts >= 1.0:
            raise ValueError("drift_parts is at least 1")
        if not (self.audit_wait_s > 0.0 and self.silence_s > 0.0):
            raise ValueError("audit_wait_s and silence_s are above 0")


@dataclass(frozen=True, slots=True)
class GuardState:
    """Everything that guards remember.

    Attributes
    ----------
    identity : Identity or None
        What was vouched for; ``None``: the next part's will be.
    reference : ScoreReference or None
        What scores are compared with; ``None``: drift is not watched.
    audits, escapes : int
        Of the uniform stream since the last signature.
    cusum : int
        Statistic of the chart, in its own units.
    drift : tuple of float
        The detectors of drift, one for each bet.
    latched : tuple of GuardTrip
        In the order in which they fired.
    """

    identity: Identity | None = None
    reference: ScoreReference | None = None
    audits: int = 0
    escapes: int = 0
    cusum: int = 0
    drift: tuple[float, ...] = (0.0,) * BETS
    latched: Trips = ()

    @property
    def audits_all(self) -> bool:
        """True if every decision of the model is to be audited until a supervisor signs."""
        return any(trip.kind.audits_all for trip in self.latched)

    def has_fired(self, kind: GuardKind) -> bool:
        """Return True if this guard is latched."""
        return any(trip.kind is kind for trip in self.latched)


def observe(settings: GuardSettings, state: GuardState, event: GuardEvent) -> tuple[GuardState, Trips]:
    """Return the state after an event, and the guards that it has made fire."""
    match event:
        case PartScored():
            state, trips = _part_scored(settings, state, event)
        case AuditConfirmed():
            state, trips = _audit_confirmed(settings, state, event)
        case ModelRefused():
            trips = (_trip(GuardKind.MODEL_CHANGED, (), event.sentence),)
        case SeedJudged():
            trips = (_trip(GuardKind.SEED_MISSED, (), "The model accepts a seeded defect."),) if event.accepted else ()
        case SignedAgain():
            watched = ScoreReference(event.reference, settings.drift_tolerance) if event.reference else None
            return GuardState(event.identity, watched), ()
        case _:
            trips = _clock_ticked(settings, event)
    new = tuple(trip for trip in trips if not state.has_fired(trip.kind))
    return (replace(state, latched=(*state.latched, *new)) if new else state), new


def _part_scored(settings: GuardSettings, state: GuardState, event: PartScored) -> tuple[GuardState, Trips]:
    if state.identity is None:
        state = replace(state, identity=event.identity)
    elif state.identity != event.identity:
        trips = _changed(state.identity, event.identity)
        if trips:
            # Scores of another model or another picture say nothing about drift of this one.
            return state, trips
    if state.reference is None or state.has_fired(GuardKind.SCORE_DRIFT):
        return state, ()
    bets = drift_e_values(conformal_p(state.reference, event.probability, event.u), state.reference.tolerance)
    drift = tuple(map(shiryaev_roberts, state.drift, bets))
    statistic = math.fsum(drift) / BETS
    state = replace(state, drift=drift)
    if statistic < settings.drift_parts:
        return state, ()
    evidence = (("statistic", statistic), ("limit", settings.drift_parts))
    return state, (_trip(GuardKind.SCORE_DRIFT, evidence, "The model's scores are no longer spread as they were."),)


def _changed(vouched: Identity, now: Identity) -> Trips:
    """Return the guards of a model or a camera that is not the one that was vouched for."""
    model = (vouched.model_sha256, vouched.preprocessing_sha256) != (now.model_sha256, now.preprocessing_sha256)
    camera = None not in {vouched.camera_sha256, now.camera_sha256} and vouched.camera_sha256 != now.camera_sha256
    trips: Trips = ()
    if model:
        trips += (_trip(GuardKind.MODEL_CHANGED, (), "The model or its preprocessing is not the one signed for."),)
    if camera:
        trips += (_trip(GuardKind.CAMERA_CHANGED, (), "The camera is not set as it was when it was signed for."),)
    return trips


def _audit_confirmed(settings: GuardSettings, state: GuardState, event: AuditConfirmed) -> tuple[GuardState, Trips]:
    trips: Trips = ()
    if event.escape and event.critical:
        trips += (_trip(GuardKind.CRITICAL_ESCAPE, (), "The model accepted a part with a critical defect."),)
    if not event.uniform:
        return state, trips
    state = replace(
        state,
        audits=state.audits + 1,
        escapes=state.escapes + event.escape,
        cusum=cusum_after(settings.cusum, state.cusum, event.escape),
    )
    counts = (("escapes", float(state.escapes)), ("audits", float(state.audits)))
    found = f"{state.escapes} of {state.audits} audited accepts were bad"
    if event.escape:
        log_e = log_e_harm(state.escapes, state.audits, settings.escape_limit)
        # One escape alone, however early it comes, is an accident and no rate.
        if state.escapes > 1 and shown(log_e, settings.harm_delta):
            sentence = f"{found}: escapes are above the limit of {percent(settings.escape_limit)}."
            trips += (_trip(GuardKind.HARM, (*counts, ("e", e_value(log_e))), sentence),)
        if state.cusum >= settings.cusum.alarm_at:
            chart = (("statistic", state.cusum / settings.cusum.steps), ("limit", float(settings.cusum.limit)))
            sentence = f"Escapes have come closer together than usual; {found} since the last signature."
            trips += (_trip(GuardKind.ESCAPES_RISING, (*counts, *chart), sentence),)
    return state, trips


def _clock_ticked(settings: GuardSettings, event: ClockTicked) -> Trips:
    trips: Trips = ()
    if event.oldest_audit_s > settings.audit_wait_s:
        evidence = (("waited_s", event.oldest_audit_s), ("limit_s", settings.audit_wait_s))
        sentence = f"An audit has waited for its verdict for more than {settings.audit_wait_s / 60:.0f} minutes."
        trips += (_trip(GuardKind.AUDIT_BACKLOG, evidence, sentence),)
    if event.silence_s > settings.silence_s:
        evidence = (("silent_s", event.silence_s), ("limit_s", settings.silence_s))
        sentence = f"The model has given no sign of life for more than {settings.silence_s:g} s."
        trips += (_trip(GuardKind.HEARTBEAT_LOST, evidence, sentence),)
    return trips


def _trip(kind: GuardKind, evidence: tuple[tuple[str, float], ...], sentence: str) -> GuardTrip:
    return GuardTrip(kind, evidence, kind.step_to, sentence)
