"""The figures of a simulation, over all its runs: for people as lines, for programs as JSON values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from statistics import fmean, stdev
from typing import Any

from scipy.special import stdtrit

from inspector_app.agreement.as_json import figure_record
from inspector_app.agreement.audit_sampling import weighted_escapes
from inspector_app.agreement.intervals import count, proportion
from inspector_app.agreement.values import Count, Estimate, Interval, IntervalMethod, NotMeasurable, Proportion
from inspector_app.automation.guard_events import GuardKind
from inspector_app.domain.shares import percent
from inspector_app.simulation.results import CertificateIssued, LevelStep, RolloutCounts, RunResult, ShiftCounts, Spell
from inspector_app.simulation.scenario import Scenario

FORMAT = "inspection-station/simulation/1"
"""Named in every result; the number rises when a key changes its meaning or goes."""

Shown = Proportion | Count | Estimate | NotMeasurable | float
"""A figure of a simulation."""

LEVEL = 0.95
"""Confidence of every interval."""

_COUNTED = tuple(field.name for field in fields(ShiftCounts) if field.name not in {"shift", "level", "waiting"})


def totals(results: Sequence[RunResult]) -> dict[str, int]:
    """Return the counts of all shifts of all runs together."""
    return {name: sum(getattr(shift, name) for run in results for shift in run.shifts) for name in _COUNTED}


def figures(results: Sequence[RunResult]) -> dict[str, Shown]:
    """Return the shares of a simulation by name."""
    t = totals(results)
    certificates = [each for run in results for each in run.certificates]
    never = "the model decided nothing"
    return {
        "escapes_of_accepted": proportion(t["escapes"], t["accepted"], LEVEL, "nothing was accepted"),
        "overkill_of_rejected": proportion(t["overkill"], t["rejected"], LEVEL, "nothing was rejected"),
        "bad_of_model_accepts": proportion(t["model_accepts_bad"], t["model_accepts"], LEVEL, never),
        "good_of_model_rejects": proportion(t["model_rejects_good"], t["model_rejects"], LEVEL, never),
        "looks_per_part": count(t["looks"], t["parts"], "no part was made"),
        "audited_of_model_accepts": count(t["audits"], t["model_accepts"], never),
        "hours_contract_broken": count(t["hours_broken"], t["hours_automatic"], never),
        "runs_contract_broken": proportion(
            sum(bool(run.spells) for run in results), len(results), LEVEL, "nothing was run"
        ),
        "certificates_broken": proportion(
            sum(not each.kept for each in certificates), len(certificates), LEVEL, "no certificate was issued"
        ),
        "audits_say_of_model_accepts": _audits_say(results, t["model_accepts"]),
        "audits_and_seeds_say": _audits_and_seeds_say(results, t["model_accepts"]),
    }


def _audits_say(results: Sequence[RunResult], accepts: int) -> Estimate | NotMeasurable:
    """Return what somebody who knows no truth would learn from the audits."""
    if not accepts:
        return NotMeasurable("the model accepted nothing")
    return weighted_escapes([cell for run in results for cell in run.audit_cells], accepts, LEVEL).share


def _audits_and_seeds_say(results: Sequence[RunResult], accepts: int) -> float | NotMeasurable:
    """Return what the audits say, over the share of defects that their inspectors find: that of the seeded ones."""
    audited = _audits_say(results, accepts)
    found = sum(k for run in results for _, k, _ in run.seeds)
    shown = sum(n for run in results for *_, n in run.seeds)
    if isinstance(audited, NotMeasurable):
        return audited
    return audited.estimate * shown / found if found else NotMeasurable("no seeded defect was found")


def delay_figures(results: Sequence[RunResult]) -> dict[str, Estimate]:
    """Return how many accepts of the model passed on average before a guard ended a broken contract, by guard."""
    spells = [spell for run in results for spell in run.spells if spell.ended_by in set(GuardKind)]
    return {
        name: _mean([spell.accepts for spell in spells if spell.ended_by == name])
        for name in sorted({spell.ended_by for spell in spells})
    }


def _mean(values: Sequence[int]) -> Estimate:
    n, mean = len(values), fmean(values)
    if n < 2:
        why = NotMeasurable("it happened once")
        return Estimate(mean, why, n, why)
    error = stdev(values) / math.sqrt(n)
    if error == 0.0:
        why = NotMeasurable("it always took the same")
        return Estimate(mean, why, n, why)
    half = float(stdtrit(n - 1, (1.0 + LEVEL) / 2.0)) * error
    return Estimate(mean, error, n, Interval(mean - half, mean + half, IntervalMethod.STUDENT, LEVEL))


def seed_figures(results: Sequence[RunResult]) -> dict[str, Proportion | NotMeasurable]:
    """Return the share of seeded defects that each inspector rejected."""
    hits: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for run in results:
        for name, k, n in run.seeds:
            hits[name] += k
            shown[name] += n
    return {name: proportion(hits[name], shown[name], LEVEL, "none was shown") for name in sorted(shown)}


def as_json(scenario: Scenario, results: Sequence[RunResult]) -> dict[str, Any]:
    """Return everything as JSON values; the same scenario, seed and number of runs give the same document."""
    return {
        "format": FORMAT,
        "title": scenario.title,
        "seed": results[0].seed,
        "complete": all(run.complete for run in results),
        "totals": totals(results),
        "figures": {name: figure_record(figure) for name, figure in figures(results).items()},
        "accepts_before_a_guard": {name: figure_record(figure) for name, figure in delay_figures(results).items()},
        "seeded": {name: figure_record(figure) for name, figure in seed_figures(results).items()},
        "runs": [_run(run) for run in results],
        "scenario": scenario.model_dump(mode="json"),
    }


def _run(run: RunResult) -> dict[str, Any]:
    return {
        "run": run.run,
        "complete": run.complete,
        "levels": [_step(step) for step in run.steps],
        "certificates": [asdict(each) for each in run.certificates],
        "contract_broken": [asdict(each) for each in run.spells],
        "new_models": [asdict(each) for each in run.rollouts],
    }


def _step(step: LevelStep) -> dict[str, Any]:
    return {**asdict(step), "before": step.before.value, "after": step.after.value}


def history_rows(results: Sequence[RunResult]) -> Iterator[tuple[object, ...]]:
    """Yield one row a shift, header first."""
    names = [field.name for field in fields(ShiftCounts)]
    yield ("run", *names)
    for run in results:
        for shift in run.shifts:
            yield (run.run, *(getattr(shift, name) for name in names))


def lines(scenario: Scenario, results: Sequence[RunResult]) -> Iterator[str]:
    """Yield the result as lines for people."""
    shown, t = figures(results), totals(results)
    runs = f"{len(results)} runs" if len(results) > 1 else "1 run"
    shifts = sum(len(run.shifts) for run in results)
    yield f"{scenario.title}: {runs}, {shifts} shifts, {t['parts']} parts, {t['bad']} bad"
    if not all(run.complete for run in results):
        yield "Stopped before the end: the figures are of what was simulated until then."
    yield ""
    limit = scenario.contract.escape
    yield _line("Escapes among all accepted parts", shown["escapes_of_accepted"])
    yield _line(f"Bad among the model's accepts (limit {percent(limit)})", shown["bad_of_model_accepts"])
    yield _line("  as the audits alone would say", shown["audits_say_of_model_accepts"])
    yield _line("  corrected by the seeded defects found", shown["audits_and_seeds_say"])
    yield _line("Good among the model's rejects", shown["good_of_model_rejects"])
    yield _line("Overkill among all rejected parts", shown["overkill_of_rejected"])
    yield _line("Looks by inspectors for each part", shown["looks_per_part"])
    yield _line("Audited among the model's accepts", shown["audited_of_model_accepts"])
    yield _line("Hours with the contract broken", shown["hours_contract_broken"])
    yield _line("Runs in which the contract was broken", shown["runs_contract_broken"])
    yield _line("Certificates that did not hold when issued", shown["certificates_broken"])
    for name, figure in seed_figures(results).items():
        yield _line(f"Seeded defects found by {name}", figure)
    yield ""
    yield from _spell_lines([spell for run in results for spell in run.spells], delay_figures(results))
    yield from _guard_lines([step for run in results for step in run.steps], len(results))
    yield ""
    yield from _rollout_lines([each for run in results for each in run.rollouts])
    yield f"Level history of run {results[0].run}:"
    yield from (_step_line(step) for step in results[0].steps)
    yield from (_certificate_line(each) for each in results[0].certificates)


def _line(name: str, figure: Shown) -> str:
    match figure:
        case NotMeasurable():
            text = f"not measurable: {figure.why}"
        case Proportion():
            bounds = _range(figure.contract.low, figure.contract.high)
            text = f"{percent(figure.estimate)}  ({bounds}; {figure.k} of {figure.n})"
        case Count():
            text = f"{percent(figure.share)}  ({figure.k} of {figure.n})"
        case float():
            text = f"{percent(figure)}"
        case _:
            interval = figure.interval
            bounds = "" if isinstance(interval, NotMeasurable) else f"{_range(interval.low, interval.high)}; "
            text = f"{percent(figure.estimate)}  ({bounds}{figure.n} audits)"
    return f"{name:<46} {text}"


def _range(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"


def _spell_lines(spells: Sequence[Spell], delays: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield how long the contract was broken before what ended it."""
    if not spells:
        yield "The contract was never broken while the model decided."
        return
    for ended_by in sorted({spell.ended_by for spell in spells}):
        those = [spell for spell in spells if spell.ended_by == ended_by]
        accepts, audits = fmean(s.accepts for s in those), fmean(s.audits for s in those)
        delay = delays.get(ended_by)
        bounds = (
            ""
            if delay is None or isinstance(delay.interval, NotMeasurable)
            else (f" ({delay.interval.low:.0f} to {delay.interval.high:.0f})")
        )
        yield (
            f"Contract broken, ended by {ended_by}: {len(those)} times, on average after {accepts:.0f}{bounds} accepts "
            f"of the model and {audits:.0f} audits"
        )


