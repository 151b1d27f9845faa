"""Make the pictures of the user guide: a first start and a short simulated shift. Run by ``make screenshots``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from inspector_app.bootstrap.commissioning_room import FolderCommissioningRoom
from inspector_app.bootstrap.demo import headless_shift

PARTS = 60
PICTURES = Path(__file__).parent / "pictures"
SHOWN = (
    "assist-inspect-light.png",
    "assist-inspect-dark.png",
    "assist-automation-light.png",
    "full-history-light.png",
    "full-part-light.png",
    "full-agreement-light.png",
    "full-study-light.png",
    "full-models-light.png",
    "full-system-light.png",
    "full-camera-light.png",
)


def main() -> None:
    """Replace the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        headless_shift(PARTS, Path(name), lambda done, what: sys.stderr.write(f"\r{what}: {done} parts "))
        for shown in SHOWN:
            shutil.copyfile(Path(name) / shown, PICTURES / shown)
        # Only now: a QApplication is made without a display by the first that needs it.
        from ui.screenshots import photograph_first_start

        photograph_first_start(FolderCommissioningRoom(Path(name) / "station-1"), PICTURES)
    sys.stderr.write("\n")


if __name__ == "__main__":
    main()
