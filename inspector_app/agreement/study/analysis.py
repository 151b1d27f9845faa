"""Every figure of an attribute study, in the terms of AIAG's *Measurement Systems Analysis*, 4th edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from inspector_app.agreement.intervals import proportion
from inspector_app.agreement.study.bands import (
    FALSE_ALARM,
    MISS,
    Verdict,
    judge,
    judge_effectiveness,
    judge_kappa,
)
from inspector_app.agreement.study.by_size import DetectionBySize, detection_by_size
from inspector_app.agreement.study.detection import Detection, detection
from inspector_app.agreement.study.kappas import KappaMaker, StudyKappa, pair_table
from inspector_app.agreement.study.resampling import PartResamples
from inspector_app.agreement.study.values import Study
from inspector_app.agreement.twoway import mcnemar_exact
from inspector_app.agreement.values import NotMeasurable, Proportion

MOST_PAIRS = 4950
"""Pairs of appraisers compared at most: all pairs of a hundred appraisers."""

_AT_ONCE = 8
"""Appraisers, or pairs of them, whose kappas are made together."""
_NO_REFERENCE = NotMeasurable("the study has no reference")
_ONCE = "every part was judged in one trial only"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a study is analysed.

    Attributes
    ----------
    level : float
        Two-sided confidence level of the intervals; the one-sided limits behind the bands have the same level.
    draws, seed : int
        Of the part bootstrap.
    """

    level: float = 0.95
    draws: int = 2000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Consistency:
    """How an appraiser's trials of a part fall out, in parts; ``None`` without a reference.

    Attributes
    ----------
    accepted_bad, rejected_good : int
        Wrong in every trial.
    mixed : int
        Not the same in every trial.
    """

    accepted_bad: int
    rejected_good: int
    mixed: int


