"""What is known of a model, as lines of names and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt

from inspector_app.domain.model_papers import GatePassed, ModelMetric, ShownModel
from ui.look.fonts import bold_font
from ui.models.words import classes_words, milliseconds, standing_words
from ui.texts import local_time, tr
from ui.widgets.rows_table_model import Column, RowsTableModel


@dataclass(frozen=True, slots=True)
class Fact:
    """A line; a heading if it has no value."""

    name: str
    value: str = ""
    tip: str = ""


class FactsTableModel(RowsTableModel[Fact]):
    """Names and values; headings in bold."""

    def __init__(self) -> None:
        super().__init__(Column(tr("What is known of it")), Column(""))

    def cell(self, row: Fact, column: int, role: int) -> Any:
        """Return a cell's text, its tip, or the font of a heading."""
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.name, row.value)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or row.value or None
        return bold_font() if role == Qt.ItemDataRole.FontRole and not row.value else None


def facts_of(model: ShownModel) -> tuple[Fact, ...]:
    """Return everything that is known of a model, in the order in which it is asked."""
    return (
        *_card_facts(model),
        *_precision_facts(model),
        *(() if model.gate is None else _gate_facts(model.gate)),
        *_metric_facts(model.metrics),
    )


def _card_facts(model: ShownModel) -> Iterator[Fact]:
    made = "" if model.made_at is None else local_time(model.made_at, date=True)[:16]
    named = (
        (tr("State"), standing_words(model)),
        (tr("Why not"), model.problem or ""),
        (tr("Classes"), classes_words(model.classes)),
        (tr("Kind"), model.task),
        (tr("Licence"), model.licence),
        (tr("Made"), made),
        (tr("Learned from"), model.learned_from),
        (tr("Fingerprint of the data set"), model.data_sha256),
        (tr("SHA-256"), model.sha256),
        (tr("Place"), model.place),
    )
    for name, value in named:
        if value:
            yield Fact(name, value)


def _precision_facts(model: ShownModel) -> Iterator[Fact]:
    if not model.precisions:
        return
    yield Fact(tr("Precision"), "", model.precision_basis)
    for each in model.precisions:
        time = tr("not run") if each.median_ms is None else milliseconds(each.median_ms)
        chosen = tr("chosen, ") if each.chosen else ""
        yield Fact(each.name, f"{chosen}{time}: {each.because}", model.precision_basis)
    yield Fact(tr("Measured on"), model.precision_basis)


def _gate_facts(gate: GatePassed) -> Iterator[Fact]:
    yield Fact(tr("Parity gate"))
    yield Fact(tr("Passed"), local_time(gate.at, date=True)[:16])
    for pair in gate.pairs:
        yield Fact(
            f"{pair.first} · {pair.second}",
            tr("maps within {mask:.1g} of {allowed:g}, probability within {score:.1g} of {limit:g}").format(
                mask=pair.mask, allowed=gate.mask_tolerance, score=pair.score, limit=gate.score_tolerance
            ),
        )
    for sentence in gate.left_out:
        yield Fact(tr("Not asked"), sentence)


def _metric_facts(metrics: tuple[ModelMetric, ...]) -> Iterator[Fact]:
    headings = {
        "held_out": tr("On held-out pictures"),
        "choosing": tr("Where thresholds were chosen"),
    }
    for measured_on, heading in headings.items():
        chosen = [each for each in metrics if each.measured_on == measured_on]
        if chosen:
            yield Fact(heading)
        for each in chosen:
            yield Fact(_metric_name(each.name), f"{each.value:.3f}".rstrip("0").rstrip("."))


def _metric_name(name: str) -> str:
    known = {
        "parts": tr("Pictures"),
        "places": tr("Marked places"),
        "recall": tr("Region recall"),
        "false_regions_per_part": tr("False regions a picture"),
        "average_precision": tr("Average precision"),
        "auroc": tr("AUROC"),
        "miss_rate": tr("Miss rate"),
        "false_alarm_rate": tr("False alarm rate"),
        "brier": tr("Brier score"),
    }
    return known.get(name, name.replace("_", " "))
