"""What thresholds would do, as lines of figures."""

from __future__ import annotations

from inspector_app.automation.preview import Preview, Rate
from ui.agreement.figures import FigureLine
from ui.texts import percent, tr


def preview_lines(shown: Preview) -> tuple[FigureLine, ...]:
    """Return a preview's figures, in the order in which they are asked for."""
    hour = shown.workload
    return (
        _line(tr("To inspectors"), shown.to_human),
        _line(tr("Model accepts"), shown.accepted),
        _line(tr("Model rejects"), shown.rejected),
        _line(tr("Escapes (α)"), shown.escapes, tr("Defective parts among those that the model accepts.")),
        _line(tr("Missed (α)"), shown.missed, tr("Of all defective parts, those that the model accepts.")),
        _line(tr("False rejects (β)"), shown.false_rejects, tr("Good parts among those that the model rejects.")),
        FigureLine(
            tr("Inspectors, an hour"),
            f"{hour.for_people:,.0f}",
            "",
            tr("of {n}").format(n=f"{hour.parts:,.0f}"),
            tr("With canary and audit share as they are chosen now, at partial or full."),
        ),
        FigureLine(
            tr("Escapes an hour"),
            f"{hour.escapes:,.1f}",
            tr("up to {n}").format(n=f"{hour.escapes_high:,.1f}"),
            "",
            tr("Defective parts that leave unseen; audited parts are seen."),
        ),
    )


def _line(name: str, rate: Rate, tip: str = "") -> FigureLine:
    if rate.estimate is None:
        return FigureLine(name, tr("not measurable"), tr("there are none"), "", tip)
    bounds = f"{percent(rate.low, 1)} … {percent(rate.high, 1)}"
    return FigureLine(name, percent(rate.estimate, 1), bounds, tr("{k} of {n}").format(k=rate.k, n=rate.n), tip)
