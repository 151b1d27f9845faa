"""A window that cannot be opened is one sentence, before Qt is touched."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from inspector_app.bootstrap import display
from inspector_app.cli.app import app

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all that it needs")


def test_a_library_that_the_system_lacks_is_named() -> None:
    assert display.missing_libraries(("libc.so.6", "libnothing-of-the-kind.so.1")) == ("libnothing-of-the-kind.so.1",)


def test_this_machine_can_open_a_window() -> None:
    display.require_window_libraries(shown=True)


@pytest.mark.parametrize("command", [["station"], ["demo", "--headless", "--parts", "5"]])
def test_commands_with_a_window_say_in_one_sentence_what_is_missing(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(display, "DRAWING", ("libnothing-of-the-kind.so.1",))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "libnothing-of-the-kind.so.1" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("shown", "platform"), [(False, None), (True, "offscreen")])
def test_what_only_an_x_display_needs_is_asked_for_only_there(shown, platform, monkeypatch) -> None:
    monkeypatch.setattr(display, "X_DISPLAY", ("libnothing-of-the-kind.so.1",))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    with pytest.raises(display.WindowUnavailable, match=r"libnothing-of-the-kind\.so\.1"):
        display.require_window_libraries(shown=True)
    if platform is not None:
        monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    display.require_window_libraries(shown=shown)
