"""What a station asks and what a prediction server answers.

The same for our own server and for any other that speaks the protocol: a Triton or KServe model with these inputs and
outputs, and no batch dimension, answers a station. The answer holds everything that a `Prediction` is made of, and the
numbers survive the way unchanged, so that a remote model and the same model in the station give the same prediction.
Lengths come in px; who asks knows the size of a pixel and adds mm (`Region.on_part`).
"""

from __future__ import annotations

from typing import Final

from model.protocol.tensors import BYTES, FP64, UINT8, TensorSpec

PICTURE: Final = TensorSpec("picture", BYTES, (1,), optional=True)
"""A picture file, JPEG or PNG (BMP, TIFF and WebP too on our server)."""
PIXELS: Final = TensorSpec("pixels", UINT8, (-1, -1, -1), optional=True)
"""In its place a picture as ``[H, W, C]``: C is 1 for grey, 3 for BGR. Our server takes grey as ``[H, W]`` too."""
INPUTS: Final = (PICTURE, PIXELS)
"""Exactly one of them is sent."""

STATUS: Final = TensorSpec("status", BYTES, (1,))
"""A value of `PredictionStatus`."""
PROBABILITY: Final = TensorSpec("probability", FP64, (1,))
"""P(reject); not a number unless the status is ``ok``."""
REGIONS: Final = TensorSpec("regions", BYTES, (1,))
"""JSON, UTF-8: a list of `inspector_app.domain.records.region_record`."""
MODEL: Final = TensorSpec("model", BYTES, (1,))
"""JSON, UTF-8: ``{"name", "version", "sha256", "preprocessing_sha256"}`` of the model that computed this answer."""
ELAPSED_MS: Final = TensorSpec("elapsed_ms", FP64, (1,))
"""Picture in hand to answer on the server, ms, without waiting and transport."""
DETAIL: Final = TensorSpec("detail", BYTES, (1,))
"""One sentence why the status is not ``ok``; empty if there is none."""
OUTPUTS: Final = (STATUS, PROBABILITY, REGIONS, MODEL, ELAPSED_MS, DETAIL)

TIMEOUT: Final = "timeout"
"""Request parameter, int64, microseconds, as Triton has it: an answer is of no use after that time."""

DEFAULT_MODEL: Final = "default"
"""The name under which a server offers the model in charge; ``blue`` and ``green`` are those of the two slots."""

MOST_MESSAGE_BYTES: Final = 512 * 1024 * 1024
"""Upper bound of a gRPC message that both ends are set to; what a server takes is a setting of its own."""
