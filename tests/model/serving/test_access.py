"""Who may ask: tokens, TLS, client certificates, and where a server listens without them."""

from __future__ import annotations

import importlib.util
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from inspector_app.bootstrap.serving import ServeRequest, serve
from inspector_app.domain.errors import KnownFault, SettingsError
from inspector_app.settings import ServerSection
from model.protocol.pictures import file_tensor
from model.protocol.predictions import read_prediction
from model.protocol.wire import InferRequest
from model.serving.access import Access, TlsFiles, check_exposure, listens_on_loopback, read_token
from model.serving.faults import Refusal, ServingFault

TOKEN = "0123456789abcdef0123"


@dataclass(frozen=True)
class Papers:
    """Self-made certificates as files."""

    authority: Path
    certificate: Path
    key: Path
    client_certificate: Path
    client_key: Path
    stranger_certificate: Path
    stranger_key: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    names = {"server": authority, "client": authority, "stranger": other}
    for name, issuer in names.items():
        issued = issuer.issue_cert("127.0.0.1", "localhost")
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    return Papers(
        folder / "ca.pem",
        *(folder / f"{name}.{kind}" for name in ("server", "client", "stranger") for kind in ("pem", "key")),
    )


@pytest.fixture(scope="module")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_text(TOKEN + "\n")
    return path


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((host, True) for host in ("127.0.0.1", "::1", "localhost", "127.3.2.1")),
        *((host, False) for host in ("0.0.0.0", "::", "192.168.0.5", "station-7", "")),
    ],
)
def test_which_hosts_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert listens_on_loopback(host) is loopback


TLS = TlsFiles(Path("c"), Path("k"))
MUTUAL = TlsFiles(Path("c"), Path("k"), Path("ca"))


@pytest.mark.parametrize(
    ("access", "plaintext", "refused"),
    [
        (Access(), False, "token"),
        (Access(), True, "token"),
        (Access(None, TLS), False, "token"),
        (Access(TOKEN), False, "readable"),
        (Access(TOKEN, TLS), False, None),
        (Access(None, MUTUAL), False, None),
    ],
)
def test_other_machines_are_served_only_with_secrets(access: Access, plaintext: bool, refused: str | None) -> None:
    assert check_exposure("127.0.0.1", access, plaintext_allowed=plaintext) is None
    if refused is None:
        assert check_exposure("0.0.0.0", access, plaintext_allowed=plaintext) is None
    else:
        with pytest.raises(SettingsError, match=refused):
            check_exposure("0.0.0.0", access, plaintext_allowed=plaintext)


def test_leave_for_plain_text_comes_with_a_warning() -> None:
    assert "readable" in str(check_exposure("0.0.0.0", Access(TOKEN), plaintext_allowed=True))


