"""A folder of parts that may vanish and come back."""

from __future__ import annotations

from pathlib import Path

from inspector_app.cameras.listing import PictureFile, picture_files, picture_root
from inspector_app.domain.errors import CameraLost


class PictureFolder:
    """Lists a folder and tells a lost file from a lost folder.

    Parameters
    ----------
    path : Path
        Plain folder, or data set; see `picture_files`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity: tuple[int, int] | None = None

    def files(self) -> tuple[PictureFile, ...]:
        """List the parts in natural order; `CameraLost` if the folder is not there or holds none."""
        try:
            self._identity = self._found()
            files = picture_files(self.path)
        except OSError as error:
            raise CameraLost(f"Folder {self.path} cannot be read: {error.strerror or error}.") from error
        if not files:
            raise CameraLost(f"Folder {self.path} holds no pictures (.jpg, .png, .bmp, .tif, .webp).")
        return files

    def require(self, file: PictureFile) -> None:
        """Raise `CameraLost` if a file is missing because the folder is.

        A folder is lost when it is gone, is another one than at the last listing (a drive was unmounted, say), or is
        suddenly without any pictures.
        """
        try:
            if file.path.exists():
                return
            here = self._found() == self._identity and bool(picture_files(self.path))
        except OSError as error:
            raise CameraLost(f"Folder {self.path} has vanished: {error.strerror or error}.") from error
        if not here:
            raise CameraLost(f"Folder {self.path} has vanished.")

    def _found(self) -> tuple[int, int]:
        found = picture_root(self.path)[0].stat()
        return found.st_dev, found.st_ino
