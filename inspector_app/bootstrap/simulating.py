"""Run a scenario, from a file or bundled, and leave its figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from inspector_app.domain.errors import KnownFault, SettingsError
from inspector_app.simulation.results import RunResult
from inspector_app.simulation.run import Simulation
from inspector_app.simulation.scenario import Scenario, load_scenario
from inspector_app.simulation.summary import as_json, history_rows, lines
from resources.files import resource_names

OnShift = Callable[[int, int], None]
"""Told of shifts done and shifts in all."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A scenario and what its runs have left."""

    scenario: Scenario
    results: tuple[RunResult, ...]

    @property
    def complete(self) -> bool:
        """True if no run was stopped."""
        return all(run.complete for run in self.results)

    def record(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return as_json(self.scenario, self.results)

    def lines(self) -> tuple[str, ...]:
        """Return the figures as lines for people."""
        return tuple(lines(self.scenario, self.results))


def bundled_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the program."""
    return tuple(name.removesuffix(".toml") for name in resource_names("scenarios", ".toml"))


def named_scenario(name: str) -> Scenario:
    """Return a scenario: a file's, or a bundled one's by its name.

    Raises
    ------
    SettingsError
        One sentence naming file, key and what is allowed.
    """
    if name in bundled_scenarios():
        with as_file(files("resources").joinpath("scenarios", f"{name}.toml")) as path:
            return load_scenario(path)
    if not name.endswith(".toml"):
        raise SettingsError(
            f"There is no bundled scenario {name!r}; there are {', '.join(bundled_scenarios())}, or give a .toml file."
        )
    return load_scenario(Path(name))


def simulated(scenario: Scenario, seed: int, runs: int, on_shift: OnShift, cancelled: Callable[[], bool]) -> Simulated:
    """Run a scenario so many times, each with random numbers of its own; once cancelled no further run begins."""
    results: list[RunResult] = []
    each = scenario.line.shifts
    for run in range(1, runs + 1):
        before = (run - 1) * each
        result = Simulation(scenario, seed, run).result(lambda n, b=before: on_shift(b + n, runs * each), cancelled)  # type: ignore[misc]
        results.append(result)
        if not result.complete:
            break
    return Simulated(scenario, tuple(results))


def write_simulation(done: Simulated, out: Path) -> tuple[Path, ...]:
    """Write ``simulation.json`` (everything) and ``shifts.csv`` (one row a shift); return their paths.

    Raises
    ------
    KnownFault
        If the folder cannot be written.
    """
    table = io.StringIO(newline="")
    csv.writer(table).writerows(history_rows(done.results))
    texts = {
        "simulation.json": json.dumps(done.record(), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "shifts.csv": table.getvalue(),
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise KnownFault(f"{out} cannot be written: {error.strerror or error}.") from error
    return tuple(out / name for name in texts)
