"""What audits, third looks and second looks of the log say about parts that nobody looked at, and about reliance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from inspector_app.agreement.audit_sampling import (
    AuditedCell,
    Stratum,
    WeightedEscapes,
    escape_bound,
    stratified_share,
    weighted_escapes,
)
from inspector_app.agreement.groups import Dimension, Group, part_groups
from inspector_app.agreement.reliance import Reliance, SecondLook, reliance
from inspector_app.agreement.unseen import JointMisses, joint_misses
from inspector_app.agreement.values import Estimate, Interval, NotMeasurable
from inspector_app.agreement.verification import CorrectedRates, VerifiedBin, corrected_rates
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import (
    AuditCount,
    LogFilter,
    LookCounts,
    PartCount,
    SecondLookCount,
    ThirdLookCount,
    VerdictCount,
)
from inspector_app.domain.verdict import Answer, VerdictKind

_Row = TypeVar("_Row", VerdictCount, AuditCount, ThirdLookCount)
_CHOSEN = NotMeasurable("the parts were chosen by what was found on them")
_NO_ACCEPTS = NotMeasurable("the model accepted nothing")
_TWICE = NotMeasurable("more parts were looked at than there are: some have two verdicts")


@dataclass(frozen=True, slots=True)
class EscapeEstimate:
    """Bad parts among those that the model accepted, from its audits.

    Attributes
    ----------
    accepts, drawn, answered, found : int
        Parts that the model accepted; of them drawn to be audited; of those answered for sure; of those found bad.
    weighted : WeightedEscapes or NotMeasurable
        Each escape found counts for as many as its probability to be audited says. Where answers are missing, the
        probability is multiplied by the share of the answered among those that were drawn with it.
    stratified : Estimate or NotMeasurable
        Share of the accepts; one stratum for each model version and each probability to be audited.
    bound : Interval or NotMeasurable
        Upper bound of the share over the same strata; holds however few escapes were found.
    """

    accepts: int
    drawn: int
    answered: int
    found: int
    weighted: WeightedEscapes | NotMeasurable
    stratified: Estimate | NotMeasurable
    bound: Interval | NotMeasurable


@dataclass(frozen=True, slots=True)
class BlindPairs:
    """Defects that inspector and model, blind to each other, found in shadow.

    Attributes
    ----------
    human_only, model_only, both : int
        Confirmed ones: by a third look, by the reference, or by both alike.
    open : int
        Parts on which the two differ and nobody has settled who is right; left out.
    missed : JointMisses or NotMeasurable
        Those that both missed; a lower bound.
    """

    human_only: int
    model_only: int
    both: int
    open: int
    missed: JointMisses | NotMeasurable


@dataclass(frozen=True, slots=True)
class GroupEstimates:
    """The estimates of one group of parts."""

    group: Group
    escapes: EscapeEstimate
    rates: CorrectedRates
    blind_pairs: BlindPairs


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far inspectors rely on the model.

    Attributes
    ----------
    inspector : str or None
        ``None`` for all together.
    looks : int
        Second looks with two sure answers.
    rates : Reliance
        The rates.
    """

    inspector: str | None
    looks: int
    rates: Reliance


@dataclass(frozen=True, slots=True)
class Estimates:
    """All estimates of a report.

    Attributes
    ----------
    groups : tuple of GroupEstimates
        Overall, then by model version.
    leaning : tuple of Leaning
        All inspectors together, then each by name.
    """

    groups: tuple[GroupEstimates, ...]
    leaning: tuple[Leaning, ...]


def estimates(
    verdicts: Sequence[VerdictCount], parts: Sequence[PartCount], looks: LookCounts, which: LogFilter, level: float
) -> Estimates:
    """Return the estimates on counted rows; the order of the rows does not matter.

    Parameters
    ----------
    verdicts, parts, looks
        Standing verdicts, inspections, and looks beyond the first, all under ``which``.
    which : LogFilter
        Where it tells of the outcome, its parts are no sample and nothing is estimated from them but reliance.
    level : float
        Confidence level.
    """
    chosen = which.tells_of_the_outcome
    unaided = [row for row in verdicts if row.kind is VerdictKind.UNAIDED and row.route in {None, Route.HUMAN}]
    groups = []
    for group, mine in part_groups(parts):
        if group.dimension is not Dimension.LEVEL:
            first, audits, third = _of(group, unaided), _of(group, looks.audits), _of(group, looks.third_looks)
            groups.append(
                GroupEstimates(
                    group,
                    _escapes(mine, audits, chosen, level),
                    _rates(mine, first, audits, third, chosen, level),
                    _blind_pairs(first, third, chosen, level),
                )
            )
    return Estimates(tuple(groups), tuple(leaning(looks.second_looks, level)))


def _of(group: Group, rows: Sequence[_Row]) -> list[_Row]:
    return [row for row in rows if group.dimension is Dimension.OVERALL or row.model_version == group.value]


