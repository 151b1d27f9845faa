"""Codes in pictures, read back from codes that ZXing wrote."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

from inspector_app.cameras import codes
from inspector_app.cameras.codes import code_reader
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.prediction import Box

if importlib.util.find_spec("zxingcpp") is None:
    pytest.skip("zxing-cpp (the [codes] extra) is not installed", allow_module_level=True)
import zxingcpp


def with_code(picture: NDArray[np.uint8], text: str, kind: str, left: int, top: int) -> None:
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    code = np.asarray(zxingcpp.write_barcode_to_image(made, scale=4))
    picture[top : top + code.shape[0], left : left + code.shape[1]] = code[..., None]


def part() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(30, 60, (480, 640, 3), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["DataMatrix", "QRCode", "Code128"])
def test_reads_a_code_on_a_part(kind: str) -> None:
    picture = part()
    with_code(picture, "SN-0042", kind, 40, 60)
    assert code_reader([kind], None)(picture) == ("SN-0042",)
    assert code_reader(["Aztec"], None)(picture) == ()


def test_looks_where_it_is_told_to() -> None:
    picture = part()
    with_code(picture, "LEFT", "DataMatrix", 20, 100)
    with_code(picture, "RIGHT", "DataMatrix", 420, 100)
    assert set(code_reader(["DataMatrix"], None)(picture)) == {"LEFT", "RIGHT"}
    assert code_reader(["DataMatrix"], Box(320, 0, 320, 480))(picture) == ("RIGHT",)
    assert code_reader(["DataMatrix"], Box(5000, 0, 10, 10))(picture) == ()


def test_without_zxing_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SettingsError, match=r"inspection-station\[codes\]"):
        code_reader(["QRCode"], None)
