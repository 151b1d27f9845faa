"""Whether a new model may go on: guardrails that roll it back, and the evidence that each stage of the ramp needs.

Every figure is an e-process or a confidence sequence, so it may be looked at after every part; stages end by evidence
and not by the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from inspector_app.automation.ramp_tally import RampTally, Rate
from inspector_app.automation.sequential import (
    confidence_sequence,
    log_e_certify,
    log_e_harm,
    log_e_second_worse,
    parts_to_certify,
    shown,
)
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.rollout import RolloutPhase
from inspector_app.domain.shares import percent

VERSION = 1
"""Of these rules; a recommendation names it, so that it can be computed again."""

_SRM_DELTA = 0.001
_WATCHED = frozenset({RolloutPhase.CANARY, RolloutPhase.WATCH})


@dataclass(frozen=True, slots=True)
class RampLimits:
    """What a plant demands of a new model; rates and chances of error are above 0 and below 1.

    Attributes
    ----------
    escape_limit : float
        Escapes among the parts that it accepts, to be shown anew at every stage on its own share.
    worse_limit : float
        Share of all parts on which it errs where the other model does not.
    missed_limit, false_reject_limit : float
        Missed among the bad and rejected among the good parts; asked of a model that follows no other one.
    failed_limit : float
        Answers that fail or come late.
    slow_limit : float
        Answers slower than ``slow_ms``; 0.01 makes that the 99th percentile.
    slow_ms : float
        Above 0.
    reject_margin : float
        Two reject rates that differ by less are let pass, however well the difference is shown.
    delta : float
        Chance that a stage is passed wrongly.
    harm_delta : float
        Chance that a guardrail ever fires wrongly.
    """

    escape_limit: float = 0.01
    worse_limit: float = 0.01
    missed_limit: float = 0.05
    false_reject_limit: float = 0.1
    failed_limit: float = 0.01
    slow_limit: float = 0.01
    slow_ms: float = 1000.0
    reject_margin: float = 0.02
    delta: float = 0.05
    harm_delta: float = 0.01

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0.0 or (value >= 1.0 and field.name != "slow_ms"):
                raise ValueError(f"{field.name} is above 0 and below 1 (slow_ms: above 0), not {value}")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must hold before the next step.

    Attributes
    ----------
    name : str
        What it is, in a few words.
    holds : bool
        Whether it is shown.
    sentence : str
        What was counted, and what is missing.
    needed : int or None
        About so many more parts of that kind, if all go well; ``None`` where no number can be given.
    """

    name: str
    holds: bool
    sentence: str
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A guardrail that has been run into: its name and one sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RampReport:
    """The state of a rollout.

    Attributes
    ----------
    tally : RampTally
        The counts.
    guardrails : tuple of Guardrail
        Those run into; any of them ends a canary or a watch.
    requirements : tuple of Requirement
        Of the next step.
    """

    tally: RampTally
    guardrails: tuple[Guardrail, ...]
    requirements: tuple[Requirement, ...]

    @property
    def recommended(self) -> bool:
        """True if the next step may be taken."""
        return not self.guardrails and all(each.holds for each in self.requirements)

    @property
    def missing(self) -> str | None:
        """One sentence on what speaks against the next step, ``None`` if nothing does."""
        found = [each.sentence for each in self.guardrails]
        found += [each.sentence for each in self.requirements if not each.holds]
        return " ".join(found) or None


def report(control: ControlState, counted: RampTally, limits: RampLimits) -> RampReport:
    """Return the guardrails run into and what the next step still needs; nothing without a rollout."""
    if control.rollout is None:
        return RampReport(counted, (), ())
    return RampReport(counted, guardrails(control, counted, limits), requirements(control, counted, limits))


def guardrails(control: ControlState, counted: RampTally, limits: RampLimits) -> tuple[Guardrail, ...]:
    """Return the guardrails that a new model has run into."""
    rollout = control.rollout
    if rollout is None or rollout.phase is RolloutPhase.ROLLED_BACK:
        return ()
    found = [
        _harm("no answer", counted.failed, limits.failed_limit, limits, "of its answers failed or came late"),
        _harm(
            "latency", counted.slow, limits.slow_limit, limits, f"of its answers took longer than {limits.slow_ms:g} ms"
        ),
        _harm("escapes", counted.stage_escapes, limits.escape_limit, limits, "of its audited accepts were bad"),
        _worse(counted, limits),
        _apart("reject rate", counted.rejects, counted.old_rejects, limits, both=True),
        _apart("overrides", counted.overridden, counted.old_overridden, limits, both=False),
        _mismatch(counted.stage_drawn, rollout.share),
    ]
    return tuple(each for each in found if each is not None)


