"""What settings and scenarios write alike: kinds of values, the contract, what gates and a rollout ask for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inspector_app.automation.gate_inputs import GateLimits
from inspector_app.checked_toml import Section
from inspector_app.domain.contract import Contract

Share = Annotated[float, Field(ge=0.0, le=1.0)]
OpenShare = Annotated[float, Field(gt=0.0, lt=1.0)]
PositiveShare = Annotated[float, Field(gt=0.0, le=1.0)]
Seconds = Annotated[float, Field(gt=0.0, le=3600.0)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class ContractKeys(Section):
    """``[contract]``: what is asked of automatic decisions."""

    escape: OpenShare = 0.005
    missed: OpenShare = 0.05
    false_reject: OpenShare = 0.05
    confidence: OpenShare = 0.95

    def contract(self) -> Contract:
        """Return it as the contract that thresholds are certified for."""
        return Contract(self.escape, self.missed, self.false_reject, self.confidence)


class GateKeys(Section):
    """``[gates]``: what must hold before a step right; escapes and false rejects are those of ``[contract]``."""

    drift_parts: int = Field(5000, ge=1, le=1_000_000)
    over_reliance: OpenShare = 0.10
    reliance_looks: int = Field(20, ge=1, le=100_000)
    seeded_looks: int = Field(20, ge=1, le=100_000)
    coverage: OpenShare = 0.8
    miss: OpenShare = 0.05
    false_alarm: OpenShare = 0.10
    clean_audits: int = Field(300, ge=1, le=1_000_000)

    def limits(self, contract: Contract, confidence: float) -> GateLimits:
        """Return them with what a contract asks for; ``confidence``: with which each rate must be shown."""
        return GateLimits(
            **self.model_dump(exclude={"confidence"}),
            escape=contract.escape,
            false_reject=contract.false_reject,
            delta=round(1.0 - confidence, 12),
        )


class RampKeys(Section):
    """What a new model must show at each stage; see `inspector_app.automation.ramp.RampLimits`."""

    escape_limit: OpenShare = 0.01
    worse_limit: OpenShare = 0.01
    missed_limit: OpenShare = 0.05
    false_reject_limit: OpenShare = 0.1
    failed_limit: OpenShare = 0.01
