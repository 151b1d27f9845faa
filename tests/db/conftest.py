"""Real databases and a maker of real records for the log's tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from db.log import Log, open_log
from inspector_app.automation.policy import decide, runs_model
from inspector_app.domain.control import AssistStyle, ControlChange, ControlState, Level, Salts
from inspector_app.domain.decision import Draw
from inspector_app.domain.frame import Judgement, PictureProblem, Reference, ReferenceSource, Unfit
from inspector_app.domain.ids import uuid7
from inspector_app.domain.inspection import Inspection, PictureFacts, PictureFault
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.seed import KnownDefect, Probe, Seed
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind

START = datetime(2026, 3, 1, 6, 0, 0, 123456, tzinfo=UTC)
MODEL = ModelIdentity("scratches", "1.0", "a" * 64, "b" * 64)
OTHER_MODEL = ModelIdentity("scratches", "1.1", "c" * 64, "b" * 64)
FIRST = ControlState(
    version=1,
    level=Level.SHADOW,
    style=AssistStyle.HIGHLIGHT,
    accept_below=0.1,
    cut=0.5,
    reject_above=0.9,
    canary_share=1.0,
    audit_share=0.05,
    unaided_share=0.1,
    hold_audits=True,
    salts=Salts("canary", "audit", "first"),
)
REGION = Region("scratch", 0.1 + 0.2, Box(1, 2, 30, 40), ((1, 2), (31, 2), (31, 42)), 41.5, 1e-7, True)


class Maker:
    """Makes records one after another: ids and times count up."""

    def __init__(self) -> None:
        self.count = 0
        self.control = FIRST

    def now(self) -> datetime:
        """The clock of the tests: one second later at each look."""
        self.count += 1
        return START + timedelta(seconds=self.count)

    def identity(self) -> str:
        """A new UUIDv7."""
        self.count += 1
        return uuid7(1_700_000_000_000 + self.count, self.count)

    def begin(self, log: Log, **changes: object) -> ControlState:
        """Put a control state in force and remember it for the parts to come."""
        before = log.control.current()
        after = replace(before or FIRST, **{"version": 1 if before is None else before.version + 1, **changes})
        log.control.append(ControlChange("erika", "because of the test", self.now(), before, after))
        self.control = after
        return after

    def prediction(self, probability: float | None = 0.7, model: ModelIdentity = MODEL) -> Prediction:
        """A good prediction, or a failed one for ``None``."""
        if probability is None:
            return Prediction(PredictionStatus.FAILED, None, (), model, 1.25, "The network said no.")
        return Prediction(PredictionStatus.OK, probability, (REGION,), model, 12.625)

    def part(
        self,
        probability: float | None = 0.7,
        *,
        part_id: str | None = None,
        model: ModelIdentity = MODEL,
        unusable: bool = False,
        unfit: Unfit | None = None,
        reference: Judgement | None = None,
        pixels: str | None = None,
    ) -> Inspection:
        """An inspection under the control state in force, decided by the real policy."""
        inspection_id = self.identity()
        part_id = part_id or f"part-{self.count:06d}"
        fault = PictureFault(PictureProblem.TRUNCATED, "The file ends too early.")
        fit = not unusable and unfit is None
        prediction = self.prediction(probability, model) if runs_model(self.control.level) and fit else None
        return Inspection(
            inspection_id=inspection_id,
            part_id=part_id,
            captured_at=self.now(),
            source="folder:/parts",
            sequence=self.count,
            skipped=0,
            path=f"/parts/{part_id}.png",
            picture=fault if unusable else PictureFacts(pixels or f"{self.count:064x}", 2448, 2048, 1, unfit),
            prediction=prediction,
            control=self.control,
            decision=decide(self.control, part_id, fit, prediction),
            reference=None if reference is None else Reference(reference, ReferenceSource.GENERATOR),
        )

    def seeded(self, defect: str, probability: float | None = 0.7, *, misled: bool = False, **more: Any) -> Inspection:
        """A known defect that is shown again, after the part before."""
        part = self.part(probability, reference=Judgement.REJECT, **more)
        drawn = Draw(True, 0.5, 0.25)
        seed = Seed(
            KnownDefect(f"folder:{defect}", "scratch", "cut open"),
            f"part-{self.count - 1:06d}",
            "salt",
            drawn,
            Probe(drawn, 0.01) if misled else None,
        )
        reference = Reference(Judgement.REJECT, ReferenceSource.SEEDED)
        return replace(part, path=None, reference=reference, seed=seed)

    def verdict(
        self,
        part: Inspection,
        answer: Answer = Answer.REJECT,
        kind: VerdictKind = VerdictKind.UNAIDED,
        by: str = "anna",
    ) -> Verdict:
        """A verdict on a part."""
        classes = ("scratch",) if answer is Answer.REJECT else ()
        return Verdict(self.identity(), part.inspection_id, by, answer, kind, classes, self.now(), 3.25)


@pytest.fixture
def make() -> Maker:
    """Return a maker of records."""
    return Maker()


def _server_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server's programs, if one is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).parent if on_path else None


def _as_postgres(command: list[str]) -> list[str]:
    """Run as user postgres where we are root: the server refuses to be root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def postgres(free_port: Callable[[], int]) -> Iterator[str]:
    """Start a real PostgreSQL server of our own and return its administrator's URL."""
    programs = _server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="inspector-pg-"))
    data, port = folder / "data", free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "inspector", "--auth=trust", "-E", "UTF8"]
    subprocess.run(_as_postgres([*initdb, "--no-sync"]), check=True, capture_output=True, cwd="/")
    # No test turns the power off: the server need not wait for the disk.
    options = f"-c fsync=off -c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "240"]
    start = [*control, "-o", options, "-l", str(folder / "server.log"), "start"]
    subprocess.run(_as_postgres(start), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql+psycopg://inspector@127.0.0.1:{port}/postgres"
    finally:
        stop = _as_postgres([*control, "-m", "immediate", "stop"])
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """Return the URL of a new, empty database."""
    name = f"log_{time.monotonic_ns()}"
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres.rsplit("/", 1)[0] + f"/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "memory", "postgresql"])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty log on each kind of database."""
    if request.param == "memory":
        return "sqlite://"
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'station.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def open_station(make: Maker, tmp_path: Path) -> Iterator[Callable[..., Log]]:
    """Return a function that opens a log; all are closed at the end."""
    opened: list[Log] = []

    def open_one(url: str, station_id: str = "station-1", folder: Path = tmp_path) -> Log:
        opened.append(open_log(url, folder, station_id, make.now))
        return opened[-1]

    yield open_one
    for log in opened:
        log.close()


@pytest.fixture
def log(log_url: str, open_station: Callable[..., Log], make: Maker) -> Log:
    """Return an open log with its first control state (shadow)."""
    opened = open_station(log_url)
    make.begin(opened)
    return opened