def rolls_back(control: ControlState, counted: RampTally, limits: RampLimits) -> Guardrail | None:
    """Return the guardrail for which the new model is to be taken out of charge now, ``None`` if there is none."""
    if control.rollout is None or control.rollout.phase not in _WATCHED:
        return None
    return next(iter(guardrails(control, counted, limits)), None)


def requirements(control: ControlState, counted: RampTally, limits: RampLimits) -> tuple[Requirement, ...]:
    """Return what the next step needs: into the canary, to the next stage or the switch, or to end the watch."""
    rollout, slots = control.rollout, control.slots
    if rollout is None or slots is None or rollout.phase is RolloutPhase.ROLLED_BACK:
        return ()
    answers = _certified("answers in time", counted.failed, limits.failed_limit, limits, "failed or late answers")
    if rollout.phase is RolloutPhase.SHADOW:
        if slots.model(slots.in_charge) is not None:
            what = "parts on which it alone may be wrong"
            return answers, _certified("not worse", counted.worse, limits.worse_limit, limits, what)
        missed = _certified(
            "misses", counted.missed, limits.missed_limit, limits, "missed of the parts known to be bad"
        )
        what = "rejected of the parts known to be good"
        return (
            answers,
            missed,
            _certified("false rejects", counted.false_rejects, limits.false_reject_limit, limits, what),
        )
    what = "bad of its audited accepts in this stage"
    return answers, _certified("escapes", counted.stage_escapes, limits.escape_limit, limits, what)


def _harm(name: str, rate: Rate, limit: float, limits: RampLimits, what: str) -> Guardrail | None:
    # One event alone, however early it comes, is an accident and no rate.
    if rate.k < 2 or not shown(log_e_harm(rate.k, rate.n, limit), limits.harm_delta):
        return None
    return Guardrail(name, f"{rate.k} of {rate.n} {what}, more than {percent(limit)}.")


def _worse(counted: RampTally, limits: RampLimits) -> Guardrail | None:
    new, old = counted.only_new_wrong, counted.only_old_wrong
    if not shown(log_e_second_worse(old, new), limits.harm_delta):
        return None
    return Guardrail("worse", f"Where the models differ it was wrong {new} times and the other one {old} times.")


def _apart(name: str, new: Rate, old: Rate, limits: RampLimits, *, both: bool) -> Guardrail | None:
    """Return a guardrail if two rates are shown to lie apart by more than the margin (``both``: to either side)."""
    if not new.n or not old.n:
        return None
    # Half the chance of error for each of the two.
    low, high = confidence_sequence(new.k, new.n, limits.harm_delta / 2.0)
    old_low, old_high = confidence_sequence(old.k, old.n, limits.harm_delta / 2.0)
    above, below = low - old_high, old_low - high
    if max(above, below if both else above) < limits.reject_margin:
        return None
    return Guardrail(
        name, f"Its {name} of {percent(new.k / new.n)} lies apart from the other model's {percent(old.k / old.n)}."
    )


def _mismatch(drawn: Rate, share: float) -> Guardrail | None:
    """Return a guardrail if the share of drawn parts cannot be what it should be: the comparison is invalid then."""
    if not drawn.n:
        return None
    low, high = confidence_sequence(drawn.k, drawn.n, _SRM_DELTA)
    if low <= share <= high:
        return None
    return Guardrail(
        "sample ratio", f"{drawn.k} of {drawn.n} parts were drawn for it where {percent(share)} should be."
    )


def _certified(name: str, rate: Rate, limit: float, limits: RampLimits, what: str) -> Requirement:
    holds = shown(log_e_certify(rate.k, rate.n, limit), limits.delta)
    enough = parts_to_certify(limit, limits.delta, rate.k)
    needed = 0 if holds else max(enough - rate.n, 1)
    more = "shown" if holds else f"{needed} more without one would show it"
    return Requirement(name, holds, f"{rate.k} {what} (of {rate.n}); below {percent(limit)}: {more}.", needed)


def against(step: str, control: ControlState, found: RampReport) -> str | None:
    """Return what speaks against a step to the right, ``None`` if nothing does, or it is none.

    Raises
    ------
    ControlRefused
        For a switch to a model that has not answered once: nobody knows whether it is ready.
    """
    if step not in {"advance", "switch"}:
        return None
    if step == "switch" and found.tally.failed.n == found.tally.failed.k:
        raise ControlRefused("The new model has not answered once on this station; nobody knows whether it is ready.")
    missing = [] if found.missing is None else [found.missing]
    if step == "switch" and (control.rollout is None or control.rollout.share < 1.0):
        missing.append("The ramp has not reached 100 %.")
    return " ".join(missing) or None
