"""Specifications of line outputs as addresses: ``scheme://host:port/path?option=value``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from inspector_app.domain.errors import SettingsError


@dataclass(frozen=True, slots=True)
class LineAddress:
    """A line output's address, read but not yet understood.

    Attributes
    ----------
    spec : str
        As given, for sentences; a password in it is hidden.
    host, path : str
        The path without its leading slash.
    port : int
        1 … 65535.
    user, password : str or None
        As given.
    options : mapping of str to str
        What stands behind the question mark.
    """

    spec: str
    host: str
    port: int
    path: str
    user: str | None
    password: str | None
    options: Mapping[str, str]

    def whole(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """Return an option that is a whole number.

        Raises
        ------
        SettingsError
            If it is none, or out of range.
        """
        text = self.options.get(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise SettingsError(
                f"In the line output {self.spec!r} {name} is {text!r}; it is a whole number from {least} to {most}."
            )
        return int(text)


def line_address(spec: str, default_port: int, allowed: frozenset[str], *, path: bool = False) -> LineAddress:
    """Read a specification.

    Parameters
    ----------
    spec : str
        ``scheme://[user[:password]@]host[:port][/path][?option=value&…]``.
    default_port : int
        Where none is given.
    allowed : frozenset of str
        Names of options.
    path : bool
        True: a path may stand behind host and port.

    Raises
    ------
    SettingsError
        With one sentence that says what is allowed.
    """
    try:
        parts = urlsplit(spec)
        port = parts.port or default_port
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise SettingsError(f"The line output {spec!r} is no address: {error}.") from error
    shown = spec if parts.password is None else spec.replace(f":{parts.password}@", ":…@", 1)
    if not parts.hostname:
        raise SettingsError(f"The line output {shown!r} names no host; write {parts.scheme}://HOST:PORT.")
    place = parts.path.lstrip("/")
    if place and not path:
        raise SettingsError(f"The line output {shown!r} has a path; write its options behind a question mark.")
    options = dict(pairs)
    unknown = sorted(set(options) - allowed)
    if unknown or len(options) < len(pairs):
        wrong = unknown[0] if unknown else "an option twice"
        raise SettingsError(
            f"The line output {shown!r} has {wrong}; allowed are {', '.join(sorted(allowed))}, each once."
        )
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return LineAddress(shown, parts.hostname, port, place, user, password, options)