def _guard_lines(steps: Sequence[LevelStep], runs: int) -> Iterator[str]:
    """Yield how often each guard fired, and how often while the contract held."""
    fired = [step for step in steps if step.why in {*GuardKind, "guardrail"}]
    for why in sorted({step.why for step in fired}):
        those = [step for step in fired if step.why == why]
        held = sum(not step.broken for step in those)
        yield f"Guard {why}: fired {len(those)} times in {runs} runs, {held} of them while the contract held"


def _rollout_lines(rollouts: Sequence[RolloutCounts]) -> Iterator[str]:
    """Yield what became of each new model, over all runs."""
    for name in sorted({each.name for each in rollouts}):
        those = [each for each in rollouts if each.name == name]
        ends = Counter(f"{each.outcome} ({each.because})" if each.because else each.outcome for each in those)
        outcomes = ", ".join(f"{end} {n} times" for end, n in sorted(ends.items()))
        given = fmean(each.share for each in those)
        accepts, escapes = sum(each.accepts for each in those), sum(each.escapes for each in those)
        yield (
            f"New model {name} in {len(those)} runs: {outcomes}; given at most {percent(given)} of the parts on "
            f"average; it accepted {accepts} parts, {escapes} of them bad; {sum(each.adjudications for each in those)} "
            "differences were looked at for it alone"
        )
    if rollouts:
        yield ""


def _step_line(step: LevelStep) -> str:
    moved = step.after.value if step.before is step.after else f"{step.before.value} → {step.after.value}"
    return f"  shift {step.shift:>4}, part {step.part:>8}: {moved} ({step.why}) {step.sentence}"


def _certificate_line(each: CertificateIssued) -> str:
    low = "accepts nothing" if each.accept_below is None else f"accepts below {each.accept_below:.4g}"
    high = "rejects nothing" if each.reject_above is None else f"rejects above {each.reject_above:.4g}"
    kept = "true rates within the contract" if each.kept else "TRUE RATES BEYOND THE CONTRACT"
    return f"  certificate of shift {each.shift}: {each.labels} labels, {each.bad} bad; {low}, {high}; {kept}"
