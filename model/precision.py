"""The arithmetics a network can be run in."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """Arithmetic of the network.

    ``AUTO`` is what was measured best when the model was installed; for a model that was not, bf16 where the processor
    computes in it, else f32. ``INT8`` runs the quantised network that was made and measured at installation.
    """

    AUTO = "auto"
    F32 = "f32"
    BF16 = "bf16"
    INT8 = "int8"
