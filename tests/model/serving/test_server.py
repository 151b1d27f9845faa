"""The server as a whole, where one of its transports does not come up."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("grpc", reason="the prediction protocol's libraries are not installed")

from model.serving import server
from model.serving.access import Access
from model.serving.limits import ServingLimits


def test_a_server_of_which_half_does_not_come_up_is_never_called_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_self: Any, sockets: Any = None) -> None:
        raise RuntimeError("no HTTP today")

    monkeypatch.setattr(server._HttpServer, "startup", broken)
    stopped = threading.Event()
    repository = SimpleNamespace(ready=True)
    service: Any = SimpleNamespace(repository=repository, limits=ServingLimits(), stop=stopped.set)
    options = server.ServerOptions("127.0.0.1", 0, 0, Access(), False, False, 1.0, "1")
    ready: list[server.Listening] = []
    with pytest.raises(RuntimeError, match="no HTTP today"):
        server.run_server(service, options, threading.Event(), ready.append)
    assert not ready
    assert stopped.is_set()
