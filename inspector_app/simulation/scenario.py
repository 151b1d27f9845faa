"""A scenario: what a plant is like, what changes in it, and how it is run; a TOML file, checked."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.cusum import CusumPlan
from inspector_app.automation.gate_inputs import GateLimits
from inspector_app.automation.guards import GuardSettings
from inspector_app.automation.ramp import RampLimits
from inspector_app.automation.seeds import SeedRules
from inspector_app.checked_toml import Section, read_checked
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.errors import SettingsError
from inspector_app.sections import ContractKeys, GateKeys, Name, OpenShare, PositiveShare, RampKeys, Share

Separation = Annotated[float, Field(ge=0.0, le=10.0)]
Positive = Annotated[int, Field(ge=1, le=1_000_000)]


class LineSection(Section):
    """``[line]``: how much is made."""

    parts_per_shift: int = Field(2000, ge=8, le=1_000_000)
    hours_per_shift: int = Field(8, ge=1, le=24)
    shifts: int = Field(500, ge=1, le=10_000)


class PartsSection(Section):
    """``[parts]``: what is made."""

    defect_rate: OpenShare = 0.02
    critical_share: Share = 0.0
    new_share: Share = 0.0


class ModelSection(Section):
    """``[model]``: how well good and bad parts are told apart, in standard deviations of a good part's score."""

    separation: Annotated[float, Field(gt=0.0, le=10.0)] = 4.5
    new_separation: Separation = 0.5
    shift: float = Field(0.0, ge=-10.0, le=10.0)
    stretch: float = Field(1.0, gt=0.0, le=10.0)


class InspectorSection(Section):
    """``[[inspector]]``: one person; the parts are dealt out evenly."""

    name: Name
    sensitivity: Share = 0.9
    specificity: Share = 0.98
    fatigue_per_hour: Share = 0.01
    anchoring: Share = 0.05
    parts_per_hour: int = Field(300, ge=1, le=100_000)


class ContractSection(ContractKeys):
    """``[contract]``: what the supervisor asks of automatic decisions."""

    missed: OpenShare = 0.1
    false_reject: OpenShare = 0.1


class AutomationSection(Section):
    """``[automation]``: how far the supervisor goes once thresholds are certified, and the shares in force.

    Targeted audits look at the accepts whose probability is above ``targeted_from`` times the certified threshold.
    """

    level: Level = Level.PARTIAL
    cut: OpenShare = 0.02
    style: AssistStyle = AssistStyle.SECOND_LOOK
    canary_share: Share = 1.0
    audit_share: PositiveShare = 0.1
    targeted_share: Share = 0.0
    targeted_from: Share = 0.5
    clearance: int = Field(200, ge=1, le=100_000)
    unaided_share: PositiveShare = 0.1
    hold_audits: bool = True
    calibration_shifts: int = Field(3, ge=1, le=1000)

    def audit_plan(self) -> AuditPlan:
        """Return the schedule of audits."""
        return AuditPlan(self.clearance, self.audit_share)


class GuardSection(Section):
    """``[guards]``: when automation steps left by itself; ``on = false`` shows what happens without them."""

    on: bool = True
    harm_delta: OpenShare = 0.01
    cusum_rise: Annotated[float, Field(gt=1.0, le=100.0)] = 3.0
    cusum_limit: int = Field(4, ge=1, le=1000)
    drift_parts: float = Field(50_000.0, ge=1.0, le=1e12)
    drift_tolerance: float = Field(0.03, ge=0.0, le=0.1)
    audit_wait_minutes: float = Field(120.0, gt=0.0, le=100_000.0)

    def settings(self, escape: float) -> GuardSettings:
        """Return the guards of a contract with this escape share."""
        return GuardSettings(
            escape_limit=escape,
            harm_delta=self.harm_delta,
            cusum=CusumPlan(escape, min(escape * self.cusum_rise, 0.999), self.cusum_limit),
            drift_parts=self.drift_parts,
            drift_tolerance=self.drift_tolerance,
            audit_wait_s=60.0 * self.audit_wait_minutes,
        )


class RampSection(RampKeys):
    """``[ramp]``: what a new model must show at each stage."""

    def limits(self) -> RampLimits:
        """Return them as the ramp takes them."""
        return RampLimits(**self.model_dump())


class RolloutSection(Section):
    """``[[rollout]]``: a new model is brought in at a shift; its probabilities are made as the first model's are.

    ``likeness`` is the correlation of the two models' scores on one part. ``failing`` of its answers fail or come late,
    and ``slow`` take too long. ``from_nothing``: there is no model in charge, the product is new. ``hurry_shifts``: a
    supervisor who takes each step after so many shifts, whatever the evidence says; 0: goes by the evidence.
    """

    at_shift: Positive
    name: Name
    separation: Annotated[float, Field(gt=0.0, le=10.0)] = 4.5
    new_separation: Separation = 0.5
    likeness: Share = 0.7
    failing: Share = 0.0
    slow: Share = 0.0
    from_nothing: bool = False
    hurry_shifts: int = Field(0, ge=0, le=1000)


