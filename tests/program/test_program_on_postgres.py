"""The program on a PostgreSQL server, named in station.toml."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")


@pytest.mark.slow
def test_two_stations_keep_their_records_on_one_server(program, postgres_url, tmp_path):
    names = ("left", "right")
    for name in names:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "station.toml").write_text(f"[station]\nid = '{name}'\n[log]\nurl = '{postgres_url}'\n")
        done = program(
            "run", "--source", f"synthetic:?seed={len(name)}&size=64x64", "--parts", "4", "--decider", "truth",
            "--level", "human_only", "--line", f"file:{tmp_path / name}.jsonl", "--data", str(folder), data=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert not (folder / "station.db").exists()
    for name in names:
        checked = program("verify", "--data", str(tmp_path / name), data=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    everything = program("log", "--json", "--data", str(tmp_path / "left"), data=False).stdout.splitlines()
    assert len(everything) == 8


def test_a_server_that_is_not_there_is_one_sentence(program):
    program.settings("[log]\nurl = 'postgresql+psycopg://inspector:secret@127.0.0.1:1/log'\n")
    sentence = program.refused("level", "show")
    assert "cannot be reached" in sentence
    assert "127.0.0.1" in sentence
    assert "secret" not in sentence
