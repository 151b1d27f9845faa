"""Figures laid out as tables of the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspector_app.agreement.as_json import Figure
from inspector_app.agreement.document import RANGE, Cell, Column, Share, Table
from inspector_app.agreement.groups import Condition, Dimension, Group
from inspector_app.agreement.report import AgreementTable
from inspector_app.agreement.twoway import TwoWay
from inspector_app.agreement.values import Coefficient, Count, Estimate, NotMeasurable, Proportion
from inspector_app.agreement.watched import watched_figures

_FIGURE = (
    Column("figure", "Figure", 3.6),
    Column("value", "Value", 1.3),
    Column("k", "k", 1.7),
    Column("n", "n", join=" of "),
    Column("low", "Low", 2.4),
    Column("high", "high", join=RANGE),
    Column("method", "Method", 1.9),
    Column("exact_low", "Exact low", 2.4),
    Column("exact_high", "high", join=RANGE),
)
_EXACT = "Low and High: by the method named. Exact: Clopper-Pearson, for contracts. Both hold for one look."
_CONDITION_NAMES = {
    Condition.BLIND: "without the model in view",
    Condition.UNAIDED: "unaided",
    Condition.AUDIT: "audits",
    Condition.AIDED: "with the model in view",
    Condition.SECOND_LOOK: "second looks",
    Condition.ADJUDICATION: "third looks",
    Condition.IMPORTED: "from outside",
}
_WATCHED_NAMES = {
    "on_rejects": "Agreement on rejects",
    "on_accepts": "Agreement on accepts",
    "human.miss": "Human: miss",
    "human.false_alarm": "Human: false alarm",
    "model.miss": "Model: miss",
    "model.false_alarm": "Model: false alarm",
}


def headline_tables(table: AgreementTable) -> Iterator[Table]:
    """Yield the tables of all blind verdicts in the order in which they are to be read."""
    yield _square(table.table)
    figures = table.agreement
    yield figure_table(
        "specific_agreement",
        "Agreement on rejects and on accepts",
        (
            ("Agreement on rejects", figures.on_rejects),
            ("Agreement on accepts", figures.on_accepts),
            ("Judged alike", figures.observed),
        ),
        _EXACT,
    )
    yield figure_table(
        "against_truth",
        "Against known truth",
        (
            ("Human: miss (accepts of bad parts)", table.human.miss),
            ("Human: false alarm (rejects of good parts)", table.human.false_alarm),
            ("Model at the cut: miss", table.model.miss),
            ("Model at the cut: false alarm", table.model.false_alarm),
        ),
        _EXACT,
    )
    yield figure_table(
        "kappa",
        "Kappa and what it depends on",
        (
            ("Cohen's kappa", figures.kappa),
            ("Kappa at most, with these shares of rejects", figures.max_kappa),
            ("Prevalence index", figures.prevalence_index),
            ("Bias index", figures.bias_index),
            ("PABAK", figures.pabak),
        ),
        table.sentence,
    )
    yield figure_table(
        "ac1_mcnemar",
        "AC1 and McNemar's test",
        (("Gwet's AC1", figures.ac1), ("McNemar, exact two-sided p", figures.mcnemar_p)),
        "McNemar's test asks whether one of the two rejects more often. It does not measure agreement.",
    )


def watched_table(table: AgreementTable, level: float) -> Table:
    """Return the headline's shares with intervals that hold at any time."""
    columns = (*_FIGURE[:6], Column("method", "Method", 2.8))
    rows: list[tuple[Cell, ...]] = []
    for name, figure in watched_figures(table, level).items():
        shown = _WATCHED_NAMES[name]
        if isinstance(figure, NotMeasurable):
            rows.append((shown, figure, *blanks(5)))
            continue
        share, at = figure.figure, figure.interval
        method = at.method.value.replace("_", " ")
        rows.append((shown, Share(share.estimate), share.k, share.n, Share(at.low), Share(at.high), method))
    note = "These intervals hold at all times together; every other interval of this report holds for one look."
    return Table("watched", "Any-time intervals", columns, tuple(rows), (note,))


def group_tables(key: str, tables: Sequence[AgreementTable]) -> Iterator[Table]:
    """Yield agreement, and error rates against truth, with one row for each group."""
    first = Column("group", "Group", 2.8)
    counts = (("n", "n"), ("both_reject", "Both reject"), ("human_rejects", "Human alone"))
    more = (("model_rejects", "Model alone"), ("both_accept", "Both accept"), ("unsure", "Unsure"))
    yield Table(
        f"{key}_agreement",
        "Agreement",
        (first, *(Column(name, title, 1.1) for name, title in (*counts, *more)),
         *share_columns("on_rejects", "On rejects"), *share_columns("on_accepts", "On accepts")),
        tuple(_agreement_row(table) for table in tables),
        ("Intervals: Wilson, for one look. All figures with both intervals are in the other formats.",),
    )  # fmt: skip
    yield Table(
        f"{key}_truth",
        "Against known truth",
        (first, *_rates("human", "Human"), *_rates("model", "Model")),
        tuple(_truth_row(table) for table in tables),
        ("Miss: accepts among the bad. False alarm: rejects among the good. Intervals: Wilson, for one look.",),
    )


