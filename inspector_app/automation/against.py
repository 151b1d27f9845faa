"""What speaks against a supervisor's change: the gates of a level, and the certificate of thresholds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector_app.automation.certificate import certified_changes
from inspector_app.automation.gates import GATES_VERSION, GateReport
from inspector_app.domain.control import ControlState


def level_rises(before: ControlState, after: ControlState) -> bool:
    """Return True if a change is the gates' business."""
    return after.level.rank > before.level.rank


def thresholds_widen(before: ControlState, after: ControlState) -> bool:
    """Return True if a change is the certificate's business: the model is to be sure of more."""
    return after.accept_below > before.accept_below or after.reject_above < before.reject_above


def against_change(
    before: ControlState, after: ControlState, gates: GateReport, certificate: Mapping[str, Any] | None
) -> str | None:
    """Return what speaks against a change, as it is recorded with it; ``None`` if nothing does.

    Parameters
    ----------
    before, after : ControlState
        In force, and ordered.
    gates : GateReport
        Under the evidence of now.
    certificate : mapping or None
        The certificate that stands for the model and camera in force, and is either named by the command or in force
        already; ``None``: there is none.
    """
    missing = gates.missing(after.level) if level_rises(before, after) else None
    found = [] if missing is None else [missing, f"(Rules of the gates: {GATES_VERSION}.)"]
    if thresholds_widen(before, after) and not _vouched_for(after, certificate):
        found.append("No certificate that stands vouches for thresholds as wide as these.")
    return " ".join(found) or None


def _vouched_for(after: ControlState, certificate: Mapping[str, Any] | None) -> bool:
    if certificate is None:
        return False
    vouched = certified_changes(certificate, after.cut)
    return after.accept_below <= vouched["accept_below"] and after.reject_above >= vouched["reject_above"]
