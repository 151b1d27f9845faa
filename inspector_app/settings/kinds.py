"""Kinds of values that several settings share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
OpenShare = Annotated[float, Field(gt=0.0, lt=1.0)]
PositiveShare = Annotated[float, Field(gt=0.0, le=1.0)]
Seconds = Annotated[float, Field(gt=0.0, le=3600.0)]
CodeKind = Literal[
    "DataMatrix", "QRCode", "MicroQRCode", "Aztec", "PDF417", "Code128", "Code39", "Code93", "EAN13", "ITF"
]
"""Names of ZXing."""
Name = Annotated[str, Field(min_length=1, max_length=80)]
