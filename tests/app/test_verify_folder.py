"""A verification says that all is well only when all was checked."""

from __future__ import annotations

from pathlib import Path

from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.running import RunRequest, run_parts
from inspector_app.bootstrap.verifying import Verification, verify_folder


def verified(folder: Path, stop_after: int | None) -> Verification:
    """Verify; the caller asks to stop once the replay has begun, after so many looks."""
    looks = 0
    in_replay = False

    def on_progress(done: int, total: int) -> None:
        nonlocal in_replay
        in_replay = done >= total

    def cancelled() -> bool:
        nonlocal looks
        looks += in_replay
        return stop_after is not None and looks > stop_after

    with open_data(folder) as data:
        return verify_folder(data, on_progress, cancelled)


def test_stopped_in_the_replay_is_not_good(tmp_path: Path) -> None:
    request = RunRequest(source="synthetic:?size=96x96&parts=3", decider="truth")
    run_parts(tmp_path, request, on_entry=lambda _entry: None, say=lambda _sentence: None, cancelled=lambda: False)
    whole = verified(tmp_path, None)
    assert (whole.good, whole.complete, whole.replayed) == (True, True, 3)
    assert whole.lines()[-1] == "Everything is as it was written."
    stopped = verified(tmp_path, 2)
    assert stopped.log.complete
    assert stopped.replayed < 3
    assert (stopped.good, stopped.record()["complete"]) == (False, False)
    assert stopped.lines()[-1] == "Stopped before everything was checked."
