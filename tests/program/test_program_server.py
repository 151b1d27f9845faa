"""The program with a prediction server: who answered is on record, and a server that is away stops nothing."""

from __future__ import annotations

import json

RUN = ("run", "--source", "synthetic:?size=320x240", "--level", "shadow", "--parts", "3", "--json")

PATIENT = "[station]\nappear_after_s = 0.0\n[model]\ndeadline_ms = 30000.0\n[remote]\ndeadline_ms = 10000.0\n"
"""The server may take as long as it does on a busy machine."""


def test_run_says_who_answered_and_goes_on_without_the_server(program, prediction_server):
    program.data.mkdir()
    (program.data / "station.toml").write_text(PATIENT)
    answered = program(*RUN, "--server", prediction_server.grpc)
    assert answered.returncode == 0, answered.stderr
    parts = [json.loads(line)["prediction"] for line in answered.stdout.splitlines()]
    assert [(part["status"], part["answered_by"]) for part in parts] == [("ok", "server")] * 3
    assert all(part["server"]["url"] == prediction_server.grpc for part in parts)
    assert f"The prediction server {prediction_server.grpc} answers." in answered.stderr
    prediction_server.child.kill()
    prediction_server.child.wait()
    alone = program(*RUN, "--server", prediction_server.grpc)
    assert alone.returncode == 0, alone.stderr
    parts = [json.loads(line)["prediction"] for line in alone.stdout.splitlines()]
    assert [(part["status"], part["answered_by"]) for part in parts] == [("ok", "local")] * 3
    assert parts[0]["server"]["why_not"].startswith("The prediction server is away: There is no connection")
    assert "is away: There is no connection" in alone.stderr
    assert "The local model answers." in alone.stderr
    assert program("verify").returncode == 0
    wrong = program(*RUN, "--server", "edge:8001")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 1)
