"""Guards on a real station and a real log: each cause makes one recorded, latched step left, and a restart keeps it."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import replace

import pytest

from db.log import open_log
from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.guard_events import SeedJudged
from inspector_app.automation.guards import GuardSettings
from inspector_app.automation.ramp import RampLimits
from inspector_app.domain.control import Level
from inspector_app.domain.errors import ControlRefused, ModelAltered
from inspector_app.domain.events import GuardTripped
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.ports import CameraControls
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import Answer
from inspector_app.station.equipment import Equipment
from inspector_app.station.guard_orders import GuardOrders
from inspector_app.station.options import StationOptions
from inspector_app.station.station import Station

PATIENCE_S = 120.0
"""Hundreds of durable transactions take their time on a busy disk."""

NEW = ModelIdentity("new", "2", "c" * 64, "d" * 64)


class Naming:
    """A decider that rejects some parts with a class."""

    name = "naming"

    def __init__(self, bad=(), classes=("scratch",)):
        self.bad = set(bad)
        self.classes = classes

    def decide(self, entry, item):
        bad = int(item.part_id.removeprefix("part-")) in self.bad
        return (Answer.REJECT, self.classes) if bad else (Answer.ACCEPT, ())


class Plant:
    """Builds one station after the other on the same SQLite log."""

    def __init__(self, tmp_path, kit):
        self.kit = kit
        self.path = tmp_path
        self.opened = []
        self.events = []

    def station(self, numbers, **more):
        kit = self.kit
        log = open_log("", self.path, "station-1", kit.now)
        camera = more.pop("camera", None) or kit.Camera([kit.frame(n) for n in numbers])
        settings = {"audit_share": 1.0, "level": Level.FULL} | more.pop("state", {})
        orders = GuardOrders(
            more.pop("settings", GuardSettings()),
            more.pop("ramp", RampLimits(slow_ms=1e9)),  # a busy machine is no fault of a model
            frozenset({"crack"}),
            least_scores=50,
            audits=more.pop("audits", None),
            confirm_escapes=more.pop("confirm", False),
        )
        classifier = more.pop("classifier", None) or kit.Classifier(more.pop("says", lambda n: kit.prediction(0.1)))
        other = more.pop("other", None)
        load = more.pop("load", lambda identity: other)
        options = {"grab_timeout_s": 0.01, "told_flush_s": 0.01, "undo_window_s": 0.0, "appear_after_s": 0.0}
        options |= {"model_deadline_s": PATIENCE_S, "picture_wait_s": PATIENCE_S}
        station = Station(
            Equipment(
                camera,
                classifier,
                kit.Line(),
                log.inspections,
                log.reader,
                log.control,
                log.pictures,
                load_model=load,
                history=log.guards,
                camera_setup=more.pop("camera_setup", lambda: None),
            ),
            kit.control(**settings),
            may_control=lambda user: user == "boss",
            clock=kit.now,
            random_bits=random.getrandbits,
            on_bug=lambda thread, bug: pytest.fail(f"{thread}: {bug!r}"),
            options=StationOptions(**options | more.pop("options", {})),
            deciders=more.pop("deciders", (Naming(),)),
            guards=orders,
        )
        assert not more, more
        station.subscribe(self.events.append)
        self.opened.append((station, log))
        return station, log

    def run(self, numbers, **more):
        """Run a station to its end and return the log's changes."""
        station, log = self.station(numbers, **more)
        station.start()
        finish(station, self.kit)
        return station, log.control.changes()

    def close(self):
        for station, log in self.opened:
            station.stop(self.kit.PATIENCE_S)
            log.close()


def finish(station, kit):
    assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S), station.status()
    station.stop(PATIENCE_S)


def until(reached, kit):
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.01)


@pytest.fixture
def plant(tmp_path, kit):
    made = Plant(tmp_path, kit)
    yield made
    made.close()


def guard_changes(changes):
    return [change for change in changes if change.by.startswith("guard:")]


