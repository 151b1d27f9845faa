"""A study's figures as plain JSON values; the same study and settings give the same document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from inspector_app.agreement.intervals import clopper_pearson, one_sided_at_ends, wilson
from inspector_app.agreement.study.analysis import (
    AppraiserFigures,
    PairFigures,
    StudyResult,
    Together,
)
from inspector_app.agreement.study.bands import Verdict
from inspector_app.agreement.study.by_size import DetectionBySize
from inspector_app.agreement.study.choices import IntervalChoice, Positive
from inspector_app.agreement.study.detection import Detection
from inspector_app.agreement.study.kappas import StudyKappa
from inspector_app.agreement.values import Interval, NotMeasurable, Proportion

FORMAT = "inspection-station/attribute-study/1"


_INTERVALS: Mapping[IntervalChoice, Callable[[int, int, float], Interval]] = {
    IntervalChoice.CLOPPER_PEARSON: clopper_pearson,
    IntervalChoice.WILSON: wilson,
    IntervalChoice.MINITAB: one_sided_at_ends,
}


def chosen_interval(choice: IntervalChoice, k: int, n: int, level: float) -> Interval:
    """Return the interval of k in n."""
    return _INTERVALS[choice](k, n, level)


DEFINITIONS: Mapping[str, str] = {
    "effectiveness": "Parts judged like the reference in every trial, of all parts (AIAG; Minitab: each appraiser vs "
    "standard).",
    "decision_effectiveness": "Decisions like the reference, of all decisions (JMP; Minitab's Assistant).",
    "within": "Parts judged alike in every trial, of all parts.",
    "miss": "Accepts among the decisions on bad parts.",
    "false_alarm": "Rejects among the decisions on good parts.",
    "between": "Parts on which all decisions of all appraisers are the same.",
    "all_vs_reference": "Parts on which all decisions of all appraisers are like the reference (system effectiveness).",
    "kappa_cohen": "Cohen (1960), over all decisions.",
    "kappa_fleiss_vs_reference": "Mean over trials of Fleiss' kappa of that trial and the reference (Minitab).",
    "kappa_fleiss_within": "Fleiss (1971), the trials of one appraiser as raters.",
    "d_prime": "z(hit) - z(false alarm), counts corrected by (k + 0.5) / (n + 1).",
    "criterion": "-(z(hit) + z(false alarm)) / 2; its sign is that of the positive level.",
    "by_size": "Probability of detection on bad parts of known size, P(reject) = Phi((ln size - mu) / sigma); a90_95: "
    "size at which its lower one-sided 95 % limit reaches 90 % (MIL-HDBK-1823A); null: not reached by these sizes.",
    "shown": "The band that even the unfavourable one-sided limit reaches; null: not shown by so few decisions.",
}


def study_record(result: StudyResult, choice: IntervalChoice, positive: Positive) -> dict[str, Any]:
    """Return a study's figures.

    Parameters
    ----------
    result : StudyResult
        The figures.
    choice : IntervalChoice
        Interval of the proportions.
    positive : Positive
        Which level tables list first, and the sign of the criterion. Miss and false alarm mean the same under both.
    """
    words = _Words(choice, result.wanted.level, positive)
    return {
        "format": FORMAT,
        "parts": result.parts,
        "bad_parts": result.bad_parts,
        "trials": result.trials,
        "confidence": result.wanted.level,
        "interval": choice.value,
        "positive": positive.value,
        "bootstrap": {"draws": result.wanted.draws, "seed": result.wanted.seed, "unit": "part", "method": "BCa"},
        "appraisers": {each.name: words.appraiser(each) for each in result.appraisers},
        "between": words.together(result.between),
        "all_vs_reference": words.together(result.all_vs_reference),
        "by_size": _by_size(result.by_size),
        "pairs": {f"{pair.first}*{pair.second}": words.pair(pair) for pair in result.pairs},
        "pairs_left_out": result.pairs_left_out,
        "definitions": dict(DEFINITIONS),
    }


class _Words:
    """Turns figures into JSON values under one choice of interval and sign."""

    def __init__(self, choice: IntervalChoice, level: float, positive: Positive) -> None:
        self._choice = choice
        self._level = level
        self._positive = positive

    def appraiser(self, figures: AppraiserFigures) -> dict[str, Any]:
        kappas = {
            "kappa_cohen_vs_reference": figures.kappa_cohen_vs_reference,
            "kappa_fleiss_vs_reference": figures.kappa_fleiss_vs_reference,
            "kappa_fleiss_within": figures.kappa_fleiss_within,
        }
        wrong = figures.consistency
        return {
            "effectiveness": self.share(figures.effectiveness),
            "decision_effectiveness": self.share(figures.decision_effectiveness),
            "within": self.share(figures.within),
            "miss": self.share(figures.miss),
            "false_alarm": self.share(figures.false_alarm),
            **{name: _estimate(kappa) for name, kappa in kappas.items()},
            "kappas": {name.removeprefix("kappa_"): _kappa(kappa) for name, kappa in kappas.items()},
            "wrong_parts": None
            if wrong is None
            else {
                "always_accepted_bad": wrong.accepted_bad,
                "always_rejected_good": wrong.rejected_good,
                "mixed": wrong.mixed,
            },
            "detection": self._detection(figures.detection),
            "by_size": _by_size(figures.by_size),
            "bands": {
                "effectiveness": _verdict(figures.effectiveness_verdict),
                "miss": _verdict(figures.miss_verdict),
                "false_alarm": _verdict(figures.false_alarm_verdict),
                "kappa_cohen_vs_reference": _verdict(figures.kappa_verdict),
            },
        }

    def together(self, figures: Together) -> dict[str, Any]:
        return {
            **self.share(figures.parts),
            "kappa_fleiss": _estimate(figures.kappa_fleiss),
            "kappas": {"fleiss": _kappa(figures.kappa_fleiss)},
        }

    def pair(self, figures: PairFigures) -> dict[str, Any]:
        (a, b), (c, d) = figures.table
        table = [[a, b], [c, d]] if self._positive is Positive.BAD else [[d, c], [b, a]]
        p = figures.mcnemar_p
        return {
            "kappa_cohen": _estimate(figures.kappa_cohen),
            "table": table,
            "order": ["reject", "accept"] if self._positive is Positive.BAD else ["accept", "reject"],
            "kappas": {"cohen": _kappa(figures.kappa_cohen)},
            "mcnemar_p": _missing(p) if isinstance(p, NotMeasurable) else p,
        }

    def share(self, figure: Proportion | NotMeasurable) -> dict[str, Any]:
        if isinstance(figure, NotMeasurable):
            return {"k": None, "n": 0, "estimate": None, "low": None, "high": None, **_missing(figure)}
        interval = chosen_interval(self._choice, figure.k, figure.n, self._level)
        return {
            "k": figure.k,
            "n": figure.n,
            "estimate": figure.estimate,
            "low": interval.low,
            "high": interval.high,
        }

    def _detection(self, figures: Detection | NotMeasurable) -> dict[str, Any]:
        if isinstance(figures, NotMeasurable):
            return _missing(figures)
        sign = 1.0 if self._positive is Positive.BAD else -1.0
        return {"d_prime": figures.d_prime, "criterion": sign * figures.criterion}


def _by_size(curve: DetectionBySize | NotMeasurable) -> dict[str, Any]:
    return _missing(curve) if isinstance(curve, NotMeasurable) else asdict(curve)


def _missing(figure: NotMeasurable) -> dict[str, str]:
    return {"not_measurable": figure.why}


def _estimate(kappa: StudyKappa | NotMeasurable) -> float | None:
    return None if isinstance(kappa, NotMeasurable) else kappa.estimate


def _kappa(kappa: StudyKappa | NotMeasurable) -> dict[str, Any]:
    if isinstance(kappa, NotMeasurable):
        return _missing(kappa)
    bounds: dict[str, Any]
    if isinstance(kappa.interval, NotMeasurable):
        bounds = {"low": None, "high": None, "interval_not_measurable": kappa.interval.why}
    else:
        bounds = {"low": kappa.interval.low, "high": kappa.interval.high}
    null = {} if kappa.null_standard_error is None else {"null_standard_error": kappa.null_standard_error, "z": kappa.z}
    return {"estimate": kappa.estimate, **bounds, **null, "draws_without_value": kappa.draws_without_value}


def _verdict(verdict: Verdict | NotMeasurable) -> dict[str, Any]:
    if isinstance(verdict, NotMeasurable):
        return _missing(verdict)
    return {
        "estimate_is": verdict.point.value,
        "shown": None if verdict.shown is None else verdict.shown.value,
        "one_sided_bound": verdict.bound,
        "needed": verdict.needed,
    }
