"""What commands say to people where there is little to say."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from inspector_app.cli.app import app


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
