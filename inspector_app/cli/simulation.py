"""Simulate production before trusting automation with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from inspector_app.cli.output import (
    AsJson,
    known_faults_in_one_sentence,
    print_json,
    print_text,
    progress_bar,
    say,
    stop_signals,
)


@known_faults_in_one_sentence
def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="A .toml file, or a bundled scenario: steady, prevalence_drop, new_scratch_type, lamp_ageing, "
            "careless_inspector, bad_challenger, hasty_supervisor, good_challenger, new_product.",
        ),
    ],
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same result.")] = 1,
    runs: Annotated[int, typer.Option("--runs", min=1, max=10_000, help="Run it so many times.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Leave simulation.json and shifts.csv here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate months of production through the station's own policy, guards, audits and certificates."""
    from inspector_app.bootstrap.simulating import named_scenario, simulated, write_simulation

    chosen = named_scenario(scenario)
    began = time.monotonic()
    with stop_signals() as stop_asked, progress_bar() as bar:
        task = bar.add_task("Shifts", total=runs * chosen.line.shifts)

        def on_shift(shifts: int, all_shifts: int) -> None:
            bar.update(task, completed=shifts)
            if bar.disable and shifts % max(1, all_shifts // 10) == 0:
                say(f"{shifts} of {all_shifts} shifts")

        done = simulated(chosen, seed, runs, on_shift, stop_asked.is_set)
    seconds = time.monotonic() - began
    parts = sum(shift.parts for run in done.results for shift in run.shifts)
    left = () if out is None else write_simulation(done, out)
    if as_json:
        print_json(done.record())
    else:
        for text in done.lines():
            print_text(text)
        for path in left:
            print_text(str(path))
    say(f"{parts} parts in {seconds:.1f} s, {parts / seconds:.0f} parts a second.")
    if not done.complete:
        say("Stopped by the operator.")
        raise typer.Exit(130)
