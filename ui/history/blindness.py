"""What may be shown of a model on a recorded part: nothing that could reach an inspector who still has to judge it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from inspector_app.domain.decision import Disposition
from inspector_app.domain.frame import Judgement
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.verdict import Answer

UNDO_LIMIT = timedelta(seconds=60)
"""The longest undo window that settings allow: until then a verdict may come back for another look."""


def model_is_hidden(entry: LogEntry, now: datetime) -> bool:
    """Return True while a human may still have to judge the part without seeing the model.

    Parameters
    ----------
    entry : LogEntry
        The part as the log has it.
    now : datetime
        UTC.
    """
    standing = [verdict for verdict in entry.verdicts if not verdict.retracted]
    adjudicated = entry.beside is not None and entry.beside.differs
    if not entry.inspection.decision.asks_human and not adjudicated:
        return False
    if not standing or entry.disposition is Disposition.HOLD or standing[-1].answer is Answer.UNSURE:
        return True
    return now - standing[-1].at < UNDO_LIMIT


def as_shown(entry: LogEntry) -> LogEntry:
    """Return a part as the inspector was shown it: where the advice was wrong on purpose, with that advice.

    What the model said in truth is in the log, the export and the figures; in the window it would give the probe away.
    """
    inspection = entry.inspection
    probe = None if inspection.seed is None else inspection.seed.probe
    if probe is None or probe.shown is None or inspection.prediction is None:
        return entry
    prediction = replace(inspection.prediction, probability=probe.shown, regions=())
    decision = replace(inspection.decision, model_judgement=Judgement.ACCEPT)
    return replace(entry, inspection=replace(inspection, prediction=prediction, decision=decision))
