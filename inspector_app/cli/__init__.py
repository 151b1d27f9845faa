"""The command line: every command of the station. Exit status 0 good, 1 a known fault, 2 usage."""

from __future__ import annotations

from inspector_app.cli.app import main

__all__ = ["main"]
