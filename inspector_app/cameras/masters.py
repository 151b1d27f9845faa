"""Dark frames, flat fields and reference pictures on disk: PNG files named by their SHA-256, never changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import OpticsRefused
from inspector_app.durable import write_whole
from inspector_app.optics.corrections import Corrector
from inspector_app.optics.quality import PlacementLimits, QualityLimits
from inspector_app.optics.setup import CameraSetup, MasterFile, TaughtPlacement, TaughtQuality

FOLDER = "camera"


class MasterShelf:
    """Keeps and finds the pictures that a camera configuration names.

    Parameters
    ----------
    data_folder : Path
        The files are in its ``camera`` folder.
    """

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / FOLDER

    def keep(self, picture: NDArray[np.uint8] | NDArray[np.uint16], frames: int) -> MasterFile:
        """Write a picture durably and return its name; `OpticsRefused` if it cannot be written."""
        data = cv2.imencode(".png", picture)[1].tobytes()
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            raise OpticsRefused(f"{self._folder} cannot be written: {error.strerror}.") from error
        return MasterFile(sha256, frames)

    def find(self, master: MasterFile) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a picture; `OpticsRefused` if its file is gone or is not the one that was kept."""
        path = self._path(master.sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise OpticsRefused(f"{path} cannot be read: {error.strerror}. Teach it again.") from error
        if hashlib.sha256(data).hexdigest() != master.sha256:
            raise OpticsRefused(f"{path} is not the picture that was taught. Teach it again.")
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if picture is None:
            raise OpticsRefused(f"{path} is no picture. Teach it again.")
        return np.asarray(picture, np.uint16) if picture.dtype == np.uint16 else np.asarray(picture, np.uint8)

    def corrector(self, setup: CameraSetup) -> Corrector:
        """Return what applies a configuration's corrections; `OpticsRefused` if a file is not sound."""
        dark = None if setup.dark is None else np.asarray(self.find(setup.dark), np.uint16)
        flat = None if setup.flat is None else np.asarray(self.find(setup.flat), np.uint16)
        return Corrector(setup.roi, dark, flat, setup.white)

    def limits(self, taught: TaughtQuality) -> QualityLimits:
        """Return limits of quality with their reference picture; `OpticsRefused` if its file is not sound."""
        placement = taught.placement
        found = None
        if placement is not None:
            reference = np.asarray(self.find(placement.reference), np.uint8)
            found = PlacementLimits(
                reference, placement.right, placement.down, placement.turned_deg, placement.likeness
            )
        values = {name: getattr(taught, name) for name in QualityLimits.__slots__ if name != "placement"}
        return QualityLimits(**values, placement=found)

    def keep_limits(self, limits: QualityLimits) -> TaughtQuality:
        """Write the reference picture of taught limits and return them as they stand in a configuration."""
        placement = limits.placement
        taught = None
        if placement is not None:
            file = self.keep(placement.reference, 1)
            taught = TaughtPlacement(file, placement.right, placement.down, placement.turned_deg, placement.likeness)
        values = {name: getattr(limits, name) for name in QualityLimits.__slots__ if name != "placement"}
        return TaughtQuality(**values, placement=taught)

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.png"
