"""Lens, sensor and file format: what stands between a part and its picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.fields import FloatImage, add_grey


@dataclass(frozen=True, slots=True)
class Optics:
    """One camera's way of seeing.

    Attributes
    ----------
    blur_px : float
        Deviation of the lens blur.
    gain : float
        Exposure relative to the scene.
    offset : float
        Black level, grey levels.
    read_noise, shot_noise : float
        Noise deviation in the dark, and per square root of grey level.
    chroma_noise : float
        Coloured, coarser noise, grey levels.
    sharpen : float
        Strength of the camera's own sharpening, 0 none.
    jpeg_quality : int
        0 where the picture was never compressed.
    """

    blur_px: float
    gain: float
    offset: float
    read_noise: float
    shot_noise: float
    chroma_noise: float
    sharpen: float
    jpeg_quality: int


def plan_optics(rng: np.random.Generator) -> Optics:
    """Draw a camera."""
    return Optics(
        blur_px=float(rng.uniform(0.45, 1.5)),
        gain=float(np.exp(rng.normal(0.0, 0.22))),
        offset=float(rng.uniform(0.0, 9.0)),
        read_noise=float(np.exp(rng.uniform(np.log(0.3), np.log(3.0)))),
        shot_noise=float(rng.uniform(0.0, 0.25)),
        chroma_noise=float(rng.uniform(0.0, 1.5)),
        sharpen=float(rng.choice([0.0, rng.uniform(0.2, 1.0)], p=[0.6, 0.4])),
        jpeg_quality=int(rng.integers(60, 98)) if rng.random() < 0.4 else 0,
    )


def photograph(scene: FloatImage, optics: Optics, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Turn painted light into a picture.

    Parameters
    ----------
    scene : (H, W, 3) float32, BGR grey levels

    Returns
    -------
    (H, W, 3) uint8, BGR
    """
    seen = cv2.GaussianBlur(scene, (0, 0), optics.blur_px)
    if optics.sharpen:
        wide = cv2.GaussianBlur(seen, (0, 0), 1.5)
        seen = cv2.addWeighted(seen, 1.0 + optics.sharpen, wide, -optics.sharpen, 0.0, wide)
    noise = _noise(np.asarray(seen, np.float32), optics, rng)
    picture = cv2.scaleAdd(seen, optics.gain, noise, noise)
    black = np.full(4, optics.offset, np.float64)  # a scalar of four channels to OpenCV
    exposed = np.asarray(cv2.add(picture, black, dtype=cv2.CV_8U), np.uint8)
    if not optics.jpeg_quality:
        return exposed
    _, packed = cv2.imencode(".jpg", exposed, [cv2.IMWRITE_JPEG_QUALITY, optics.jpeg_quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _noise(seen: FloatImage, optics: Optics, rng: np.random.Generator) -> FloatImage:
    """Noise of the sensor, `(H, W, 3)`: fine in brightness, coarse in colour."""
    height, width = seen.shape[:2]
    half, quarter = (height // 2 + 1, width // 2 + 1), (height // 4 + 1, width // 4 + 1)
    lit = np.maximum(cv2.resize(seen[..., 1], half[::-1], interpolation=cv2.INTER_NEAREST), 0.0)
    deviation = np.sqrt(lit * np.float32(optics.shot_noise**2) + np.float32(optics.read_noise**2))
    fine = rng.standard_normal((height, width), dtype=np.float32)
    fine *= cv2.resize(deviation, (width, height), interpolation=cv2.INTER_NEAREST)
    coarse = rng.standard_normal((*quarter, 3), dtype=np.float32) * np.float32(optics.chroma_noise)
    noise = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return add_grey(noise, fine)
