"""How commands ask for a supervisor's PIN: hidden or from standard input, never as an argument that others can read."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from inspector_app.domain.errors import ControlRefused, SignatureNeeded

T = TypeVar("T")

By = Annotated[str, typer.Option("--by", metavar="USER", help="Who orders it.")]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it is recorded.")]
PinStdin = Annotated[bool, typer.Option("--pin-stdin", help="Read the PIN from standard input, one line.")]


def signed(order: Callable[[str | None], T], by: str, pin_stdin: bool) -> T:
    """Give a command, and ask for the PIN if it turns out to need one.

    Raises
    ------
    ControlRefused
        If it needs one and there is nobody to ask.
    """
    if pin_stdin:
        return order(read_pin())
    try:
        return order(None)
    except SignatureNeeded as needed:
        if not sys.stdin.isatty():
            raise ControlRefused(f"{needed} Give it with --pin-stdin, or use a terminal.") from needed
        return order(getpass.getpass(f"PIN of {by}: "))


def read_pin() -> str:
    """Return the next line of standard input."""
    return sys.stdin.readline().rstrip("\r\n")


def ask_pin(question: str, pin_stdin: bool) -> str:
    """Return a PIN that is asked for in any case; `ControlRefused` if there is nobody to ask."""
    if pin_stdin:
        return read_pin()
    if not sys.stdin.isatty():
        raise ControlRefused("A PIN is entered in a terminal, or with --pin-stdin.")
    return getpass.getpass(question)