@given(st.text(max_size=60) | st.sampled_from([f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN} x"]))
def test_only_the_token_opens(header: str) -> None:
    access = Access(TOKEN)
    if header.lower().startswith("bearer ") and header.split(" ", 1)[1].strip() == TOKEN:
        access.check(header)
    else:
        with pytest.raises(ServingFault, match="token") as caught:
            access.check(header)
        assert caught.value.refusal is Refusal.UNAUTHENTICATED
    access.check(f"Bearer {TOKEN}")
    with pytest.raises(ServingFault):
        access.check(None)
    Access().check(header)
    assert TOKEN not in repr(access)


@pytest.mark.parametrize("content", ["", "short", "two words of many letters", "ü" * 20, "\xff" * 3])
def test_a_token_file_holds_one_long_word(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match=str(path)):
        read_token(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_token(tmp_path / "none")
    path.write_text(f"  {TOKEN}\n")
    assert read_token(path) == TOKEN


def test_certificates_that_do_not_fit_are_one_sentence(certificates: Papers, tmp_path: Path) -> None:
    TlsFiles(certificates.certificate, certificates.key, certificates.authority).check()
    for wrong in (
        TlsFiles(certificates.certificate, certificates.client_key),
        TlsFiles(tmp_path / "none", certificates.key),
        TlsFiles(certificates.certificate, certificates.key, certificates.key),
    ):
        with pytest.raises(SettingsError):
            wrong.check()


def test_a_token_is_asked_for_on_both_transports(
    start_server: Any, token_file: Path, make_http: Any, make_grpc: Any, refused: Any, picture_file: bytes
) -> None:
    server = start_server("--token-file", str(token_file))
    http = make_http(server.http)
    for path in ("/v2/health/live", "/v2/health/ready", "/docs", "/openapi.json"):
        assert http("GET", path).status == 200
    for method, path in (("GET", "/metrics"), ("GET", "/v2"), ("POST", "/predict"), ("POST", "/v2/repository/index")):
        for header in ({}, {"Authorization": "Bearer wrong"}):
            reply = http(method, path, picture_file, **header)
            assert reply.status == 401
            assert reply.headers["www-authenticate"] == "Bearer"
            assert "Authorization: Bearer" in reply.document["error"]
        assert http(method, path, picture_file, Authorization=f"Bearer {TOKEN}").status in {200, 400}
    assert http("POST", "/predict", picture_file, Authorization=f"Bearer {TOKEN}").document["status"] == "ok"
    plain, known = make_grpc(server.grpc_target), make_grpc(server.grpc_target, token=TOKEN)
    request = InferRequest("default", "", (file_tensor(picture_file),))
    assert plain("ServerReady").ready
    assert read_prediction(known.infer(request)).probability is not None
    for ask in (lambda: plain("ServerMetadata"), lambda: plain.infer(request), lambda: plain("RepositoryIndex")):
        with pytest.raises(refused, match="token") as caught:
            ask()
        assert caught.value.kind == "UNAUTHENTICATED"
    assert TOKEN not in server.said.read_text()


def test_tls_with_client_certificates_on_both_transports(
    start_server: Any, certificates: Papers, make_http: Any, make_grpc: Any, refused: Any, picture_file: bytes
) -> None:
    server = start_server(
        *("--tls-cert", str(certificates.certificate), "--tls-key", str(certificates.key)),
        *("--client-ca", str(certificates.authority)),
    )
    assert server.http.startswith("https://")
    assert server.grpc.startswith("grpcs://")
    root, request = certificates.authority.read_bytes(), InferRequest("default", "", (file_tensor(picture_file),))

    def shown(certificate: Path | None, key: Path | None) -> tuple[Any, Any]:
        context = ssl.create_default_context(cafile=str(certificates.authority))
        if certificate is None or key is None:
            return make_http(server.http, context), make_grpc(server.grpc_target, grpc.ssl_channel_credentials(root))
        context.load_cert_chain(certificate, key)
        credentials = grpc.ssl_channel_credentials(root, key.read_bytes(), certificate.read_bytes())
        return make_http(server.http, context), make_grpc(server.grpc_target, credentials)

    http, client = shown(certificates.client_certificate, certificates.client_key)
    assert http("POST", "/predict", picture_file).document["status"] == "ok"
    assert read_prediction(client.infer(request)).probability is not None
    for certificate, key in ((None, None), (certificates.stranger_certificate, certificates.stranger_key)):
        http, client = shown(certificate, key)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            http("GET", "/v2/health/live")
        with pytest.raises(refused) as caught:
            client("ServerLive", timeout=5.0)
        assert caught.value.kind in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
    with pytest.raises((ConnectionError, OSError)):
        make_http(server.http.replace("https", "http"))("GET", "/v2/health/live")


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (ServeRequest(host="0.0.0.0"), "give it a token"),
        (ServeRequest(tls_cert=Path("cert.pem")), "--tls-key"),
        (ServeRequest(client_ca=Path("ca.pem")), "--tls-key"),
        (ServeRequest(token_file=Path("none")), "none cannot be read"),
        (ServeRequest(models=("grey=scratch-net",)), "default, blue, green"),
        (ServeRequest(models=("blue=scratch-net", "blue=scratch-net")), "at most once"),
        (ServeRequest(models=("nothing",)), "model nothing is not here"),
        (ServeRequest(http_port=1), "Port 1 "),
    ],
)
def test_a_server_that_cannot_be_is_one_sentence(tmp_path: Path, request_: ServeRequest, says: str) -> None:
    """Port 1: an ordinary user may not listen there, and for root it is taken."""
    said: list[str] = []
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", 1))
            taken.listen()
        with pytest.raises(KnownFault, match=says) as caught:
            serve(tmp_path, request_, on_ready=lambda *_: said.append("ready"), say=said.append, stop_asked=Event())
    assert str(caught.value).endswith(".")
    assert not said


def test_files_of_the_settings_lie_in_the_data_folder_and_those_of_a_command_do_not(tmp_path: Path) -> None:
    section = ServerSection(token_file="token", tls_cert="c.pem", tls_key="/etc/k.pem")
    found = ServeRequest(tls_key=Path("mine.pem"), host="::1").applied(section, tmp_path)
    assert (found.token_file, found.tls_cert) == (str(tmp_path / "token"), str(tmp_path / "c.pem"))
    assert found.tls_key == str(Path("mine.pem").absolute())
    assert found.host == "::1"
    assert found.client_ca == ""
    assert ServeRequest().applied(section, tmp_path).tls_key == "/etc/k.pem"


def test_without_its_libraries_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def absent(name: str, *more: Any) -> Any:
        return None if name == "grpc" else found(name, *more)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    with pytest.raises(SettingsError, match=r"inspection-station\[server\]"):
        serve(tmp_path, ServeRequest(), on_ready=lambda *_: None, say=lambda _: None, stop_asked=Event())
