"""How late an event loop is, beat by beat, and what held it up: its own work, no core, or something it waited for.

Run as a program it is an innocent bystander: a process that does nothing but beat, and prints how late its beats were.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

BEAT_MS = 5
LIMIT_MS = 50.0


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of the event loop.

    Attributes
    ----------
    late_ms : float
        How much later than due it came: what somebody at the screen feels.
    used_ms : float
        Processor time of the GUI thread since the last beat (``time.thread_time``).
    queued_ms : float or None
        How long the GUI thread was ready to run and had no core; ``None`` where the system does not tell.
    """

    late_ms: float
    used_ms: float
    queued_ms: float | None


def listen(seconds: float) -> list[Beat]:
    """Run the event loop for so long and return its beats; call on the GUI thread."""
    loop = QEventLoop()
    beats: list[Beat] = []
    queued = _queue_clock()
    last, used, waited = time.perf_counter(), time.thread_time(), queued()

    def beat() -> None:
        nonlocal last, used, waited
        now, now_used, now_waited = time.perf_counter(), time.thread_time(), queued()
        late_ms = max(0.0, (now - last) * 1000.0 - BEAT_MS)
        queued_ms = None if now_waited is None or waited is None else (now_waited - waited) * 1000.0
        beats.append(Beat(late_ms, (now_used - used) * 1000.0, queued_ms))
        last, used, waited = now, now_used, now_waited

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start(BEAT_MS)
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    return beats[1:]


def _queue_clock() -> Callable[[], float | None]:
    """Return what tells how many seconds the calling thread has waited for a core so far (Linux, proc(5))."""
    path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    if not path.exists():
        return lambda: None
    return lambda: int(path.read_text().split()[1]) / 1e9


def figures(beats: list[Beat]) -> dict[str, object]:
    """Return the figures of a run.

    ``stall`` is what is felt on this machine, other programs included; ``work`` is the GUI thread's own processor
    time from beat to beat; ``no_core`` is how long it was ready to run while other threads had the cores. ``worst``
    are the three latest beats.
    """
    queued = [b.queued_ms for b in beats if b.queued_ms is not None]
    worst = sorted(beats, key=lambda beat: beat.late_ms, reverse=True)[:3]
    return {
        "stall": spread([b.late_ms for b in beats]),
        "work": spread([b.used_ms for b in beats]),
        "no_core": spread(queued) if queued else None,
        "worst": [{name: value and round(value, 1) for name, value in asdict(beat).items()} for beat in worst],
    }


def spread(values: list[float]) -> dict[str, float]:
    """Return percentiles and maximum, and how many exceeded the limit."""
    p50, p99 = np.percentile(values, [50, 99])
    return {
        "beats": len(values),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "max_ms": round(max(values), 2),
        "over_50_ms": sum(value > LIMIT_MS for value in values),
    }


@contextmanager
def bystander() -> Iterator[Callable[[], dict[str, float]]]:
    """Let another process beat meanwhile; yields what ends it and returns how late it was.

    It shows what any process on this machine had to bear at that time, on the same terms as this one.
    """
    command = [sys.executable, "-m", "benchmarks.heartbeat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def end() -> dict[str, float]:
            printed, _ = process.communicate()
            return dict(json.loads(printed))

        try:
            yield end
        finally:
            process.kill()


def main() -> None:
    """Beat until standard input is closed."""
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), name="end")
    waiting.start()
    late: list[float] = []
    last = time.perf_counter()
    while not ended.is_set():
        time.sleep(BEAT_MS / 1000.0)
        now = time.perf_counter()
        late.append(max(0.0, (now - last) * 1000.0 - BEAT_MS))
        last = now
    waiting.join()
    print(json.dumps(spread(late)))


if __name__ == "__main__":
    main()
