"""What corrections and the gate of picture quality cost per picture, against the least that any station does to it.

That least is the picture's identity, SHA-256 over its pixels, which every part pays; and against reading the same
picture from a PNG, as a folder of pictures does.
"""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from benchmarks.figures import in_turn, ratio, row
from inspector_app.domain.frame import Pixels, frozen_pixels
from inspector_app.optics.corrections import Corrector, mean_frame
from inspector_app.optics.quality import complaint, frozen_complaint, teach
from inspector_app.optics.sight import sight_of

_SIZE = (1080, 1920)
_ROUNDS = 40


def pictures(count: int, colour: bool) -> list[Pixels]:
    """Return noisy pictures of a bright part on a dark ground, all in the same place."""
    made = []
    for number in range(count):
        rng = np.random.default_rng(number)
        part = np.full(_SIZE, 40, np.uint8)
        cv2.rectangle(part, (300, 200), (1600, 880), 130, -1)
        for x, y in rng.integers((300, 200), (1600, 880), (200, 2)):
            cv2.line(part, (int(x), int(y)), (int(x) + 30, int(y) + 9), 180, 1)
        noise = rng.integers(-6, 7, _SIZE, np.int8)
        grey = np.clip(part.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        made.append(frozen_pixels(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR) if colour else grey))
    return made


def report(colour: bool) -> None:
    """Print the figures of grey or colour pictures."""
    shown = pictures(12, colour)
    limits = teach(shown, live=True)
    flat = mean_frame([np.full_like(shown[0], 180)] * 4)
    dark = mean_frame([np.full_like(shown[0], 4)] * 4)
    dark_only, both = Corrector(None, dark, None, None), Corrector(None, dark, flat, None)
    png = cv2.imencode(".png", shown[0], [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    times = in_turn(
        {
            "gate: all limits, placement too": lambda: complaint(shown[1], limits),
            "gate: untaught, only pictures of nothing": lambda: complaint(shown[1], None),
            "gate: same picture as before?": lambda: frozen_complaint(shown[1], shown[2]),
            "corrections: dark frame": lambda: dark_only.apply(shown[1]),
            "corrections: dark frame and flat field": lambda: both.apply(shown[1]),
            "camera page: histogram and measures": lambda: sight_of(shown[1], None, None),
            "identity: SHA-256 of the px": lambda: hashlib.sha256(shown[1].data).hexdigest(),
            "reading it from a PNG": lambda: cv2.imdecode(png, cv2.IMREAD_UNCHANGED),
        },
        _ROUNDS,
    )
    print(f"1920 x 1080 {'BGR' if colour else 'grey'}, placement judged: {limits.placement is not None}")
    for name, values in times.items():
        print(row(name, values))
    least, png_ms = times["identity: SHA-256 of the px"], times["reading it from a PNG"]
    print(ratio("all limits / identity", times["gate: all limits, placement too"], least))
    print(ratio("dark and flat / identity", times["corrections: dark frame and flat field"], least))
    print(ratio("all limits / reading from a PNG", times["gate: all limits, placement too"], png_ms))


def main() -> None:
    """Print the figures."""
    for colour in (False, True):
        report(colour)


if __name__ == "__main__":
    main()