@dataclass(frozen=True, slots=True)
class AppraiserFigures:
    """One appraiser.

    Attributes
    ----------
    name : str
        As in the study.
    effectiveness : Proportion or NotMeasurable
        Parts judged like the reference in every trial (AIAG; Minitab "each appraiser vs standard").
    decision_effectiveness : Proportion or NotMeasurable
        Decisions like the reference (JMP and Minitab's Assistant call this effectiveness).
    within : Proportion or NotMeasurable
        Parts judged alike in every trial.
    miss, false_alarm : Proportion or NotMeasurable
        Accepts among decisions on bad parts, rejects among decisions on good parts.
    consistency : Consistency or None
        Kinds of wrong answers.
    kappa_cohen_vs_reference, kappa_fleiss_vs_reference, kappa_fleiss_within : StudyKappa or NotMeasurable
        Each named.
    detection : Detection or NotMeasurable
        d' and c.
    by_size : DetectionBySize or NotMeasurable
        Which size of defect is found.
    effectiveness_verdict, miss_verdict, false_alarm_verdict, kappa_verdict : Verdict or NotMeasurable
        Against AIAG's limits, on the interval.
    """

    name: str
    effectiveness: Proportion | NotMeasurable
    decision_effectiveness: Proportion | NotMeasurable
    within: Proportion | NotMeasurable
    miss: Proportion | NotMeasurable
    false_alarm: Proportion | NotMeasurable
    consistency: Consistency | None
    kappa_cohen_vs_reference: StudyKappa | NotMeasurable
    kappa_fleiss_vs_reference: StudyKappa | NotMeasurable
    kappa_fleiss_within: StudyKappa | NotMeasurable
    detection: Detection | NotMeasurable
    by_size: DetectionBySize | NotMeasurable
    effectiveness_verdict: Verdict | NotMeasurable
    miss_verdict: Verdict | NotMeasurable
    false_alarm_verdict: Verdict | NotMeasurable
    kappa_verdict: Verdict | NotMeasurable


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Two appraisers against each other, over all decisions.

    Attributes
    ----------
    first, second : str
        Names.
    table : tuple
        Row = first, column = second, reject before accept.
    kappa_cohen : StudyKappa or NotMeasurable
        Their agreement.
    mcnemar_p : float or NotMeasurable
        Exact, two-sided: does one of the two reject more often?
    """

    first: str
    second: str
    table: tuple[tuple[int, int], tuple[int, int]]
    kappa_cohen: StudyKappa | NotMeasurable
    mcnemar_p: float | NotMeasurable


@dataclass(frozen=True, slots=True)
class Together:
    """All appraisers as one system.

    Attributes
    ----------
    parts : Proportion or NotMeasurable
        Parts on which all decisions are the same (between), or the same as the reference (system effectiveness).
    kappa_fleiss : StudyKappa or NotMeasurable
        Over all decisions.
    """

    parts: Proportion | NotMeasurable
    kappa_fleiss: StudyKappa | NotMeasurable


@dataclass(frozen=True, slots=True)
class StudyResult:
    """A study's figures.

    Attributes
    ----------
    parts, trials : int
        Counts.
    bad_parts : int or None
        Parts that the reference rejects; ``None`` without a reference.
    appraisers : tuple of AppraiserFigures
        In the order of the study.
    between, all_vs_reference : Together
        The whole system.
    by_size : DetectionBySize or NotMeasurable
        Which size of defect all of them together find.
    pairs : tuple of PairFigures
        Every pair, up to `MOST_PAIRS`.
    pairs_left_out : int
        Pairs beyond that.
    wanted : Wanted
        How it was analysed.
    """

    parts: int
    trials: int
    bad_parts: int | None
    appraisers: tuple[AppraiserFigures, ...]
    between: Together
    all_vs_reference: Together
    by_size: DetectionBySize | NotMeasurable
    pairs: tuple[PairFigures, ...]
    pairs_left_out: int
    wanted: Wanted


def analyse(
    study: Study, wanted: Wanted, on_progress: Callable[[int, int], None] = lambda _done, _all: None
) -> StudyResult:
    """Return every figure of a study.

    Parameters
    ----------
    study : Study
        Complete.
    wanted : Wanted
        Level, draws, seed.
    on_progress : callable
        Told how many of how many steps (appraisers, then pairs) are done; may raise to cancel.
    """
    study = _by_name(study)
    kappas = KappaMaker(PartResamples(len(study.parts), wanted.draws, wanted.seed), wanted.level)
    people = len(study.appraisers)
    all_pairs = people * (people - 1) // 2
    pairs_made = min(all_pairs, MOST_PAIRS)
    steps = people + pairs_made
    appraisers, pairs = [], []
    for each in _each_appraiser(study, kappas):
        appraisers.append(each)
        on_progress(len(appraisers), steps)
    for pair in _pairs(study, kappas, pairs_made):
        pairs.append(pair)
        on_progress(people + len(pairs), steps)
    return StudyResult(
        parts=len(study.parts),
        trials=len(study.trials),
        bad_parts=None if study.reference is None else int(study.reference.sum()),
        appraisers=tuple(appraisers),
        between=_between(study, kappas),
        all_vs_reference=_against_reference(study, kappas),
        by_size=detection_by_size(study, study.rejected.reshape(len(study.parts), -1)),
        pairs=tuple(pairs),
        pairs_left_out=all_pairs - pairs_made,
        wanted=wanted,
    )


def _by_name(study: Study) -> Study:
    """Return the study with its parts in the order of their names, so that no interval depends on a file's order."""
    order = sorted(range(len(study.parts)), key=study.parts.__getitem__)
    return replace(
        study,
        parts=tuple(study.parts[index] for index in order),
        rejected=study.rejected[order],
        reference=None if study.reference is None else study.reference[order],
        sizes=None if study.sizes is None else study.sizes[order],
    )


@dataclass(frozen=True, slots=True)
class _Kappas:
    """One appraiser's kappas."""

    cohen: StudyKappa | NotMeasurable
    fleiss: StudyKappa | NotMeasurable
    within: StudyKappa | NotMeasurable


def _each_appraiser(study: Study, kappas: KappaMaker) -> Iterator[AppraiserFigures]:
    """Yield appraisers in the order of the study; the kappas of several are made at once, which takes half the time."""
    for first in range(0, len(study.appraisers), _AT_ONCE):
        names = study.appraisers[first : first + _AT_ONCE]
        rejected = np.moveaxis(study.rejected[:, first : first + _AT_ONCE], 1, 0)
        for name, theirs, found in zip(names, rejected, _kappas(rejected, study.reference, kappas), strict=True):
            yield _appraiser(name, study, theirs, found, kappas.level)


def _kappas(rejected: NDArray[np.bool_], reference: NDArray[np.bool_] | None, kappas: KappaMaker) -> list[_Kappas]:
    """Return the kappas of several appraisers' decisions, (n, P, T)."""
    within = kappas.fleiss(rejected)
    if reference is None:
        return [_Kappas(_NO_REFERENCE, _NO_REFERENCE, each) for each in within]
    repeated = np.broadcast_to(reference[:, None], rejected.shape)
    cohen, fleiss = kappas.cohen(rejected, repeated), kappas.fleiss_to_reference(rejected, reference)
    return [_Kappas(*each) for each in zip(cohen, fleiss, within, strict=True)]


