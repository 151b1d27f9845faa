"""Stand-ins for inspectors: their rates, their determinism, their specifications."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector_app.automation.policy import decide
from inspector_app.domain.control import Level
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.frame import Judgement, Reference, ReferenceSource
from inspector_app.domain.inspection import Inspection, PictureFacts
from inspector_app.domain.verdict import Answer
from inspector_app.station.deciders import SimulatedInspector, TruthDecider, parse_decider
from inspector_app.station.looks import entry_so_far, first_item


@pytest.fixture
def asked(kit):
    """Ask a decider about a part and return answer and classes."""

    def ask(decider, part="p", defect=None, probability=None, level=Level.ASSIST):
        control = kit.control(level)
        prediction = None if probability is None else kit.prediction(probability)
        reference = None
        if defect is not None:
            reference = Reference(Judgement.REJECT if defect else Judgement.ACCEPT, ReferenceSource.SEEDED)
        decision = decide(control, part, picture_usable=True, prediction=prediction)
        inspection = Inspection(
            "id",
            part,
            kit.now(),
            "x:",
            1,
            0,
            None,
            PictureFacts("a", 1, 1, 1),
            prediction,
            control,
            decision,
            reference,
        )
        return decider.decide(entry_so_far(inspection), first_item(inspection))

    return ask


def test_truth_answers_what_is_known_and_is_unsure_otherwise(asked):
    truth = TruthDecider()
    assert asked(truth, defect=True) == (Answer.REJECT, ("scratch",))
    assert asked(truth, defect=False) == (Answer.ACCEPT, ())
    assert asked(truth) == (Answer.UNSURE, ())
    assert asked(truth, probability=0.99) == (Answer.UNSURE, ())


def test_a_simulated_inspector_has_its_rates(asked):
    inspector = SimulatedInspector(se=0.8, sp=0.95, unsure=0.1, seed="7")
    n = 4000
    bad = [asked(inspector, f"part-{i}", defect=True)[0] for i in range(n)]
    good = [asked(inspector, f"part-{i}", defect=False)[0] for i in range(n)]
    unsure = bad.count(Answer.UNSURE) / n
    assert unsure == pytest.approx(0.1, abs=0.02)
    assert bad.count(Answer.REJECT) / (n - bad.count(Answer.UNSURE)) == pytest.approx(0.8, abs=0.02)
    assert good.count(Answer.ACCEPT) / (n - good.count(Answer.UNSURE)) == pytest.approx(0.95, abs=0.02)


def test_perfect_and_hopeless_inspectors(asked):
    perfect, hopeless = SimulatedInspector(1.0, 1.0), SimulatedInspector(0.0, 0.0)
    for i in range(200):
        for defect in (True, False):
            right = Answer.REJECT if defect else Answer.ACCEPT
            assert asked(perfect, str(i), defect)[0] is right
            assert asked(hopeless, str(i), defect)[0] is not right


def test_the_same_part_gets_the_same_answer_and_seeds_are_independent(asked):
    parts = [f"part-{i}" for i in range(400)]

    def answers(seed):
        return [asked(SimulatedInspector(0.5, 0.5, seed=seed), part, True)[0] for part in parts]

    assert answers("1") == answers("1")
    both = sum(a is b for a, b in zip(answers("1"), answers("2"), strict=True))
    assert 140 < both < 260


def test_without_truth_it_sees_what_the_model_judged(asked):
    inspector = SimulatedInspector(1.0, 1.0)
    assert asked(inspector, probability=0.9)[0] is Answer.REJECT
    assert asked(inspector, probability=0.1)[0] is Answer.ACCEPT
    assert asked(inspector)[0] is Answer.UNSURE


def test_it_names_the_classes_that_it_is_shown(asked, kit, monkeypatch):
    assert asked(TruthDecider(), defect=True, probability=0.9)[1] == ("scratch",)
    real = kit.prediction(0.9)
    dust = replace(real.regions[0], class_name="dust", rejects=False)
    crack = replace(real.regions[0], class_name="crack")
    monkeypatch.setattr(kit, "prediction", lambda p: replace(real, regions=(dust, crack, crack)))
    assert asked(TruthDecider(), defect=True, probability=0.9)[1] == ("crack",)
    assert asked(TruthDecider(), defect=True, probability=0.9, level=Level.SHADOW)[1] == ("scratch",)


@pytest.mark.parametrize(
    ("spec", "decider"),
    [
        ("truth", TruthDecider()),
        ("simulated:se=.95,sp=.98", SimulatedInspector(0.95, 0.98)),
        (
            "simulated: sp=1, se=0, unsure=0.5, seed=x, name=anna",
            SimulatedInspector(0.0, 1.0, unsure=0.5, seed="x", name="anna"),
        ),
    ],
)
def test_specifications(spec, decider):
    assert parse_decider(spec) == decider


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "truths",
        "truth:",
        "simulated",
        "simulated:",
        "simulated:se=0.9",
        "simulated:se=0.9,sp=2",
        "simulated:se=0.9,sp=nan",
        "simulated:se=0.9,sp=x",
        "simulated:se=0.9,sp=",
        "simulated:se=0.9,sp",
        "simulated:se=0.9,sp=0.9,se=0.9",
        "simulated:se=0.9,sp=0.9,speed=1",
        "simulated:se=0.9,sp=0.9,unsure=-1",
    ],
)
def test_wrong_specifications_are_named_in_one_sentence(spec):
    with pytest.raises(SettingsError) as refusal:
        parse_decider(spec)
    assert repr(spec) in str(refusal.value)
