"""The network: shapes, size, seeded first weights."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from model.network import NETWORK_STRIDE_PX, OUTPUT_STRIDE_PX, parameter_count, seeded_network  # noqa: E402


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 96), (160, 32)])
def test_one_logit_per_class_and_block(height: int, width: int) -> None:
    network = seeded_network(5, 0).eval()
    with torch.inference_mode():
        logits = network(torch.zeros(2, 1, height, width))
    assert logits.shape == (2, 5, height // OUTPUT_STRIDE_PX, width // OUTPUT_STRIDE_PX)
    assert torch.isfinite(logits).all()


def test_it_is_light() -> None:
    assert parameter_count(seeded_network(5, 0)) < 2_500_000


def test_first_weights_depend_on_the_seed_only() -> None:
    torch.manual_seed(3)
    first = seeded_network(5, 7).state_dict()
    before = torch.random.get_rng_state()
    second = seeded_network(5, 7).state_dict()
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = seeded_network(5, 8).state_dict()
    assert not torch.equal(first["stem.0.weight"], other["stem.0.weight"])


def test_every_weight_learns() -> None:
    network = seeded_network(5, 1).train()
    picture = torch.randn(
        2, 1, 2 * NETWORK_STRIDE_PX, 2 * NETWORK_STRIDE_PX, generator=torch.Generator().manual_seed(0)
    )
    network(picture).square().mean().backward()
    idle = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert idle == []
