"""Settings of the model here, of the prediction server that is asked, and of the one that answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from inspector_app.checked_toml import Section
from inspector_app.sections import Name


class ModelSection(Section):
    """``[model]``: which model runs and how long it may take."""

    name: str = "bundled"
    deadline_ms: float = Field(2000.0, gt=0.0, le=60_000.0)
    threads: int = Field(0, ge=0, le=256)
    precision: Literal["auto", "f32", "bf16", "int8"] = "auto"


class RemoteSection(Section):
    """``[remote]``: the prediction server that is asked before the local model; files are in the data folder."""

    urls: tuple[str, ...] = ()
    model: Name = "{name}"
    version: Annotated[str, Field(max_length=80)] = "{version}"
    deadline_ms: float = Field(250.0, gt=0.0, le=10_000.0)
    hedge_after_ms: Annotated[float, Field(ge=0.0, le=10_000.0)] | None = None
    connect_ms: float = Field(2000.0, gt=0.0, le=60_000.0)
    picture: Literal["raw", "png", "jpeg"] = "raw"
    jpeg_quality: int = Field(95, ge=50, le=100)
    max_message_mb: float = Field(64.0, gt=0.0, le=500.0)
    token_file: str = ""
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    plaintext: bool = False
    failures: int = Field(3, ge=1, le=1000)
    window: int = Field(20, ge=1, le=1000)
    probes: int = Field(2, ge=1, le=100)
    pause_s: float = Field(0.5, gt=0.0, le=3600.0)
    longest_pause_s: float = Field(30.0, gt=0.0, le=3600.0)

    @model_validator(mode="after")
    def _consistent(self) -> RemoteSection:
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("tls_cert and tls_key go together")
        if self.failures > self.window or self.pause_s > self.longest_pause_s:
            raise ValueError("failures is at most window, and pause_s at most longest_pause_s")
        return self


class ServerSection(Section):
    """``[server]``: the prediction server, `inspector-app serve`; see `model.serving`. Files: in the data folder."""

    host: str = "127.0.0.1"
    http_port: int = Field(8000, ge=0, le=65_535)
    grpc_port: int = Field(8001, ge=0, le=65_535)
    models: tuple[str, ...] = ()
    workers: int = Field(0, ge=0, le=64)
    token_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    client_ca: str = ""
    plaintext: bool = False
    may_load: bool = False
    max_message_mb: float = Field(64.0, gt=0.0, le=500.0)
    rate_per_s: float = Field(0.0, ge=0.0, le=100_000.0)
    waiting: int = Field(32, ge=1, le=10_000)
    drain_s: float = Field(10.0, gt=0.0, le=600.0)

    @model_validator(mode="after")
    def _consistent(self) -> ServerSection:
        if bool(self.tls_cert) != bool(self.tls_key) or (self.client_ca and not self.tls_cert):
            raise ValueError("tls_cert and tls_key go together, and client_ca needs both")
        return self
