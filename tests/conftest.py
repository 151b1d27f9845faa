"""Fixtures that every room's tests share."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine must not fail a property: no test here asserts a time.
settings.register_profile("station", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("station")

PROJECT = Path(__file__).resolve().parent.parent
REAL_PICTURES = PROJECT.parent / "shared" / "data"

ACROSS_A_NETWORK = tuple(
    PROJECT / "tests" / room for room in ("cameras", "line", "model/remote", "model/serving", "program")
)
"""Rooms whose tests talk to other programs: cameras, line servers, prediction servers, the program itself."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give a test that talks to another program a second try: a starved machine loses packets, and by right.

    The summary lists each that needed it (``RERUN``); `make stress` gives none.
    """
    if config.pluginmanager.has_plugin("stalling"):
        return
    for item in items:
        if any(item.path.is_relative_to(room) for room in ACROSS_A_NETWORK):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def real_pictures() -> Path:
    """Return the folder of real picture sets, or skip where it is absent."""
    if not REAL_PICTURES.is_dir():
        pytest.skip("the real picture sets (../shared/data) are not on this machine")
    return REAL_PICTURES


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Return what finds a free TCP port of 127.0.0.1, another one each time.

    They lie below those that Linux gives to connections and to servers without a port of their own (32768 and up), so
    that nobody gets one of them between the search and its use.
    """
    candidates = itertools.count(10_000 + os.getpid() * 101 % 20_000)

    def search() -> int:
        for port in candidates:
            with socket.socket() as probe, suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
        raise AssertionError("candidates have no end")

    return search


@pytest.fixture(autouse=True)
def _no_threads_left_behind() -> Iterator[None]:
    """Fail a test that leaves a running thread of ours behind."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()]
    for thread in left:
        thread.join(timeout=60.0)
    alive = [t.name for t in left if t.is_alive()]
    assert not alive, f"threads left behind: {alive}"


@dataclass(frozen=True)
class ServerProcess:
    """A prediction server in a process of its own.

    Attributes
    ----------
    http, grpc : str
        Where it listens, ``http://HOST:PORT`` and ``grpc://HOST:PORT``.
    child : Popen
        The process; signals to it are fine, the fixture ends what is left.
    said : Path
        What it writes on standard error.
    """

    http: str
    grpc: str
    child: subprocess.Popen[str]
    said: Path

    @property
    def grpc_target(self) -> str:
        """``HOST:PORT``, as gRPC wants it."""
        return self.grpc.partition("://")[2]

    def end(self) -> int:
        """Ask it to stop and return its exit status."""
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(240)


StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Return what starts ``inspector-app serve`` with options, on free ports, and waits until it answers.

    ``data`` is its data folder; without one it has an empty one of its own and serves the bundled model.
    """
    pytest.importorskip("grpc", reason="the prediction server's libraries are not installed")
    children: list[subprocess.Popen[str]] = []

    def start(*options: str, data: Path | None = None) -> ServerProcess:
        folder = tmp_path_factory.mktemp("server")
        said = folder / "stderr"
        program = Path(sysconfig.get_path("scripts")) / "inspector-app"
        ports = ("--http-port", "0", "--grpc-port", "0", "--json", "--data", str(data or folder / "data"))
        with said.open("w") as stderr:
            child = subprocess.Popen(
                [str(program), "serve", *ports, *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                cwd=folder,
            )
        children.append(child)
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, said.read_text()
        ready = json.loads(line)
        return ServerProcess(ready["http"], ready["grpc"], child, said)

    yield start
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


@pytest.fixture(scope="module")
def prediction_server(start_server: StartServer) -> ServerProcess:
    """Return a server with the bundled model, one for the module; tests leave it as they found it."""
    return start_server()
