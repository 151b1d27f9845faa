"""What commands say to people where there is little to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from inspector_app.cli.app import app

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


@pytest.fixture
def told(tmp_path):
    """Run a command on a data folder; return its result."""
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "data")])


def test_a_check_of_no_models_says_so(told):
    found = told("models", "check")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "No model that could be checked is installed here" in found.stderr


def test_thresholds_say_where_they_come_from(told, tmp_path):
    assert "The defaults of this program: no certificate" in told("thresholds", "show").stdout
    (tmp_path / "data" / "station.toml").write_text("[automation]\naccept_below = 0.01\n")
    assert "From station.toml: no certificate" in told("thresholds", "show").stdout
    who = ("--by", "Erika", "--because", "trial")
    assert "Set by hand: no certificate" in told("thresholds", "set", "--accept-below", "0.02", *who).stdout


def test_shares_are_written_with_a_space_and_without_zeros_behind(told, tmp_path):
    scores = tmp_path / "scores.csv"
    rows = [f"g{n},0.{n % 10}1,good" for n in range(30)] + [f"b{n},0.9{n % 10},bad" for n in range(30)]
    scores.write_text("\n".join(["part,score,truth", *rows]))
    said = told("thresholds", "certify", "--scores", str(scores)).stdout
    assert "escapes at most 0.5 % of the accepts" in said
    assert "with 95 % confidence" in said


def test_no_limit_of_sharpness_is_negative(told, tmp_path):
    import cv2
    import numpy as np

    folder = tmp_path / "smooth"
    folder.mkdir()
    for number in range(12):
        picture = np.tile(np.linspace(40 + number, 160 + number, 128).astype(np.uint8), (96, 1))
        cv2.imwrite(str(folder / f"p{number:02d}.png"), picture)
    teach = ("camera", "teach", "quality", "--frames", "12", "--try", "--by", "Erika", "--because", "trial")
    assert "sharpness is not judged" in told(*teach, "--source", f"folder:{folder}").stdout
    sharp = told(*teach, "--source", "synthetic:?size=160x120&defects=0").stdout
    assert "which is how much of the fine detail a slight blur takes away" in sharp
    assert "-" not in sharp.split("sharpness at least ")[1].split(" %")[0]


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_every_command_is_in_the_guide_and_says_what_it_and_its_options_do():
    table = GUIDE.read_text(encoding="utf-8").partition("## All commands")[2]
    named = {each for line in table.splitlines() if line.startswith("|") for each in line.split("`")[1::2]}
    found = dict(commands(typer.main.get_command(app)))
    assert named == set(found)
    for name, command in found.items():
        assert command.help, name
        assert all(option.help for option in command.params), name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("camera", "set", "--roi", "0,0,900,90", "--source", "synthetic:?size=160x120"), "picture has 160 × 120 px"),
        (("serve", "--token-file", "nothing"), "The token file"),
        (("serve", "--host", "0.0.0.0"), "On host 0.0.0.0 other machines reach the server"),
        (("batch", ".", "--out", "nowhere/table.csv"), "There is no folder"),
        (("rollout", "start", "nothing 1"), "model nothing 1 is not here"),
    ],
)
def test_what_cannot_be_is_one_sentence(told, arguments, sentence):
    signs = arguments[0] in {"camera", "rollout"}
    found = told(*arguments, *(("--by", "Erika", "--because", "trial") if signs else ()))
    assert found.exit_code == 1
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1
