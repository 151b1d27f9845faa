"""The models a station can use: the bundled one and those in the data folder's ``models``.

A model is a folder with ``model.json`` and ``model.onnx``. Pickles and other formats that run code are never opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.errors import ModelError
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ModelManifest, parse_manifest, read_manifest
from model.model_files import ModelFiles, parse_model_files, read_model_files
from resources.files import resource_bytes, resource_names

_BUNDLED = "models"
_PLACE = "bundled:"


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One entry of the list.

    Attributes
    ----------
    place : str
        Its folder; ``"bundled:NAME"`` for a model that came with the program.
    manifest : ModelManifest or None
        ``None`` if it cannot be read.
    problem : str or None
        One sentence why not; the network's hash is checked when it is loaded, not for the list.
    """

    place: str
    manifest: ModelManifest | None
    problem: str | None


def bundled_names() -> tuple[str, ...]:
    """Return the folder names of the models that came with the program, sorted."""
    try:
        return tuple(name for name in resource_names(_BUNDLED, "") if not name.startswith((".", "_")))
    except FileNotFoundError:
        return ()


def load_bundled() -> ModelFiles:
    """Return the model that came with the program, the last by name if there are several.

    Raises
    ------
    ModelError
        If there is none or it was damaged.
    """
    names = bundled_names()
    if not names:
        raise ModelError("no model came with this program; name a model's folder in the settings.")
    return _load_bundled(names[-1])


class ModelRegistry:
    """The models of one data folder.

    Parameters
    ----------
    folder : Path
        The data folder's ``models``; it need not exist. Each folder in it with a ``model.json`` is a model.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def models(self) -> tuple[RegisteredModel, ...]:
        """Return the bundled models, then those of the data folder, by name; damaged ones with their problem."""
        bundled = tuple(_bundled_entry(name) for name in bundled_names())
        return bundled + tuple(_folder_entry(path) for path in self._model_folders())

    def load(self, name: str, version: str | None = None) -> ModelFiles:
        """Return a model by the name and version in its manifest; the bundled one counts too.

        Parameters
        ----------
        name : str
            As in the manifest.
        version : str or None
            ``None``: there must be one version only.

        Raises
        ------
        ModelError
            If there is none, or more than one, or it is damaged.
        """
        wanted = name if version is None else f"{name} {version}"
        fits = [entry for entry in self.models() if _is(entry, name, version)]
        if len(fits) != 1:
            known = ", ".join(sorted(_titles(self.models()))) or "none"
            fault = "is not here" if not fits else "is here more than once; name the version or remove one"
            raise ModelError(f"{self._folder}: model {wanted} {fault} (known: {known}).")
        place = fits[0].place
        bundled = place.removeprefix(_PLACE)
        return read_model_files(Path(place)) if bundled == place else _load_bundled(bundled)

    def _model_folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if (path / MANIFEST_NAME).is_file())


def _is(entry: RegisteredModel, name: str, version: str | None) -> bool:
    manifest = entry.manifest
    return manifest is not None and manifest.name == name and version in {None, manifest.version}


def _titles(entries: tuple[RegisteredModel, ...]) -> list[str]:
    return [f"{entry.manifest.name} {entry.manifest.version}" for entry in entries if entry.manifest is not None]


def _folder_entry(path: Path) -> RegisteredModel:
    try:
        return RegisteredModel(str(path), read_manifest(path / MANIFEST_NAME), None)
    except ModelError as fault:
        return RegisteredModel(str(path), None, str(fault))


def _load_bundled(name: str) -> ModelFiles:
    try:
        texts = (resource_bytes(_BUNDLED, name, MANIFEST_NAME), resource_bytes(_BUNDLED, name, NETWORK_NAME))
    except OSError as error:
        raise ModelError(f"{_PLACE}{name}: the model that came with the program cannot be read ({error}).") from error
    return parse_model_files(*texts, _PLACE + name)


def _bundled_entry(name: str) -> RegisteredModel:
    place = _PLACE + name
    try:
        text = resource_bytes(_BUNDLED, name, MANIFEST_NAME)
        return RegisteredModel(place, parse_manifest(text, f"{place}/{MANIFEST_NAME}"), None)
    except (ModelError, OSError) as fault:
        return RegisteredModel(place, None, str(fault))
