"""Who may ask: a token, compared in constant time, and certificates; and where the server may listen without them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from inspector_app.domain.errors import SettingsError
from model.serving.faults import Refusal, ServingFault

_SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificates in PEM.

    Attributes
    ----------
    certificate, key : Path
        The server's chain and its private key.
    client_authority : Path or None
        Clients must show a certificate that this authority signed (mutual TLS); ``None``: they need none.
    """

    certificate: Path
    key: Path
    client_authority: Path | None = None

    def check(self) -> None:
        """Raise `SettingsError` if a file cannot be read or key and certificate do not belong together."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or error
            raise SettingsError(
                f"The certificate {self.certificate} and the key {self.key} cannot be used: {reason}."
            ) from error
        if self.client_authority is not None:
            try:
                context.load_verify_locations(self.client_authority)
            except (OSError, ssl.SSLError) as error:
                raise SettingsError(
                    f"The client authority {self.client_authority} cannot be used: {error.strerror or error}."
                ) from error


@dataclass(frozen=True, slots=True)
class Access:
    """What a client must show.

    Attributes
    ----------
    token : str or None
        ``Authorization: Bearer TOKEN``; ``None``: nothing is asked.
    tls : TlsFiles or None
        ``None``: plain text.
    """

    token: str | None = field(default=None, repr=False)
    tls: TlsFiles | None = None

    def check(self, authorization: str | None) -> None:
        """Refuse a request without the token; takes the same time wherever a wrong one differs."""
        if self.token is None:
            return
        scheme, _, shown = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(_digest(shown.strip()), _digest(self.token)):
            raise ServingFault(
                Refusal.UNAUTHENTICATED, "This server needs a token: send the header Authorization: Bearer TOKEN."
            )


def read_token(path: Path) -> str:
    """Return the token in a file; `SettingsError` if it cannot be read or is too short."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The token file {path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or any(letter.isspace() for letter in token):
        raise SettingsError(
            f"The token file {path} holds none: a token is one word of at least {_SHORTEST_TOKEN} letters of ASCII, for"
            " example what openssl rand -hex 32 prints."
        )
    return token


def listens_on_loopback(host: str) -> bool:
    """Return True if only programs on this machine can reach a server on this host name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_exposure(host: str, access: Access, *, plaintext_allowed: bool) -> str | None:
    """Return a warning about where the server listens, ``None`` if there is nothing to say.

    Raises
    ------
    SettingsError
        If it would listen to other machines without a token, or without TLS and without leave.
    """
    if listens_on_loopback(host):
        return None
    if access.token is None and (access.tls is None or access.tls.client_authority is None):
        raise SettingsError(
            f"On host {host} other machines reach the server; give it a token (--token-file) or client certificates"
            " (--client-ca), or let it listen on 127.0.0.1."
        )
    if access.tls is None and not plaintext_allowed:
        raise SettingsError(
            f"On host {host} pictures and token would cross the network readable; give it a certificate (--tls-cert,"
            " --tls-key), or say --plaintext where the network itself is protected."
        )
    return None if access.tls is not None else f"Pictures and token cross the network readable: {host} without TLS."


def _digest(text: str) -> bytes:
    """Return a text at one length, so that comparing tells nothing about the length of the token either."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
