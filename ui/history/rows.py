"""One line of the history for each part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.control import Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.prediction import PredictionStatus
from inspector_app.domain.verdict import Answer, Verdict
from ui.history.blindness import model_is_hidden
from ui.texts import percent, tr
from ui.wording import answer_name, judgement_name, prediction_status_name


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """What the table shows of a part.

    Attributes
    ----------
    inspection_id, part_id : str
        Identities.
    captured_at : datetime
        UTC.
    level : Level
        In force.
    human, model : str
        Both decisions in words.
    probability : float or None
        The model's, where it may be shown.
    disposition : Disposition
        What counts now.
    differs : bool
        True if human and model are known to differ.
    hidden : bool
        True while nothing of the model may be shown.
    """

    inspection_id: str
    part_id: str
    captured_at: datetime
    level: Level
    human: str
    model: str
    probability: float | None
    disposition: Disposition
    differs: bool
    hidden: bool


def row_of(entry: LogEntry, now: datetime, *, covered: bool, given: Verdict | None = None) -> HistoryRow:
    """Return a part's line.

    Parameters
    ----------
    entry : LogEntry
        The part.
    now : datetime
        UTC.
    covered : bool
        True to show nothing of the model on any part.
    given : Verdict or None
        The verdict that the line is about; ``None``: the newest that stands.
    """
    inspection = entry.inspection
    hidden = covered or model_is_hidden(entry, now)
    said = given or _last_verdict(entry)
    last = None if said is None else said.answer
    judgement = inspection.decision.model_judgement
    decided = last is not None and last is not Answer.UNSURE and judgement is not None
    prediction = inspection.prediction
    return HistoryRow(
        inspection_id=inspection.inspection_id,
        part_id=inspection.part_id,
        captured_at=inspection.captured_at,
        level=inspection.control.level,
        human=_human(entry, said),
        model=_model(entry, hidden=hidden),
        probability=None if hidden or prediction is None else prediction.probability,
        disposition=entry.disposition,
        differs=bool(
            not hidden and decided and last is not None and judgement is not None and last.value != judgement.value
        ),
        hidden=hidden,
    )


def _last_verdict(entry: LogEntry) -> Verdict | None:
    return next((verdict for verdict in reversed(entry.verdicts) if not verdict.retracted), None)


def _human(entry: LogEntry, said: Verdict | None) -> str:
    if said is not None:
        return tr("{answer} · {name}").format(answer=answer_name(said.answer), name=said.by)
    return tr("Waits") if entry.inspection.decision.asks_human else tr("Not asked")


def _model(entry: LogEntry, *, hidden: bool) -> str:
    if hidden:
        return tr("Covered")
    prediction = entry.inspection.prediction
    judgement = entry.inspection.decision.model_judgement
    if prediction is None:
        return tr("Not run")
    if prediction.status is not PredictionStatus.OK or judgement is None:
        return prediction_status_name(prediction.status)
    return tr("{judgement} · p {share}").format(
        judgement=judgement_name(judgement), share=percent(prediction.probability or 0.0)
    )
