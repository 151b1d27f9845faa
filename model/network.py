"""The segmentation network: grey picture in, one logit per class and 2 × 2 px block out.

A stride-2 stem and an encoder to 1/32, summed back up to 1/4 (a feature pyramid rather than a full
U-Net: the costly full-width convolutions stay at 1/4 and below), then unfolded to 1/2 resolution with
the help of the stem's fine detail. A hairline of one px survives the stem because it keeps 16 channels
at 1/2 resolution.

Only training imports this module; a station runs the exported ONNX file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

NETWORK_STRIDE_PX = 32
"""Height and width of the input must be multiples of this."""
OUTPUT_STRIDE_PX = 2
"""One output element stands for a block of this many px a side."""
HEAD = "head.1"
"""Name of the last convolution: one row for each class, all before it is shared."""


class ConvUnit(nn.Sequential):
    """Convolution, batch normalisation, ReLU.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    kernel, stride, dilation : int
        Of the convolution; padding keeps the size but for the stride.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1) -> None:
        padding = dilation * (kernel - 1) // 2
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class ResidualUnit(nn.Module):
    """Two convolutions beside a shortcut, channels kept."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = ConvUnit(channels, channels, dilation=dilation)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """`(N, C, H, W)` in and out."""
        return functional.relu(x + self.norm(self.second(self.first(x))))


class SegmentationNetwork(nn.Module):
    """Light encoder-decoder for thin structures.

    Parameters
    ----------
    classes : int
        Output channels, background included.
    widths : tuple of int
        Channels at 1/2, 1/4, 1/8, 1/16 and 1/32.
    """

    def __init__(self, classes: int, widths: tuple[int, int, int, int, int] = (16, 32, 56, 80, 112)) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth, last = widths
        self.stem = ConvUnit(1, half, kernel=5, stride=2)
        self.quarter = nn.Sequential(ConvUnit(half, quarter, stride=2), ResidualUnit(quarter))
        self.eighth = nn.Sequential(ConvUnit(quarter, eighth, stride=2), ResidualUnit(eighth))
        self.sixteenth = nn.Sequential(
            ConvUnit(eighth, sixteenth, stride=2), ResidualUnit(sixteenth), ResidualUnit(sixteenth, 2)
        )
        self.last = nn.Sequential(ConvUnit(sixteenth, last, stride=2), ResidualUnit(last), ResidualUnit(last, 2))
        self.last_to_sixteenth = nn.Conv2d(last, sixteenth, 1)
        self.merge_sixteenth = ConvUnit(sixteenth, eighth)
        self.eighth_side = nn.Conv2d(eighth, eighth, 1)
        self.merge_eighth = ConvUnit(eighth, quarter)
        self.quarter_side = nn.Conv2d(quarter, quarter, 1)
        self.merge_quarter = nn.Sequential(ConvUnit(quarter, quarter), ConvUnit(quarter, quarter))
        self.unfold = nn.Sequential(nn.Conv2d(quarter, 4 * half, 1), nn.PixelShuffle(2))
        self.head = nn.Sequential(ConvUnit(half, half), nn.Conv2d(half, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Segment pictures.

        Parameters
        ----------
        x : (N, 1, H, W) float
            Normalised grey pictures; H and W multiples of `NETWORK_STRIDE_PX`.

        Returns
        -------
        (N, classes, H/2, W/2) float
            Logits.
        """
        half = self.stem(x)
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        up = self.merge_sixteenth(sixteenth + _twice(self.last_to_sixteenth(self.last(sixteenth))))
        up = self.merge_eighth(self.eighth_side(eighth) + _twice(up))
        up = self.merge_quarter(self.quarter_side(quarter) + _twice(up))
        logits: Tensor = self.head(half + self.unfold(up))
        return logits


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained values."""
    return sum(weight.numel() for weight in network.parameters())


def seeded_network(classes: int, seed: int) -> SegmentationNetwork:
    """Build a network whose first weights depend on `seed` only; torch's global generator is left as found."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return SegmentationNetwork(classes)
