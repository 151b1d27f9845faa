"""A model folder in memory, with its hash checked: ``model.json`` and ``model.onnx``, nothing else is ever loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.errors import ModelError
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ModelManifest, parse_manifest, read_manifest


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A manifest and the bytes of the network that it speaks of; the hash of these very bytes was checked."""

    manifest: ModelManifest
    network: bytes


def read_model_files(folder: Path) -> ModelFiles:
    """Read a model folder.

    Raises
    ------
    ModelError
        If either file is missing or wrong, or the network is not the one that the manifest speaks of.
    """
    manifest = read_manifest(folder / MANIFEST_NAME)
    path = folder / NETWORK_NAME
    try:
        network = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: the network cannot be read ({error.strerror}).") from error
    return _checked(manifest, network, str(path))


def parse_model_files(manifest_text: bytes, network: bytes, where: str) -> ModelFiles:
    """Check a model that does not lie in a folder; ``where`` names it in the sentence of a `ModelError`."""
    manifest = parse_manifest(manifest_text, f"{where}/{MANIFEST_NAME}")
    return _checked(manifest, network, f"{where}/{NETWORK_NAME}")


def _checked(manifest: ModelManifest, network: bytes, where: str) -> ModelFiles:
    digest = hashlib.sha256(network).hexdigest()
    if digest != manifest.sha256:
        raise ModelError(
            f"{where}: its SHA-256 is {digest}, but {MANIFEST_NAME} key 'sha256' says {manifest.sha256};"
            " the file was changed or belongs to another model."
        )
    return ModelFiles(manifest, network)
