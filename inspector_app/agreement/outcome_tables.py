"""What became of the parts, audits and trend, laid out as tables of the document."""

from __future__ import annotations

from collections.abc import Sequence

from inspector_app.agreement.audits import AuditResult
from inspector_app.agreement.document import RANGE, Cell, Column, Share, Table
from inspector_app.agreement.figure_tables import blanks, bounds, figure_table, group_name, share_cells, share_columns
from inspector_app.agreement.flow import Flow
from inspector_app.agreement.groups import Dimension
from inspector_app.agreement.trend import Trend
from inspector_app.agreement.values import NotMeasurable, Proportion
from inspector_app.domain.decision import Disposition, Route

_ROUTES = {Route.HUMAN: "human", Route.MODEL_ACCEPT: "model accept", Route.MODEL_REJECT: "model reject"}


def flow_table(flows: Sequence[Flow]) -> Table:
    """Return routes, dispositions and what left, one row for each group with parts."""
    cells = tuple(
        Column(f"{route.value}.{disposition.value}", f"{_ROUTES[route]}, {disposition.value}", 0.85)
        for route in Route
        for disposition in Disposition
    )
    shown = [flow for flow in flows if flow.parts]
    columns = (
        Column("group", "Group", 2.2), Column("parts", "Parts", 1.1), *cells,
        *share_columns("escapes", "Escapes"), *share_columns("overkill", "Good rejected"),
    )  # fmt: skip
    rows = tuple(
        (
            group_name(flow.group),
            flow.parts,
            *(cell.n for cell in flow.cells),
            *share_cells(flow.outcome.escapes),
            *share_cells(flow.outcome.overkill),
        )
        for flow in shown
    )
    note = (
        "Columns: who decided, and what counts for the part now. Escapes: bad parts among those accepted; good "
        "rejected: good parts among those rejected; both on parts with known truth."
    )
    return Table("flow", "Routes and outcomes", columns, rows, (note,))


def decided_table(flows: Sequence[Flow]) -> Table:
    """Return how many parts the model decided by itself, one row for each group with parts."""
    lines = [(group_name(flow.group), flow.decided_by_model) for flow in flows if flow.parts]
    return figure_table("decided", "Decided by the model", lines, "Counted in full, so without an interval.")


def audit_table(audits: Sequence[AuditResult]) -> Table:
    """Return the blind audits, one row for each group that has any."""
    columns = (
        Column("group", "Group", 3.0),
        Column("route", "Model decided", 2.0),
        Column("audited", "Audited", 1.2),
        Column("unsure", "Unsure", 1.2),
        *share_columns("disagreements", "Overruled"),
        Column("exact_low", "Exact low", 2.2),
        Column("exact_high", "high", join=RANGE),
    )
    rows: list[tuple[Cell, ...]] = []
    for audit in audits:
        if audit.audited or audit.group.dimension is Dimension.OVERALL:
            figure = audit.disagreements
            exact = (
                blanks(2) if isinstance(figure, NotMeasurable) else bounds(figure.contract.low, figure.contract.high)
            )
            route = "accept" if audit.route is Route.MODEL_ACCEPT else "reject"
            name = group_name(audit.group)
            rows.append((name, route, audit.audited, audit.unsure, *share_cells(figure), *exact))
    note = (
        "Overruled accepts are suspected escapes, overruled rejects suspected false rejects. Shares of those audited, "
        "not weighted by the probability of the draw."
    )
    return Table("audits", "Blind audits", columns, tuple(rows), (note,))


def trend_table(trend: Trend) -> Table:
    """Return one row for each stretch of time."""
    columns = (
        Column("start", "From (UTC)", 2.4), Column("n", "n", 1.0), *share_columns("differing", "Differ"),
        *share_columns("on_rejects", "On rejects"), Column("human_rejects", "Human rejects", 1.4),
        Column("model_rejects", "Model rejects", 1.4),
    )  # fmt: skip
    rows = tuple(
        (
            point.start,
            point.n,
            *share_cells(point.differing),
            *share_cells(point.on_rejects),
            _estimate(point.human_rejects),
            _estimate(point.model_rejects),
        )
        for point in trend.points
    )
    return Table("trend", f"In stretches of {_stretch_name(trend)}", columns, rows)


def _stretch_name(trend: Trend) -> str:
    hours = round(trend.stretch.total_seconds() / 3600)
    if hours < 24:
        return "one hour" if hours == 1 else f"{hours} hours"
    return "one day" if hours == 24 else f"{hours // 24} days"


def _estimate(figure: Proportion | NotMeasurable) -> Cell:
    return figure if isinstance(figure, NotMeasurable) else Share(figure.estimate)
