"""Settings of who decides: levels, contract, gates, guards, audits, seeded parts, rollouts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspector_app.automation.csp import AuditPlan
from inspector_app.checked_toml import Section
from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.sections import ContractKeys, GateKeys, Name, OpenShare, PositiveShare, RampKeys, Share

Confidence = Annotated[float, Field(ge=0.5, lt=1.0)]


class SaltSection(Section):
    """``[automation.salts]``: salts of the sticky draws; a new experiment takes a new salt."""

    canary: Name = "canary-1"
    audit: Name = "audit-1"
    first_look: Name = "first-look-1"


class AutomationSection(Section):
    """``[automation]``: the first control state of a new data folder; later changes are recorded commands."""

    level: Level = Level.HUMAN_ONLY
    style: AssistStyle = AssistStyle.SECOND_LOOK
    accept_below: Share = 0.05
    cut: Share = 0.5
    reject_above: Share = 0.95
    canary_share: Share = 0.05
    audit_share: PositiveShare = 0.1
    unaided_share: PositiveShare = 0.1
    reject_audit_share: Share = 0.0
    targeted_share: Share = 0.0
    targeted_above: Share = 0.0
    hold_audits: bool = True
    salts: SaltSection = SaltSection()
    supervisors: tuple[str, ...] = ()
    signatures: Literal["required", "off"] | None = None

    @property
    def signatures_required(self) -> bool:
        """True if commands that move right need a PIN: unless settled otherwise, once supervisors are named."""
        return bool(self.supervisors) if self.signatures is None else self.signatures == "required"

    @model_validator(mode="after")
    def _consistent(self) -> AutomationSection:
        self.first_state()
        return self

    def first_state(self) -> ControlState:
        """Return control state version 1."""
        return ControlState(
            version=1,
            level=self.level,
            style=self.style,
            accept_below=self.accept_below,
            cut=self.cut,
            reject_above=self.reject_above,
            canary_share=self.canary_share,
            audit_share=self.audit_share,
            unaided_share=self.unaided_share,
            hold_audits=self.hold_audits,
            salts=Salts(self.salts.canary, self.salts.audit, self.salts.first_look),
            reject_audit_share=self.reject_audit_share,
            targeted_share=self.targeted_share,
            targeted_above=self.targeted_above,
        )


class ContractSection(ContractKeys):
    """``[contract]``: what is asked of automatic decisions where a command does not say otherwise."""

    confidence: Confidence = 0.95


class GuardSection(Section):
    """``[guards]``: when automation steps left by itself; see `inspector_app.automation.guards.GuardSettings`."""

    enabled: bool = True
    escape_limit: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.005
    confidence: OpenShare = 0.99
    drift_parts: float = Field(50_000.0, ge=1.0)
    audit_wait_min: float = Field(60.0, gt=0.0)
    silence_s: float = Field(10.0, gt=0.0)
    critical_classes: tuple[Name, ...] = ()
    confirm_escapes: bool = False


class AuditSection(Section):
    """``[audits]``: the schedule of audits; see `inspector_app.automation.csp`."""

    clearance: int = Field(0, ge=0, le=1_000_000)
    fraction: PositiveShare = 0.1

    def plan(self) -> AuditPlan | None:
        """Return the schedule, ``None`` where it is off."""
        return AuditPlan(self.clearance, self.fraction) if self.clearance else None


class SeedSection(Section):
    """``[seeds]``: known defects shown again, blind; see `inspector_app.automation.seeds.SeedRules`."""

    share: float = Field(0.0, ge=0.0, le=0.1)
    source: Literal["folder", "log", "both"] = "folder"
    apart_parts: int = Field(200, ge=1, le=1_000_000)
    apart_days: float = Field(7.0, gt=0.0, le=3650.0)
    probe_share: Share = 0.0
    salt: Name = "seeds-1"


class RolloutSection(RampKeys):
    """``[rollout]``: what a new model must show, how fast it must answer, and with what confidence."""

    slow_limit: OpenShare = 0.01
    slow_ms: float = Field(1000.0, gt=0.0, le=60_000.0)
    reject_margin: OpenShare = 0.02
    confidence: OpenShare = 0.95
    guardrail_confidence: OpenShare = 0.99


class GatesSection(GateKeys):
    """``[gates]`` of a station, whose inspectors take part in a study."""

    study_parts: int = Field(50, ge=2, le=10_000)
    study_trials: int = Field(3, ge=1, le=20)
    study_appraisers: int = Field(3, ge=1, le=100)
    confidence: Confidence = 0.95
