"""What training is made of: crops, loss, learning rate, weights on disk, Platt's scaling, export."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from inspector_app.domain.errors import ModelError, SettingsError  # noqa: E402
from model.manifest import ClassSpec  # noqa: E402
from model.network import SegmentationNetwork, seeded_network  # noqa: E402
from model.platt_fit import fit_platt  # noqa: E402
from model.synthesis import Label  # noqa: E402
from model.training.batches import gathered  # noqa: E402
from model.training.config import HeldOutTried, TrainingConfig  # noqa: E402
from model.training.crops import SyntheticCrops, turned  # noqa: E402
from model.training.export import check_parity, onnx_bytes  # noqa: E402
from model.training.keeping import Judge, shares_to_weigh, weighed  # noqa: E402
from model.training.loss import CropTruth, SegmentationLoss  # noqa: E402
from model.training.picture_crops import NOT_KNOWN, Crop  # noqa: E402
from model.training.start import KnownWeights, mixed, read_weights, save_weights, starting_network  # noqa: E402
from model.training.trainer import learning_rate_at  # noqa: E402
from model.training.truth import OPEN  # noqa: E402


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
    for crop, same in zip(there, back, strict=True):
        assert np.array_equal(crop.grey, same.grey)
        assert np.array_equal(crop.labels, same.labels)
    assert not np.array_equal(forward[0].grey, SyntheticCrops(2, 40, 64)[0].grey)


def test_crops_end_where_they_should() -> None:
    crops = SyntheticCrops(1, 3, 64)
    assert len(crops) == 3
    with pytest.raises(IndexError):
        crops[3]


def test_a_batch_is_what_the_network_takes() -> None:
    crop = Crop(np.full((4, 4), 255, np.uint8), np.zeros((2, 2), np.int64), 1.0, None)
    batch = gathered([crop, crop])
    assert batch.pictures.shape == (2, 1, 4, 4)
    assert float(batch.pictures[0, 0, 0, 0]) == pytest.approx(3.0)
    assert batch.truth.rejected.tolist() == [1.0, 1.0]


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


def known(labels: torch.Tensor, rejected: float) -> CropTruth:
    return CropTruth(labels, torch.tensor([rejected]))


def test_loss_falls_with_the_right_answer() -> None:
    target = torch.zeros(1, 8, 8, dtype=torch.int64)
    target[0, 2:4, 2:6] = int(Label.SCRATCH)
    loss = SegmentationLoss((1,), (1.0, 2.0, 1.0, 1.0, 1.0))
    right = torch.nn.functional.one_hot(target, 5).permute(0, 3, 1, 2).float() * 12.0
    good, good_dice = loss(right, known(target, 1.0))
    flat, flat_dice = loss(torch.zeros_like(right), known(target, 1.0))
    wrong, _ = loss(-right, known(target, 1.0))
    assert good < flat < wrong
    assert good_dice > 0.95 > flat_dice


def test_open_px_do_not_count() -> None:
    loss = SegmentationLoss((1,), (1.0, 2.0))
    target = torch.zeros(1, 8, 8, dtype=torch.int64)
    target[0, :4] = OPEN
    logits = torch.zeros(1, 2, 8, 8, requires_grad=True)
    loss(logits, known(target, NOT_KNOWN))[0].backward()
    assert logits.grad is not None
    assert not logits.grad[0, :, :4].any()
    assert logits.grad[0, :, 4:].any()


def test_of_a_crop_without_known_px_the_strongest_blocks_learn_the_verdict() -> None:
    loss = SegmentationLoss((1,), (1.0, 2.0))
    target = torch.full((1, 16, 16), OPEN, dtype=torch.int64)
    logits = torch.zeros(1, 2, 16, 16)
    logits[0, 1, :6, :4] = 1.0
    logits.requires_grad_(True)
    loss(logits, known(target, 1.0))[0].backward()
    assert logits.grad is not None
    assert (logits.grad[0, 1, :6, :4] < 0).all()
    assert not logits.grad[0, 1, 6:].any()


def test_learning_rate_warms_up_and_falls() -> None:
    config = TrainingConfig(steps=1000)
    rates = [learning_rate_at(step, config) for step in range(1000)]
    assert rates[0] < rates[10] < rates[29] == pytest.approx(config.learning_rate, rel=0.05)
    assert all(later <= sooner for sooner, later in pairwise(rates[30:]))
    assert rates[-1] < 0.02 * config.learning_rate


CLASSES = tuple(ClassSpec(name, name == "scratch") for name in ("background", "scratch", "dust", "stain", "oil"))


def test_weights_come_back_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    save_weights(seeded_network(5, 1), CLASSES, path)
    kept = read_weights(path)
    assert kept.classes == CLASSES
    wanted = seeded_network(5, 1).state_dict()
    other = starting_network(CLASSES, 2, kept)
    assert all(torch.equal(value, wanted[name]) for name, value in other.state_dict().items())
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.npz"]


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_damaged_weights_are_a_known_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.npz"):
        read_weights(path)


def test_weights_of_another_network_are_a_known_fault(tmp_path: Path) -> None:
    known = KnownWeights({"head.1.weight": np.zeros((5, 1, 1, 1), np.float32)}, CLASSES)
    with pytest.raises(ModelError, match="another network"):
        starting_network(CLASSES, 1, known)


def test_a_share_of_the_start_is_kept() -> None:
    start = seeded_network(5, 1).state_dict()
    learned = seeded_network(5, 2).state_dict()
    network = mixed(seeded_network(5, 2), start, 0.25)
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            assert torch.allclose(value, 0.75 * learned[name] + 0.25 * start[name]), name
    with pytest.raises(SettingsError, match="keep_start"):
        TrainingConfig(keep_start=1.0)


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


def judged_by(scores: dict[float, float]) -> Judge:
    """Return a judge that tells mixtures by one weight: 0 after learning, 1 before."""

    def judge(network: SegmentationNetwork) -> HeldOutTried:
        kept = round(float(network.state_dict()["head.1.bias"][0]), 3)
        return HeldOutTried(9, scores[kept], None, scores[kept], best=False)

    return judge


@pytest.mark.parametrize(
    ("scores", "kept", "said"),
    [
        ({0.0: 0.5, 0.35: 0.6, 0.65: 0.6, 1.0: 0.7}, 1.0, "nothing that was learned does better than the start"),
        ({0.0: 0.7, 0.35: 0.6, 0.65: 0.7, 1.0: 0.7}, 0.0, "what was learned has score 0.700, the start 0.700"),
        ({0.0: 0.5, 0.35: 0.6, 0.65: 0.8, 1.0: 0.7}, 0.65, "65% of the start's weights has score 0.800"),
    ],
)
def test_the_best_of_start_learned_and_mixtures_is_released(scores: dict[float, float], kept: float, said: str) -> None:
    learned = seeded_network(5, 1)
    start = {name: value.clone() for name, value in learned.state_dict().items()}
    start["head.1.bias"] = torch.ones(5)
    learned.state_dict()["head.1.bias"].zero_()
    chosen = weighed(learned, start, shares_to_weigh(None), judged_by(scores))
    assert chosen.weighed.kept == kept
    assert [entry.kept for entry in chosen.weighed.tried] == list(scores)
    assert said in chosen.weighed.sentence
    assert torch.allclose(chosen.network.state_dict()["head.1.bias"], torch.full((5,), kept))


def test_a_share_that_was_asked_for_is_weighed_against_the_start_alone() -> None:
    assert shares_to_weigh(0.5) == (0.5, 1.0)


def test_classes_that_start_from_one_share_its_probability() -> None:
    known = KnownWeights({name: value.numpy() for name, value in seeded_network(5, 1).state_dict().items()}, CLASSES)
    lines, spots = ClassSpec("dust_line", False), ClassSpec("dust_spot", False)
    divided = starting_network((*CLASSES[:2], lines, spots, *CLASSES[3:]), 1, known)
    picture = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        before = torch.softmax(seeded_network(5, 1).eval()(picture), 1)
        after = torch.softmax(divided.eval()(picture), 1)
    assert torch.allclose(after[:, 1], before[:, 1], atol=1e-6)
    assert torch.allclose(after[:, 2] + after[:, 3], before[:, 2], atol=1e-6)
