"""Thresholds with a contract, as a supervisor asks for them."""

from __future__ import annotations

import json

import pytest

CONTRACT = ("--escape", "0.02", "--missed", "0.2", "--false-reject", "0.2", "--confidence", "0.95")


def write_scores(program, good, bad):
    rows = [f"g{i},0.1,good" for i in range(good)] + [f"b{i},0.9,bad" for i in range(bad)]
    path = program.folder / "scores.csv"
    path.write_text("part,score,truth\n" + "\n".join(rows) + "\n")
    return str(path)


def test_certify_from_a_file(program):
    scores = write_scores(program, 400, 100)
    record = json.loads(program("thresholds", "certify", *CONTRACT, "--scores", scores, "--json").stdout)
    assert record["certified"] is True
    assert (record["n"], record["k"], record["alpha"], record["delta"]) == (400, 0, 0.02, 0.05)
    assert 0.1 < record["accept_below"] <= record["reject_above"] < 0.9
    assert (record["share_accept"], record["share_reject"], record["share_human"]) == (0.8, 0.2, 0.0)
    said = program("thresholds", "certify", *CONTRACT, "--scores", scores)
    assert f"Accept below {record['accept_below']}: 0 defective among 400 accepts" in said.stdout
    assert not program.data.exists()


def test_too_few_parts_mean_no_automation(program):
    scores = write_scores(program, 50, 5)
    done = program("thresholds", "certify", *CONTRACT, "--scores", scores, "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["certified"], record["accept_below"]) == (0, False, None)
    assert record["needed"] > 100
    said = program("thresholds", "certify", *CONTRACT, "--scores", scores).stdout
    assert "No automation" in said
    assert f"at least {record['needed']} more parts" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("part,score\na,0.5\n", "'truth' is missing"), ("part,score,truth\na,0.5,so-so\n", "truth is 'so-so'")],
)
def test_a_bad_file_is_one_sentence(program, text, sentence):
    path = program.folder / "bad.csv"
    path.write_text(text)
    done = program("thresholds", "certify", "--scores", str(path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_limit_of_zero_is_a_usage_error(program):
    assert program("thresholds", "certify", "--escape", "0", "--scores", write_scores(program, 1, 1)).returncode == 2


def test_preview_changes_nothing(program):
    scores = write_scores(program, 90, 10)
    options = ("--accept-below", "0.5", "--reject-above", "0.8", "--takt", "3.6", "--scores", scores)
    shown = json.loads(program("thresholds", "preview", *options, "--json").stdout)
    assert (shown["accepted"]["k"], shown["rejected"]["k"], shown["to_human"]["k"]) == (90, 10, 0)
    assert shown["escapes"]["high"] > shown["escapes"]["estimate"] == 0.0
    assert shown["per_hour"]["parts"] == pytest.approx(1000.0)
    assert "Accepted by the model: 90 of 100" in program("thresholds", "preview", *options).stdout


@pytest.mark.slow
def test_certify_from_the_log_counts_shadow_parts(program):
    program.settings("[model]\ndeadline_ms = 60000\n[contract]\nescape = 0.3\nmissed = 0.5\nfalse_reject = 0.5\n")
    source = "synthetic:?seed=5&size=96x64&defects=0.5"
    program.rows("run", "--source", source, "--parts", "40", "--level", "shadow", "--decider", "truth")
    record = json.loads(program("thresholds", "certify", "--json").stdout)
    assert record["parts"]["n"] == 40
    assert record["parts"]["bad"] + record["parts"]["good"] == 40
    assert record["model"]["sha256"]
    assert record["camera"]["source"].startswith("synthetic:")
    assert record["contract"] == {"escape": 0.3, "missed": 0.5, "false_reject": 0.5, "confidence": 0.95}


@pytest.mark.slow
def test_a_certificate_is_applied_shown_and_void_after_a_change_of_the_camera(program):
    settings = "[camera]\nsource = 'folder:/parts'\n"
    program.settings(settings)
    scores = write_scores(program, 400, 100)
    record = program.document("thresholds", "certify", *CONTRACT, "--scores", scores, "--for-station")
    path = program.folder / "certificate.json"
    path.write_text(json.dumps(record))
    who = ("--by", "R. Diaz", "--because", "certified on May's audits")
    shown = program.document("thresholds", "apply", str(path), *who)
    assert (shown["accept_below"], shown["reject_above"]) == (record["accept_below"], record["reject_above"])
    assert (shown["certificate_id"], shown["stands"]) == (record["certificate_id"], True)
    assert program.document("verify")["good"] is True
    program.settings(settings + "exposure_us = 900\n")
    void = program.document("thresholds", "show")
    assert void["stands"] is False
    assert "camera" in void["void_because"][0]
    refused = program("thresholds", "apply", record["certificate_id"], *who)
    assert refused.returncode == 1
    assert "is void" in refused.stderr
    by_hand = program.document("thresholds", "set", "--accept-below", "0.01", *who)
    assert by_hand["certificate_id"] is None
    wider = program("thresholds", "set", "--accept-below", "0.02", *who)
    assert "No certificate that stands vouches for thresholds as wide as these." in wider.stderr
    unbound = program.document("thresholds", "certify", *CONTRACT, "--scores", scores)
    path.write_text(json.dumps(unbound))
    assert "does not say which model" in program("thresholds", "apply", str(path), *who).stderr
    assert "neither a certificate" in program("thresholds", "apply", "nothing", *who).stderr


def test_a_step_right_against_the_gates_is_recorded_as_such(program):
    gates = program.document("level", "gates")
    assert (gates["level"], gates["recommended"]) == ("human_only", "human_only")
    escapes = next(each for each in gates["gates"][-1]["conditions"] if each["name"] == "escapes")
    assert (escapes["n"], escapes["needed"], escapes["holds"]) == (0, 756, False)
    moved = program("level", "set", "shadow", "--by", "R. Diaz", "--because", "trial week")
    assert moved.returncode == 0
    assert "against the recommendation" in moved.stderr
    assert "attribute study" in moved.stderr
    assert "to assist: closed" in program("level", "gates").stdout
