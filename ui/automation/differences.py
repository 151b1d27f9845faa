"""What a change of the control state changes, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.domain.control import ControlState
from inspector_app.domain.rollout import Slots
from ui.texts import percent, tr
from ui.wording import guard_name, level_name, model_title, rollout_name, style_name


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changes: its name on screen, and both values in words."""

    name: str
    before: str
    after: str


def _number(value: float) -> str:
    return f"{value:.4g}"


def _share(value: float) -> str:
    return percent(value, 1)


def _in_charge(slots: Slots | None) -> str:
    return tr("as in the settings") if slots is None else model_title(slots.model(slots.in_charge))


def _beside(slots: Slots | None) -> str:
    return tr("none") if slots is None else model_title(slots.model(slots.in_charge.other), nobody=tr("none"))


def _fields() -> tuple[tuple[str, Callable[[ControlState], str]], ...]:
    return (
        (tr("Level"), lambda state: level_name(state.level)),
        (tr("Marks shown"), lambda state: style_name(state.style)),
        (tr("Accept below"), lambda state: _number(state.accept_below)),
        (tr("Cut"), lambda state: _number(state.cut)),
        (tr("Reject above"), lambda state: _number(state.reject_above)),
        (tr("Canary share"), lambda state: _share(state.canary_share)),
        (tr("Audit share"), lambda state: _share(state.audit_share)),
        (tr("Unaided first looks"), lambda state: _share(state.unaided_share)),
        (tr("Audits of rejects"), lambda state: _share(state.reject_audit_share)),
        (tr("Targeted audits"), lambda state: _share(state.targeted_share)),
        (tr("Targeted audits from"), lambda state: _number(state.targeted_above)),
        (tr("Audited parts are held"), lambda state: tr("yes") if state.hold_audits else tr("no")),
        (tr("Draw salts"), lambda state: f"{state.salts.canary}, {state.salts.audit}, {state.salts.first_look}"),
        (tr("Model in charge"), lambda state: _in_charge(state.slots)),
        (tr("Model beside it"), lambda state: _beside(state.slots)),
        (tr("Rollout"), lambda state: rollout_name(state.rollout)),
        (tr("Guards that hold"), lambda state: ", ".join(guard_name(kind) for kind in state.latched) or tr("none")),
    )


def differences(before: ControlState, after: ControlState) -> tuple[Difference, ...]:
    """Return what differs between two states, in the order of the page."""
    both = ((name, words(before), words(after)) for name, words in _fields())
    return tuple(Difference(name, old, new) for name, old, new in both if old != new)


def change_line(before: ControlState | None, after: ControlState) -> str:
    """Return a change, one line a field, for the list of recorded changes."""
    if before is None:
        return tr("First state: {level}").format(level=level_name(after.level))
    return "\n".join(
        tr("{name}: {old} → {new}").format(name=each.name, old=each.before, new=each.after)
        for each in differences(before, after)
    )


def consequence(before: ControlState, after: ControlState) -> str:
    """Return what will happen once the change is in force, in a sentence or two."""
    if before.level is after.level:
        return tr("The next part is decided with these values. Parts that are already in the queue keep theirs.")
    if after.level.rank < before.level.rank:
        return tr("The next part on, the model decides less and inspectors more. Parts in the queue keep their level.")
    shares = tr("{audit} of the parts that the model decides also go to an inspector, blind.").format(
        audit=percent(after.audit_share, 1)
    )
    more = tr("The next part on, the model has more say.")
    decides = tr("It may decide {canary} of the parts alone.").format(canary=percent(after.canary_share, 1))
    return f"{more} {decides} {shares}" if after.level.rank >= 3 else more


def in_words(state: ControlState) -> str:
    """Return what the shares mean together."""
    return tr(
        "At Partial and Full the model may decide {canary} of the parts; {audit} of those that it decides also go "
        "to an inspector, who does not know it. From Assist on, {unaided} of the inspectors' parts come without marks."
    ).format(canary=_share(state.canary_share), audit=_share(state.audit_share), unaided=_share(state.unaided_share))
