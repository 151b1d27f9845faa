"""Parts on which human and model differ, as lines for the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inspector_app.agreement.document import Cell, Column, PartCard, Picture, Table
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.verdict import Verdict

COLUMNS = (
    Column("part_id", "Part", 3.0),
    Column("captured_at", "Captured (UTC)", 2.4),
    Column("level", "Level", 1.6),
    Column("human", "Human", 4.2),
    Column("model", "Model", 1.3),
    Column("probability", "p", 0.9),
    Column("reference", "Truth", 1.3),
    Column("disposition", "Outcome", 1.4),
)


@dataclass(frozen=True, slots=True)
class Disagreements:
    """The parts on which they differ.

    Attributes
    ----------
    count : int
        How many there are.
    newest : tuple of LogEntry
        The newest of them, newest first.
    pictures : dict of str to (Picture or str)
        By inspection id, for the first of them: the picture, or why there is none.
    """

    count: int = 0
    newest: tuple[LogEntry, ...] = ()
    pictures: tuple[tuple[str, Picture | str], ...] = ()


def disagreement_table(found: Disagreements) -> Table:
    """Return one row for each of the newest."""
    more = found.count - len(found.newest)
    notes = (f"{more} more are in the log; see the history, or choose a shorter period.",) if more > 0 else ()
    return Table("disagreements", "Newest first", COLUMNS, tuple(_row(entry) for entry in found.newest), notes)


def disagreement_cards(found: Disagreements) -> tuple[PartCard, ...]:
    """Return a card for each part with something to show."""
    entries = {entry.inspection.inspection_id: entry for entry in found.newest}
    return tuple(_card(entries[of], picture) for of, picture in found.pictures)


def _row(entry: LogEntry) -> tuple[Cell, ...]:
    inspection = entry.inspection
    prediction, reference = inspection.prediction, inspection.reference
    judgement = inspection.decision.model_judgement
    return (
        inspection.part_id,
        inspection.captured_at,
        inspection.control.level.value,
        _spoken(entry),
        "" if judgement is None else judgement.value,
        None if prediction is None else prediction.probability,
        "unknown" if reference is None else reference.judgement.value,
        entry.disposition.value,
    )


def _card(entry: LogEntry, picture: Picture | str) -> PartCard:
    inspection = entry.inspection
    judgement, prediction = inspection.decision.model_judgement, inspection.prediction
    model = "no judgement" if judgement is None else judgement.value
    if prediction is not None and prediction.probability is not None:
        regions = len(prediction.regions)
        model += f" (p {prediction.probability:.3f}, {regions} {'region' if regions == 1 else 'regions'})"
    lines = [f"Human: {_spoken(entry)}", f"Model: {model}", f"Outcome: {entry.disposition.value}"]
    if inspection.reference is not None:
        lines.append(f"Truth: {inspection.reference.judgement.value}")
    return PartCard(inspection.part_id, tuple(lines), picture)


def _spoken(entry: LogEntry) -> str:
    return "; ".join(_one(verdict) for verdict in _standing(entry.verdicts))


def _one(verdict: Verdict) -> str:
    named = f" {', '.join(verdict.classes)}" if verdict.classes else ""
    return f"{verdict.answer.value}{named} by {verdict.by} ({verdict.kind.value.replace('_', ' ')})"


def _standing(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in verdicts if not verdict.retracted)
