"""What the network is judged by."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.synthesis.part import Label

CLASS_WEIGHTS = (1.0, 2.0, 1.5, 1.0, 1.0)
"""Scratches are thin: without weight they would hardly count among the pixels."""


class ScratchLoss(nn.Module):
    """Focal cross-entropy over all classes plus soft Dice of the scratch class.

    Focal: Lin et al., "Focal Loss for Dense Object Detection", 2017, with exponent 1.
    Dice: Milletari et al., "V-Net", 2016, over the whole batch so that crops without a scratch count.

    Parameters
    ----------
    dice_share : float
        Weight of the Dice term.
    """

    def __init__(self, dice_share: float = 0.4) -> None:
        super().__init__()
        self._dice_share = dice_share
        self.register_buffer("weights", torch.tensor(CLASS_WEIGHTS))

    def forward(self, logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Judge a batch.

        Parameters
        ----------
        logits : (N, C, h, w) float32
        target : (N, h, w) int64

        Returns
        -------
        Loss and soft Dice of the scratch class (0..1), both scalars.
        """
        log_chances = functional.log_softmax(logits, dim=1)
        picked = log_chances.gather(1, target[:, None])[:, 0]
        weight = torch.as_tensor(self.weights)[target]
        entropy = -(weight * (1.0 - picked.exp()) * picked).sum() / weight.sum()
        chance = log_chances[:, int(Label.SCRATCH)].exp()
        truth = (target == int(Label.SCRATCH)).float()
        dice = (2.0 * (chance * truth).sum() + 1.0) / ((chance * chance).sum() + truth.sum() + 1.0)
        return entropy + self._dice_share * (1.0 - dice), dice.detach()
