"""The automation page's view of a real data folder: evidence, certificates, models to bring in, and their commands."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inspector_app.automation.guard_events import GuardKind
from inspector_app.automation.policy import decide
from inspector_app.bootstrap.automation_room import FolderAutomationRoom
from inspector_app.bootstrap.commanding import desk_of
from inspector_app.bootstrap.data import open_data
from inspector_app.domain.contract import Contract
from inspector_app.domain.control import Command, ControlChange, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import CertificateRefused, ControlRefused, ModelError
from inspector_app.domain.inspection import Inspection, PictureFacts
from inspector_app.domain.prediction import Prediction, PredictionStatus
from inspector_app.domain.rollout import RolloutPhase, Slot, Slots
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind
from model.registry import load_bundled
from ui.automation.room import CertifyStage, RolloutStart

START = datetime(2026, 5, 1, tzinfo=UTC)
LAX = Contract(0.2, 0.3, 0.3, 0.8)

_spec = importlib.util.spec_from_file_location(
    "second_model_here", Path(__file__).parents[1] / "program" / "second_model.py"
)
assert _spec is not None
assert _spec.loader is not None
second_model = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(second_model)


@pytest.fixture
def folder(tmp_path):
    second_model.install(tmp_path / "models", "9.9")
    with open_data(tmp_path) as opened:
        desk_of(opened).order(Command("R. Diaz", "trial", {"level": Level.SHADOW}))
        yield opened


def judged(folder, count=80):
    """Put parts of known truth in the log: every fourth is bad, and the model tells them well apart."""
    control, model = folder.control_in_force(), folder.model_identity()
    for number in range(count):
        bad = number % 4 == 0
        prediction = Prediction(PredictionStatus.OK, 0.97 if bad else 0.01, (), model, 5.0)
        part = Inspection(
            inspection_id=f"{number:032x}",
            part_id=f"p-{number}",
            captured_at=START + timedelta(seconds=6 * number),
            source=folder.settings.camera.source,
            sequence=number,
            skipped=0,
            path=None,
            picture=PictureFacts(f"{number:064x}", 320, 240, 1),
            prediction=prediction,
            control=control,
            decision=decide(control, f"p-{number}", True, prediction),
            reference=None,
        )
        folder.log.inspections.record_inspection(part)
        answer = Answer.REJECT if bad else Answer.ACCEPT
        verdict = Verdict(
            f"{number:031x}f", part.inspection_id, "ana", answer, VerdictKind.UNAIDED, (), part.captured_at, 2.0
        )
        folder.log.inspections.record_verdict(verdict, Disposition.REJECT if bad else Disposition.ACCEPT)


def test_evidence_counts_what_is_in_the_log(folder):
    judged(folder)
    found = FolderAutomationRoom(folder).evidence()
    assert (found.evidence.misses.n, found.evidence.false_alarms.n) == (20, 60)
    assert found.evidence.both_found == 20
    assert found.evidence.made_per_hour == pytest.approx(600.0)
    assert found.gates.level is Level.SHADOW
    assert found.certificate is None


def test_a_certificate_is_made_kept_put_in_force_and_void_without_its_model(folder):
    judged(folder)
    room, stages = FolderAutomationRoom(folder), []
    kept = room.certify(LAX, stages.append, lambda: False)
    assert stages == list(CertifyStage)
    assert kept.record["certified"]
    assert kept.standing.valid
    assert room.thresholds().newest.record == kept.record
    assert room.thresholds().takt_s == 6.0
    desk_of(folder).order(room.command(kept.record, "R. Diaz", "audits of May"))
    assert folder.control_in_force().accept_below == kept.record["accept_below"]
    assert room.evidence().certificate == kept.record
    # Without a model in charge nobody can vouch for it.
    desk_of(folder).order(Command("R. Diaz", "taken out", {"slots": Slots(Slot.BLUE)}))
    assert room.evidence().evidence.certificate_stands is False
    with pytest.raises(CertificateRefused, match="No model is in force"):
        room.command(kept.record, "R. Diaz", "again")


def test_a_drift_alarm_voids_the_certificate_in_force(folder):
    judged(folder)
    room = FolderAutomationRoom(folder)
    kept = room.certify(LAX, lambda _stage: None, lambda: False)
    desk_of(folder).order(room.command(kept.record, "R. Diaz", "certified"))
    assert room.evidence().evidence.certificate_stands is True
    state = folder.control_in_force()
    latched = replace(state, version=state.version + 1, latched=(GuardKind.SCORE_DRIFT.value,))
    folder.log.control.append(ControlChange("guard:score_drift", "drift", datetime.now(UTC), state, latched))
    assert room.evidence().evidence.certificate_stands is False
    assert "drifted" in room.thresholds().newest.standing.reasons[0]
    with pytest.raises(CertificateRefused, match="drifted"):
        room.command(kept.record, "R. Diaz", "again")


@pytest.mark.parametrize(("after", "stages"), [(1, 1), (2, 2)])
def test_certifying_that_is_stopped_keeps_nothing(folder, after, stages):
    judged(folder)
    seen = []
    assert FolderAutomationRoom(folder).certify(LAX, seen.append, lambda: len(seen) >= after) is None
    assert len(seen) == stages
    assert folder.log.certificates.all() == ()


def test_a_model_is_brought_in_beside_the_one_in_charge_or_alone(folder):
    room = FolderAutomationRoom(folder)
    assert [each.title for each in room.candidates()] == ["scratch-net 9.9"]
    desk_of(folder).order(room.start(RolloutStart("scratch-net 9.9", "may", False), "R. Diaz", "better"))
    control = folder.control_in_force()
    assert (control.rollout.experiment, control.rollout.phase) == ("may", RolloutPhase.SHADOW)
    assert control.slots.blue == folder.model_identity()
    with pytest.raises(ControlRefused, match="goes on"):
        room.start(RolloutStart("scratch-net 9.9", "june", False), "R. Diaz", "once more")
    with pytest.raises(ModelError):
        room.start(RolloutStart("nothing 1", "june", False), "R. Diaz", "is it here?")


def test_a_new_product_has_the_model_that_comes_as_its_own(folder):
    room = FolderAutomationRoom(folder)
    desk_of(folder).order(room.start(RolloutStart("scratch-net 9.9", "", True), "R. Diaz", "new product"))
    control = folder.control_in_force()
    assert control.slots.model(Slot.BLUE) is None
    # It is the one whose evidence counts, so it is no candidate any more, and the bundled one is.
    assert [each.version for each in room.candidates()] == [load_bundled().manifest.version]
    assert room.evidence().evidence.advised is False
