"""What the network is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.training.truth import OPEN

CLASS_WEIGHT = 1.0
REJECT_WEIGHT = 2.0
"""Scratches are thin: without weight they would hardly count among the pixels."""
DICE_SHARE = 0.4
VERDICT_SHARE = 0.1
TOP_BLOCKS = 24
"""Output blocks whose mean logit speaks for a crop: a scratch of about 40 px."""


@dataclass(frozen=True, slots=True, eq=False)
class CropTruth:
    """What is known of a batch of crops.

    Attributes
    ----------
    labels : (N, h, w) int64
        Channel or `OPEN`.
    rejected : (N,) float32
        1: something in the crop is reason to reject; 0: nothing is; -1: not known.
    """

    labels: Tensor
    rejected: Tensor


class SegmentationLoss(nn.Module):
    """Focal cross-entropy over all classes, soft Dice of what rejects, and the verdict on each crop.

    Focal: Lin et al., "Focal Loss for Dense Object Detection", 2017, with exponent 1.
    Dice: Milletari et al., "V-Net", 2016, over the whole batch so that crops without a scratch count.
    The verdict on a crop is the mean of its greatest reject logits against "something rejects": the top-instances
    form of multiple-instance learning, and the only term for crops of which no px is known.

    Parameters
    ----------
    rejecting : sequence of int
        Channels that make a reject.
    class_weights : sequence of float
        Per channel.
    """

    def __init__(self, rejecting: Sequence[int], class_weights: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("weights", torch.tensor(class_weights))
        self.register_buffer("rejecting", torch.tensor(list(rejecting)))

    def forward(self, logits: Tensor, truth: CropTruth) -> tuple[Tensor, Tensor]:
        """Judge a batch.

        Parameters
        ----------
        logits : (N, C, h, w) float32
        truth : CropTruth

        Returns
        -------
        Loss and soft Dice of what rejects (0..1), both scalars.
        """
        log_chances = functional.log_softmax(logits, dim=1)
        known = truth.labels != OPEN
        target = torch.where(known, truth.labels, 0)
        picked = log_chances.gather(1, target[:, None])[:, 0]
        weight = torch.as_tensor(self.weights)[target] * known
        entropy = -(weight * (1.0 - picked.exp()) * picked).sum() / weight.sum().clamp(min=1.0)
        chance = log_chances[:, torch.as_tensor(self.rejecting)].exp().sum(dim=1)
        wanted = torch.isin(target, torch.as_tensor(self.rejecting)).float()
        dice = self._dice(chance * known, wanted)
        loss = entropy + DICE_SHARE * (1.0 - dice) + VERDICT_SHARE * self._verdict(chance, truth.rejected)
        return loss, dice.detach()

    def _dice(self, chance: Tensor, wanted: Tensor) -> Tensor:
        return (2.0 * (chance * wanted).sum() + 1.0) / ((chance * chance).sum() + wanted.sum() + 1.0)

    def _verdict(self, chance: Tensor, rejected: Tensor) -> Tensor:
        """Binary cross-entropy of the crops' mean greatest logits, over those whose truth is known."""
        kept = chance.flatten(1).topk(min(TOP_BLOCKS, chance[0].numel()), dim=1).values.clamp(1e-6, 1.0 - 1e-6)
        logit = torch.log(kept / (1.0 - kept)).mean(dim=1)
        known = rejected >= 0.0
        each = functional.binary_cross_entropy_with_logits(logit, rejected.clamp(min=0.0), reduction="none")
        return (each * known).sum() / known.sum().clamp(min=1)
