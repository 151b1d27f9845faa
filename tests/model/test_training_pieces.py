"""What training is made of: crops, loss, learning rate, weights on disk, Platt's scaling, export."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from inspector_app.domain.errors import ModelError, SettingsError  # noqa: E402
from model.network import seeded_network  # noqa: E402
from model.synthesis import Label  # noqa: E402
from model.training.config import TrainingConfig  # noqa: E402
from model.training.crops import SyntheticCrops, to_tensors, turned  # noqa: E402
from model.training.export import check_parity, onnx_bytes  # noqa: E402
from model.training.loss import ScratchLoss  # noqa: E402
from model.training.probability import fit_platt  # noqa: E402
from model.training.trainer import learning_rate_at  # noqa: E402
from model.training.weights import load_weights, save_weights  # noqa: E402


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"batch": 0}, {"crop_px": 100}, {"crop_px": 32}, {"workers": -1}, {"validation_parts": 4}]
)
def test_a_wrong_configuration_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SettingsError):
        TrainingConfig(**wrong)


def test_crops_depend_on_seed_and_index_only() -> None:
    forward, backward = SyntheticCrops(1, 40, 64), SyntheticCrops(1, 40, 64)
    there = [forward[index] for index in (0, 5, 33)]
    back = [backward[index] for index in (33, 5, 0)][::-1]
    for (picture, target), (same_picture, same_target) in zip(there, back, strict=True):
        assert torch.equal(picture, same_picture)
        assert torch.equal(target, same_target)
    assert not torch.equal(forward[0][0], SyntheticCrops(2, 40, 64)[0][0])


def test_crops_end_where_they_should() -> None:
    crops = SyntheticCrops(1, 3, 64)
    assert len(crops) == 3
    with pytest.raises(IndexError):
        crops[3]


def test_a_block_with_any_scratch_pixel_is_scratch() -> None:
    labels = np.zeros((4, 4), np.uint8)
    labels[0, 0], labels[1, 1] = Label.SCRATCH, Label.OIL
    labels[2, 3] = Label.DUST
    picture, target = to_tensors(np.full((4, 4), 255, np.uint8), labels)
    assert target.tolist() == [[Label.SCRATCH, 0], [0, Label.DUST]]
    assert picture.shape == (1, 4, 4)
    assert float(picture[0, 0, 0]) == pytest.approx(3.0)


def test_turning_keeps_picture_and_labels_together() -> None:
    grey = np.zeros((6, 6), np.uint8)
    grey[1, 4] = 200
    labels = (grey > 0).astype(np.uint8)
    for seed in range(30):
        picture, truth = turned(np.random.default_rng(seed), grey, labels)
        marked = picture[truth == 1]
        others = picture[truth == 0]
        assert marked.size == 1
        assert (others != marked[0]).all()


def test_loss_falls_with_the_right_answer() -> None:
    target = torch.zeros(1, 8, 8, dtype=torch.int64)
    target[0, 2:4, 2:6] = int(Label.SCRATCH)
    loss = ScratchLoss()
    right = torch.nn.functional.one_hot(target, 5).permute(0, 3, 1, 2).float() * 12.0
    good, good_dice = loss(right, target)
    flat, flat_dice = loss(torch.zeros_like(right), target)
    wrong, _ = loss(-right, target)
    assert good < 0.01 < flat < wrong
    assert good_dice > 0.95 > flat_dice


def test_learning_rate_warms_up_and_falls() -> None:
    config = TrainingConfig(steps=1000)
    rates = [learning_rate_at(step, config) for step in range(1000)]
    assert rates[0] < rates[10] < rates[29] == pytest.approx(config.learning_rate, rel=0.05)
    assert all(later <= sooner for sooner, later in pairwise(rates[30:]))
    assert rates[-1] < 0.02 * config.learning_rate


def test_weights_come_back_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    save_weights(seeded_network(5, 1), path)
    other = seeded_network(5, 2)
    load_weights(other, path)
    wanted = seeded_network(5, 1).state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in other.state_dict().items())
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.npz"]


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_damaged_weights_are_a_known_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.npz"):
        load_weights(seeded_network(5, 0), path)


def test_weights_of_another_network_are_a_known_fault(tmp_path: Path) -> None:
    save_weights(seeded_network(3, 0), tmp_path / "weights.npz")
    with pytest.raises(ModelError):
        load_weights(seeded_network(5, 0), tmp_path / "weights.npz")


def test_platt_recovers_a_known_curve() -> None:
    rng = np.random.default_rng(0)
    feature = rng.normal(2.0, 3.0, 20_000)
    bad = rng.random(20_000) < 1.0 / (1.0 + np.exp(-(1.5 * feature - 2.0)))
    fitted = fit_platt(feature, bad)
    assert fitted.a == pytest.approx(1.5, abs=0.08)
    assert fitted.b == pytest.approx(-2.0, abs=0.12)


def test_platt_stays_finite_on_separable_parts() -> None:
    fitted = fit_platt(np.array([-3.0, -2.0, 2.0, 3.0]), np.array([False, False, True, True]))
    assert 0.0 < fitted.a < 50.0
    with pytest.raises(ValueError, match="good and defective"):
        fit_platt(np.array([1.0, 2.0]), np.array([True, True]))


def test_the_exported_network_agrees_with_the_trained_one() -> None:
    network = seeded_network(5, 4).eval()
    assert check_parity(network, onnx_bytes(network), threads=1) < 1e-3


def test_an_export_of_other_weights_is_not_released() -> None:
    packed = onnx_bytes(seeded_network(5, 4))
    with pytest.raises(ModelError, match="not released"):
        check_parity(seeded_network(5, 5), packed, threads=1)
