"""Judgements against known truth: misses, false alarms, escapes.

Truth is the reference value of a data set, a generator or a seeded part; no verdict counts as truth here. Positive is
reject: a miss accepts a bad part, a false alarm rejects a good one, an escape is a bad part that left as accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inspector_app.agreement.intervals import proportion
from inspector_app.agreement.twoway import Judged
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Judgement
from inspector_app.domain.logquery import PartCount
from inspector_app.domain.verdict import Answer

_NO_BAD = "no judged part is known to be bad"
_NO_GOOD = "no judged part is known to be good"


@dataclass(frozen=True, slots=True)
class TruthTable:
    """Judgements of parts with a known reference.

    Attributes
    ----------
    bad_rejected, bad_accepted, good_rejected, good_accepted : int
        Hits, misses, false alarms, correct accepts.
    undecided : int
        Parts with a known reference on which there is no accept or reject (unsure, held, not judged).
    """

    bad_rejected: int = 0
    bad_accepted: int = 0
    good_rejected: int = 0
    good_accepted: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class AgainstTruth:
    """Error rates of whoever judged.

    Attributes
    ----------
    table : TruthTable
        The counts.
    miss : Proportion or NotMeasurable
        Accepted among the bad.
    false_alarm : Proportion or NotMeasurable
        Rejected among the good.
    """

    table: TruthTable
    miss: Proportion | NotMeasurable
    false_alarm: Proportion | NotMeasurable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of parts with a known reference.

    Attributes
    ----------
    against_truth : AgainstTruth
        Dispositions as judgements; parts on hold are undecided.
    escapes : Proportion or NotMeasurable
        Bad among the accepted: what a customer sees.
    overkill : Proportion or NotMeasurable
        Good among the rejected: what the plant throws away.
    """

    against_truth: AgainstTruth
    escapes: Proportion | NotMeasurable
    overkill: Proportion | NotMeasurable


def human_against_truth(rows: Iterable[Judged], level: float) -> AgainstTruth:
    """Return the error rates of the verdicts; unsure ones are undecided, not wrong."""
    answers = ((row.reference, None if row.answer is Answer.UNSURE else Judgement(row.answer), row.n) for row in rows)
    return _against_truth(_table(answers), level)


def model_against_truth(rows: Iterable[Judged] | Iterable[PartCount], level: float) -> AgainstTruth:
    """Return the error rates of the model's judgement at the cut, over verdicts or over parts."""
    return _against_truth(_table((row.reference, row.model_judgement, row.n) for row in rows), level)


def outcome_against_truth(rows: Iterable[PartCount], level: float) -> Outcome:
    """Return the error rates of what the station did with the parts, whoever decided."""
    table = _table(
        (row.reference, None if row.disposition is Disposition.HOLD else Judgement(row.disposition), row.n)
        for row in rows
    )
    accepted = table.bad_accepted + table.good_accepted
    rejected = table.bad_rejected + table.good_rejected
    return Outcome(
        against_truth=_against_truth(table, level),
        escapes=proportion(table.bad_accepted, accepted, level, "no part with known truth was accepted"),
        overkill=proportion(table.good_rejected, rejected, level, "no part with known truth was rejected"),
    )


def _against_truth(table: TruthTable, level: float) -> AgainstTruth:
    bad = table.bad_accepted + table.bad_rejected
    good = table.good_accepted + table.good_rejected
    return AgainstTruth(
        table=table,
        miss=proportion(table.bad_accepted, bad, level, _NO_BAD),
        false_alarm=proportion(table.good_rejected, good, level, _NO_GOOD),
    )


def _table(rows: Iterable[tuple[Judgement | None, Judgement | None, int]]) -> TruthTable:
    """Count (reference, judgement, n); rows without a reference do not count at all."""
    counts = dict.fromkeys(_CELLS.values(), 0)
    undecided = 0
    for reference, judgement, n in rows:
        if reference is None:
            continue
        if judgement is None:
            undecided += n
        else:
            counts[_CELLS[reference, judgement]] += n
    return TruthTable(**counts, undecided=undecided)


_CELLS = {
    (Judgement.REJECT, Judgement.REJECT): "bad_rejected",
    (Judgement.REJECT, Judgement.ACCEPT): "bad_accepted",
    (Judgement.ACCEPT, Judgement.REJECT): "good_rejected",
    (Judgement.ACCEPT, Judgement.ACCEPT): "good_accepted",
}
