"""The server's HTTP side: the protocol's REST calls, a plain ``POST /predict`` for people, counters and an API page."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.staticfiles import StaticFiles

from inspector_app.domain.errors import KnownFault
from inspector_app.domain.records import prediction_record
from model.protocol.tensors import ProtocolFault
from model.serving.described import data_type_name, model_configuration, model_metadata, server_metadata
from model.serving.faults import Refusal, ServingFault
from model.serving.gate import Gate
from model.serving.page import INFER, PARAMETERS, PREDICT, REFUSALS
from model.serving.rest import BINARY_TYPE, JSON_TYPE, LENGTH_HEADER, answer_body, read_body

_log = logging.getLogger(__name__)

TRANSPORT = "http"
_Answer = TypeVar("_Answer")
_BODY_S = 30.0
"""A body that has not come in that time is given up."""


class HttpFront:
    """The calls of the HTTP side.

    Parameters
    ----------
    gate : Gate
        What every request passes, and the service behind it.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def enter(self, request: Request) -> None:
        """Let a request in; `ServingFault` if its client may not ask."""
        client = request.client.host if request.client else "unknown"
        self._gate.enter(client, request.headers.get("authorization"))

    async def live(self) -> Response:
        """Say that the process runs."""
        return _json({"live": True})

    async def ready(self) -> Response:
        """Say whether requests are answered: 200, or 503 while the server starts and stops."""
        ready = self._gate.ready
        return _json({"ready": ready}, 200 if ready else 503)

    async def server(self) -> Response:
        """Name the server and what it speaks."""
        return _json(server_metadata(self._gate.version))

    async def model(self, model: str, version: str = "") -> Response:
        """Return a model's inputs and outputs."""
        return _json(model_metadata(self._gate.service.repository, model, version))

    async def model_ready(self, model: str, version: str = "") -> Response:
        """Say whether a model is loaded: 200 or 503."""
        ready = self._gate.model_ready(model, version)
        return _json({"name": model, "ready": ready}, 200 if ready else 503)

    async def config(self, model: str, version: str = "") -> Response:
        """Return a model's configuration, with its identity (hashes) as parameters."""
        found = model_configuration(self._gate.service.repository, model, version)
        for tensor in (*found["input"], *found["output"]):
            tensor["data_type"] = data_type_name(tensor["data_type"])
        return _json(found)

    async def infer(self, request: Request, model: str, version: str = "") -> Response:
        """Judge one picture, as the protocol has it."""
        started = time.perf_counter()
        body = await self._body(request)
        asked = read_body(model, version, body, request.headers.get(LENGTH_HEADER))
        answer = await self._unless_gone(request, self._gate.infer(asked.request, TRANSPORT))
        content, json_length = answer_body(answer, asked)
        self._took(started)
        if json_length is None:
            return Response(content, media_type=JSON_TYPE)
        return Response(content, media_type=BINARY_TYPE, headers={LENGTH_HEADER: str(json_length)})

    async def predict(
        self,
        request: Request,
        model: str = "",
        version: str = "",
        timeout_ms: Annotated[int | None, Query(ge=1, le=3_600_000)] = None,
    ) -> Response:
        """Judge a picture file: its content is the body, the answer that of ``inspector-app predict --json``."""
        started = time.perf_counter()
        content = await self._body(request)
        timeout_us = None if timeout_ms is None else 1000 * timeout_ms
        prediction = await self._unless_gone(request, self._gate.predict(model, version, content, timeout_us))
        self._took(started)
        return _json(prediction_record(prediction))

    async def index(self, request: Request) -> Response:
        """List the models: names, loaded ones, those of the registry."""
        only_ready = (await self._document(request)).get("ready") is True
        models = await asyncio.to_thread(self._gate.service.repository.index)
        return _json(
            [
                {"name": each.name, "version": each.version, "state": each.state, "reason": each.reason}
                for each in models
                if each.ready or not only_ready
            ]
        )

    async def load(self, request: Request, model: str) -> Response:
        """Load a model, or let a name stand for one."""
        await self._gate.load(model, _parameters(await self._document(request)))
        return _json({})

    async def unload(self, request: Request, model: str) -> Response:
        """Let go of a model."""
        await self._gate.unload(model, _parameters(await self._document(request)))
        return _json({})

    async def metrics(self) -> Response:
        """Return the counters as Prometheus reads them."""
        content, kind = self._gate.service.counters()
        return Response(content, headers={"Content-Type": kind})

    async def page(self) -> Response:
        """Show this API in a browser; everything it needs comes from this server."""
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title="Prediction server",
            swagger_js_url="docs/files/swagger-ui-bundle.js",
            swagger_css_url="docs/files/swagger-ui.css",
            swagger_favicon_url="docs/files/favicon-32x32.png",
        )

    async def known_fault(self, _request: Request, fault: Exception) -> Response:
        """Answer a known fault with its status and its sentence."""
        known = fault if isinstance(fault, KnownFault) else KnownFault(str(fault))
        refusal = self._gate.refused(known, TRANSPORT)
        headers = {}
        if isinstance(fault, ServingFault) and fault.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(fault.retry_after_s)))
        if refusal.value.http == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return _json({"error": str(fault)}, refusal.value.http, headers)

    async def _unless_gone(self, request: Request, answer: Awaitable[_Answer]) -> _Answer:
        """Wait for an answer; when the client goes away first, the request is dropped if it still waits."""
        asked = asyncio.ensure_future(answer)
        gone = asyncio.ensure_future(request.receive())
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise ServingFault(Refusal.TOO_LATE, "The client went away before its answer was there.")
            return asked.result()
        finally:
            gone.cancel()
            asked.cancel()

    async def _body(self, request: Request) -> bytes:
        """Return a request's body; one that is too large is refused as soon as that is known."""
        limits = self._gate.service.limits
        declared = request.headers.get("content-length", "")
        if declared.isdecimal():
            limits.check_body(int(declared))
        parts, size = [], 0
        try:
            async with asyncio.timeout(_BODY_S):
                async for part in request.stream():
                    size += len(part)
                    limits.check_body(size)
                    parts.append(part)
        except TimeoutError as error:
            raise ProtocolFault(f"The message was not complete after {_BODY_S:.0f} s.") from error
        except ClientDisconnect as error:
            raise ProtocolFault("The client went away before its message was complete.") from error
        return b"".join(parts)

    async def _document(self, request: Request) -> dict[str, Any]:
        """Return a small JSON object; an empty body is an empty one."""
        body = await self._body(request)
        try:
            document = json.loads(body or b"{}")
        except (ValueError, RecursionError) as error:
            raise ProtocolFault("The request is no JSON.") from error
        if not isinstance(document, dict):
            raise ProtocolFault("The request is no JSON object.")
        return document

    def _took(self, started: float) -> None:
        self._gate.service.metrics.seconds.labels(TRANSPORT).observe(time.perf_counter() - started)


