"""What a figure of the report can be: a counted share, an estimate, or not measurable."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class NotMeasurable:
    """A figure that the log cannot give, with the reason as one clause; stands where others would print NaN."""

    why: str


class IntervalMethod(StrEnum):
    """How an interval was computed; every interval carries its name into the report."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper_pearson"
    WILSON_CONDITIONAL = "wilson_conditional"
    CLOPPER_PEARSON_CONDITIONAL = "clopper_pearson_conditional"
    FLEISS_COHEN_EVERITT = "fleiss_cohen_everitt"
    GWET = "gwet"
    ONE_SIDED_AT_ENDS = "one_sided_at_ends"
    PART_BOOTSTRAP = "part_bootstrap"
    HORVITZ_THOMPSON = "horvitz_thompson"
    STRATIFIED = "stratified"
    STRATIFIED_CLOPPER_PEARSON = "stratified_clopper_pearson"
    BEGG_GREENES = "begg_greenes"
    CHAPMAN = "chapman"
    STUDENT = "student"
    CONFIDENCE_SEQUENCE = "confidence_sequence"
    CONFIDENCE_SEQUENCE_CONDITIONAL = "confidence_sequence_conditional"

    @property
    def any_time(self) -> bool:
        """True if the interval holds however often and whenever it is looked at."""
        return self in {IntervalMethod.CONFIDENCE_SEQUENCE, IntervalMethod.CONFIDENCE_SEQUENCE_CONDITIONAL}

    @property
    def description(self) -> str:
        """One sentence for the report's footnotes."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    IntervalMethod.WILSON: "Wilson score interval of a proportion, for display.",
    IntervalMethod.CLOPPER_PEARSON: "Clopper-Pearson exact interval of a proportion, two-sided, for contracts.",
    IntervalMethod.WILSON_CONDITIONAL: (
        "Wilson interval of the share judged alike among the parts that at least one of the two put into the "
        "category, carried over to the specific agreement 2s/(1+s)."
    ),
    IntervalMethod.CLOPPER_PEARSON_CONDITIONAL: (
        "Clopper-Pearson interval of the share judged alike among the parts that at least one of the two put into "
        "the category, carried over to the specific agreement 2s/(1+s)."
    ),
    IntervalMethod.FLEISS_COHEN_EVERITT: (
        "Normal interval with the large-sample standard error of Fleiss, Cohen and Everitt (1969), cut to -1 ... 1."
    ),
    IntervalMethod.ONE_SIDED_AT_ENDS: (
        "Clopper-Pearson exact interval, but one-sided where none or all are counted, as Minitab prints it."
    ),
    IntervalMethod.PART_BOOTSTRAP: (
        "Bias-corrected and accelerated bootstrap (Efron 1987) that draws whole parts, since trials of one part are "
        "not independent."
    ),
    IntervalMethod.CONFIDENCE_SEQUENCE: (
        "Confidence sequence of a proportion (beta-binomial mixture, uniform prior): holds at all times together, so "
        "the figure may be watched while it grows."
    ),
    IntervalMethod.CONFIDENCE_SEQUENCE_CONDITIONAL: (
        "Confidence sequence of the share judged alike among the parts that at least one of the two put into the "
        "category, carried over to the specific agreement 2s/(1+s); may be watched."
    ),
    IntervalMethod.GWET: "Normal interval with Gwet's (2008) standard error for AC1, cut to -1 ... 1.",
    IntervalMethod.HORVITZ_THOMPSON: (
        "Normal interval with the Horvitz-Thompson standard error of independent draws, cut at 0."
    ),
    IntervalMethod.STRATIFIED: "Normal interval with the stratified standard error, cut to 0 ... 1.",
    IntervalMethod.STRATIFIED_CLOPPER_PEARSON: (
        "From 0 to the weighted sum of one-sided Clopper-Pearson bounds, the error shared evenly over the strata."
    ),
    IntervalMethod.BEGG_GREENES: "Normal interval on the logit scale with Begg and Greenes' (1983) standard error.",
    IntervalMethod.STUDENT: "Student's t interval of a mean.",
    IntervalMethod.CHAPMAN: "Log-normal interval of the unseen number with Chapman's variance.",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided confidence interval.

    Attributes
    ----------
    low, high : float
        Bounds.
    method : IntervalMethod
        How it was computed.
    level : float
        Confidence level, for example 0.95. Unless the method is `IntervalMethod.any_time`, it holds for one look at a
        fixed sample, not for watching it grow.
    """

    low: float
    high: float
    method: IntervalMethod
    level: float


@dataclass(frozen=True, slots=True)
class Count:
    """``k`` of ``n``, counted in full, so without an interval."""

    k: int
    n: int

    @property
    def share(self) -> float:
        """The share k / n."""
        return self.k / self.n


@dataclass(frozen=True, slots=True)
class Proportion:
    """``k`` of ``n`` as an estimate of a rate.

    Attributes
    ----------
    k, n : int
        0 ≤ k ≤ n, n > 0.
    display : Interval
        The narrower interval with coverage close to its level (Wilson).
    contract : Interval
        The interval with coverage at least its level (Clopper-Pearson).
    """

    k: int
    n: int
    display: Interval
    contract: Interval

    @property
    def estimate(self) -> float:
        """The rate k / n."""
        return self.k / self.n


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An agreement coefficient with its standard error.

    Attributes
    ----------
    estimate : float
        -1 … 1.
    standard_error : float
        Large-sample, ≥ 0.
    n : int
        Parts it rests on.
    interval : Interval or NotMeasurable
        Not measurable where the standard error is zero: that says nothing about the uncertainty.
    """

    estimate: float
    standard_error: float
    n: int
    interval: Interval | NotMeasurable


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number worked out from several counts, with its uncertainty.

    Attributes
    ----------
    estimate : float
        In the unit of its name.
    standard_error : float or NotMeasurable
        Above 0; a standard error that would come out as 0 says nothing about the uncertainty and is not given.
    n : int
        Parts it rests on.
    interval : Interval or NotMeasurable
        Not measurable where the standard error is not.
    """

    estimate: float
    standard_error: float | NotMeasurable
    n: int
    interval: Interval | NotMeasurable
