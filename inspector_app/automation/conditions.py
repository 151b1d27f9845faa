"""The single conditions of gates: what must hold, whether it does, and what is missing in parts and hours."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from inspector_app.automation.fixed_sequence import exact_interval
from inspector_app.automation.gate_inputs import Evidence, GateLimits, Tally
from inspector_app.automation.guard_events import guard_title
from inspector_app.automation.sequential import (
    e_value,
    log_e_certify,
    log_e_second_worse,
    parts_to_certify,
    shown,
)
from inspector_app.domain.shares import percent


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold.

    Attributes
    ----------
    name : str
        Stable.
    sentence : str
        What must hold.
    holds : bool
        Whether it does.
    measurable : bool
        False where nothing has been recorded from which it could be told; it does not hold then.
    k, n : int or None
        Counts, where it is about a rate.
    e_value : float or None
        Evidence that the rate is below its limit.
    needed : int or None
        How many parts of its kind more at least, if none of them is an error; 0 where it holds, ``None`` where it is
        no count.
    hours : float or None
        The same in hours at the present pace.
    parts : int or None
        The same in parts of any kind, made at the present pace in these hours.
    """

    name: str
    sentence: str
    holds: bool
    k: int | None = None
    n: int | None = None
    e_value: float | None = None
    needed: int | None = None
    hours: float | None = None
    parts: int | None = None
    measurable: bool = True


def guards_rearmed(evidence: Evidence) -> Condition:
    """Ask whether all latches are open."""
    sentence = (
        "No guard has stepped left without being re-armed."
        if not evidence.latched
        else f"Guards that stepped left must be re-armed: {', '.join(map(guard_title, evidence.latched))}."
    )
    return Condition("no_guard_latched", sentence, not evidence.latched)


