"""The import contracts hold, and each of them bites when somebody breaks it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("inspector_app", "model", "ui", "db", "resources")
LINTER = Path(sysconfig.get_path("scripts")) / "lint-imports"
RESULT = re.compile(r"^(?P<name>.+?) (?P<result>KEPT|BROKEN)(?: \(.*\))?$", re.MULTILINE)

LAYERS = "The station, outermost layer first"
EXHAUSTIVE = "Every module of inspector_app has a layer"
QT = "Qt stays in ui"
SQL = "SQLAlchemy stays in db"
NETS = "Neural-network libraries stay in model"
SERVING = "The prediction protocol's libraries stay in model"
WIRING = "Only the composition root names adapters"
ACYCLIC = "No cycles between sibling packages"
CONTRACTS = {LAYERS, EXHAUSTIVE, QT, SQL, NETS, SERVING, WIRING, ACYCLIC}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and the contracts."""
    folder = tmp_path_factory.mktemp("contracts")
    for package in PACKAGES:
        shutil.copytree(
            PROJECT / package,
            folder / package,
            ignore=lambda _folder, names: [name for name in names if "." in name and not name.endswith(".py")],
        )
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def broken(folder: Path) -> set[str]:
    """Return the names of the contracts that do not hold for the sources in a folder."""
    done = subprocess.run(
        [str(LINTER), "--no-logo", "--cache-dir", str(folder / "cache")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    results = {found["name"].strip(): found["result"] for found in RESULT.finditer(done.stdout)}
    assert set(results) == CONTRACTS, done.stdout + done.stderr
    found = {name for name, result in results.items() if result == "BROKEN"}
    assert done.returncode == (1 if found else 0)
    return found


def test_the_contracts_hold(copied: Path) -> None:
    assert broken(copied) == set()


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("inspector_app/station/board.py", "import PySide6.QtCore", QT),
        ("model/regions.py", "from PySide6 import QtGui", QT),
        ("inspector_app/station/board.py", "import sqlalchemy", SQL),
        ("ui/application.py", "import alembic.command", SQL),
        ("inspector_app/agreement/report.py", "import torch", NETS),
        ("inspector_app/cameras/folder.py", "def late():\n    import openvino", NETS),
        ("inspector_app/station/slots.py", "def late():\n    import grpc", SERVING),
        ("inspector_app/station/station.py", "from inspector_app.cameras.folder import FolderCamera", WIRING),
        ("inspector_app/cli/parts.py", "def late():\n    from db.log import open_log", WIRING),
        ("ui/application.py", "from model.classifier import OpenVinoClassifier", WIRING),
        ("inspector_app/domain/frame.py", "import inspector_app.automation.policy", LAYERS),
        ("inspector_app/automation/policy.py", "import inspector_app.settings", LAYERS),
        ("inspector_app/station/board.py", "import inspector_app.log", LAYERS),
        ("inspector_app/novelty.py", '"""A module that nobody gave a layer."""', EXHAUSTIVE),
        ("db/faults.py", "import db.engine", ACYCLIC),
    ],
)
def test_a_broken_contract_is_named(copied: Path, module: str, line: str, contract: str) -> None:
    path = copied / module
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + f"\n{line}\n".encode())
    try:
        assert contract in broken(copied)
    finally:
        path.unlink()
        if before is not None:
            path.write_bytes(before)
