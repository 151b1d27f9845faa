"""What a plain client refuses before it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("grpc", reason="a prediction server needs the extra 'server'")
from inspector_app.domain.errors import KnownFault
from model.protocol.asker import Asker
from model.protocol.place import Shown, server_url


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("secret\n")
    return path


def test_a_token_never_leaves_this_computer_unencrypted(token: Path) -> None:
    with pytest.raises(KnownFault, match="would go unencrypted to server:8001"):
        Asker(server_url("grpc://server:8001"), Shown(token))


@pytest.mark.parametrize(
    ("url", "with_token"),
    [
        ("grpc://127.0.0.1:8001", True),
        ("grpc://[::1]:8001", True),
        ("grpc://server:8001", False),
        ("grpcs://server:8001", True),
    ],
)
def test_others_may_be_asked(token: Path, url: str, with_token: bool) -> None:
    Asker(server_url(url), Shown(token if with_token else None)).close()