def test_escapes_above_the_limit_step_to_assist_and_stay_after_a_restart(plant, kit):
    _, changes = plant.run(range(12), deciders=(Naming({2, 4}),))
    (change,) = [c for c in guard_changes(changes) if c.by == "guard:harm"]
    assert change.after.level is Level.ASSIST
    assert "harm" in change.after.latched
    assert "audited accepts were bad" in change.because
    assert not change.signed
    assert next(event.kind for event in plant.events if isinstance(event, GuardTripped)) == "harm"
    levels = [e.inspection.control.level for e in plant.opened[-1][1].reader.entries(_all())]
    assert levels[:5] == [Level.FULL] * 5
    assert levels[6:] == [Level.ASSIST] * 6

    station, log = plant.station([])
    station.start()
    finish(station, kit)
    assert station.control.level is Level.ASSIST
    assert len(log.control.changes()) == len(changes)
    assert station._guards.state.has_fired(_kind("harm"))
    with pytest.raises(ControlRefused, match="re-armed"):
        station.change_control("boss", "back to work", level=Level.FULL)
    station.change_control("boss", "looked into it", latched=())
    state = station.change_control("boss", "back to work", level=Level.FULL)
    assert (state.level, state.latched) == (Level.FULL, ())


def _all():
    from inspector_app.domain.logquery import LogFilter

    return LogFilter()


def _kind(name):
    from inspector_app.automation.guard_events import GuardKind

    return GuardKind(name)


def test_one_critical_escape_steps_to_shadow(plant):
    _, changes = plant.run(range(6), deciders=(Naming({3}, ("crack",)),))
    (change,) = guard_changes(changes)
    assert (change.by, change.after.level) == ("guard:critical_escape", Level.SHADOW)


def drawn(numbers, share):
    """Return those of the parts that the uniform audit stream draws at a share."""
    return [n for n in numbers if sticky_uniform("audit", f"part-{n:04}") < share]


def scheduled(changes):
    return [change.after.audit_share for change in changes if change.by == "schedule:audits"]


def test_the_schedule_audits_all_then_some_and_after_an_escape_all_again(plant, kit):
    plan = {"audits": AuditPlan(3, 0.3), "state": {"audit_share": 0.3}, "deciders": (Naming(),)}
    _, changes = plant.run(range(4), **plan)
    assert scheduled(changes) == [1.0, 0.3]
    bad = drawn(range(4, 40), 0.3)[0]
    _, changes = plant.run(range(4, bad + 8), **plan | {"deciders": (Naming({bad}),)})
    assert scheduled(changes) == [1.0, 0.3, 1.0, 0.3]
    log = plant.opened[-1][1]
    audits = {e.inspection.part_id: e.inspection.decision.audit for e in log.reader.entries(_all())}
    after = [audits[f"part-{n:04}"].probability for n in range(4, bad + 8)]
    assert after[: bad - 3] == [0.3] * (bad - 3)
    assert after[bad - 3 :] == [1.0, 1.0, 1.0, 0.3, 0.3, 0.3, 0.3]


def test_while_a_guard_is_latched_the_schedule_says_nothing(plant, kit):
    _, changes = plant.run(range(12), audits=AuditPlan(100, 0.3), deciders=(Naming({2, 4}),))
    at = next(i for i, change in enumerate(changes) if change.by == "guard:harm")
    assert scheduled(changes[at:]) == []
    station, _ = plant.opened[-1]
    with pytest.raises(ControlRefused, match="has stepped left"):
        station._desk.schedule_audits("because", 0.5)


def test_a_critical_escape_that_a_targeted_audit_finds_steps_to_shadow_and_counts_for_no_share(plant, kit):
    quiet = {"audit_share": 1e-12, "targeted_share": 1.0, "targeted_above": 0.05}
    _, changes = plant.run(range(3), state=quiet, deciders=(Naming({0, 1}),))
    assert guard_changes(changes) == []
    assert plant.opened[-1][0]._guards.state.audits == 0
    _, changes = plant.run(range(3, 6), state=quiet, deciders=(Naming({4}, ("crack",)),))
    (change,) = guard_changes(changes)
    assert change.by == "guard:critical_escape"
    assert change.after.level is Level.SHADOW


def test_escapes_close_together_raise_the_chart(plant):
    settings = GuardSettings(escape_limit=0.9)
    _, changes = plant.run(range(20), deciders=(Naming(range(0, 20, 2)),), settings=settings)
    assert [change.by for change in guard_changes(changes)] == ["guard:escapes_rising"]


