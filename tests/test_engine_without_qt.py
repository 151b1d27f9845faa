"""The engine imports on a machine without Qt, and the station on one without the training libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
TRAINING = ("model.training", "model.network")

PROBE = """
import importlib, importlib.abc, pkgutil, sys

blocked, roots = sys.argv[1].split(","), sys.argv[2].split(",")

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Wall())
for root in roots:
    package = importlib.import_module(root)
    for module in pkgutil.walk_packages(package.__path__, root + ".", onerror=lambda name: None):
        if module.name.endswith("__main__") or ".migrations" in module.name:  # run by Alembic, not imported
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in blocked:
                raise
            print("needs", error.name, module.name)
        else:
            print("imported", module.name)
"""


def probe(*, blocked: str, roots: str) -> list[list[str]]:
    """Import every module of the roots in a fresh interpreter in which some libraries cannot be found."""
    command = [sys.executable, "-c", PROBE, blocked, roots]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_the_engine_imports_without_qt():
    lines = probe(blocked="PySide6,shiboken6", roots="inspector_app,model,db,resources")
    imported = {line[1] for line in lines if line[0] == "imported"}
    needs_qt = {line[2] for line in lines if line[0] == "needs"}
    # The composition root starts the window; every other module is engine.
    assert {name for name in needs_qt if not name.startswith("inspector_app.bootstrap")} == set()
    assert {"inspector_app.automation.policy", "inspector_app.agreement.report", "inspector_app.domain.ids"} <= imported


@pytest.mark.slow
def test_a_station_imports_without_the_training_libraries():
    lines = probe(blocked="torch,torchvision,onnx,onnxruntime", roots="inspector_app,model,db,resources")
    needs_training = {line[2] for line in lines if line[0] == "needs"}
    assert {name for name in needs_training if not name.startswith(TRAINING)} == set()


def test_the_policy_loads_nothing_but_the_standard_library_and_the_domain():
    code = (
        "import sys, inspector_app.automation.policy, inspector_app.automation.replay\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"PySide6", "sqlalchemy", "torch", "openvino", "cv2", "scipy", "pandas", "model", "db", "ui"}