def http_application(gate: Gate) -> FastAPI:
    """Return the application; nothing of it comes from another machine, the API page included."""
    from swagger_ui_bundle import swagger_ui_path

    front = HttpFront(gate)
    app = FastAPI(
        title="Prediction server",
        version=gate.version,
        summary="Models of the inspection station over Open Inference Protocol v2.",
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
        exception_handlers={
            KnownFault: front.known_fault,
            HTTPException: _wrong_place,
            RequestValidationError: _wrong_parameter,
            Exception: _bug,
        },
    )
    app.openapi_version = "3.0.3"  # what the page can read
    # What watches a server knows no secrets, and its API is none.
    app.add_api_route("/v2/health/live", front.live, tags=["health"])
    app.add_api_route("/v2/health/ready", front.ready, tags=["health"])
    app.add_api_route("/docs", front.page, include_in_schema=False)
    app.mount("/docs/files", StaticFiles(directory=swagger_ui_path), name="page")
    app.include_router(_guarded(front))
    return app


def _guarded(front: HttpFront) -> APIRouter:
    """Return the calls that a client must be let in for."""
    calls = APIRouter(dependencies=[Depends(front.enter)])
    post = ["POST"]
    calls.add_api_route("/predict", front.predict, methods=post, tags=["predict"], openapi_extra=PREDICT)
    calls.add_api_route("/v2", front.server, tags=["models"])
    for place in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
        calls.add_api_route(place, front.model, tags=["models"])
        calls.add_api_route(f"{place}/ready", front.model_ready, tags=["models"])
        calls.add_api_route(f"{place}/config", front.config, tags=["models"])
        calls.add_api_route(f"{place}/infer", front.infer, methods=post, tags=["predict"], openapi_extra=INFER)
    calls.add_api_route("/v2/repository/index", front.index, methods=post, tags=["repository"])
    for name, call in (("load", front.load), ("unload", front.unload)):
        place = f"/v2/repository/models/{{model}}/{name}"
        calls.add_api_route(place, call, methods=post, tags=["repository"], openapi_extra=PARAMETERS)
    calls.add_api_route("/metrics", front.metrics, tags=["health"])
    return calls


async def _wrong_place(request: Request, wrong: Exception) -> Response:
    """Answer a call that does not exist."""
    known = wrong if isinstance(wrong, HTTPException) else HTTPException(404)
    place = f"{request.method} {request.url.path[:100]}"
    return _json({"error": f"{known.detail}: {place}."}, known.status_code, dict(known.headers or {}))


async def _wrong_parameter(_request: Request, wrong: Exception) -> Response:
    """Answer a call with a parameter that is not what it has to be."""
    errors = wrong.errors() if isinstance(wrong, RequestValidationError) else []
    said = "; ".join(f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in errors[:3])
    return _json({"error": f"The request is wrong in {said}."}, 400)


async def _bug(request: Request, _error: Exception) -> Response:
    """Answer after a bug, which goes into the log."""
    _log.error("unexpected error in %s %s", request.method, request.url.path)
    return _json({"error": "The server met an error of its own; its log says more."}, 500)


def _parameters(document: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of a call on the repository that are text."""
    given = document.get("parameters") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ProtocolFault("The key 'parameters' is an object of texts.")
    return given


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content.encode(errors="replace"), status, headers, JSON_TYPE)