@pytest.mark.slow
def test_scores_that_drift_audit_everything_and_stay_in_partial(plant, kit):
    def says(number):
        return kit.prediction(0.05 + (number * 37 % 100) / 1000.0 if number < 120 else 0.19)

    settings = GuardSettings(drift_parts=50.0)
    state = {"level": Level.SHADOW, "audit_share": 0.01}
    plant.run(range(120), says=says, settings=settings, state=state)
    station, log = plant.station(range(120, 200), says=says, settings=settings)
    station.change_control("boss", "as agreed", level=Level.FULL)
    station.start()
    finish(station, kit)
    (change,) = guard_changes(log.control.changes())
    assert change.by == "guard:score_drift"
    assert (change.after.level, change.after.audit_share) == (Level.PARTIAL, 1.0)


def test_another_model_than_the_one_vouched_for_steps_to_shadow(plant, kit):
    plant.run(range(5))
    forged = kit.Classifier(lambda n: kit.prediction(0.1), replace(kit.MODEL, sha256="9" * 64))
    _, changes = plant.run(range(5, 10), classifier=forged)
    (change,) = guard_changes(changes)
    assert (change.by, change.after.level) == ("guard:model_changed", Level.SHADOW)


@pytest.mark.parametrize("altered", [False, True])
def test_a_slot_whose_model_has_another_hash_latches_before_it_is_given_a_part(plant, kit, altered):
    """A new model was named, and what lies there is another one; the old one is in charge meanwhile."""
    new = ModelIdentity("new", "2", "c" * 64, "d" * 64)
    found = kit.Classifier(lambda n: kit.prediction(0.9), replace(new, sha256="9" * 64))

    def load(identity):
        if altered:
            raise ModelAltered("model.onnx: its SHA-256 is not that of the manifest.")
        return found

    state = {"slots": Slots(Slot.BLUE, kit.MODEL, new), "rollout": Rollout("exp", RolloutPhase.SHADOW)}
    station, changes = plant.run(range(4), state=state, load=load)
    (change,) = guard_changes(changes)
    assert (change.by, change.after.level) == ("guard:model_changed", Level.SHADOW)
    assert ("altered" if altered else "is not the one that was put in the green slot") in change.because
    assert station.control.latched == ("model_changed",)
    # After a restart it is found again, and latched once.
    _, changes = plant.run(range(4, 6), state=state, load=load)
    assert len(guard_changes(changes)) == 1


def test_a_camera_that_is_set_otherwise_steps_to_shadow(plant, kit):
    class Live(kit.Camera):
        controls = CameraControls(exposure_us=10_000.0)

        def configure(self, controls):
            return self.controls

    def camera(numbers, exposure_us):
        made = Live([kit.frame(n) for n in numbers], uri="usb:0")
        made.controls = CameraControls(exposure_us=exposure_us)
        return made

    plant.run([], camera=camera(range(4), 10_000.0))
    _, changes = plant.run([], camera=camera(range(4, 8), 10_040.0))
    assert guard_changes(changes) == []
    _, changes = plant.run([], camera=camera(range(8, 12), 25_000.0))
    (change,) = guard_changes(changes)
    assert (change.by, change.after.level) == ("guard:camera_changed", Level.SHADOW)


def test_a_camera_that_is_set_up_otherwise_while_it_runs_steps_to_shadow(plant, kit):
    setup = ["a" * 64]
    camera = kit.Camera([kit.frame(n) for n in range(4)], hold=True)
    station, log = plant.station([], camera=camera, camera_setup=lambda: setup[0])
    station.start()
    until(lambda: station.status().counts.recorded == 4, kit)
    station.camera_changed(CameraControls())
    camera.script.extend(kit.frame(n) for n in range(4, 8))
    until(lambda: station.status().counts.recorded == 8, kit)
    assert guard_changes(log.control.changes()) == []
    setup[0] = "b" * 64
    station.camera_changed(CameraControls())
    camera.script.extend(kit.frame(n) for n in range(8, 12))
    until(lambda: guard_changes(log.control.changes()), kit)
    (change,) = guard_changes(log.control.changes())
    assert (change.by, change.after.level) == ("guard:camera_changed", Level.SHADOW)


