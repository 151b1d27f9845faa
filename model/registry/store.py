"""The data folder's ``models``: list, load, add in one step, remove.

An installed model lies in ``NAME/VERSION`` with its papers (`model.registry.entry`) and is never changed. A folder that
somebody put there by hand is listed with what to do about it, and never run: nothing has shown what it computes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from inspector_app.domain.errors import ModelError
from inspector_app.durable import sync_folder
from model.manifest import MANIFEST_NAME, ModelManifest, read_manifest
from model.model_files import ModelFiles, checked_files, network_sha256, read_model_files
from model.precision import Precision
from model.registry.bundled import PLACE, bundled_manifest, bundled_names, load_bundled
from model.registry.entry import ENTRY_NAME, RegistryEntry, read_entry, write_entry

QUANTISED_NAME = "int8.xml"
QUANTISED_WEIGHTS_NAME = "int8.bin"

_DRAFT = ".draft-"
_REMOVED = ".removed-"


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One entry of the list.

    Attributes
    ----------
    place : str
        Its folder; ``"bundled:NAME"`` for a model that came with the program.
    manifest : ModelManifest or None
        ``None`` if it cannot be read.
    entry : RegistryEntry or None
        Its papers; ``None`` if they cannot be read or it was not installed: bundled, or put there by hand.
    problem : str or None
        One sentence why it cannot be used; hashes are checked when it is loaded, not for the list.
    """

    place: str
    manifest: ModelManifest | None
    entry: RegistryEntry | None
    problem: str | None

    @property
    def bundled(self) -> bool:
        """True if it came with the program."""
        return self.place.startswith(PLACE)


class ModelRegistry:
    """The models of one data folder.

    Parameters
    ----------
    folder : Path
        The data folder's ``models``; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where installed models lie."""
        return self._folder

    def models(self) -> tuple[RegisteredModel, ...]:
        """Return the bundled models, then those of the data folder, by place; damaged ones with their problem."""
        bundled = tuple(_bundled_model(name) for name in bundled_names())
        return bundled + tuple(_folder_model(path) for path in self._model_folders())

    def find(self, name: str, version: str | None = None) -> RegisteredModel:
        """Return a model by the name and version in its manifest.

        A bundled model counts where the data folder has none of that name and version.

        Parameters
        ----------
        name : str
            As in the manifest.
        version : str or None
            ``None``: there must be one version only.

        Raises
        ------
        ModelError
            If there is none, or more than one.
        """
        wanted = name if version is None else f"{name} {version}"
        everything = self.models()
        fits = [model for model in everything if _is(model, name, version)]
        fits = [model for model in fits if not model.bundled] or fits
        if len(fits) != 1:
            known = ", ".join(sorted(set(_titles(everything)))) or "none"
            fault = "is not here" if not fits else "is here more than once; name the version or remove one"
            raise ModelError(f"{self._folder}: model {wanted} {fault} (known: {known}).")
        return fits[0]

    def load(self, name: str, version: str | None = None, precision: Precision = Precision.AUTO) -> ModelFiles:
        """Return a model's bytes; every hash is checked.

        Parameters
        ----------
        name, version : str
            As of `find`.
        precision : Precision
            ``INT8``, or ``AUTO`` where that was chosen at installation, gives the quantised network; its manifest's
            ``sha256`` is then that of the quantised files.

        Raises
        ------
        ModelError
            As of `find`, and if a file was changed, lacks, or there is no quantised network.
        """
        found = self.find(name, version)
        if found.bundled:
            return load_bundled(found.place.removeprefix(PLACE))
        return load_installed(Path(found.place), precision)

    def add(self, draft: Path, manifest: ModelManifest, entry: RegistryEntry) -> Path:
        """Install a drafted model in one step and return its folder.

        Parameters
        ----------
        draft : Path
            A folder from `drafting` with everything but ``entry.json``.
        manifest : ModelManifest
            For name and version.
        entry : RegistryEntry
            Its ``files`` are filled in here.

        Raises
        ------
        ModelError
            If this version is installed already, or the disk refuses.
        """
        home = self._home(manifest)
        files = {path.name: _file_sha256(path) for path in sorted(draft.iterdir())}
        try:
            write_entry(replace(entry, files=files), draft)
            for path in draft.iterdir():
                _sync_file(path)
            sync_folder(draft)
            home.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(home)
            sync_folder(home.parent)
        except OSError as error:
            self.check_absent(manifest)
            raise ModelError(f"{home} cannot be written: {error.strerror or error}.") from error
        return home

    def check_absent(self, manifest: ModelManifest) -> None:
        """Raise `ModelError` if this version is installed already."""
        home = self._home(manifest)
        if home.exists():
            raise ModelError(
                f"{home}: model {manifest.name} {manifest.version} is installed already; give the new one another"
                " version, or remove the old one first."
            )

    @contextmanager
    def drafting(self) -> Iterator[Path]:
        """Yield an empty folder beside the models to make one in; what is left of it at the end is deleted."""
        try:
            draft = self._folder / f"{_DRAFT}{secrets.token_hex(8)}"
            draft.mkdir(parents=True)
        except OSError as error:
            raise ModelError(f"{self._folder} cannot be written: {error.strerror or error}.") from error
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def remove(self, name: str, version: str) -> Path:
        """Delete a version from the data folder and return the folder it had.

        Raises
        ------
        ModelError
            If it is not there, is bundled, or the disk refuses.
        """
        found = self.find(name, version)
        if found.bundled:
            raise ModelError(f"model {name} {version} came with the program and stays.")
        home = Path(found.place)
        gone = home.with_name(f"{_REMOVED}{home.name}")
        try:
            # first out of sight in one step: half a model is never found
            home.rename(gone)
            shutil.rmtree(gone)
            if home.parent != self._folder and not any(home.parent.iterdir()):
                home.parent.rmdir()
        except OSError as error:
            raise ModelError(f"{home} cannot be removed: {error.strerror or error}.") from error
        return home

    def _home(self, manifest: ModelManifest) -> Path:
        return self._folder / manifest.name / manifest.version

    def _model_folders(self) -> list[Path]:
        """Return the folders with a manifest, directly here or one below."""
        shallow = [path.parent for path in self._folder.glob(f"*/{MANIFEST_NAME}")]
        deep = [path.parent for path in self._folder.glob(f"*/*/{MANIFEST_NAME}")]
        hidden = (".", "_")
        return sorted(
            path
            for path in shallow + deep
            if not any(part.startswith(hidden) for part in path.relative_to(self._folder).parts)
        )


