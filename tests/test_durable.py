"""A file is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector_app.durable import write_whole


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "model.json"
    for content in (b"one", b"two"):
        write_whole(target, content)
        assert target.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "model.json"
    target.write_bytes(b"one")

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, b"two")
    monkeypatch.undo()
    assert target.read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]
