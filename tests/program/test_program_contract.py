"""Commands, exit codes, shapes of JSON, data folder and settings, as other programs rely on them."""

from __future__ import annotations

import csv
import json
import re

import pytest

RUN_KEYS = {
    "inspection_id", "part_id", "captured_at", "level", "control_version", "picture", "prediction", "route", "reasons",
    "canary", "audit", "verdicts", "disposition",
}  # fmt: skip
VERDICT_KEYS = {"by", "decision", "kind", "classes", "at", "seconds"}
COMMANDS = [
    (), ("station",), ("demo",), ("run",), ("predict",), ("train",), ("evaluate",), ("level",), ("level", "show"),
    ("level", "set"), ("level", "gates"), ("report",), ("report", "agreement"), ("study",), ("log",), ("verify",),
    ("thresholds",), ("thresholds", "certify"), ("thresholds", "preview"),
    ("thresholds", "apply"), ("thresholds", "set"), ("thresholds", "show"),
    ("import",), ("import", "decisions"), ("models", "detectability"), ("models", "calibrate"), ("doctor",),
]  # fmt: skip
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LEVELS = {"human_only", "shadow", "assist", "partial", "full"}


def run_arguments(program, parts, *more, size="64x64"):
    source = f"synthetic:?seed=5&size={size}&defects=0.5"
    return ("run", "--source", source, "--parts", str(parts), "--line", f"file:{program.line}", *more)