def load_installed(folder: Path, precision: Precision = Precision.AUTO) -> ModelFiles:
    """Return the model in an installed version's folder, every file checked against its papers. `ModelError`."""
    entry = read_entry(folder)
    _check_files(folder, entry)
    files = read_model_files(folder)
    wanted = entry.chosen if precision is Precision.AUTO else precision
    if wanted is not Precision.INT8:
        return replace(files, precision=wanted)
    if QUANTISED_NAME not in entry.files:
        raise ModelError(f"{folder}: no int8 network was made when this model was installed; choose another precision.")
    return quantised_files(folder, files.manifest)


def quantised_files(folder: Path, manifest: ModelManifest) -> ModelFiles:
    """Return the quantised network in a folder under the identity of its own files; `ModelError`."""
    try:
        network, weights = ((folder / name).read_bytes() for name in (QUANTISED_NAME, QUANTISED_WEIGHTS_NAME))
    except OSError as error:
        raise ModelError(f"{folder / QUANTISED_NAME}: the network cannot be read ({error.strerror}).") from error
    own = replace(manifest, sha256=network_sha256(network, weights))
    return replace(checked_files(own, network, weights, str(folder / QUANTISED_NAME)), precision=Precision.INT8)


def _check_files(folder: Path, entry: RegistryEntry) -> None:
    for name, wanted in entry.files.items():
        path = folder / name
        try:
            found = _file_sha256(path)
        except OSError as error:
            raise ModelError(f"{path} cannot be read ({error.strerror}); install the model again.") from error
        if found != wanted:
            raise ModelError(
                f"{path} was changed after it was installed (SHA-256 {found}, {ENTRY_NAME} says {wanted});"
                " the model is not run; install it again."
            )


def _is(model: RegisteredModel, name: str, version: str | None) -> bool:
    manifest = model.manifest
    return manifest is not None and manifest.name == name and version in {None, manifest.version}


def _titles(models: tuple[RegisteredModel, ...]) -> list[str]:
    return [f"{model.manifest.name} {model.manifest.version}" for model in models if model.manifest is not None]


def _folder_model(path: Path) -> RegisteredModel:
    try:
        manifest = read_manifest(path / MANIFEST_NAME)
    except ModelError as fault:
        return RegisteredModel(str(path), None, None, str(fault))
    try:
        return RegisteredModel(str(path), manifest, read_entry(path), None)
    except ModelError as fault:
        return RegisteredModel(str(path), manifest, None, str(fault))


def _bundled_model(name: str) -> RegisteredModel:
    try:
        return RegisteredModel(PLACE + name, bundled_manifest(name), None, None)
    except ModelError as fault:
        return RegisteredModel(PLACE + name, None, None, str(fault))


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
