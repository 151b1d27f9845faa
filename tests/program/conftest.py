"""The installed program as a child process, and folders of pictures to run it on."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

_SERVER = Path(__file__).parents[1] / "db" / "conftest.py"
_spec = importlib.util.spec_from_file_location("log_fixtures", _SERVER)
assert _spec is not None
assert _spec.loader is not None
_log_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_log_fixtures)
postgres = _log_fixtures.postgres
postgres_url = _log_fixtures.postgres_url

PROGRAM = Path(sysconfig.get_path("scripts")) / "inspector-app"
PATIENCE_S = 900.0
"""Longest wait for anything; only a hanging program comes near it."""


@dataclass
class Program:
    """The console script with a data folder of its own."""

    folder: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def line(self) -> Path:
        return self.folder / "line.jsonl"

    def __call__(
        self, *arguments: str, data: bool = True, said: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; ``said`` is its standard input."""
        return subprocess.run(
            self._command(arguments, data),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=PATIENCE_S,
            cwd=self.folder,
            env=self._environment(environment),
            **({"stdin": subprocess.DEVNULL} if said is None else {"input": said}),
        )

    def start(self, *arguments: str, out: str = "out") -> subprocess.Popen[str]:
        """Start a command; its output goes to the files OUT.stdout and OUT.stderr."""
        with (self.folder / f"{out}.stdout").open("w") as stdout, (self.folder / f"{out}.stderr").open("w") as stderr:
            child = subprocess.Popen(
                self._command(arguments, True),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                text=True,
                cwd=self.folder,
                env=self._environment({}),
            )
        self.running.append(child)
        return child

    def said(self, out: str = "out") -> str:
        """What a started command has written to stderr so far."""
        return (self.folder / f"{out}.stderr").read_text()

    def good(self, *arguments: str) -> str:
        """Run a command that must succeed and return its standard output."""
        done = self(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def refused(self, *arguments: str, data: bool = True) -> str:
        """Run a command that must end with a known fault and return its one sentence."""
        done = self(*arguments, data=data)
        assert done.returncode == 1, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        return done.stderr.strip()

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command that must succeed and return the JSON lines that are all of its standard output."""
        return [json.loads(line) for line in self.good(*arguments, "--json").splitlines()]

    def document(self, *arguments: str) -> dict[str, Any]:
        """Run a command that must succeed and return the JSON document that is all of its standard output."""
        found: dict[str, Any] = json.loads(self.good(*arguments, "--json"))
        return found

    def log(self) -> list[dict[str, Any]]:
        """Every inspection in the log."""
        return self.rows("log")

    def heard(self, path: Path | None = None) -> list[dict[str, Any]]:
        """Every complete message in the line's file."""
        path = path or self.line
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.split("\n")[:-1] if line.endswith("}")]

    def settings(self, text: str) -> None:
        """Write station.toml."""
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "station.toml").write_text(text)

    def _command(self, arguments: Sequence[str], data: bool) -> list[str]:
        return [str(PROGRAM), *arguments, *(["--data", str(self.data)] if data else [])]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "INSPECTOR_DATA"}
        return {**kept, "OMP_NUM_THREADS": "1", "COLUMNS": "120", **more}


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Return the program with an empty data folder; what it started is gone at the end."""
    made = Program(tmp_path)
    yield made
    for child in made.running:
        if child.poll() is None:
            child.kill()
        child.wait()


def write_pictures(folder: Path, count: int, size: tuple[int, int] = (64, 48), seed: int = 1) -> Path:
    """Write PNG pictures that all differ, named part-0000.png and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
        assert cv2.imwrite(str(folder / f"part-{number:04d}.png"), pixels)
    return folder


@pytest.fixture
def make_pictures(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of folders with small pictures that all differ."""

    def make(count: int, name: str = "parts", **more: Any) -> Path:
        return write_pictures(tmp_path / name, count, **more)

    return make


@pytest.fixture
def wait_for() -> Callable[..., None]:
    """Return a wait for something that another process does."""

    def wait(reached: Callable[[], bool], child: subprocess.Popen[str] | None = None) -> None:
        end = time.monotonic() + PATIENCE_S
        while not reached():
            assert child is None or child.poll() is None, "the program ended too early"
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)

    return wait
