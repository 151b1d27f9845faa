"""The training loop: batches in, the best averaged weights out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from model.manifest import ClassSpec
from model.network import SegmentationNetwork
from model.training.batches import Batch, Batches
from model.training.config import HeldOutTried, TrainingConfig, TrainingEvent, TrainingProgressed
from model.training.loss import CLASS_WEIGHT, REJECT_WEIGHT, CropTruth, SegmentationLoss
from model.training.start import save_weights
from model.training.truth import OPEN

WEIGHTS_NAME = "weights.npz"
REPORT_EVERY = 20
"""Steps; as often a run that was given a time sees whether its steps still fit."""


class TrainingCancelled(Exception):
    """The run was stopped between two steps, as asked."""


Try = Callable[[SegmentationNetwork, int], HeldOutTried]
"""Tries a network on what is held out, after so many steps; `best` is set by the caller."""


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


class Trainer:
    """One training run.

    Parameters
    ----------
    config : TrainingConfig
    network : SegmentationNetwork
        Where it starts; changed in place.
    classes : tuple of ClassSpec
        Its channels.
    folder : Path
        Gets `weights.npz`: the best averaged weights so far, the last ones where nothing is tried on the way.
    on_event : callable
        Told of progress, on the calling thread.
    cancelled : callable
        Asked between steps.
    """

    def __init__(
        self,
        config: TrainingConfig,
        network: SegmentationNetwork,
        classes: tuple[ClassSpec, ...],
        folder: Path,
        on_event: Callable[[TrainingEvent], None],
        cancelled: Callable[[], bool],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        torch.set_num_threads(config.threads)
        self._config = config
        self._classes = classes
        self._path = folder / WEIGHTS_NAME
        self._on_event = on_event
        self._cancelled = cancelled
        self._clock_s = clock_s
        self._run = _Run(config, network, classes)
        self._curve: list[HeldOutTried] = []
        self._best: dict[str, Tensor] = {}

    @property
    def curve(self) -> tuple[HeldOutTried, ...]:
        """The validation curve so far."""
        return tuple(self._curve)

    @property
    def config(self) -> TrainingConfig:
        """The configuration, with the number of steps that the time allowed."""
        return self._config

    def fit(self, batches: Batches, tried: Try | None) -> SegmentationNetwork:
        """Train and return the network with the best averaged weights, in evaluation mode.

        Parameters
        ----------
        tried : callable or None
            None: the last weights are taken.

        Raises
        ------
        TrainingCancelled
            If `cancelled` said so; the weights so far stay in `weights.npz`.
        """
        tally, begun_s = _Tally(), self._clock_s()
        since_s = begun_s
        tries = 0
        for step, batch in enumerate(batches, start=1):
            if self._cancelled():
                self._keep()
                raise TrainingCancelled
            loss, dice = self._run.step(step - 1, batch, batches)
            tally = _Tally(tally.loss + loss, tally.dice + dice, tally.steps + 1)
            now_s = self._clock_s()
            if tally.steps == REPORT_EVERY:
                self._fit_into_time(step, now_s - begun_s)
            last = step >= self._config.steps
            due = tally.steps == REPORT_EVERY or last
            # the first step is told at once: it says that all is well, and about how long it will take
            if due or step == 1:
                self._report(step, tally, now_s - since_s, now_s - begun_s)
            if due:
                tally, since_s = _Tally(), now_s
            if tried is not None and (last or step >= self._look(tries)):
                self._try(tried, step)
                tries += 1
                since_s = self._clock_s()
            if last:
                break
        if not self._best:
            self._keep()
        return self._finished()

    def _look(self, tries: int) -> float:
        """Return the step from which the network is tried again; in the first third it changes too fast for that."""
        return self._config.steps * (1 / 3 + 2 / 3 * (tries + 1) / self._config.looks)

    def _fit_into_time(self, step: int, spent_s: float) -> None:
        """Set the number of steps so that they fit the time asked for, at the speed so far; never more than before."""
        if self._config.minutes is None:
            return
        fitting = int(self._config.minutes * 60.0 / max(spent_s / step, 1e-9))
        self._config = replace(self._config, steps=min(self._config.steps, max(fitting, step)))
        self._run.config = self._config

    def _report(self, step: int, tally: _Tally, since_s: float, spent_s: float) -> None:
        steps = self._config.steps
        self._on_event(
            TrainingProgressed(
                step,
                steps,
                tally.loss / tally.steps,
                tally.dice / tally.steps,
                learning_rate_at(step - 1, self._config),
                tally.steps * self._config.batch / max(since_s, 1e-9),
                spent_s / step * (steps - step),
            )
        )

    def _try(self, tried: Try, step: int) -> None:
        found = tried(self._run.averaged.eval(), step)
        best = not self._curve or found.score >= max(entry.score for entry in self._curve)
        found = replace(found, best=best)
        self._curve.append(found)
        if best:
            self._keep()
        self._on_event(found)

    def _keep(self) -> None:
        self._best = {name: value.clone() for name, value in self._run.averaged.state_dict().items()}
        save_weights(self._run.averaged, self._classes, self._path)

    def _finished(self) -> SegmentationNetwork:
        network = self._run.averaged
        network.load_state_dict(self._best)
        return network.cpu().eval()


def training_device() -> torch.device:
    """Return the graphics processor where torch can use one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class _Run:
    """Network, optimiser and averaged weights of one run."""

    def __init__(self, config: TrainingConfig, network: SegmentationNetwork, classes: tuple[ClassSpec, ...]) -> None:
        self.config = config
        self._rejecting = tuple(index for index, spec in enumerate(classes) if spec.reject)
        self._device = training_device()
        self._network = network.to(self._device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        weights = [REJECT_WEIGHT if spec.reject else CLASS_WEIGHT for spec in classes]
        self._loss = SegmentationLoss(self._rejecting, weights).to(self._device)
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
        decay = min(self.config.average_decay, (1.0 + seen) / (10.0 + seen))
        return average * decay + value * (1.0 - decay)

    def step(self, number: int, batch: Batch, batches: Batches) -> tuple[float, float]:
        """Make one optimiser step; returns loss and Dice of what rejects before it."""
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate_at(number, self.config)
        pictures = batch.pictures.to(self._device).contiguous(memory_format=torch.channels_last)
        truth = CropTruth(batch.truth.labels.to(self._device), batch.truth.rejected.to(self._device))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.config.half_precision):
            logits = self._network(pictures)
        logits = logits.float()
        loss, dice = self._loss(logits, truth)
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimiser.step()
        self._average.update_parameters(self._network)
        batches.note(batch, self._mistaken(logits.detach().cpu(), batch.truth.labels))
        return float(loss.detach()), float(dice)

    def _mistaken(self, logits: Tensor, labels: Tensor) -> NDArray[np.float32]:
        """Return the probability of a reject where none is known, `(N, h, w)`; all of it where nothing is known."""
        chance = torch.softmax(logits, dim=1)[:, list(self._rejecting)].sum(dim=1)
        nothing_known = (labels == OPEN).flatten(1).all(dim=1)[:, None, None]
        innocent = (labels != OPEN) & ~torch.isin(labels, torch.tensor(self._rejecting))
        return np.asarray((chance * (innocent | nothing_known)).numpy(), np.float32)


def _grouped(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Decay the convolutions only: norms and biases carry scale, not complexity."""
    wide = [weight for weight in network.parameters() if weight.ndim > 1]
    thin = [weight for weight in network.parameters() if weight.ndim <= 1]
    return [{"params": wide, "weight_decay": weight_decay}, {"params": thin, "weight_decay": 0.0}]
