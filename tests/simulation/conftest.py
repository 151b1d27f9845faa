"""Small plants, simulated in a second or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inspector_app.simulation.results import RunResult
from inspector_app.simulation.run import Simulation
from inspector_app.simulation.scenario import Scenario

SMALL: dict[str, Any] = {
    "title": "Small plant",
    "line": {"parts_per_shift": 400, "hours_per_shift": 4, "shifts": 16},
    "parts": {"defect_rate": 0.05},
    "inspector": [{"name": "Ana", "sensitivity": 0.95}, {"name": "Bo", "sensitivity": 0.95}],
    "contract": {"escape": 0.02, "missed": 0.3, "false_reject": 0.3, "confidence": 0.9},
    "automation": {"clearance": 50},
    "guards": {"drift_parts": 1e6},
    "gates": {"drift_parts": 1200, "reliance_looks": 5, "seeded_looks": 3, "miss": 0.15},
}


@pytest.fixture(scope="session")
def scenario() -> Callable[..., Scenario]:
    """Return a maker of small scenarios; sections given replace keys, lists replace lists."""

    def make(**sections: Any) -> Scenario:
        values = {
            name: (SMALL.get(name, {}) | given if isinstance(given, dict) else given)
            for name, given in sections.items()
        }
        return Scenario.model_validate(SMALL | values)

    return make


@pytest.fixture(scope="session")
def simulate() -> Callable[..., RunResult]:
    """Return what runs a scenario to its end."""

    def run(scenario: Scenario, seed: int = 1, number: int = 1) -> RunResult:
        return Simulation(scenario, seed, number).result(lambda _: None, lambda: False)

    return run
