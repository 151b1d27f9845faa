"""The server as a whole: both transports on one event loop, from the first request to the last."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from inspector_app.domain.errors import KnownFault
from model.serving.access import Access, TlsFiles, check_exposure
from model.serving.gate import Gate, GateOptions
from model.serving.grpc_front import GrpcFront
from model.serving.http_front import http_application
from model.serving.service import PredictionService

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where the server listens and to whom.

    Attributes
    ----------
    host : str
        Name or address to listen on.
    http_port, grpc_port : int
        0: any that is free.
    access : Access
        What a client must show.
    plaintext_allowed : bool
        True if other machines may be served without TLS.
    may_load : bool
        True if clients may load, unload and name models.
    drain_s : float
        Time for requests in hand when the server is asked to stop.
    version : str
        Of the program.
    """

    host: str
    http_port: int
    grpc_port: int
    access: Access
    plaintext_allowed: bool
    may_load: bool
    drain_s: float
    version: str


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server can be reached."""

    http: str
    grpc: str


def check_options(options: ServerOptions) -> str | None:
    """Return a warning about the options, ``None`` if there is nothing to say; `SettingsError` if they cannot be."""
    if options.access.tls is not None:
        options.access.tls.check()
    return check_exposure(options.host, options.access, plaintext_allowed=options.plaintext_allowed)


def run_server(
    service: PredictionService,
    options: ServerOptions,
    stop_asked: threading.Event,
    on_ready: Callable[[Listening], None],
) -> None:
    """Serve until asked to stop; then say not ready, finish what is in hand, and return.

    Parameters
    ----------
    service : PredictionService
        Stopped at the end; its repository is closed by whoever made it.
    options : ServerOptions
        See there.
    stop_asked : Event
        Set by a signal or the starting program.
    on_ready : callable
        Told where it listens once both transports answer.

    Raises
    ------
    KnownFault
        If it cannot listen there.
    """
    gate = Gate(service, GateOptions(options.access, options.may_load, options.version))
    try:
        asyncio.run(_serve(gate, options, stop_asked, on_ready))
    finally:
        service.stop()


async def _serve(
    gate: Gate, options: ServerOptions, stop_asked: threading.Event, on_ready: Callable[[Listening], None]
) -> None:
    listener = _listener(options.host, options.http_port)
    grpc = GrpcFront(gate)
    http = _HttpServer(_http_config(gate, options))
    try:
        grpc_port = await grpc.start(options.host, options.grpc_port, options.access.tls)
    except BaseException:
        listener.close()
        raise
    serving = asyncio.create_task(http.serve([listener]))
    asked = asyncio.create_task(asyncio.to_thread(stop_asked.wait))
    try:
        await asyncio.wait({asyncio.create_task(http.up.wait()), serving}, return_when=asyncio.FIRST_COMPLETED)
        if http.up.is_set():
            on_ready(_listening(options, listener.getsockname()[1], grpc_port))
        await asyncio.wait({asked, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gate.drain()
        http.should_exit = True
        # ends the thread that waits for it, however this came about
        stop_asked.set()
        ended = await asyncio.gather(grpc.stop(options.drain_s), serving, asked, return_exceptions=True)
        listener.close()
    for fault in ended:
        if isinstance(fault, BaseException):
            raise fault


class _HttpServer(uvicorn.Server):
    """uvicorn without signal handlers of its own: who started the program handles signals, for both transports."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _http_config(gate: Gate, options: ServerOptions) -> uvicorn.Config:
    tls = options.access.tls
    return uvicorn.Config(
        http_application(gate),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        http="httptools",
        ws="none",
        proxy_headers=False,
        limit_concurrency=gate.service.limits.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=max(1, round(options.drain_s)),
        h11_max_incomplete_event_size=64 * 1024,
        **_tls_options(tls),
    )


def _tls_options(tls: TlsFiles | None) -> dict[str, Any]:
    if tls is None:
        return {}
    import ssl

    options: dict[str, Any] = {"ssl_certfile": str(tls.certificate), "ssl_keyfile": str(tls.key)}
    if tls.client_authority is not None:
        options |= {"ssl_ca_certs": str(tls.client_authority), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options


def _listener(host: str, port: int) -> socket.socket:
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named: only then asyncio sends answers at once (TCP_NODELAY) and not 40 ms later.
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise KnownFault(f"Port {port} on {host} cannot be used for HTTP: {error.strerror or error}.") from error
    return listener


def _listening(options: ServerOptions, http_port: int, grpc_port: int) -> Listening:
    host = f"[{options.host}]" if ":" in options.host else options.host
    secure = "s" if options.access.tls is not None else ""
    return Listening(f"http{secure}://{host}:{http_port}", f"grpc{secure}://{host}:{grpc_port}")