def imported_tables(tables: Sequence[AgreementTable]) -> Iterator[Table]:
    """Yield the tables of what came from outside."""
    yield from group_tables("imported", tables)
    rows = tuple((_name(table), table.sentence) for table in tables)
    yield Table("imported_sentences", "In words", (Column("group", "Group", 1.0), Column("words", "", 4.0)), rows)


def _square(table: TwoWay) -> Table:
    (a, b), (c, d) = table.square
    columns = (
        Column("human", "", 2.0),
        Column("model_rejects", "Model rejects"),
        Column("model_accepts", "Model accepts"),
        Column("sum", "Sum"),
    )
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Human rejects", a, b, a + b),
        ("Human accepts", c, d, c + d),
        ("Sum", a + c, b + d, table.n),
    )
    note = (
        "Verdicts given without the model in view. Not in the table: "
        f"{table.human_unsure} where the human was not sure, {table.model_absent} without a judgement of the model."
    )
    return Table("two_way", "Counts", columns, rows, (note,))


def figure_table(key: str, title: str, lines: Sequence[tuple[str, Figure]], note: str) -> Table:
    """Return named figures with their intervals, one row each."""
    return Table(key, title, _FIGURE, tuple((name, *_figure_cells(figure)) for name, figure in lines), (note,))


def _figure_cells(figure: Figure) -> tuple[Cell, ...]:
    match figure:
        case NotMeasurable():
            return (figure, *blanks(7))
        case Proportion():
            shown, exact = figure.display, figure.contract
            method = shown.method.value.replace("_", " ")
            both = (*bounds(shown.low, shown.high), method, *bounds(exact.low, exact.high))
            return (Share(figure.estimate), figure.k, figure.n, *both)
        case Coefficient() | Estimate():
            interval = figure.interval
            if isinstance(interval, NotMeasurable):
                return (figure.estimate, None, figure.n, *blanks(2), "none", *blanks(2))
            method = interval.method.value.replace("_", " ")
            return (figure.estimate, None, figure.n, interval.low, interval.high, method, *blanks(2))
        case Count():
            return (Share(figure.share), figure.k, figure.n, *blanks(5))
        case _:
            return (float(figure), *blanks(7))


def blanks(n: int) -> tuple[None, ...]:
    """Return empty cells."""
    return (None,) * n


def bounds(low: float, high: float) -> tuple[Cell, Cell]:
    """Return the cells of an interval of a share."""
    return Share(low), Share(high)


def share_columns(key: str, title: str) -> tuple[Column, Column, Column]:
    """Return the columns of a share with its interval."""
    low, high = Column(f"{key}_low", "low", join="\n"), Column(f"{key}_high", "high", join=RANGE)
    return (Column(key, title, 2.1), low, high)


def _rates(who: str, title: str) -> tuple[Column, ...]:
    columns: list[Column] = []
    for rate, name in (("miss", "miss"), ("false_alarm", "false alarm")):
        columns += (Column(f"{who}_{rate}_k", "k", 1.2), Column(f"{who}_{rate}_n", "n", join="\nof "))
        columns += share_columns(f"{who}_{rate}", f"{title} {name}")
    return tuple(columns)


def share_cells(figure: Proportion | NotMeasurable) -> tuple[Cell, Cell, Cell]:
    """Return the cells of a share with its interval for display."""
    if isinstance(figure, NotMeasurable):
        return figure, None, None
    return Share(figure.estimate), Share(figure.display.low), Share(figure.display.high)


def _agreement_row(table: AgreementTable) -> tuple[Cell, ...]:
    counts, figures = table.table, table.agreement
    (a, b), (c, d) = counts.square
    return (
        _name(table), counts.n, a, b, c, d, counts.human_unsure,
        *share_cells(figures.on_rejects), *share_cells(figures.on_accepts),
    )  # fmt: skip


def _truth_row(table: AgreementTable) -> tuple[Cell, ...]:
    cells: list[Cell] = [_name(table)]
    for rates in (table.human, table.model):
        for figure in (rates.miss, rates.false_alarm):
            counted = (0, 0) if isinstance(figure, NotMeasurable) else (figure.k, figure.n)
            cells += (*counted, *share_cells(figure))
    return tuple(cells)


def _name(table: AgreementTable) -> str:
    if table.group.dimension is Dimension.OVERALL:
        return _CONDITION_NAMES[table.condition]
    return group_name(table.group)


def group_name(group: Group) -> str:
    """Return a group's name as people read it."""
    return group.value.replace("_", " ") if group.dimension in {Dimension.OVERALL, Dimension.LEVEL} else group.value
