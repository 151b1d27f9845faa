"""What the window says when the station has stepped left by itself."""

from __future__ import annotations

from inspector_app.domain.control import ControlChange
from ui.texts import tr

_GUARD, _ROLLBACK = "guard:", "guard:rollout"


def guard_sentence(change: ControlChange) -> str | None:
    """Return a sentence for everybody at the window, ``None`` for what a person has ordered.

    It says that and where, not on what part: the cause may be one that an inspector is not to know while parts wait.
    """
    if not change.by.startswith(_GUARD):
        return None
    if change.by.startswith(_ROLLBACK):
        return tr("A guard has taken the new model back; Automation, Recorded changes says why.")
    return tr("A guard has taken decisions back from the model; Automation, Recorded changes says why.")
