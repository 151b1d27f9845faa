"""Codes in a picture (DataMatrix, QR, bar codes), read by ZXing."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

from inspector_app.domain.errors import SettingsError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.prediction import Box


def code_reader(kinds: Sequence[str], region: Box | None) -> Callable[[Pixels], tuple[str, ...]]:
    """Return a reader of codes.

    Parameters
    ----------
    kinds : sequence of str
        Names of ZXing, for example ``"DataMatrix"``; fewer are read faster and mistaken less.
    region : Box or None
        Where to look, in px; ``None``: everywhere. What lies outside of a picture is left out.

    Raises
    ------
    SettingsError
        If ZXing is not installed.
    """
    if importlib.util.find_spec("zxingcpp") is None:
        raise SettingsError(
            'Part numbers from codes need zxing-cpp: install it with pip install "inspection-station[codes]".'
        )
    zxing: Any = importlib.import_module("zxingcpp")
    formats = [getattr(zxing.BarcodeFormat, kind) for kind in kinds]

    def read(pixels: Pixels) -> tuple[str, ...]:
        window = pixels
        if region is not None:
            window = pixels[region.y : region.y + region.h, region.x : region.x + region.w]
        if not window.size:
            return ()
        found = zxing.read_barcodes(window, formats=formats)
        return tuple(dict.fromkeys(result.text for result in found if result.valid))

    return read
