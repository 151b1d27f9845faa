"""The data folder's settings and model, without its log: what needs no database starts without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inspector_app.domain.errors import CameraSettingError, SettingsError
from inspector_app.domain.prediction import ModelIdentity
from inspector_app.optics.setup import CameraSetup
from inspector_app.settings import SETTINGS_FILE, Settings, data_folder, load_settings
from model.classifier import OpenVinoClassifier
from model.model_files import ModelFiles
from model.precision import Precision
from model.registry import ModelRegistry, load_bundled

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class SettledFolder:
    """A data folder whose settings are read; nothing in it is opened or made.

    Attributes
    ----------
    path : Path
        The folder.
    settings : Settings
        Of its ``station.toml``.
    """

    path: Path
    settings: Settings

    @contextmanager
    def naming_the_key(self, key: str) -> Iterator[None]:
        """Say of a setting that proves wrong when it is used in which file and under which key it stands."""
        try:
            yield
        except (SettingsError, CameraSettingError) as error:
            raise SettingsError(f'{self.path / SETTINGS_FILE}: "{key}": {error}') from error

    def camera_setup(self, source: str) -> CameraSetup | None:
        """Return the recorded configuration of a camera; ``None`` where it was never set up, or no log is open."""
        del source
        return None

    @property
    def mm_per_px(self) -> float | None:
        """Size of a px on the part: measured with a target for the camera of the settings, else as the settings say."""
        setup = self.camera_setup(self.settings.camera.source)
        return self.settings.camera.mm_per_px if setup is None or setup.scale is None else setup.scale.mm_per_px

    def registry(self) -> ModelRegistry:
        """Return the models of this data folder."""
        return ModelRegistry(self.path / "models")

    def classifier(self, model: str | None = None) -> OpenVinoClassifier:
        """Load a model: ``bundled``, ``NAME`` or ``NAME VERSION``; without one the model that the settings name.

        Raises
        ------
        ModelError
            If it is not here or not sound; one sentence.
        """
        return OpenVinoClassifier(
            self._files(model),
            self.settings.model.threads or None,
            self._precision,
            mm_per_px=self.mm_per_px,
        )

    def load_model(self, identity: ModelIdentity) -> OpenVinoClassifier:
        """Load the model of this name and version; `ModelError` if there is none."""
        return self.classifier(f"{identity.name} {identity.version}")

    def model_identity(self, model: str | None = None) -> ModelIdentity:
        """Return the identity of a model, named as for `classifier`.

        Its files are read and their hashes checked, but nothing is compiled; `ModelError` if it is not here.
        """
        return self._files(model).manifest.identity

    def model_files(self, model: str | None = None) -> ModelFiles:
        """Return manifest and network of a model, named as for `classifier`; `ModelError` if it is not sound."""
        return self._files(model)

    @property
    def _precision(self) -> Precision:
        return Precision(self.settings.model.precision)

    def _files(self, model: str | None) -> ModelFiles:
        wanted = model or self.settings.model.name
        name, _, version = wanted.partition(" ")
        return load_bundled() if wanted == BUNDLED else self.registry().load(name, version or None, self._precision)


def utc_now() -> datetime:
    """Return the time now, UTC."""
    return datetime.now(UTC)


def open_settings(chosen: Path | None, settings: Settings | None = None) -> SettledFolder:
    """Read a data folder's settings; parameters and errors as of `open_data`."""
    path = data_folder(chosen).absolute()
    return SettledFolder(path, settings or load_settings(path))
