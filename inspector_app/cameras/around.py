"""A camera around another one: what such cameras pass on as it is."""

from __future__ import annotations

from inspector_app.domain.ports import Camera, CameraControls, CameraCounts


class CameraAround:
    """Passes everything but `grab` on to the camera within; base of cameras that watch another one.

    Parameters
    ----------
    camera : Camera
        Used by the thread that uses this one.
    """

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    @property
    def name(self) -> str:
        """Display name."""
        return self._camera.name

    @property
    def uri(self) -> str:
        """URI of the camera."""
        return self._camera.uri

    @property
    def counts(self) -> CameraCounts:
        """Pictures of the camera so far."""
        return self._camera.counts

    def open(self) -> None:
        """Connect; `CameraLost`."""
        self._camera.open()

    def configure(self, controls: CameraControls) -> CameraControls:
        """Apply settings; `CameraSettingError`."""
        return self._camera.configure(controls)

    def trigger(self) -> None:
        """Take one picture now, as the camera does it."""
        self._camera.trigger()

    def close(self) -> None:
        """Stop and release."""
        self._camera.close()
