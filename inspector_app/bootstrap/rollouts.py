"""Rollouts of new models as a supervisor orders them: on the log, so that a running station follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from db.rollout_counts import rollout_counts
from inspector_app.automation.ramp import VERSION, RampReport, against, report
from inspector_app.automation.ramp_tally import RampTally, Rate, experiment_tally
from inspector_app.automation.rollout import STEPS, names_used, started
from inspector_app.bootstrap.building import ramp_limits
from inspector_app.bootstrap.commanding import desk_of
from inspector_app.bootstrap.data import DataFolder
from inspector_app.domain.control import Command, ControlState
from inspector_app.domain.errors import ControlRefused
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import RolloutPhase
from inspector_app.domain.shares import percent


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """The state of a rollout, as commands and window show it."""

    control: ControlState
    report: RampReport

    def record(self) -> dict[str, Any]:
        """Return plain JSON values."""
        slots, rollout = self.control.slots, self.control.rollout
        return {
            "control_version": self.control.version,
            "in_charge": None if slots is None else slots.in_charge.value,
            "blue": None if slots is None else _model(slots.blue),
            "green": None if slots is None else _model(slots.green),
            "rollout": None
            if rollout is None
            else {
                "experiment": rollout.experiment,
                "phase": rollout.phase.value,
                "share": rollout.share,
                "audit_share": rollout.audit_share,
            },
            "rules": VERSION,
            "recommended": self.report.recommended if rollout is not None else None,
            "guardrails": [{"name": each.name, "sentence": each.sentence} for each in self.report.guardrails],
            "requirements": [
                {"name": each.name, "holds": each.holds, "sentence": each.sentence, "needed": each.needed}
                for each in self.report.requirements
            ],
            "counts": _counts(self.report.tally),
        }

    def lines(self) -> tuple[str, ...]:
        """Return lines for people."""
        slots, rollout = self.control.slots, self.control.rollout
        if slots is None:
            return ("The model that the settings name is in charge; no rollout goes on.",)
        charge = f"In charge: {_title(slots.model(slots.in_charge))} ({slots.in_charge})."
        if rollout is None:
            return charge, "No rollout goes on."
        other = f"Beside it: {_title(slots.model(slots.in_charge.other))} ({slots.in_charge.other})."
        share = f", deciding {percent(rollout.share)} of the parts" if rollout.share else ""
        stage = f"Rollout {rollout.experiment}: {rollout.phase}{share}."
        rails = tuple(f"Guardrail: {each.sentence}" for each in self.report.guardrails)
        needs = tuple(f"{'holds' if each.holds else 'open '}  {each.sentence}" for each in self.report.requirements)
        return charge, other, stage, *rails, *needs, self._advice()

    def _advice(self) -> str:
        rollout = self.control.rollout
        if rollout is None or rollout.phase is RolloutPhase.ROLLED_BACK:
            return "Rolled back: start a new rollout, or end this one."
        return "The next step is recommended." if self.report.recommended else "The next step is not recommended yet."


def rollout_status(folder: DataFolder, control: ControlState | None = None) -> RolloutStatus:
    """Return how the present rollout stands, from the log."""
    state = control or folder.control_in_force()
    limits = ramp_limits(folder.settings)
    counted = experiment_tally(
        state,
        folder.log.control.changes(),
        lambda since: rollout_counts(folder.log.database, folder.settings.station.id, since, limits.slow_ms),
    )
    return RolloutStatus(state, report(state, counted, limits))


def start_rollout(
    folder: DataFolder, model: str, name: str | None, by: str, because: str, *, from_nothing: bool, pin: str | None
) -> ControlState:
    """Put a model beside the one in charge, without anything to decide.

    Parameters
    ----------
    folder : DataFolder
        Whose.
    model : str
        ``NAME`` or ``NAME VERSION`` in the registry; its files are checked now, so that the station can load them.
    name : str or None
        Of the experiment, also its salt; ``None``: the model's name, version and the control state's number.
    by, because, pin
        As of a command.
    from_nothing : bool
        True: there is no model in charge, the product is new.

    Raises
    ------
    ModelError, ControlRefused, LogUnavailable
        With one sentence; nothing has changed.
    """
    command = start_command(folder, model, name, by, because, from_nothing=from_nothing)
    return desk_of(folder).order(replace(command, pin=pin))


def start_command(
    folder: DataFolder, model: str, name: str | None, by: str, because: str, *, from_nothing: bool
) -> Command:
    """Return the command with which a rollout begins; arguments and errors as of `start_rollout`."""
    challenger = folder.model_identity(model)
    before = folder.control_in_force()
    champion = None if from_nothing or before.slots is not None else folder.model_identity()
    experiment = name or f"{challenger.name}-{challenger.version}-{before.version + 1}"
    used = names_used(folder.log.control.changes())
    return Command(by, because, started(before, champion, challenger, experiment, used))


def step_rollout(
    folder: DataFolder, step: str, by: str, because: str, *, pin: str | None, despite: bool
) -> ControlState:
    """Take a step: ``advance``, ``switch``, ``rollback`` or ``end``.

    Against the recommendation only with ``despite``; what was missing is recorded with the command.

    Raises
    ------
    ControlRefused, LogUnavailable
        With one sentence; nothing has changed.
    """
    desk = desk_of(folder)
    before = desk.refresh()
    changes = STEPS[step](before)
    right = step in {"advance", "switch"}
    missing = against(step, before, rollout_status(folder, before).report) if right else None
    if missing is not None and not despite:
        raise ControlRefused(
            f"The evidence does not recommend this step: {missing} To take it all the same: --despite."
        )
    return desk.order(Command(by, because, changes, pin, missing))


def _model(model: ModelIdentity | None) -> dict[str, str] | None:
    if model is None:
        return None
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def _title(model: ModelIdentity | None) -> str:
    return "inspectors alone" if model is None else f"{model.name} {model.version}"


def _counts(counted: RampTally) -> dict[str, Any]:
    names = RampTally.__slots__
    values = {name: getattr(counted, name) for name in names}
    return {name: {"k": v.k, "n": v.n} if isinstance(v, Rate) else v for name, v in values.items()}
