"""Levels, canary, audits, lateness and commands from another process, on the program as it is installed."""

from __future__ import annotations

import pytest

PARTS = 40
PATIENT = "[model]\ndeadline_ms = 60000\n"
"""On a busy machine, too, the model is to be in time where lateness is not what is tested."""

NO_GUARDS = "[guards]\nenabled = false\n"
"""Thresholds wider than any evidence would allow make escapes, and guards would rightly step left."""

DECIDER = "simulated:se=.95,sp=.98"


def run_arguments(program, parts, *more, seed=5, rate=""):
    source = f"synthetic:?seed={seed}&size=96x64&defects=0.5{rate}"
    return ("run", "--source", source, "--parts", str(parts), "--line", f"file:{program.line}", *more)


@pytest.mark.slow
def test_full_with_the_whole_canary_is_the_model_alone_but_for_audits(program):
    program.settings(f"{PATIENT}{NO_GUARDS}[automation]\naudit_share = 0.3\naccept_below = 0.4\n")
    rows = program.rows(*run_arguments(program, PARTS, "--level", "full", "--canary", "1", "--decider", DECIDER))
    assert len(rows) == PARTS
    assert all(row["canary"] for row in rows)
    assert {row["route"] for row in rows} <= {"model_accept", "model_reject"}
    audits = [row for row in rows if row["audit"]["drawn"]]
    assert 0 < len(audits) < PARTS
    assert all(row["audit"]["probability"] == 0.3 for row in rows)
    for row in rows:
        assert [verdict["kind"] for verdict in row["verdicts"]] == (["audit"] if row["audit"]["drawn"] else [])
        if not row["audit"]["drawn"]:
            assert row["disposition"] == row["route"].removeprefix("model_")
        elif row["verdicts"][0]["decision"] != "unsure":
            assert row["disposition"] == row["verdicts"][0]["decision"]
    assert [message["inspection_id"] for message in program.heard()] == [row["inspection_id"] for row in rows]
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_the_canary_is_sticky_and_nested(program):
    program.settings(PATIENT)
    shares = ["0.2", "0.2", "0.6"]
    drawn = []
    for share in shares:
        rows = program.rows(*run_arguments(program, PARTS, "--level", "partial", "--canary", share))
        drawn.append({row["part_id"] for row in rows if row["canary"]})
        assert all(row["canary"] for row in rows if row["route"] != "human")
    assert drawn[0] == drawn[1]
    assert drawn[1] < drawn[2]
    assert 0 < len(drawn[0]) < len(drawn[2]) < PARTS
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_a_late_model_accepts_nothing(program):
    program.settings("[model]\ndeadline_ms = 0.001\n[automation]\naccept_below = 1.0\ncut = 1.0\nreject_above = 1.0\n")
    rows = program.rows(*run_arguments(program, 8, "--level", "full", "--canary", "1"))
    assert len(rows) == 8
    for row in rows:
        assert row["prediction"]["status"] in {"late", "failed"}
        assert row["prediction"]["probability"] is None
        assert (row["route"], row["disposition"]) == ("human", "hold")
    assert rows[0]["prediction"]["status"] == "late"
    assert {message["disposition"] for message in program.heard()} == {"hold"}


@pytest.mark.slow
def test_without_a_model_every_part_goes_to_a_human(program):
    program.settings("[model]\nname = 'nonexistent'\n")
    done = program(*run_arguments(program, 5, "--level", "full", "--canary", "1", "--decider", "truth", "--json"))
    assert done.returncode == 0
    folder = program.data / "models"
    assert f"{folder}: model nonexistent is not here" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for row in program.log():
        assert (row["prediction"]["status"], row["route"]) == ("absent", "human")
        assert row["verdicts"][0]["kind"] == "unaided"


@pytest.mark.slow
def test_nothing_of_the_model_reaches_an_inspector_in_shadow(program):
    program.settings(PATIENT)
    rows = program.rows(*run_arguments(program, 6, "--level", "shadow", "--decider", DECIDER))
    for row in rows:
        assert row["prediction"]["status"] == "ok"
        assert row["presentation"] == "blind"
        assert [verdict["kind"] for verdict in row["verdicts"]] == ["unaided"]


@pytest.mark.slow
def test_a_level_set_by_another_process_takes_effect_between_two_parts(program, wait_for):
    child = program.start(*run_arguments(program, 60, "--level", "human_only", "--decider", DECIDER, rate="&rate=10"))
    wait_for(lambda: len(program.heard()) >= 3, child)
    state = program.document("level", "set", "shadow", "--by", "eva", "--because", "to compare")
    assert child.wait() == 0
    rows = program.log()
    levels = [row["level"] for row in rows]
    first = levels.index("shadow")
    assert 3 <= first < 60
    assert levels == ["human_only"] * first + ["shadow"] * (60 - first)
    assert {row["control_version"] for row in rows[first:]} == {state["version"]}
    assert all(row["prediction"] is None for row in rows[:first])
    assert all(row["prediction"] is not None for row in rows[first:])
    assert program.document("verify")["good"] is True


@pytest.mark.slow
def test_only_a_supervisor_sets_the_level_where_supervisors_are_named(program):
    program.settings("[automation]\nsupervisors = ['eva']\n")
    refused = program.refused("level", "set", "shadow", "--by", "otto", "--because", "I want to")
    assert refused == "otto is not allowed to change how the station decides."
    refused = program.refused("level", "set", "shadow", "--by", "eva", "--because", "agreed")
    how = f'inspector-app level pin set --by "eva" --data "{program.data}"'
    assert refused.endswith(f"eva, who has no PIN yet: set one with {how}.")
    program.settings("[automation]\nsupervisors = ['eva']\nsignatures = 'off'\n")
    assert program.document("level", "set", "shadow", "--by", "eva", "--because", "agreed")["level"] == "shadow"