class SeedSection(Section):
    """``[seeds]``: known defects shown again, blind."""

    share: Annotated[float, Field(ge=0.0, le=0.1)] = 0.01
    library: int = Field(200, ge=1, le=100_000)

    def rules(self) -> SeedRules:
        """Return how often and how far apart they come."""
        return SeedRules(share=self.share)


class SupervisorSection(Section):
    """``[supervisor]``: when somebody looks after a guard has fired and asks for a new certificate; 0: never."""

    looks_after_shifts: int = Field(1, ge=0, le=10_000)
    keeps_labels_shifts: int = Field(30, ge=1, le=10_000)


class ChangeSection(Section):
    """``[[change]]``: from a shift on (or little by little over some) the plant is another."""

    at_shift: Positive
    over_shifts: int = Field(0, ge=0, le=10_000)
    defect_rate: OpenShare | None = None
    critical_share: Share | None = None
    new_share: Share | None = None
    separation: Separation | None = None
    new_separation: Separation | None = None
    shift: Annotated[float, Field(ge=-10.0, le=10.0)] | None = None
    stretch: Annotated[float, Field(gt=0.0, le=10.0)] | None = None
    canary_share: Share | None = None
    inspector: Name | None = None
    sensitivity: Share | None = None
    specificity: Share | None = None
    anchoring: Share | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> ChangeSection:
        plant = {name for name in (*PLANT_VALUES, *RUN_VALUES) if getattr(self, name) is not None}
        person = {name for name in PERSON_VALUES if getattr(self, name) is not None}
        if not plant and not person:
            raise ValueError(f"a change sets at least one of {', '.join((*PLANT_VALUES, *RUN_VALUES, *PERSON_VALUES))}")
        if (self.inspector is None) != (not person):
            raise ValueError("inspector goes with sensitivity, specificity or anchoring, and they with it")
        return self


PLANT_VALUES = ("defect_rate", "critical_share", "new_share", "separation", "new_separation", "shift", "stretch")
"""What a change may set of the plant."""
RUN_VALUES = ("canary_share",)
"""What a change may set of the way the plant is run."""
PERSON_VALUES = ("sensitivity", "specificity", "anchoring")
"""What a change may set of one inspector."""


class FaultKind(StrEnum):
    """What may break; a dulled model sees less under the same hash, as after a faulty change of its computer."""

    MODEL_SILENT = "model_silent"
    MODEL_DULLED = "model_dulled"
    MODEL_SWAPPED = "model_swapped"
    CAMERA_MOVED = "camera_moved"
    NO_INSPECTORS = "no_inspectors"


class FaultSection(Section):
    """``[[fault]]``: something breaks for a while; a swapped or dulled model and a moved camera stay so."""

    at_shift: Positive
    for_shifts: Positive = 1
    kind: FaultKind


class Scenario(Section):
    """A whole file; each key may be left out, but there must be an inspector."""

    title: Name
    line: LineSection = LineSection()
    parts: PartsSection = PartsSection()
    model: ModelSection = ModelSection()
    inspector: Annotated[tuple[InspectorSection, ...], Field(min_length=1, max_length=100)]
    contract: ContractSection = ContractSection()
    automation: AutomationSection = AutomationSection()
    guards: GuardSection = GuardSection()
    gates: GateKeys = GateKeys()
    ramp: RampSection = RampSection()
    seeds: SeedSection = SeedSection()
    supervisor: SupervisorSection = SupervisorSection()
    change: tuple[ChangeSection, ...] = ()
    fault: tuple[FaultSection, ...] = ()
    rollout: tuple[RolloutSection, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        names = [each.name for each in self.inspector]
        if len(set(names)) != len(names):
            raise ValueError("every inspector has a name of their own")
        for change in self.change:
            if change.inspector is not None and change.inspector not in names:
                raise ValueError(f"no inspector is called {change.inspector!r}; there are {', '.join(names)}")
        models = [each.name for each in self.rollout]
        if len({"model", *models}) != len(models) + 1:
            raise ValueError("every new model has a name of its own, and none is called model")
        if any(each.from_nothing and (each.at_shift, place) != (1, 0) for place, each in enumerate(self.rollout)):
            raise ValueError("from_nothing goes with the first rollout, at shift 1")
        self.guards.settings(self.contract.escape)
        return self

    def gate_limits(self) -> GateLimits:
        """Return what the gates ask for; the study is done, and the golden answers are given."""
        return self.gates.limits(self.contract.contract(), self.contract.confidence)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises
    ------
    SettingsError
        One sentence naming file, key and what is allowed.
    """
    try:
        return read_checked(path, Scenario)
    except FileNotFoundError:
        raise SettingsError(f"There is no scenario {path}.") from None
