"""Where a server is and what it is shown: URL, certificates, token."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc

from inspector_app.domain.errors import SettingsError

DEFAULT_PORT = 8001
"""Triton's, KServe's examples' and our server's port for gRPC."""

MOST_ANSWER_BYTES = 4 * 1024 * 1024
"""A larger answer is refused unread, unless more is asked for: the regions of a part take some thousand bytes."""


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """A server's place: ``grpc://HOST[:PORT]``, or ``grpcs://`` for TLS."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'grpcs' if self.tls else 'grpc'}://{host}:{self.port}"

    @property
    def target(self) -> str:
        """The same as gRPC wants it."""
        return str(self).partition("://")[2]

    @property
    def here(self) -> bool:
        """True if what is sent there does not leave this machine."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def server_url(text: str) -> ServerUrl:
    """Return a server's place; `SettingsError` if the text is none."""
    allowed = f"a server is grpc://HOST:PORT or grpcs://HOST:PORT (TLS), the port {DEFAULT_PORT} unless it is named"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError(f"{text!r}: {allowed}.") from error
    rest = parts.path.rstrip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"grpc", "grpcs"} or not host or rest:
        raise SettingsError(f"{text!r}: {allowed}.")
    return ServerUrl(host, DEFAULT_PORT if port is None else port, parts.scheme == "grpcs")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client shows a server, as files that are read at every connection, so that they may be renewed.

    Attributes
    ----------
    token_file : Path or None
        Holds the token; sent as ``authorization: Bearer TOKEN``.
    authority : Path or None
        PEM of the authority that signed the server's certificate; ``None``: those that gRPC brings.
    certificate, key : Path or None
        The client's own, PEM, where the server asks for one (mutual TLS).
    plaintext : bool
        True: pictures and token may go to another machine without TLS.
    """

    token_file: Path | None = None
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    plaintext: bool = False

    def check(self, url: ServerUrl) -> None:
        """Raise `SettingsError` if this may not be shown to a server, or a file cannot be read."""
        if not url.tls and not url.here and not self.plaintext:
            raise SettingsError(
                f"{url}: on the way to another machine anybody could read pictures and write answers; use grpcs://, or"
                " say plaintext where the network itself is protected."
            )
        if not url.tls and (self.authority or self.certificate):
            raise SettingsError(f"{url}: certificates are for grpcs://.")
        if (self.certificate is None) != (self.key is None):
            raise SettingsError(f"{url}: the client's certificate and its key go together.")
        self.metadata()
        for path in (self.authority, self.certificate, self.key):
            _content(path)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what goes with every call."""
        content = _content(self.token_file)
        if content is None:
            return ()
        token = content.decode("utf-8", "replace").strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise SettingsError(f"The token file {self.token_file} holds none: a token is one word of printable ASCII.")
        return (("authorization", f"Bearer {token}"),)

    def channel(self, url: ServerUrl, most_sent_bytes: int, most_answer_bytes: int = MOST_ANSWER_BYTES) -> Any:
        """Return a new connection to a server; nothing is sent yet."""
        options = [
            ("grpc.max_send_message_length", most_sent_bytes),
            ("grpc.max_receive_message_length", most_answer_bytes),
            # A connection of its own: another one's waiting time before it tries again is not inherited.
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if not url.tls:
            return grpc.insecure_channel(url.target, options)
        authority, key, certificate = (_content(path) for path in (self.authority, self.key, self.certificate))
        return grpc.secure_channel(url.target, grpc.ssl_channel_credentials(authority, key, certificate), options)


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror or error}.") from error
