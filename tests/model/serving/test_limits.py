"""How much a client may ask."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.serving.faults import Refusal, ServingFault
from model.serving.limits import RateLimit, ServingLimits


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def allowed(limit: RateLimit, client: str = "a") -> bool:
    try:
        limit.take(client)
    except ServingFault as fault:
        return fault.refusal is not Refusal.TOO_MANY or fault.retry_after_s is None
    return True


@given(
    rate=st.floats(0.5, 50.0),
    burst=st.integers(1, 20),
    steps=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=60),
)
def test_no_more_than_burst_and_rate_are_let_in(rate: float, burst: int, steps: list[float]) -> None:
    clock = Clock()
    limit = RateLimit(ServingLimits(rate_per_s=rate, burst=burst), clock)
    let_in = 0
    for step in steps:
        clock.now += step
        let_in += allowed(limit)
        assert let_in <= burst + rate * (clock.now - 100.0) + 1e-6


def test_a_client_that_waits_as_told_is_let_in() -> None:
    clock = Clock()
    limit = RateLimit(ServingLimits(rate_per_s=2.0, burst=3), clock)
    assert [allowed(limit) for _ in range(4)] == [True, True, True, False]
    assert allowed(limit, "another")
    with pytest.raises(ServingFault) as caught:
        limit.take("a")
    clock.now += caught.value.retry_after_s or 0.0
    assert allowed(limit)
    assert not allowed(limit)


def test_without_a_rate_nothing_is_counted() -> None:
    limit = RateLimit(ServingLimits(), Clock())
    assert all(allowed(limit) for _ in range(1000))


def test_many_clients_take_bounded_memory() -> None:
    limit = RateLimit(ServingLimits(rate_per_s=1.0, burst=1), Clock())
    for number in range(6000):
        assert allowed(limit, str(number))
    assert len(limit._buckets) <= 4096
    assert not allowed(limit, "5999")
    assert allowed(limit, "0")


@pytest.mark.parametrize(
    ("height", "width", "refusal"),
    [(32, 32, None), (31, 500, Refusal.INVALID), (500, 31, Refusal.INVALID), (1001, 1000, Refusal.TOO_LARGE)],
)
def test_the_size_of_a_picture(height: int, width: int, refusal: Refusal | None) -> None:
    limits = ServingLimits(max_pixels=1_000_000)
    if refusal is None:
        limits.check_picture(height, width)
        return
    with pytest.raises(ServingFault) as caught:
        limits.check_picture(height, width)
    assert caught.value.refusal is refusal


def test_a_client_that_asks_too_often_is_told_when_to_come_back(
    start_server: Any, make_http: Any, make_grpc: Any, refused: Any, tmp_path: Any
) -> None:
    (tmp_path / "station.toml").write_text("[server]\nrate_per_s = 0.1\n")
    server = start_server(data=tmp_path)
    http = make_http(server.http)
    replies = [http("GET", "/v2") for _ in range(40)]
    late = [reply for reply in replies if reply.status == 429]
    assert 7 <= len(late) <= 8  # 32 at once, and at most one more while this ran
    assert 1 <= int(late[0].headers["retry-after"]) <= 10
    assert http("GET", "/v2/health/ready").status == 200
    client = make_grpc(server.grpc_target)
    kinds = set()
    for _ in range(40):
        try:
            client("ServerMetadata")
        except refused as refusal:
            kinds.add(refusal.kind)
    assert kinds == {"RESOURCE_EXHAUSTED"}