def _escapes(parts: Sequence[PartCount], audits: Sequence[AuditCount], chosen: bool, level: float) -> EscapeEstimate:
    accepts: Counter[_Drawn] = Counter()
    for part in parts:
        if part.route is Route.MODEL_ACCEPT:
            accepts[part.model_version, part.audit_probability] += part.n
    drawn: Counter[_Drawn] = Counter()
    answered: Counter[_Drawn] = Counter()
    found: Counter[_Drawn] = Counter()
    for audit in audits:
        if audit.route is Route.MODEL_ACCEPT:
            key = (audit.model_version, audit.audit_probability)
            drawn[key] += audit.n
            answered[key] += audit.n * (audit.found is not None)
            found[key] += audit.n * (audit.found is Judgement.REJECT)
    counts = (accepts.total(), drawn.total(), answered.total(), found.total())
    if chosen or not accepts:
        why = _CHOSEN if chosen else _NO_ACCEPTS
        return EscapeEstimate(*counts, why, why, why)
    cells = [AuditedCell(key[1] * n / drawn[key], n, found[key]) for key, n in answered.items() if n]
    strata = [Stratum(n, answered[key], found[key]) for key, n in accepts.items()]
    return EscapeEstimate(
        *counts,
        weighted_escapes(cells, counts[0], level),
        stratified_share(strata, level),
        escape_bound(strata, level),
    )


def _rates(
    parts: Sequence[PartCount],
    unaided: Sequence[VerdictCount],
    audits: Sequence[AuditCount],
    third_looks: Sequence[ThirdLookCount],
    chosen: bool,
    level: float,
) -> CorrectedRates:
    """Return the model's rates at the cut, corrected for who was looked at.

    Within a bin the look was drawn by lot: parts that the model decided, by model version and probability to be
    audited; parts that an inspector decided, by model version and level.
    """
    if chosen:
        return CorrectedRates(_CHOSEN, _CHOSEN)
    numbers: Counter[_Bin] = Counter()
    for part in parts:
        if part.model_judgement is not None:
            by_lot = part.level if part.route is Route.HUMAN else part.audit_probability
            numbers[part.model_judgement, part.model_version, part.route, by_lot] += part.n
    seen = _seen(unaided, audits, third_looks)
    bins = []
    for key, n in numbers.items():
        bad, good = seen[key, Judgement.REJECT], seen[key, Judgement.ACCEPT]
        if bad + good > n:
            return CorrectedRates(_TWICE, _TWICE)
        bins.append(VerifiedBin(key[0] is Judgement.REJECT, n, bad, good))
    return corrected_rates(bins, level)


def _seen(
    unaided: Sequence[VerdictCount], audits: Sequence[AuditCount], third_looks: Sequence[ThirdLookCount]
) -> Counter[tuple[_Bin, Judgement]]:
    """Return how many parts of each bin were looked at without the model in view, by what was found in the end."""
    seen: Counter[tuple[_Bin, Judgement]] = Counter()
    for verdict in unaided:
        if verdict.model_judgement is not None and verdict.answer is not Answer.UNSURE:
            key = (verdict.model_judgement, verdict.model_version, Route.HUMAN, verdict.level)
            seen[key, Judgement(verdict.answer)] += verdict.n
    for look in third_looks:
        if look.model_judgement is not None:
            key = (look.model_judgement, look.model_version, Route.HUMAN, look.level)
            if look.first is not Answer.UNSURE:
                seen[key, Judgement(look.first)] -= look.n
            seen[key, look.settled] += look.n
    for audit in audits:
        if audit.model_judgement is not None and audit.found is not None:
            drawn = (audit.model_judgement, audit.model_version, audit.route, audit.audit_probability)
            seen[drawn, audit.found] += audit.n
    return seen


def _blind_pairs(
    unaided: Sequence[VerdictCount], third_looks: Sequence[ThirdLookCount], chosen: bool, level: float
) -> BlindPairs:
    found: Counter[tuple[bool, bool, Judgement | None]] = Counter()
    for row in unaided:
        if row.level is Level.SHADOW and row.model_judgement is not None and row.answer is not Answer.UNSURE:
            found[_pair(row.answer, row.model_judgement, row.reference)] += row.n
    for look in third_looks:
        if look.level is Level.SHADOW and look.model_judgement is not None and look.first is not Answer.UNSURE:
            human, model, _ = before = _pair(look.first, look.model_judgement, look.reference)
            found[before] -= look.n
            found[human, model, look.settled] += look.n
    human_only, model_only, both = (
        found[pair[0], pair[1], Judgement.REJECT] for pair in ((True, False), (False, True), (True, True))
    )
    missed = _CHOSEN if chosen else joint_misses(human_only, model_only, both, level)
    return BlindPairs(human_only, model_only, both, found[True, False, None] + found[False, True, None], missed)


def _pair(answer: Answer, judgement: Judgement, reference: Judgement | None) -> tuple[bool, bool, Judgement | None]:
    """Return whether human and model reject, and what is true as far as this is known without a third look."""
    human, model = answer is Answer.REJECT, judgement is Judgement.REJECT
    return human, model, Judgement.REJECT if reference is None and human and model else reference


def leaning(rows: Sequence[SecondLookCount], level: float) -> Iterator[Leaning]:
    """Yield how far inspectors rely on the model: all together, then each by name."""
    for inspector in (None, *sorted({row.inspector for row in rows})):
        mine = [row for row in rows if inspector in {None, row.inspector}]
        looks = [SecondLook(row.first, row.advice, row.second, row.truth, row.n) for row in mine]
        yield Leaning(inspector, sum(row.n for row in mine), reliance(looks, level))


_Drawn = tuple[str | None, float]
_Bin = tuple[Judgement, str | None, Route, Level | float]
