"""The figures of a table with intervals that hold while they are watched."""

from __future__ import annotations

from dataclasses import dataclass

from inspector_app.agreement.intervals import watched_agreement, watched_proportion
from inspector_app.agreement.report import AgreementTable
from inspector_app.agreement.values import Interval, NotMeasurable, Proportion


@dataclass(frozen=True, slots=True)
class Watched:
    """A share that may be looked at while it grows.

    Attributes
    ----------
    figure : Proportion
        Counts and estimate.
    interval : Interval
        Holds at all times together, unlike those of ``figure``.
    """

    figure: Proportion
    interval: Interval


def watched_figures(table: AgreementTable, level: float) -> dict[str, Watched | NotMeasurable]:
    """Return the headline's shares by name, with intervals for watching.

    Parameters
    ----------
    table : AgreementTable
        Whose figures.
    level : float
        Confidence that an interval never leaves the true share out.
    """
    counts, figures = table.table, table.agreement
    apart = counts.discordant
    shares = {
        "on_rejects": (figures.on_rejects, watched_agreement(counts.both_reject, apart, level)),
        "on_accepts": (figures.on_accepts, watched_agreement(counts.both_accept, apart, level)),
        "human.miss": _share(table.human.miss, level),
        "human.false_alarm": _share(table.human.false_alarm, level),
        "model.miss": _share(table.model.miss, level),
        "model.false_alarm": _share(table.model.false_alarm, level),
    }
    return {
        name: figure if isinstance(figure, NotMeasurable) else Watched(figure, interval)
        for name, (figure, interval) in shares.items()
    }


def _share(figure: Proportion | NotMeasurable, level: float) -> tuple[Proportion | NotMeasurable, Interval]:
    k, n = (0, 0) if isinstance(figure, NotMeasurable) else (figure.k, figure.n)
    return figure, watched_proportion(k, n, level)
