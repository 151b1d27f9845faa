"""How long a part waits for a prediction server that fails, until the local model has it.

A real server process behind a network that can fail, and the station's own order of trust in front of it, without a
breaker that would spare the parts the wait. Beside each fault, in the same run, the same pictures with the server in
good health and with the local model alone.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bad_network import BadNetwork
from benchmarks.figures import percentiles, row
from benchmarks.station_overhead import pictures
from inspector_app.bootstrap.remote import server_of
from inspector_app.bootstrap.settled import open_settings
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Answerer, Asked, Prediction, PredictionStatus
from inspector_app.domain.rollout import Slot
from inspector_app.domain.status import ServerState
from inspector_app.log import report_unexpected
from inspector_app.station.classifying import ModelLimits
from inspector_app.station.options import Backoff, BreakerLimits, ServerOptions
from inspector_app.station.remote_first import RemoteFirst, Surroundings

DEADLINE_S = 0.2
ALLOWED_MS = DEADLINE_S * 1000.0 + 50.0
ROUNDS = 50
SIZE = (480, 640)
OPTIONS = ServerOptions(
    DEADLINE_S, breaker=BreakerLimits(failures=1000, window=1000, probes=1, backoff=Backoff(0.05, 0.05))
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server process and the network before it."""

    process: subprocess.Popen[str]
    network: BadNetwork


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Yield ``inspector-app serve`` with the bundled model, behind a network that can fail."""
    program = Path(sysconfig.get_path("scripts")) / "inspector-app"
    command = [str(program), "serve", "--http-port", "0", "--grpc-port", "0", "--json", "--data", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(json.loads(process.stdout.readline())["grpc"].rpartition(":")[2])
        with BadNetwork(("127.0.0.1", port)) as network:
            yield Server(process, network)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def both_models(folder: Path, url: str) -> Iterator[RemoteFirst]:
    """Yield the server's and the local bundled model in the station's order."""
    settled = open_settings(folder)
    connect = server_of(settled, url)
    assert connect is not None
    local = settled.classifier()
    around = Surroundings(
        Slot.BLUE, report_unexpected, lambda _event: None, lambda _kind, _sentence: None, lambda: datetime.now(UTC)
    )
    both = RemoteFirst(connect(local.model), local, ModelLimits(2.0), OPTIONS, around)
    both.start()
    try:
        yield both
    finally:
        both.stop(30.0)
        local.close()


def until_answers(both: RemoteFirst, picture: Pixels) -> None:
    """Wait until the server is in charge again and answers in time."""
    while both.status.state is not ServerState.ANSWERING or _asked(both.ask(picture).answer()).by is Answerer.LOCAL:
        time.sleep(0.05)


def times(
    both: RemoteFirst, shown: list[Pixels], fault: Callable[[], None], mend: Callable[[], None]
) -> list[Prediction]:
    """Return what became of pictures that were asked about while a fault lasted, each after a good answer."""
    found = []
    for number in range(ROUNDS):
        picture = shown[number % len(shown)]
        until_answers(both, picture)
        fault()
        found.append(both.ask(picture).answer())
        mend()
    return found


def good_health(both: RemoteFirst, shown: list[Pixels]) -> list[Prediction]:
    """Return as many answers without a fault."""
    return times(both, shown, lambda: None, lambda: None)


def _asked(answer: Prediction) -> Asked:
    assert answer.asked is not None
    return answer.asked


def waited_ms(answers: list[Prediction]) -> list[float]:
    """Return how long each part waited until the local model was asked; all of them were judged by it."""
    bad = [each for each in answers if each.status is not PredictionStatus.OK or _asked(each).by is not Answerer.LOCAL]
    if bad:
        raise SystemExit(f"{len(bad)} parts were not judged by the local model: {bad[0]}")
    return [ms for each in answers if (ms := _asked(each).waited_ms) is not None]


def main() -> None:
    """Print the figures; exit status 1 if a part waited longer than allowed."""
    shown = pictures(8, *SIZE)
    missed = False
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        with server(folder) as there, both_models(folder, there.network.url) as both:
            network, process = there.network, there.process
            faults: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
                "connection reset": (network.cut, network.mend),
                "everything swallowed": (network.swallow, network.mend),
                "answers delayed by 600 ms": (lambda: network.slow_down(0.6), network.mend),
                "server frozen (SIGSTOP)": (
                    lambda: process.send_signal(signal.SIGSTOP),
                    lambda: process.send_signal(signal.SIGCONT),
                ),
            }
            print(f"Falling back to the local model, {SIZE[1]}x{SIZE[0]} BGR, deadline {DEADLINE_S * 1000:.0f} ms")
            print(row("server in good health: to its answer", [each.elapsed_ms for each in good_health(both, shown)]))
            for title, (fault, mend) in faults.items():
                answers = times(both, shown, fault, mend)
                waited = waited_ms(answers)
                print(row(f"{title}: until the local model has it", waited))
                print(row(f"{title}: to the local model's answer", [each.elapsed_ms for each in answers]))
                missed = missed or percentiles(waited)[1] > ALLOWED_MS
    print(f"allowed p99 until the local model has it: {ALLOWED_MS:.0f} ms: {'missed' if missed else 'kept'}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
