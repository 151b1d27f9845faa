"""Makers of control states and predictions for the policy's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inspector_app.domain.control import AssistStyle, ControlState, Level, Salts
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus

MODEL = ModelIdentity("glass", "1.0", "a" * 64, "b" * 64)


@pytest.fixture(scope="session")
def control() -> Callable[..., ControlState]:
    """Return a maker of control states; shares of 1 and 0 make draws certain."""

    def make(level: Level = Level.ASSIST, **changes: object) -> ControlState:
        values: dict[str, object] = {
            "version": 1,
            "level": level,
            "style": AssistStyle.HIGHLIGHT,
            "accept_below": 0.2,
            "cut": 0.5,
            "reject_above": 0.8,
            "canary_share": 1.0,
            "audit_share": 1e-12,
            "unaided_share": 1e-12,
            "hold_audits": True,
            "salts": Salts("canary-1", "audit-1", "first-look-1"),
        }
        return ControlState(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def predicted() -> Callable[[float], Prediction]:
    """Return a maker of usable predictions."""

    def make(probability: float) -> Prediction:
        return Prediction(PredictionStatus.OK, probability, (), MODEL, 12.0)

    return make


@pytest.fixture(scope="session")
def unusable() -> Callable[[PredictionStatus], Prediction]:
    """Return a maker of predictions that must not be used."""

    def make(status: PredictionStatus) -> Prediction:
        return Prediction(status, None, (), MODEL, 12.0, "The model did not answer.")

    return make
