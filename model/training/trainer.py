"""The training loop: crops in, averaged weights out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from model.network import SegmentationNetwork, parameter_count, seeded_network
from model.training.config import CLASS_NAMES, TrainingConfig, TrainingEvent, TrainingProgressed, TrainingStarted
from model.training.crops import Pairs, SyntheticCrops
from model.training.folder_crops import FolderCrops
from model.training.loss import ScratchLoss
from model.training.weights import load_weights, save_weights

REPORT_EVERY = 20
SAVE_EVERY = 250


class TrainingCancelled(Exception):
    """The run was stopped between two steps, as asked."""


@dataclass(slots=True)
class _Tally:
    """Sums since the last report."""

    loss: float = 0.0
    dice: float = 0.0
    steps: int = 0


def learning_rate_at(step: int, config: TrainingConfig) -> float:
    """Return the learning rate of a step: linear warm-up, then half a cosine down to 1 %."""
    warm = max(1, int(config.warm_up * config.steps))
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, config.steps - warm)
    return config.learning_rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))


def fit(
    config: TrainingConfig,
    folder: Path,
    on_event: Callable[[TrainingEvent], None],
    cancelled: Callable[[], bool],
    clock_s: Callable[[], float] = time.monotonic,
) -> SegmentationNetwork:
    """Train a network and leave `weights.npz` (the averaged weights, also saved on the way) in `folder`.

    Parameters
    ----------
    on_event : callable
        Told of start and progress, on the calling thread.
    cancelled : callable
        Asked between steps.

    Returns
    -------
    SegmentationNetwork
        With the averaged weights, in evaluation mode.

    Raises
    ------
    TrainingCancelled
        If `cancelled` said so; the weights saved so far stay.
    """
    torch.set_num_threads(config.threads)
    network = seeded_network(len(CLASS_NAMES), config.seed)
    if config.start_from is not None:
        load_weights(network, config.start_from)
    run = _Run(config, network)
    crops = _crops(config)
    data = "generated parts" if config.folder is None else str(config.folder)
    on_event(TrainingStarted(config.steps, parameter_count(network), data))
    tally, since_s = _Tally(), clock_s()
    for step, (pictures, target) in enumerate(_batches(crops, config)):
        if cancelled():
            raise TrainingCancelled
        loss, dice = run.step(step, pictures, target)
        tally = _Tally(tally.loss + loss, tally.dice + dice, tally.steps + 1)
        if tally.steps == REPORT_EVERY or step + 1 == config.steps:
            now_s = clock_s()
            speed = tally.steps * config.batch / max(now_s - since_s, 1e-9)
            means = (tally.loss / tally.steps, tally.dice / tally.steps)
            on_event(TrainingProgressed(step + 1, config.steps, *means, learning_rate_at(step, config), speed))
            tally, since_s = _Tally(), now_s
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == config.steps:
            save_weights(run.averaged, folder / "weights.npz")
    return run.averaged.eval()


def _crops(config: TrainingConfig) -> Pairs:
    count = config.steps * config.batch
    if config.folder is None:
        return SyntheticCrops(config.seed, count, config.crop_px)
    return FolderCrops(config.folder, config.seed, count, config.crop_px)


def _batches(crops: Pairs, config: TrainingConfig) -> Iterator[tuple[Tensor, Tensor]]:
    loader: DataLoader[tuple[Tensor, Tensor]] = DataLoader(
        crops,
        batch_size=config.batch,
        shuffle=False,  # crops are independent draws already
        num_workers=config.workers,
        worker_init_fn=_quiet_worker,
        prefetch_factor=4 if config.workers else None,
    )
    yield from loader


def _quiet_worker(_number: int) -> None:
    """Keep a worker to one core: OpenCV would take them all."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


class _Run:
    """Network, optimiser and averaged weights of one run."""

    def __init__(self, config: TrainingConfig, network: SegmentationNetwork) -> None:
        self._config = config
        self._network = network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        self._loss = ScratchLoss()
        self._optimiser = torch.optim.AdamW(_grouped(network, config.weight_decay), lr=config.learning_rate)
        self._average = AveragedModel(network, avg_fn=self._mix, use_buffers=True)

    @property
    def averaged(self) -> SegmentationNetwork:
        """The network with averaged weights."""
        averaged = self._average.module
        if not isinstance(averaged, SegmentationNetwork):
            raise TypeError(type(averaged))
        return averaged

    def _mix(self, average: Tensor, value: Tensor, count: Tensor | int) -> Tensor:
        """Move an average towards a value; early averages forget their start sooner."""
        seen = float(count)
        decay = min(self._config.average_decay, (1.0 + seen) / (10.0 + seen))
        return average * decay + value * (1.0 - decay)

    def step(self, number: int, pictures: Tensor, target: Tensor) -> tuple[float, float]:
        """Make one optimiser step; returns loss and scratch Dice before it."""
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate_at(number, self._config)
        laid_out = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._config.half_precision):
            logits = self._network(laid_out)
        loss, dice = self._loss(logits.float(), target)
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._average.update_parameters(self._network)
        return float(loss.detach()), float(dice)


def _grouped(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Decay the convolutions only: norms and biases carry scale, not complexity."""
    wide = [weight for weight in network.parameters() if weight.ndim > 1]
    thin = [weight for weight in network.parameters() if weight.ndim <= 1]
    return [{"params": wide, "weight_decay": weight_decay}, {"params": thin, "weight_decay": 0.0}]
