"""The server's gRPC side: Open Inference Protocol v2 on asyncio."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import grpc

from inspector_app.domain.errors import KnownFault
from model.protocol.messages import METHODS, SERVICE, message_class
from model.protocol.wire import answer_message, read_request
from model.serving.access import TlsFiles
from model.serving.described import model_configuration, model_metadata, server_metadata
from model.serving.gate import Gate

_log = logging.getLogger(__name__)

_FREE = frozenset({"ServerLive", "ServerReady"})
"""Calls that need no token: what watches a server knows no secrets."""
TRANSPORT = "grpc"


class GrpcFront:
    """Serves the protocol's calls.

    Parameters
    ----------
    gate : Gate
        What every request passes, and the service behind it.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._server: Any = None

    async def start(self, host: str, port: int, tls: TlsFiles | None) -> int:
        """Listen and return the port; `KnownFault` if that cannot be."""
        limits = self._gate.service.limits
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=limits.connections,
            options=[
                ("grpc.max_receive_message_length", limits.body_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),
                ("grpc.max_metadata_size", 16 * 1024),
            ],
        )
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, self._handlers()),))
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = (
                self._server.add_insecure_port(place)
                if tls is None
                else self._server.add_secure_port(place, _credentials(tls))
            )
        except RuntimeError as error:
            raise KnownFault(
                f"Port {port} on {host} cannot be used for gRPC; is another server running there?"
            ) from error
        await self._server.start()
        return int(bound)

    async def stop(self, drain_s: float) -> None:
        """Take no new calls and give those in hand time to end."""
        if self._server is not None:
            await self._server.stop(drain_s)

    def _handlers(self) -> dict[str, Any]:
        calls: dict[str, Callable[[Any, Any], Awaitable[Any]]] = {
            "ServerLive": self._live,
            "ServerReady": self._ready,
            "ServerMetadata": self._server_metadata,
            "ModelReady": self._model_ready,
            "ModelMetadata": self._model_metadata,
            "ModelConfig": self._model_config,
            "ModelInfer": self._infer,
            "RepositoryIndex": self._index,
            "RepositoryModelLoad": self._load,
            "RepositoryModelUnload": self._unload,
        }
        return {
            name: grpc.unary_unary_rpc_method_handler(
                self._guarded(name, call),
                request_deserializer=message_class(METHODS[name][0]).FromString,
                response_serializer=message_class(METHODS[name][1]).SerializeToString,
            )
            for name, call in calls.items()
        }

    def _guarded(self, name: str, call: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
        """Return a call behind the gate, whose known faults are statuses with one sentence."""

        async def guarded(request: Any, context: Any) -> Any:
            try:
                if name not in _FREE:
                    sent = {key: value for key, value in context.invocation_metadata() or () if key == "authorization"}
                    self._gate.enter(_client(context.peer()), sent.get("authorization"))
                return await call(request, context)
            except KnownFault as fault:
                refusal = self._gate.refused(fault, TRANSPORT)
                await context.abort(getattr(grpc.StatusCode, refusal.value.grpc), str(fault))
            except Exception:  # noqa: BLE001  the boundary: logged, and a client sees no traceback
                _log.exception("unexpected error in %s", name)
                await context.abort(grpc.StatusCode.INTERNAL, "The server met an error of its own; its log says more.")

        return guarded

    async def _live(self, _request: Any, _context: Any) -> Any:
        return message_class("ServerLiveResponse")(live=True)

    async def _ready(self, _request: Any, _context: Any) -> Any:
        return message_class("ServerReadyResponse")(ready=self._gate.ready)

    async def _server_metadata(self, _request: Any, _context: Any) -> Any:
        return message_class("ServerMetadataResponse")(**server_metadata(self._gate.version))

    async def _model_ready(self, request: Any, _context: Any) -> Any:
        return message_class("ModelReadyResponse")(ready=self._gate.model_ready(request.name, request.version))

    async def _model_metadata(self, request: Any, _context: Any) -> Any:
        found = model_metadata(self._gate.service.repository, request.name, request.version)
        return message_class("ModelMetadataResponse")(**found)

    async def _model_config(self, request: Any, _context: Any) -> Any:
        found = model_configuration(self._gate.service.repository, request.name, request.version)
        return message_class("ModelConfigResponse")(config=found)

    async def _infer(self, message: Any, context: Any) -> Any:
        started = time.perf_counter()
        request = read_request(message)
        left_s = context.time_remaining()
        asked_us = [us for us in (request.timeout_us, None if left_s is None else int(left_s * 1e6)) if us is not None]
        # When the client gives up this task is cancelled, and with it what waits for a worker.
        answer = await self._gate.infer(replace(request, timeout_us=min(asked_us, default=None)), TRANSPORT)
        self._gate.service.metrics.seconds.labels(TRANSPORT).observe(time.perf_counter() - started)
        return answer_message(answer)

    async def _index(self, request: Any, _context: Any) -> Any:
        # The registry is on disk: other calls are answered meanwhile.
        found = await asyncio.to_thread(self._gate.service.repository.index)
        models = [
            {"name": each.name, "version": each.version, "state": each.state, "reason": each.reason}
            for each in found
            if each.ready or not request.ready
        ]
        return message_class("RepositoryIndexResponse")(models=models)

    async def _load(self, request: Any, _context: Any) -> Any:
        parameters = {key: value.string_param for key, value in request.parameters.items()}
        await self._gate.load(request.model_name, parameters)
        return message_class("RepositoryModelLoadResponse")()

    async def _unload(self, request: Any, _context: Any) -> Any:
        parameters = {key: value.string_param for key, value in request.parameters.items()}
        await self._gate.unload(request.model_name, parameters)
        return message_class("RepositoryModelUnloadResponse")()


def _credentials(tls: TlsFiles) -> Any:
    authority = None if tls.client_authority is None else tls.client_authority.read_bytes()
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())], authority, authority is not None
    )


def _client(peer: str) -> str:
    """Return the address of ``ipv4:127.0.0.1:50112``, without the port."""
    return peer.rpartition(":")[0] or peer
