"""A study's figures as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from inspector_app.agreement.sentence import percent
from inspector_app.agreement.study.analysis import AppraiserFigures, StudyResult, Together
from inspector_app.agreement.study.as_json import chosen_interval
from inspector_app.agreement.study.bands import Verdict
from inspector_app.agreement.study.by_size import DetectionBySize
from inspector_app.agreement.study.choices import IntervalChoice
from inspector_app.agreement.study.detection import Detection
from inspector_app.agreement.study.kappas import StudyKappa
from inspector_app.agreement.values import NotMeasurable, Proportion

_PAIRS_SHOWN = 20


def study_lines(result: StudyResult, choice: IntervalChoice) -> Iterator[str]:
    """Yield the figures; intervals are two-sided, bands rest on the one-sided limit."""
    level = result.wanted.level
    bad = "without a reference" if result.bad_parts is None else f"{result.bad_parts} of them bad"
    people = len(result.appraisers)
    yield (
        f"{_number(result.parts, 'part')} ({bad}), {_number(people, 'appraiser')}, "
        f"{_number(result.trials, 'trial')}; {percent(level)} intervals ({choice.value}; kappa by drawing parts)"
    )
    for figures in result.appraisers:
        yield ""
        yield from _appraiser_lines(figures, choice, level)
    yield ""
    yield from _together_lines("between appraisers", result.between, choice, level)
    yield from _together_lines("all against the reference", result.all_vs_reference, choice, level)
    for pair in result.pairs[:_PAIRS_SHOWN]:
        yield f"{pair.first} * {pair.second}: kappa (Cohen) {_kappa(pair.kappa_cohen)}"
    hidden = len(result.pairs) + result.pairs_left_out - _PAIRS_SHOWN
    if hidden > 0:
        yield f"{hidden} more pairs are not shown here"


def _appraiser_lines(figures: AppraiserFigures, choice: IntervalChoice, level: float) -> Iterator[str]:
    yield figures.name
    rows = (
        ("effectiveness", figures.effectiveness, figures.effectiveness_verdict, "parts"),
        ("miss", figures.miss, figures.miss_verdict, "decisions on bad parts"),
        ("false alarm", figures.false_alarm, figures.false_alarm_verdict, "decisions on good parts"),
    )
    for name, figure, verdict, unit in rows:
        yield f"  {name:<22}{_share(figure, choice, level)}{_verdict(verdict, unit)}"
    yield f"  {'agrees with itself':<22}{_share(figures.within, choice, level)}"
    yield f"  {'kappa vs reference':<22}{_kappa(figures.kappa_cohen_vs_reference)} (Cohen)"
    yield f"  {'':<22}{_kappa(figures.kappa_fleiss_vs_reference)} (Fleiss)"
    yield f"  {'kappa within':<22}{_kappa(figures.kappa_fleiss_within)} (Fleiss)"
    yield f"  {'signal detection':<22}{_detection(figures.detection)}"
    if isinstance(figures.by_size, DetectionBySize):
        yield f"  {'size found':<22}{_by_size(figures.by_size)}"


def _together_lines(name: str, figures: Together, choice: IntervalChoice, level: float) -> Iterator[str]:
    yield f"{name}: {_share(figures.parts, choice, level)}; kappa (Fleiss) {_kappa(figures.kappa_fleiss)}"


def _share(figure: Proportion | NotMeasurable, choice: IntervalChoice, level: float) -> str:
    if isinstance(figure, NotMeasurable):
        return f"not measurable: {figure.why}"
    interval = chosen_interval(choice, figure.k, figure.n, level)
    return (
        f"{figure.k} of {figure.n} = {percent(figure.estimate)} ({percent(interval.low)} to {percent(interval.high)})"
    )


def _verdict(verdict: Verdict | NotMeasurable, unit: str) -> str:
    if isinstance(verdict, NotMeasurable):
        return ""
    if verdict.shown is not None:
        return f"; {verdict.shown.value}"
    if verdict.needed is None:
        return f"; {verdict.point.value} by the estimate alone"
    return f"; {verdict.point.value} is not shown: {verdict.needed} more {unit} without error would show it"


def _kappa(kappa: StudyKappa | NotMeasurable) -> str:
    if isinstance(kappa, NotMeasurable):
        return f"not measurable: {kappa.why}"
    if isinstance(kappa.interval, NotMeasurable):
        return f"{kappa.estimate:.3f} (no interval: {kappa.interval.why})"
    return f"{kappa.estimate:.3f} ({kappa.interval.low:.3f} to {kappa.interval.high:.3f})"


def _detection(figures: Detection | NotMeasurable) -> str:
    if isinstance(figures, NotMeasurable):
        return f"not measurable: {figures.why}"
    return f"d' {figures.d_prime:.2f}, criterion {figures.criterion:+.2f} (above 0: lenient)"


def _by_size(curve: DetectionBySize) -> str:
    sizes = (("half the time", curve.a50), ("90 %", curve.a90), ("90 % with 95 % confidence", curve.a90_95))
    shown = ", ".join(f"{words} {'not reached' if size is None else f'{size:.3g}'}" for words, size in sizes)
    return f"{shown} (sizes judged: {curve.smallest:.3g} to {curve.largest:.3g})"


def _number(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
