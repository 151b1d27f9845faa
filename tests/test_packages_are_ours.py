"""Top-level packages with common names resolve to this project and to nothing else on the path."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["inspector_app", "model", "ui", "db", "resources"])
def test_a_package_comes_from_the_project(name):
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).resolve() == PROJECT / name / "__init__.py"