def study_done(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the attribute study is large enough."""
    enough = (
        evidence.study_parts >= limits.study_parts
        and evidence.study_trials >= limits.study_trials
        and evidence.study_appraisers >= limits.study_appraisers
    )
    sentence = (
        f"An attribute study of {limits.study_parts} parts in {limits.study_trials} trials by "
        f"{limits.study_appraisers} inspectors is finished."
    )
    return Condition("attribute_study", sentence, enough, measurable=evidence.study_parts > 0)


def study_bands(evidence: Evidence) -> Condition:
    """Ask whether nobody in it is unacceptable."""
    if evidence.study_faults:
        sentence = f"No figure of that study is unacceptable; now: {'; '.join(evidence.study_faults)}."
        return Condition("study_bands", sentence, holds=False)
    done = evidence.study_parts > 0
    return Condition("study_bands", "No figure of that study is unacceptable.", done, measurable=done)


def golden_answers(evidence: Evidence) -> Condition:
    """Ask whether the model answered as it should when it was installed."""
    known = evidence.golden_answers is not None
    sentence = "The model gave its golden answers when it was installed" + (
        "." if known else ": install it in this station's registry."
    )
    return Condition("golden_answers", sentence, evidence.golden_answers is True, measurable=known)


def model_misses(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask for less than the limit, or less than the inspectors.

    Of the parts that one of both missed, the model must then have missed fewer.
    """
    found = _rate(
        "model_misses",
        "The model misses",
        "defective parts",
        evidence.misses,
        evidence.false_alarms,
        limits.miss,
        evidence,
        limits,
    )
    model, human = evidence.only_model_missed, evidence.only_human_missed
    paired = log_e_second_worse(model, human)
    if found.holds or not shown(paired, limits.delta):
        return found
    sentence = (
        f"The model misses less than the inspectors: of {model + human} defective parts that one of both missed, it "
        f"missed {model}."
    )
    return Condition("model_misses", sentence, True, model, model + human, e_value(paired), 0, 0.0, 0)


def model_false_alarms(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the model rejects few good parts."""
    return _rate(
        "model_false_alarms",
        "The model rejects",
        "good parts",
        evidence.false_alarms,
        evidence.misses,
        limits.false_alarm,
        evidence,
        limits,
    )


def unseen_estimated(evidence: Evidence) -> Condition:
    """Ask for an estimate of what both have missed; no limit is set, whoever signs has to know the figure.

    Capture and recapture (Chapman 1951): of defects that two blind judges found, only the one b, only the other c and
    both a, about bc/(a+1) more were found by neither. Parts that are hard for one are hard for the other, so that is a
    lower bound; the agreement report has its interval.
    """
    human, model, both = evidence.only_model_missed, evidence.only_human_missed, evidence.both_found
    if not both:
        sentence = "Defects that model and inspectors both missed can be estimated from those that both found."
        return Condition("unseen", sentence, holds=False, measurable=False)
    sentence = (
        f"Defects that model and inspectors both missed are estimated: at least {human * model / (both + 1):.1f} "
        f"besides the {human + model + both} that one of them found."
    )
    return Condition("unseen", sentence, holds=True)


def no_drift(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the scores have been spread as they were for a while."""
    seen = evidence.parts_without_drift
    if seen is None:
        return Condition(
            "no_drift", "The guards watch for drift: turn them on in the settings.", holds=False, measurable=False
        )
    sentence = f"No drift alarm in the last {limits.drift_parts} parts."
    return _counted("no_drift", sentence, Tally(0, seen), limits.drift_parts, 1.0, evidence)


def reliance(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether inspectors are not shown to follow wrong advice."""
    if not evidence.advised:
        return Condition("reliance", "No model is in charge yet whose advice inspectors could follow.", holds=True)
    k, n = evidence.over_reliance.k, evidence.over_reliance.n
    sentence = (
        f"Inspectors are not shown to follow wrong advice in more than {percent(limits.over_reliance)} of their "
        f"second looks at it, of which there are {limits.reliance_looks}."
    )
    low = exact_interval(k, n, 1.0 - limits.delta)[0] if n else 0.0
    share = min(n / evidence.assisted, 1.0) if evidence.assisted else 0.0
    found = _counted("reliance", sentence, Tally(k, n), limits.reliance_looks, share, evidence)
    return replace(found, holds=found.holds and low <= limits.over_reliance, measurable=n > 0)


def seeded_defects(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether inspectors find as many known defects with the model in view as without it.

    They are not shown to find fewer as long as the one-sided exact bound of what they miss with it does not exceed what
    they miss without it.
    """
    if not evidence.advised:
        return Condition(
            "seeded_defects", "No model is in charge yet whose answer could mislead inspectors.", holds=True
        )
    alone, helped = evidence.seeded_unaided, evidence.seeded_assisted
    sentence = (
        f"Inspectors are not shown to find fewer seeded defects with the model's answer in view than without it, in "
        f"{limits.seeded_looks} looks each; seeded parts come by [seeds] in the settings."
    )
    needed = max(0, limits.seeded_looks - min(alone.n, helped.n))
    low = exact_interval(helped.k, helped.n, 1.0 - 2.0 * limits.delta)[0] if helped.n else 0.0
    worse = alone.n > 0 and low > alone.k / alone.n
    holds = not needed and not worse
    known = bool(alone.n and helped.n)
    return Condition("seeded_defects", sentence, holds, helped.k, helped.n, needed=needed, measurable=known)


def coverage(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the model decides enough for the step to be worth it."""
    known = evidence.coverage is not None
    sentence = f"The certificate lets the model decide at least {percent(limits.coverage)} of the parts."
    holds = evidence.coverage is not None and evidence.coverage >= limits.coverage
    return Condition("coverage", sentence, holds, measurable=known)


def rollback_drill(evidence: Evidence) -> Condition:
    """Ask whether the way back has been gone since the model in charge came."""
    sentence = "A rollback is on record since the model in charge came; a drill will do."
    return Condition("rollback_drill", sentence, evidence.rolled_back)


def certificate(evidence: Evidence) -> Condition:
    """Ask whether the thresholds are certified ones."""
    sentence = "The thresholds in force come from a certificate that stands."
    return Condition("certificate", sentence, evidence.certificate_stands is True)


def escapes(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the audited accepts hold few defective parts."""
    of, other = evidence.escapes, evidence.false_rejects
    return _rate("escapes", "Defective are", "audited accepts", of, other, limits.escape, evidence, limits)


def clean_audits(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the newest audited accepts were good."""
    sentence = f"The last {limits.clean_audits} audited accepts were all good."
    share = _share(evidence.escapes, evidence.false_rejects)
    return _counted("clean_audits", sentence, Tally(0, evidence.clean_audits), limits.clean_audits, share, evidence)


def false_rejects(evidence: Evidence, limits: GateLimits) -> Condition:
    """Ask whether the audited rejects hold few good parts."""
    of, other = evidence.false_rejects, evidence.escapes
    return _rate("false_rejects", "Good are", "audited rejects", of, other, limits.false_reject, evidence, limits)


def _rate(
    name: str,
    what: str,
    of: str,
    tally: Tally,
    other: Tally,
    limit: float,
    evidence: Evidence,
    limits: GateLimits,
) -> Condition:
    log_e = log_e_certify(tally.k, tally.n, limit)
    holds = shown(log_e, limits.delta)
    needed = 0 if holds else max(parts_to_certify(limit, limits.delta, tally.k) - tally.n, 1)
    sentence = f"{what} less than {percent(limit)} of the {of}, with {percent(1.0 - limits.delta)} confidence."
    hours, parts = _pace(needed, evidence, _share(tally, other))
    return Condition(name, sentence, holds, tally.k, tally.n, e_value(log_e), needed, hours, parts)


def _counted(name: str, sentence: str, seen: Tally, least: int, share: float, evidence: Evidence) -> Condition:
    """Return a condition that holds once so many were seen, which are a share of the judged parts."""
    needed = max(least - seen.n, 0)
    hours, parts = _pace(needed, evidence, share)
    return Condition(name, sentence, not needed, seen.k, seen.n, None, needed, hours, parts)


def _share(counted: Tally, other: Tally) -> float:
    """Return the share of the parts seen that are of the kind that counts; 0 as long as none is."""
    return counted.n / (counted.n + other.n) if counted.n else 0.0


def _pace(needed: int, evidence: Evidence, share: float) -> tuple[float | None, int | None]:
    """Return the hours that so many more take, where a share of the judged parts counts, and the parts made in them."""
    if not needed:
        return 0.0, 0
    judged, made = evidence.parts_per_hour, evidence.made_per_hour
    if not judged or not math.isfinite(judged) or not share:
        return None, None
    hours = needed / (judged * share)
    return hours, None if made is None else math.ceil(hours * made)
