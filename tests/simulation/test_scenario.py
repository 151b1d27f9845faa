"""Scenario files: the bundled ones are right, wrong ones get one sentence that names file and key."""

from __future__ import annotations

import pytest

from inspector_app.bootstrap.simulating import bundled_scenarios, named_scenario
from inspector_app.domain.errors import SettingsError
from inspector_app.simulation.scenario import load_scenario

PERSON = '[[inspector]]\nname = "Ana"\n'
GOOD = f'title = "Mine"\n{PERSON}'


def test_the_scenarios_that_come_with_the_program_are_right():
    assert set(bundled_scenarios()) == {
        "steady",
        "prevalence_drop",
        "new_scratch_type",
        "lamp_ageing",
        "careless_inspector",
        "bad_challenger",
        "hasty_supervisor",
        "good_challenger",
        "new_product",
    }
    for name in bundled_scenarios():
        assert named_scenario(name).title


def test_a_short_file_takes_the_defaults(tmp_path):
    (tmp_path / "s.toml").write_text(GOOD)
    found = named_scenario(str(tmp_path / "s.toml"))
    assert found.line.shifts == 500
    assert found.inspector[0].name == "Ana"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PERSON, ['"title"', "required"]),
        ('title = "x"\n', ['"inspector"', "required"]),
        (GOOD + "[line]\nshift = 3\n", ['"line.shift" is unknown', "parts_per_shift, hours_per_shift, shifts"]),
        (GOOD + "[[change]]\nat_shift = 2\nrate = 0.1\n", ['"change.1.rate" is unknown', "at_shift", "defect_rate"]),
        (GOOD + "[[change]]\nat_shift = 2\n", ['"change.1"', "sets at least one of defect_rate"]),
        (GOOD + '[[change]]\nat_shift = 2\ninspector = "Bo"\nsensitivity = 0.1\n', ["no inspector is called 'Bo'"]),
        (GOOD + "[[change]]\nat_shift = 2\nsensitivity = 0.1\n", ["inspector goes with"]),
        (GOOD + '[[change]]\nat_shift = 2\ninspector = "Ana"\nshift = 0.1\n', ["inspector goes with"]),
        (GOOD + PERSON, ["a name of their own"]),
        (GOOD + "[parts]\ndefect_rate = 1.5\n", ['"parts.defect_rate"', "less than 1", "1.5"]),
        (GOOD + '[[fault]]\nat_shift = 1\nkind = "fire"\n', ['"fault.1.kind"', "model_silent"]),
        (GOOD + "[contract]\nescape = 0.9\n[guards]\ncusum_rise = 1.05\n", ["no whole step"]),
        ("title = \n", ["not valid TOML"]),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, text, words):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as fault:
        load_scenario(path)
    sentence = str(fault.value)
    assert sentence.startswith(str(path))
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_a_scenario_that_is_not_there(tmp_path):
    with pytest.raises(SettingsError, match="no bundled scenario 'stedy'; there are bad_challenger"):
        named_scenario("stedy")
    with pytest.raises(SettingsError, match="There is no scenario"):
        named_scenario(str(tmp_path / "none.toml"))