def test_audits_that_wait_too_long_step_to_assist(plant, kit):
    station, log = plant.station(range(3), deciders=(), settings=GuardSettings(audit_wait_s=0.05))
    station.start()
    until(lambda: guard_changes(log.control.changes()), kit)
    (change,) = guard_changes(log.control.changes())
    assert (change.by, change.after.level) == ("guard:audit_backlog", Level.ASSIST)


def test_a_model_that_hangs_is_a_heartbeat_lost(plant, kit):
    gate = threading.Event()

    def hang(number):
        if number == 2:
            gate.wait(kit.PATIENCE_S)
        return kit.prediction(0.1)

    station, log = plant.station(
        range(4), says=hang, settings=GuardSettings(silence_s=0.1), options={"model_deadline_s": 0.02}
    )
    station.start()
    until(lambda: guard_changes(log.control.changes()), kit)
    gate.set()
    (change,) = guard_changes(log.control.changes())
    assert (change.by, change.after.level) == ("guard:heartbeat_lost", Level.ASSIST)


def test_a_missed_seeded_defect_steps_to_assist(plant, kit):
    station, log = plant.station(range(3))
    station.start()
    station.watch(SeedJudged(accepted=False))
    assert guard_changes(log.control.changes()) == []
    station.watch(SeedJudged(accepted=True))
    (change,) = guard_changes(log.control.changes())
    assert (change.by, change.after.level) == ("guard:seed_missed", Level.ASSIST)
    finish(station, kit)


def test_a_retracted_audit_is_no_escape(plant, kit):
    station, log = plant.station(range(2), deciders=(), options={"undo_window_s": 30.0})
    station.start()
    until(lambda: len(station.waiting()) == 2, kit)
    for item in station.waiting():
        station.submit(item.inspection_id, "anna", Answer.REJECT, ("crack",), 1.0)
        station.undo("anna")
    finish(station, kit)
    assert guard_changes(log.control.changes()) == []


def test_without_a_log_the_step_is_kept_and_done_later(plant, kit, monkeypatch):
    from inspector_app.domain.errors import LogProblem, LogUnavailable

    station, log = plant.station(range(3))
    real, refusing = log.control.append, threading.Event()

    def append(change):
        if refusing.is_set():
            raise LogUnavailable(LogProblem.DISK_FULL, "The disk is full.")
        real(change)

    station.start()
    until(lambda: station.status().state is StationState.FINISHED, kit)
    monkeypatch.setattr(log.control, "append", append)
    refusing.set()
    station.watch(SeedJudged(accepted=True))
    assert station.control.level is Level.FULL
    refusing.clear()
    until(lambda: station.control.level is Level.ASSIST, kit)


def test_a_new_model_that_fails_is_rolled_back_by_its_guardrail(plant, kit):
    def broken(number):
        raise RuntimeError("no")

    state = {"slots": Slots(Slot.BLUE, kit.MODEL, NEW), "rollout": Rollout("exp", RolloutPhase.CANARY, 0.5, 1.0)}
    station, log = plant.station(
        [],
        camera=kit.Camera([kit.frame(n) for n in range(40)], hold=True),
        other=kit.Classifier(broken, NEW),
        state=state,
        ramp=RampLimits(failed_limit=0.05, slow_ms=1e9),
    )
    station.start()
    until(lambda: guard_changes(log.control.changes()), kit)
    (change,) = guard_changes(log.control.changes())
    assert change.by == "guard:rollout no answer"
    assert change.after.rollout.phase is RolloutPhase.ROLLED_BACK
    assert change.after.slots.in_charge is Slot.BLUE
    assert change.after.level is Level.FULL


