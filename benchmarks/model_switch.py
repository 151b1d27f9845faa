"""How long putting another model in charge takes, both loaded, while parts come.

Measured are the recorded change and the part after it. Against that, in the same run, all other parts: were anything
loaded at a switch, the part that follows would show it. Afterwards the log is asked whether every part is there, judged
by exactly the model that its control state has in charge, and why parts had no answer.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import row
from benchmarks.ready_camera import ReadyCamera
from benchmarks.station_overhead import pictures
from inspector_app.automation.assignment import expected_model
from inspector_app.bootstrap.building import assembled, only_station
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.domain.control import Level
from inspector_app.domain.events import ComparisonRecorded, InspectionRecorded, StationEvent
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.settings import AutomationSection, GuardSection, Settings
from model.classifier import OpenVinoClassifier
from model.registry import load_bundled

PARTS = 450
RATE_HZ = 10.0
SWITCHES = 60


def another() -> OpenVinoClassifier:
    """Return the bundled model under another version: same work, another identity."""
    files = load_bundled()
    return OpenVinoClassifier(replace(files, manifest=replace(files.manifest, version="2")))


def main() -> None:
    """Print the figures."""
    settings = Settings(
        automation=AutomationSection(level=Level.FULL, canary_share=1.0, audit_share=0.001),
        guards=GuardSection(enabled=False),
    )
    changes: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, open_data(Path(name), settings) as data:
        camera = ReadyCamera(pictures(8, 540, 960), PARTS, RATE_HZ)
        champion, other = data.classifier(), another()

        class TwoModels(DataFolder):
            """The data folder with a second model that is in memory already."""

            def load_model(self, identity: ModelIdentity) -> OpenVinoClassifier:  # noqa: ARG002  the contract
                """Return it, whatever is asked for."""
                return other

        folder = TwoModels(data.path, data.settings, data.log)
        with only_station(data.path), assembled(folder, camera, champion, None, (), None) as station:
            after_switch: list[float] = []
            usual: list[float] = []
            answered = 0
            fresh = False

            def on_event(event: StationEvent) -> None:
                nonlocal answered, fresh
                last = station.status().last_inspection_ms
                if isinstance(event, ComparisonRecorded):
                    answered += 1
                if isinstance(event, InspectionRecorded) and last is not None:
                    (after_switch if fresh else usual).append(last)
                    fresh = False

            station.subscribe(on_event)
            station.start()
            slots = Slots(Slot.BLUE, champion.model, other.model)
            station.change_control("bench", "start", slots=slots, rollout=Rollout("bench", RolloutPhase.WATCH))
            while answered < 5:
                time.sleep(0.05)
            for _ in range(SWITCHES):
                time.sleep(0.55)
                slots = replace(slots, in_charge=slots.in_charge.other)
                began = time.perf_counter()
                station.change_control("bench", "switch", slots=slots)
                changes.append((time.perf_counter() - began) * 1000.0)
                fresh = True
            station.stop(30.0)
            other.close()
        entries = list(data.log.reader.entries(LogFilter()))
    print(f"Switch of the model in charge, both loaded, 960x540, {RATE_HZ:g} parts per second")
    print(row("the recorded change (durable), in force for the next part", changes))
    print(row("the part after a switch: frame in hand to line told", after_switch))
    print(row("other parts: frame in hand to line told", usual))
    print(audit(entries))


def audit(entries: list[LogEntry]) -> str:
    """Return whether every part was judged once, by the model in charge of it, and why there was no answer."""
    parts = [entry.inspection for entry in entries if entry.inspection.control.slots is not None]
    said = [(part, part.prediction) for part in parts if part.prediction is not None]
    answered = [(part, each) for part, each in said if each.probability is not None]
    right = sum(each.model == expected_model(part.control, part.part_id) for part, each in answered)
    distinct = len({part.part_id for part in parts})
    without = Counter(each.detail or each.status.value for _, each in said if each.probability is None)
    return (
        f"{len(parts)} parts in the log, {distinct} distinct; {right} of {len(answered)} answers are of the model in "
        f"charge; without an answer, so to a human: {dict(without) or 'none'}"
    )


if __name__ == "__main__":
    main()