def _appraiser(name: str, study: Study, rejected: NDArray[np.bool_], kappas: _Kappas, level: float) -> AppraiserFigures:
    """Return the figures of one appraiser's decisions, (P, T)."""
    reference, cohen = study.reference, kappas.cohen
    parts, trials = rejected.shape
    same = _same(rejected)
    within: Proportion | NotMeasurable = NotMeasurable(_ONCE)
    if trials > 1:
        within = proportion(int(same.sum()), parts, level, _ONCE)
    rates = _Rates.of(rejected, reference, level)
    return AppraiserFigures(
        name=name,
        effectiveness=rates.effectiveness,
        decision_effectiveness=rates.decisions,
        within=within,
        miss=rates.miss,
        false_alarm=rates.false_alarm,
        consistency=None if reference is None else _consistency(rejected, reference, same),
        kappa_cohen_vs_reference=cohen,
        kappa_fleiss_vs_reference=kappas.fleiss,
        kappa_fleiss_within=kappas.within,
        detection=detection(rates.miss, rates.false_alarm),
        by_size=detection_by_size(study, rejected),
        effectiveness_verdict=judge_effectiveness(rates.effectiveness, level),
        miss_verdict=judge(rates.miss, MISS, level),
        false_alarm_verdict=judge(rates.false_alarm, FALSE_ALARM, level),
        kappa_verdict=cohen if isinstance(cohen, NotMeasurable) else judge_kappa(cohen.estimate, cohen.interval),
    )


@dataclass(frozen=True, slots=True)
class _Rates:
    effectiveness: Proportion | NotMeasurable
    decisions: Proportion | NotMeasurable
    miss: Proportion | NotMeasurable
    false_alarm: Proportion | NotMeasurable

    @staticmethod
    def of(rejected: NDArray[np.bool_], reference: NDArray[np.bool_] | None, level: float) -> _Rates:
        """Count an appraiser's decisions, (P, T), against the reference."""
        if reference is None:
            return _Rates(*(_NO_REFERENCE,) * 4)
        right = rejected == reference[:, None]
        bad, good = rejected[reference], rejected[~reference]
        return _Rates(
            proportion(int(right.all(axis=1).sum()), len(right), level, ""),
            proportion(int(right.sum()), right.size, level, ""),
            proportion(int((~bad).sum()), bad.size, level, "no part of the study is bad"),
            proportion(int(good.sum()), good.size, level, "no part of the study is good"),
        )


def _consistency(rejected: NDArray[np.bool_], reference: NDArray[np.bool_], same: NDArray[np.bool_]) -> Consistency:
    always, never = rejected.all(axis=1), ~rejected.any(axis=1)
    return Consistency(
        accepted_bad=int((never & reference).sum()),
        rejected_good=int((always & ~reference).sum()),
        mixed=int((~same).sum()),
    )


def _same(rejected: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each part whether all decisions in its row are the same."""
    return np.asarray(rejected.all(axis=1) | ~rejected.any(axis=1), np.bool_)


def _between(study: Study, kappas: KappaMaker) -> Together:
    everybody = study.rejected.reshape(len(study.parts), -1)
    if len(study.appraisers) < 2:
        alone = NotMeasurable("the study has one appraiser only")
        return Together(alone, alone)
    return Together(
        proportion(int(_same(everybody).sum()), len(everybody), kappas.level, ""), kappas.fleiss(everybody[None])[0]
    )


def _against_reference(study: Study, kappas: KappaMaker) -> Together:
    if study.reference is None:
        return Together(_NO_REFERENCE, _NO_REFERENCE)
    everybody = study.rejected.reshape(len(study.parts), -1)
    right = (everybody == study.reference[:, None]).all(axis=1)
    return Together(
        proportion(int(right.sum()), len(right), kappas.level, ""),
        kappas.fleiss_to_reference(everybody[None], study.reference)[0],
    )


def _pairs(study: Study, kappas: KappaMaker, most: int) -> Iterator[PairFigures]:
    """Yield pairs in the order of the study, the first ``most``."""
    names, rejected = study.appraisers, np.moveaxis(study.rejected, 1, 0)
    chosen = islice(combinations(range(len(names)), 2), most)
    while pairs := list(islice(chosen, _AT_ONCE)):
        first, second = (rejected[list(side)] for side in zip(*pairs, strict=True))
        cohen = kappas.cohen(first, second)
        for (i, j), one, other, kappa in zip(pairs, first, second, cohen, strict=True):
            table = pair_table(one, other)
            yield PairFigures(
                first=names[i],
                second=names[j],
                table=table,
                kappa_cohen=kappa,
                mcnemar_p=mcnemar_exact(table[0][1], table[1][0]),
            )
