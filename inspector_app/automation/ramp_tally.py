"""What the parts of a rollout come to, counted from the new model's side.

Of two models on the same parts only the differences matter: where both say the same, whichever it is, the difference
between them is unchanged. A difference that nobody has adjudicated yet counts against the new model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from inspector_app.automation.rollout import first_version
from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.rollout import RolloutCount, RolloutPhase, Said


@dataclass(frozen=True, slots=True)
class Rate:
    """k events among n parts."""

    k: int = 0
    n: int = 0

    def plus(self, event: bool, n: int) -> Rate:
        """Return the rate with n more parts."""
        return Rate(self.k + n * event, self.n + n)


@dataclass(frozen=True, slots=True)
class RampTally:
    """What has been counted of an experiment, from the new model's side.

    Attributes
    ----------
    failed, slow : Rate
        Failed and slow among the answers that it was asked for.
    not_asked : int
        Parts on which there was no time to ask it, or it was not loaded.
    worse : Rate
        Among the parts that both models answered, those on which it differs and is not known to be right.
    only_new_wrong, only_old_wrong, open_differences : int
        The differences: known truth against it, for it, not known yet.
    rejects, old_rejects : Rate
        Its rejects and the other model's, on the parts that both answered.
    missed, false_rejects : Rate
        Its errors among the parts known to be bad, known to be good.
    overridden, old_overridden : Rate
        Aided verdicts against the model that was in charge.
    stage_drawn : Rate
        Parts drawn for it among all parts of the present stage.
    stage_escapes : Rate
        Bad among the accepts of its own in the present stage (or, after the switch, since then) with a blind verdict.
    """

    failed: Rate = Rate()
    slow: Rate = Rate()
    not_asked: int = 0
    worse: Rate = Rate()
    only_new_wrong: int = 0
    only_old_wrong: int = 0
    open_differences: int = 0
    rejects: Rate = Rate()
    old_rejects: Rate = Rate()
    missed: Rate = Rate()
    false_rejects: Rate = Rate()
    overridden: Rate = Rate()
    old_overridden: Rate = Rate()
    stage_drawn: Rate = Rate()
    stage_escapes: Rate = Rate()


def experiment_tally(
    control: ControlState, changes: Sequence[ControlChange], counts: Callable[[int], Iterable[RolloutCount]]
) -> RampTally:
    """Return what the experiment in force has come to; nothing without one.

    Parameters
    ----------
    control : ControlState
        In force.
    changes : sequence of ControlChange
        All there are.
    counts : callable
        Returns the counts of the parts from a version of the control state on.
    """
    if control.rollout is None:
        return RampTally()
    states = {change.after.version: change.after for change in changes}
    return tally(control, states, counts(first_version(changes, control.rollout.experiment)))


def tally(control: ControlState, states: Mapping[int, ControlState], rows: Iterable[RolloutCount]) -> RampTally:
    """Return what the counted parts of the present experiment come to.

    Parameters
    ----------
    control : ControlState
        In force, with a rollout.
    states : mapping of int to ControlState
        By version; parts under states of other experiments are left out.
    rows : iterable of RolloutCount
        The counts.
    """
    now = control.rollout
    found = RampTally()
    for row in rows:
        rollout = states[row.version].rollout
        if now is None or rollout is None or rollout.experiment != now.experiment:
            continue
        stands_in = row.drawn is True or rollout.phase is RolloutPhase.WATCH
        new, old = (row.in_charge, row.beside) if stands_in else (row.beside, row.in_charge)
        found = _of_answers(found, row, new)
        found = _of_both(found, row, new, old)
        found = _of_verdicts(found, row, new, stands_in)
        if (rollout.phase, rollout.share) == (now.phase, now.share):
            found = _of_stage(found, row, stands_in)
    return found


def _of_answers(found: RampTally, row: RolloutCount, new: Said | None) -> RampTally:
    if new is None or new.status is PredictionStatus.ABSENT:
        return replace(found, not_asked=found.not_asked + row.n)
    failed = found.failed.plus(new.status is not PredictionStatus.OK, row.n)
    return replace(found, failed=failed, slow=found.slow.plus(new.slow, row.n))


def _of_both(found: RampTally, row: RolloutCount, new: Said | None, old: Said | None) -> RampTally:
    if new is None or old is None or new.judgement is None or old.judgement is None:
        return found
    found = replace(
        found,
        rejects=found.rejects.plus(new.judgement is Judgement.REJECT, row.n),
        old_rejects=found.old_rejects.plus(old.judgement is Judgement.REJECT, row.n),
        worse=found.worse.plus(new.judgement is not old.judgement and row.truth is not new.judgement, row.n),
    )
    if new.judgement is old.judgement:
        return found
    if row.truth is None:
        return replace(found, open_differences=found.open_differences + row.n)
    if row.truth is new.judgement:
        return replace(found, only_old_wrong=found.only_old_wrong + row.n)
    return replace(found, only_new_wrong=found.only_new_wrong + row.n)


def _of_verdicts(found: RampTally, row: RolloutCount, new: Said | None, stands_in: bool) -> RampTally:
    if new is not None and new.judgement is not None and row.truth is not None:
        wrong = new.judgement is not row.truth
        if row.truth is Judgement.REJECT:
            found = replace(found, missed=found.missed.plus(wrong, row.n))
        else:
            found = replace(found, false_rejects=found.false_rejects.plus(wrong, row.n))
    if row.aided is None or row.in_charge is None or row.in_charge.judgement is None:
        return found
    against = row.in_charge.judgement is not row.aided
    if stands_in:
        return replace(found, overridden=found.overridden.plus(against, row.n))
    return replace(found, old_overridden=found.old_overridden.plus(against, row.n))


def _of_stage(found: RampTally, row: RolloutCount, stands_in: bool) -> RampTally:
    if row.drawn is not None:
        found = replace(found, stage_drawn=found.stage_drawn.plus(row.drawn, row.n))
    if not stands_in or not row.audited or row.truth is None:
        return found
    return replace(found, stage_escapes=found.stage_escapes.plus(row.truth is Judgement.REJECT, row.n))