def test_escapes_after_a_switch_bring_the_old_model_back(plant, kit):
    state = {"slots": Slots(Slot.GREEN, kit.MODEL, NEW), "rollout": Rollout("exp", RolloutPhase.WATCH)}
    other = kit.Classifier(lambda n: kit.prediction(0.1), NEW)
    station, log = plant.station(range(12), other=other, state=state, deciders=(Naming({2, 4}),))
    station.start()
    finish(station, kit)
    change = guard_changes(log.control.changes())[0]
    # Both see the same two escapes: the guard with the second verdict, the guardrail when the house is kept.
    assert change.by in {"guard:harm", "guard:rollout escapes"}
    assert change.after.slots.in_charge is Slot.BLUE
    assert change.after.rollout.phase is RolloutPhase.ROLLED_BACK
    assert change.by != "guard:harm" or change.after.latched[0] == "harm"
    models = [e.inspection.prediction.model for e in log.reader.entries(_all())]
    assert models == [NEW] * 5 + [kit.MODEL] * 7
    assert not any(c.by == "guard:model_changed" for c in guard_changes(log.control.changes()))


def test_a_part_that_the_model_has_in_hand_at_a_switch_is_no_model_that_was_changed(plant, kit):
    in_hand, go_on = threading.Event(), threading.Event()

    def new(number):
        if number == 3:
            in_hand.set()
            assert go_on.wait(PATIENCE_S)
        return kit.prediction(0.1)

    state = {"slots": Slots(Slot.GREEN, kit.MODEL, NEW), "rollout": Rollout("exp", RolloutPhase.WATCH)}
    station, log = plant.station(range(8), other=kit.Classifier(new, NEW), state=state)
    station.start()
    assert in_hand.wait(PATIENCE_S)
    back = {"slots": Slots(Slot.BLUE, kit.MODEL, NEW), "rollout": Rollout("exp", RolloutPhase.ROLLED_BACK)}
    station.change_control("boss", "as before", **back)
    station.watch(SeedJudged(accepted=False))  # the guards hear of the switch before the part is recorded
    go_on.set()
    finish(station, kit)
    models = [e.inspection.prediction.model for e in log.reader.entries(_all())]
    assert models == [NEW] * 4 + [kit.MODEL] * 4
    assert guard_changes(log.control.changes()) == []


# --- suspected escapes wait for a third look where the plant says so ---


def third_looks(station, log, answers):
    by_part = {entry.inspection.part_id: entry.inspection.inspection_id for entry in log.reader.entries(_all())}
    for number, answer in answers.items():
        classes = ("scratch",) if answer is Answer.REJECT else ()
        station.third_look(by_part[f"part-{number:04d}"], "bea", answer, classes, 1.0)


def run_to_its_end(plant, numbers, **more):
    station, log = plant.station(numbers, confirm=True, **more)
    station.start()
    assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S)
    return station, log


def test_a_suspected_escape_counts_when_a_third_look_confirms_it(plant, kit):
    station, log = run_to_its_end(plant, range(12), deciders=(Naming({2, 4, 6, 8}),))
    assert guard_changes(log.control.changes()) == []
    assert (station._guards.state.audits, station._guards.state.escapes) == (8, 0)
    third_looks(station, log, {2: Answer.ACCEPT, 4: Answer.REJECT})
    assert guard_changes(log.control.changes()) == []
    assert (station._guards.state.audits, station._guards.state.escapes) == (10, 1)
    third_looks(station, log, {6: Answer.REJECT, 8: Answer.REJECT})
    assert guard_changes(log.control.changes())[0].by == "guard:harm"
    station.stop(PATIENCE_S)
    again, log = plant.station([], confirm=True)
    again.start()
    assert (again._guards.state.audits, again._guards.state.escapes) == (12, 3)


def test_a_critical_class_counts_before_it_is_confirmed(plant, kit):
    _, log = run_to_its_end(plant, range(6), deciders=(Naming({2}, ("crack",)),))
    (change,) = guard_changes(log.control.changes())
    assert (change.by, change.after.level) == ("guard:critical_escape", Level.SHADOW)


def test_a_suspected_escape_that_nobody_settles_steps_left_like_an_audit_that_waits(plant, kit):
    quick = GuardSettings(audit_wait_s=0.05)
    station, log = run_to_its_end(plant, range(6), deciders=(Naming({2}),), settings=quick)
    until(lambda: guard_changes(log.control.changes()), kit)
    assert guard_changes(log.control.changes())[0].by == "guard:audit_backlog"
    station.stop(PATIENCE_S)