@pytest.mark.slow
def test_every_command_explains_itself(program):
    for command in COMMANDS:
        done = program(*command, "--help", data=False)
        assert done.returncode == 0, (command, done.stderr)
        assert "Usage" in done.stdout
    assert not program.data.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("run", "--level", "automatic"),
        ("run", "--parts", "0"),
        ("run", "--canary", "1.5"),
        ("run", "--canary", "nan"),
        ("run", "--nonsense"),
        ("level", "set", "full"),
        ("level", "set", "autopilot", "--by", "eva", "--because", "why not"),
        ("report", "agreement", "--out", "there", "--format", "docx"),
        ("report", "agreement", "--out", "there", "--since", "2026-02-01", "--until", "2026-01-01"),
        ("report", "agreement", "--out", "there", "--level", "autopilot"),
        ("log", "--format", "csv"),
        ("log", "--format", "xml", "--out", "there"),
        ("import", "decisions", "old.csv", "--map", "part"),
        ("report", "agreement", "--out", "there", "--since", "yesterday"),
        ("predict",),
        ("study",),
        ("study", "study.csv", "--interval", "bayes"),
        ("study", "study.csv", "--confidence", "1.5"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_makes_nothing(program, arguments):
    done = program(*arguments, data=arguments != ("nonsense",))
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr
    assert not program.data.exists()


@pytest.mark.slow
def test_a_known_fault_is_one_sentence_and_exit_1(program, tmp_path):
    line = f"file:{program.line}"
    for arguments, sentence in [
        (("run", "--source", "webcam:0", "--line", line), "'webcam:0' names no camera; allowed forms are folder:PATH"),
        (("run", "--source", "synthetic:?size=3", "--line", line), "size must be WIDTHxHEIGHT"),
        (("run", "--decider", "oracle"), "The decider 'oracle' is not known; allowed are truth and simulated"),
        (("run", "--decider", "simulated:se=2,sp=.5"), "se, sp and unsure must be numbers in 0 … 1"),
        (("level", "set", "shadow", "--by", " ", "--because", "x"), "A change needs the name of who makes it"),
        (("level", "set", "human_only", "--by", "eva", "--because", "x"), "Nothing would change"),
        (("evaluate", str(tmp_path / "nowhere")), "nowhere"),
    ]:
        assert sentence in program.refused(*arguments)
    assert program.heard() == []
    assert program.log() == []


def test_a_wrong_line_is_refused_before_anything_changes(program):
    arguments = ("run", "--source", "synthetic:?size=64x64", "--level", "assist", "--parts", "1", "--line", "plc:1")
    assert "The line output 'plc:1' is not known; allowed are none, file:PATH, modbus://" in program(*arguments).stderr
    assert program.document("level", "show")["level"] == "human_only"


def test_a_line_that_cannot_be_told_ends_the_run_with_a_fault_and_every_part_in_the_log(program, tmp_path):
    line = tmp_path / "missing" / "line.jsonl"
    done = program("run", "--source", "synthetic:?size=64x64", "--level", "human_only", "--parts", "2",
                   "--decider", "truth", "--line", f"file:{line}")  # fmt: skip
    assert done.returncode == 1
    assert f"The line file {line} cannot be written: No such file or directory." in done.stderr.splitlines()
    assert done.stderr.splitlines()[-1] == "The line did not take 2 messages; it holds those parts."
    assert [entry["line_told"] for entry in program.log()] == [False, False]


@pytest.mark.slow
def test_records_of_a_run_have_the_public_shape(program):
    arguments = run_arguments(program, 6, "--level", "shadow", "--decider", "simulated:se=.95,sp=.98,name=anna")
    rows = program.rows(*arguments)
    assert len(rows) == 6
    assert program.log() == rows
    for row in rows:
        assert set(row) >= RUN_KEYS
        assert UTC.fullmatch(row["captured_at"])
        assert row["level"] in LEVELS
        assert isinstance(row["control_version"], int)
        assert set(row["picture"]) >= {"path", "sha256"}
        prediction = row["prediction"]
        assert set(prediction) >= {"status", "probability", "regions", "model", "elapsed_ms"}
        assert set(prediction["model"]) >= {"name", "version", "sha256"}
        for region in prediction["regions"]:
            assert set(region) >= {"class", "score", "box", "polygon"}
            assert len(region["box"]) == 4
            assert all(len(point) == 2 for point in region["polygon"])
        assert row["route"] == "human"
        assert row["reasons"]
        assert row["canary"] is False
        assert row["audit"] is None
        assert row["disposition"] in {"accept", "reject", "hold"}
        (verdict,) = row["verdicts"]
        assert set(verdict) >= VERDICT_KEYS
        assert (verdict["by"], verdict["kind"]) == ("anna", "unaided")
        assert verdict["decision"] in {"accept", "reject", "unsure"}
    told = [(message["inspection_id"], message["part_id"], message["disposition"]) for message in program.heard()]
    assert told == [(row["inspection_id"], row["part_id"], row["disposition"]) for row in rows]

    one = rows[2]["part_id"]
    assert [row["part_id"] for row in program.rows("log", "--part", one)] == [one]
    assert program.rows("log", "--since", "2100-01-01") == []
    assert program.good("log").count("\n") == 6


@pytest.mark.slow
def test_report_verify_and_level_have_their_shapes(program, tmp_path):
    program.good(*run_arguments(program, 5, "--level", "assist", "--decider", "truth"))
    out = tmp_path / "report"
    document = program.document("report", "agreement", "--out", str(out))
    on_disk = json.loads((out / "agreement.json").read_text())
    assert document.keys() == on_disk.keys()
    with (out / "agreement.csv").open(newline="") as lines:
        assert len(list(csv.reader(lines))) > 1
    program.good("report", "agreement", "--out", str(out), "--format", "pdf,xlsx", "--level", "assist")
    assert (out / "agreement.pdf").read_bytes().startswith(b"%PDF-")
    assert (out / "agreement.xlsx").read_bytes().startswith(b"PK")

    checked = program.document("verify")
    assert checked["good"] is True
    assert (checked["parts"], checked["pictures"], checked["decisions_replayed"]) == (5, 5, 5)
    assert (checked["findings"], checked["decisions_differing"]) == ([], [])

    state = program.document("level", "set", "partial", "--by", "eva", "--because", "the figures allow it")
    shown = program.document("level", "show")
    assert shown.items() >= state.items()
    assert (shown["level"], shown["by"], shown["because"]) == ("partial", "eva", "the figures allow it")


@pytest.mark.slow
def test_output_is_utf8_whatever_the_locale_is(program, make_pictures):
    folder = make_pictures(1)
    (folder / "part-0000.png").rename(folder / "Prüfling Ω–7.png")
    arguments = ("run", "--source", f"folder:{folder}", "--level", "human_only", "--json")
    assert program(*arguments, PYTHONIOENCODING="ascii").returncode == 0
    for more in ((), ("--json",)):
        done = program("log", *more, PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert "Prüfling Ω–7" in done.stdout


@pytest.mark.slow
def test_verify_names_what_somebody_has_changed(program):
    rows = program.rows(*run_arguments(program, 3, "--level", "human_only"))
    picture = program.data / rows[1]["picture"]["path"]
    picture.write_bytes(picture.read_bytes()[:-20])
    (program.data / rows[2]["picture"]["path"]).unlink()
    done = program("verify", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["good"] is False
    assert found["findings_count"] == len(found["findings"]) == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_data_folder_is_the_option_else_the_variable_else_the_users(program, tmp_path):
    def where(*arguments, **environment):
        done = program("level", "show", *arguments, data=False, **environment)
        assert done.returncode == 0, done.stderr
        return [str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("station.db")]

    home = str(tmp_path / "home")
    assert where("--data", str(tmp_path / "option"), INSPECTOR_DATA=str(tmp_path / "variable")) == ["option"]
    assert set(where(INSPECTOR_DATA=str(tmp_path / "variable"))) == {"option", "variable"}
    found = where(HOME=home, XDG_DATA_HOME=f"{home}/share", USERPROFILE=home, LOCALAPPDATA=f"{home}/share")
    assert len(found) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("[station]\nidd = 'x'\n", '"station.idd"', "allowed here are id, product, queue_size"),
        ("[nonsense]\n", '"nonsense"', "allowed here are station, camera"),
        ("[automation]\nlevel = 'auto'\n", '"automation.level"', "'human_only', 'shadow'"),
        ("[automation]\naudit_share = 0\n", '"automation.audit_share"', "greater than 0"),
        ("[automation]\naccept_below = 0.9\ncut = 0.5\n", '"automation"', "accept_below ≤ cut ≤ reject_above"),
        ("[model]\ndeadline_ms = 'fast'\n", '"model.deadline_ms"', "a valid number"),
        ("station = 3\n", '"station"', "write [station]"),
        ("[station\n", "line 1", "not valid TOML"),
        ("[log]\nurl = 'nonsense'\n", '"log.url"', "write sqlite:///FILE or postgresql://"),
        ("[log]\nurl = 'mysql://u:secret@h/d'\n", '"log.url"', "needs the Python package"),
        ("[camera]\nsource = 'webcam:'\n", '"camera"', "allowed forms are folder:PATH"),
        ("[camera]\nexposure_us = 100\n", '"camera"', "has no exposure"),
        ("[line]\noutputs = ['plc:1']\n", '"line.outputs"', "allowed are none, file:PATH"),
    ],
)
def test_a_wrong_setting_names_file_key_and_what_is_allowed(program, text, key, allowed):
    program.settings(text)
    done = program("run", "--parts", "1")
    assert done.returncode == 1
    sentence = done.stderr.strip().splitlines()[-1]
    assert str(program.data / "station.toml") in sentence
    assert key in sentence
    assert allowed in sentence
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_study_prints_every_figure_as_json_and_as_text(program):
    lines = ["part,appraiser,trial,decision,reference"]
    for part in range(20):
        truth = "bad" if part % 4 == 0 else "good"
        for who in ("Ana", "model"):
            wrong = who == "Ana" and part == 0
            answer = "accept" if truth == "good" or wrong else "reject"
            lines += [f"{part},{who},{trial},{answer},{truth}" for trial in (1, 2)]
    file = program.folder / "study.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = program("study", str(file), "--json", data=False)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert set(record) >= {"appraisers", "between", "all_vs_reference", "pairs"}
    ana = record["appraisers"]["Ana"]
    assert (ana["miss"]["k"], ana["miss"]["n"], ana["effectiveness"]["k"]) == (2, 10, 19)
    assert record["pairs"]["Ana*model"]["table"] == [[8, 0], [2, 30]]
    shown = program("study", str(file), data=False)
    assert "miss" in shown.stdout
    file.write_text(file.read_text(encoding="utf-8") + "0,Ana,1,accept,bad\n", encoding="utf-8")
    refused = program("study", str(file), data=False)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "line 82" in refused.stderr
