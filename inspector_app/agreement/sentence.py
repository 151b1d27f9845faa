"""One plain sentence or two that say what a two-way table means, so that kappa is never left alone."""

from __future__ import annotations

from inspector_app.agreement.twoway import Agreement, TwoWay
from inspector_app.agreement.values import NotMeasurable, Proportion

GOOD_KAPPA = 0.75
"""AIAG's limit of good agreement (*Measurement Systems Analysis*, 4th edition, attribute studies)."""

_RARE = 0.1
_SIGNIFICANT = 0.05


def plain_sentence(table: TwoWay, figures: Agreement) -> str:
    """Return what the table means, for a reader who is no statistician.

    Parameters
    ----------
    table : TwoWay
        The counts.
    figures : Agreement
        Of that table.
    """
    if table.n == 0:
        return "No part in this group was judged by both human and model."
    clauses = [f"{_kappa_clause(table, figures)}; {_specific_clause(figures)}.", *_bias_sentence(table, figures)]
    return " ".join(clauses)


def percent(share: float) -> str:
    """Return a share as text with at most one decimal, never rounded to none or all when it is not."""
    text = f"{100.0 * share:.1f}".removesuffix(".0")
    if text == "100" and share < 1.0:
        return "more than 99.9 %"
    if text == "0" and share > 0.0:
        return "less than 0.1 %"
    return f"{text} %"


def _kappa_clause(table: TwoWay, figures: Agreement) -> str:
    kappa = figures.kappa
    if isinstance(kappa, NotMeasurable):
        return f"Kappa is not measurable because {kappa.why}"
    value = f"{round(kappa.estimate, 2) + 0.0:.2f}"  # adding 0.0 turns -0.0 into 0.0
    if kappa.estimate >= GOOD_KAPPA:
        return f"Kappa is {value}"
    rare = _rare_answer(table)
    if rare is not None and table.discordant <= _RARE * table.n:
        return f"Kappa is low ({value}) because only {rare}"
    were = "was" if table.discordant == 1 else "were"
    return f"Kappa is low ({value}) because {table.discordant} of {table.n} parts {were} judged differently"


def _rare_answer(table: TwoWay) -> str | None:
    """Return which answer was given so rarely that kappa has little to rest on, if one was."""
    n = table.n
    rejects = (table.rejects_by_human, table.rejects_by_model)
    accepts = (n - rejects[0], n - rejects[1])
    for (human, by_model), verb in ((rejects, "rejected"), (accepts, "accepted")):
        if human + by_model <= _RARE * 2 * n:
            if human == by_model:
                return f"{human} of {n} parts {'was' if human == 1 else 'were'} {verb}"
            return f"{human} (by the human) and {by_model} (by the model) of {n} parts were {verb}"
    return None


def _specific_clause(figures: Agreement) -> str:
    return f"agreement on rejects is {_share(figures.on_rejects)}, on accepts {_share(figures.on_accepts)}"


def _share(figure: Proportion | NotMeasurable) -> str:
    return "not measurable" if isinstance(figure, NotMeasurable) else percent(figure.estimate)


def _bias_sentence(table: TwoWay, figures: Agreement) -> list[str]:
    p = figures.mcnemar_p
    if isinstance(p, NotMeasurable) or p >= _SIGNIFICANT:
        return []
    more, less = ("human", "model") if table.human_rejects > table.model_rejects else ("model", "human")
    high, low = max(table.human_rejects, table.model_rejects), min(table.human_rejects, table.model_rejects)
    return [f"The {more} rejects more often than the {less} (alone on {high} against {low})."]
