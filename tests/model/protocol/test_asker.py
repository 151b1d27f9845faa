"""What a plain client refuses before it asks."""

from __future__ import annotations

import pytest

pytest.importorskip("grpc", reason="a prediction server needs the extra 'server'")
from inspector_app.domain.errors import KnownFault
from model.protocol.asker import Asker, ServerPlace


def test_a_token_never_leaves_this_computer_unencrypted() -> None:
    with pytest.raises(KnownFault, match="would go unencrypted to server:8001"):
        Asker(ServerPlace("server:8001", token="secret"))


@pytest.mark.parametrize(
    "place",
    [
        ServerPlace("127.0.0.1:8001", token="secret"),
        ServerPlace("[::1]:8001", token="secret"),
        ServerPlace("server:8001"),
        ServerPlace("server:8001", secure=True, token="secret"),
    ],
)
def test_others_may_be_asked(place: ServerPlace) -> None:
    Asker(place).close()
