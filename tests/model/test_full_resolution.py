"""A short thin scratch in a picture of full camera resolution, and the memory that finding it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

LENGTH_PX, WIDTH_PX, CONTRAST = 40, 3, 60.0
SIZE = (3000, 4000)
START = (1801, 1403)
MOST_MIB = 1024

JUDGE = """
import json, sys
import cv2
from model.classifier import OpenVinoClassifier
from model.evaluation.memory import peak_mib
from model.precision import Precision
from model.registry import load_bundled
classifier = OpenVinoClassifier(load_bundled(), threads=2, precision=Precision.F32)
found = classifier.predict(cv2.imread(sys.argv[1]))
classifier.close()
boxes = [[r.box.x, r.box.y, r.box.w, r.box.h] for r in found.regions if r.rejects]
print(json.dumps({"boxes": boxes, "peak_mib": peak_mib()}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is asked of Linux")
def test_a_short_scratch_in_twelve_megapixels_is_found_within_a_gibibyte(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    shade = cv2.resize(rng.normal(0.0, 6.0, (6, 8)).astype(np.float32), SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    glass = 45.0 + shade + rng.normal(0.0, 2.0, SIZE).astype(np.float32)
    stroke = np.zeros(SIZE, np.float32)
    stop = (START[0] + round(LENGTH_PX * 0.8), START[1] + round(LENGTH_PX * 0.6))
    cv2.line(stroke, START, stop, 1.0, WIDTH_PX, cv2.LINE_AA)
    picture = np.clip(np.rint(glass + CONTRAST * stroke), 0, 255).astype(np.uint8)
    path = tmp_path / "part.png"
    cv2.imwrite(str(path), picture)
    done = subprocess.run([sys.executable, "-c", JUDGE, str(path)], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    (box,) = answer["boxes"]
    assert abs(box[0] - START[0]) <= 8
    assert abs(box[1] - START[1]) <= 8
    assert abs(box[2] - 0.8 * LENGTH_PX) <= 12
    assert abs(box[3] - 0.6 * LENGTH_PX) <= 12
    assert answer["peak_mib"] < MOST_MIB
