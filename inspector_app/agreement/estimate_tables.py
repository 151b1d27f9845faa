"""Estimates laid out as tables of the document."""

from __future__ import annotations

from collections.abc import Iterator

from inspector_app.agreement.document import RANGE, Cell, Column, Share, Table
from inspector_app.agreement.estimates import Estimates, GroupEstimates
from inspector_app.agreement.figure_tables import group_name, share_cells, share_columns
from inspector_app.agreement.values import Estimate, NotMeasurable, Proportion

_GROUP = Column("group", "Group", 2.2)


def escape_tables(estimates: Estimates) -> Iterator[Table]:
    """Yield what audits say about all that the model accepted, and blind looks about all parts."""
    yield _escape_table(estimates)
    yield _rate_table(estimates)
    yield _unseen_table(estimates)


def _escape_table(estimates: Estimates) -> Table:
    columns = (
        _GROUP, Column("accepts", "Accepts", 1.0), Column("drawn", "Audits drawn", 0.9),
        Column("answered", "An\u00adswered", 0.9), Column("found", "Found bad", 0.8),
        Column("weighted_total", "Escapes", 1.3), Column("total_low", "low", join="\n"),
        Column("total_high", "high", join=RANGE), *share_columns("weighted", "Share, weighted"),
        Column("ratio", "Over the weights", 1.2), *share_columns("stratified", "Share, in strata"),
        Column("bound", "At most", 1.1),
    )  # fmt: skip
    weights = (
        "Found bad: as blind inspectors see it, or a third look where there was one; what they miss is not in it. "
        "Escapes and weighted share: each audit counts for as many accepts as its probability to be drawn says "
        "(Horvitz and Thompson); drawn audits without a sure answer are taken to be like the answered ones."
    )
    strata = (
        "Strata: model version and probability of an audit. At most: upper bound that also holds when nothing was "
        "found; in it, a stratum of accepts that was never audited counts as bad."
    )
    rows = tuple(_escape_row(each) for each in estimates.groups)
    return Table("escape_estimate", "Escapes among all accepts", columns, rows, (weights, strata))


def _escape_row(each: GroupEstimates) -> tuple[Cell, ...]:
    escapes, weighted = each.escapes, each.escapes.weighted
    counts = (group_name(each.group), escapes.accepts, escapes.drawn, escapes.answered, escapes.found)
    bound = escapes.bound if isinstance(escapes.bound, NotMeasurable) else Share(escapes.bound.high)
    if isinstance(weighted, NotMeasurable):
        figures: tuple[Cell, ...] = (weighted, None, None, weighted, None, None, weighted)
    else:
        total = weighted.total
        ratio = weighted.ratio if isinstance(weighted.ratio, NotMeasurable) else Share(weighted.ratio)
        figures = (total.estimate, *_ends(total, share=False), *_estimate_cells(weighted.share), ratio)
    return (*counts, *figures, *_estimate_cells(escapes.stratified), bound)


def _rate_table(estimates: Estimates) -> Table:
    columns = (
        _GROUP, Column("looked_at", "Looked at", 1.2), *share_columns("sensitivity", "Bad parts rejected"),
        *share_columns("specificity", "Good parts accepted"),
    )  # fmt: skip
    rows = tuple(
        (
            group_name(each.group),
            each.rates.sensitivity.n if isinstance(each.rates.sensitivity, Estimate) else None,
            *_estimate_cells(each.rates.sensitivity),
            *_estimate_cells(each.rates.specificity),
        )
        for each in estimates.groups
    )
    note = (
        "The model at the cut, over all parts, corrected for who was looked at (Begg and Greenes): parts that the "
        "model decided count through their audits, parts for inspectors through unaided verdicts. Not measurable as "
        "long as parts of one kind were never looked at, for example accepts without audits."
    )
    return Table("corrected_rates", "The model against blind inspectors", columns, rows, (note,))


def _unseen_table(estimates: Estimates) -> Table:
    columns = (
        _GROUP, Column("human_only", "Found by human alone", 1.3), Column("model_only", "By model alone", 1.2),
        Column("both", "By both", 1.0), Column("open", "Not settled", 1.0),
        Column("missed", "Missed by both, at least", 2.0), Column("missed_low", "low", join="\n"),
        Column("missed_high", "high", join=RANGE),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for each in estimates.groups:
        pairs = each.blind_pairs
        counts = (group_name(each.group), pairs.human_only, pairs.model_only, pairs.both, pairs.open)
        if isinstance(pairs.missed, NotMeasurable):
            rows.append((*counts, pairs.missed, None, None))
        else:
            unseen = pairs.missed.missed_by_both
            rows.append((*counts, unseen.estimate, *_ends(unseen, share=False)))
    note = (
        "Confirmed defects of shadow, where neither knew of the other (capture and recapture, Chapman). A lower bound: "
        "parts that are hard for one are hard for the other. Confirmed by a third look, by known truth, or because "
        "both reject; not settled ones wait for a third look and are left out."
    )
    return Table("missed_by_both", "Defects that human and model both missed", columns, tuple(rows), (note,))


def leaning_table(estimates: Estimates) -> Table:
    """Return how far inspectors rely on the model, from second looks."""
    columns = (
        Column("inspector", "Inspector", 2.0), Column("looks", "Second looks", 1.0),
        *_counted("over", "Followed wrong advice"), *_counted("under", "Kept a wrong answer"),
        *_counted("switched", "Went over to the model"),
    )  # fmt: skip
    rows = tuple(
        (
            each.inspector or "all",
            each.looks,
            *_counted_cells(each.rates.over),
            *_counted_cells(each.rates.under),
            *_counted_cells(each.rates.switched),
        )
        for each in estimates.leaning
    )
    note = (
        "Followed wrong advice: among looks where the inspector was right before the model was shown, and the model "
        "wrong. Kept a wrong answer: where the model was right and the inspector was not. Both need a third look or "
        "known truth. Went over: among all looks where the two differed. Inspectors by name, not by rank: each has "
        "seen other parts."
    )
    return Table("reliance", "Reliance on the model", columns, rows, (note,))


def _counted(key: str, title: str) -> tuple[Column, ...]:
    return (Column(f"{key}_k", "k", 1.2), Column(f"{key}_n", "n", join="\nof "), *share_columns(key, title))


def _counted_cells(figure: Proportion | NotMeasurable) -> tuple[Cell, ...]:
    counts = (0, 0) if isinstance(figure, NotMeasurable) else (figure.k, figure.n)
    return (*counts, *share_cells(figure))


def _estimate_cells(figure: Estimate | NotMeasurable) -> tuple[Cell, Cell, Cell]:
    if isinstance(figure, NotMeasurable):
        return figure, None, None
    return (Share(figure.estimate), *_ends(figure, share=True))


def _ends(figure: Estimate, share: bool) -> tuple[Cell, Cell]:
    at = figure.interval
    if isinstance(at, NotMeasurable):
        return None, None
    return (Share(at.low), Share(at.high)) if share else (at.low, at.high)
