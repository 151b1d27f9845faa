"""A model in memory, with its hash checked: manifest and network in ONNX or OpenVINO's IR; nothing else is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from inspector_app.domain.errors import ModelAltered, ModelError
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ModelManifest, parse_manifest, read_manifest
from model.precision import Precision

IR_NAME = "model.xml"
IR_WEIGHTS_NAME = "model.bin"

CODE_BEARING = frozenset({".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".pt2", ".joblib", ".h5", ".keras"})
"""Suffixes of files that are not opened: loading them runs, or may run, code that came with them."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A manifest and the bytes of the network that it speaks of; the hash of these very bytes was checked.

    Attributes
    ----------
    manifest : ModelManifest
        Its ``sha256`` is that of the network here.
    network : bytes
        ``model.onnx``, or ``model.xml`` of OpenVINO's IR.
    weights : bytes
        ``model.bin`` of an IR; empty for ONNX.
    precision : Precision
        Chosen by measurement when the model was installed; ``AUTO`` if nothing was measured.
    """

    manifest: ModelManifest
    network: bytes
    weights: bytes = b""
    precision: Precision = Precision.AUTO


def network_sha256(network: bytes, weights: bytes = b"") -> str:
    """Return the identity of a network, 64 hex digits.

    Of ONNX the file's SHA-256; of an IR what ``sha256sum model.xml model.bin | sha256sum`` prints, so that no byte can
    move from one file to the other unseen.
    """
    digest = hashlib.sha256(network).hexdigest()
    if not weights:
        return digest
    listed = f"{digest}  {IR_NAME}\n{hashlib.sha256(weights).hexdigest()}  {IR_WEIGHTS_NAME}\n"
    return hashlib.sha256(listed.encode()).hexdigest()


def read_model_files(folder: Path) -> ModelFiles:
    """Read a model folder.

    Raises
    ------
    ModelError
        If a file is missing or wrong, or the network is not the one that the manifest speaks of.
    """
    manifest = read_manifest(folder / MANIFEST_NAME)
    path, network, weights = read_network(folder)
    return checked_files(manifest, network, weights, str(path))


def read_network(folder: Path) -> tuple[Path, bytes, bytes]:
    """Return the path of a folder's network, its bytes, and the bytes of its weights (empty for ONNX); `ModelError`."""
    onnx, graph, weights = (folder / name for name in (NETWORK_NAME, IR_NAME, IR_WEIGHTS_NAME))
    if onnx.is_file() and graph.is_file():
        raise ModelError(f"{folder} holds {NETWORK_NAME} and {IR_NAME}; keep the one that {MANIFEST_NAME} speaks of.")
    if graph.is_file():
        return graph, _bytes(graph), _bytes(weights)
    if not onnx.is_file():
        refuse_code_bearing(folder)
    return onnx, _bytes(onnx), b""


def refuse_code_bearing(path: Path) -> None:
    """Raise `ModelError` if a file, or a file in a folder, is of a kind that runs code when it is loaded."""
    found = [path] if path.is_file() else sorted(path.glob("*")) if path.is_dir() else []
    for file in found:
        if file.suffix.lower() in CODE_BEARING:
            raise ModelError(f"{file} is not opened: {_way_out(file.suffix.lower())}")


def _way_out(suffix: str) -> str:
    if suffix in {".h5", ".keras"}:
        return (
            "a Keras file may hold code that runs when it is loaded; export a SavedModel with model.export(FOLDER)"
            " and import that folder."
        )
    return (
        "a file of this kind may run code when it is loaded; export the network to ONNX where it was trained,"
        " in PyTorch with torch.onnx.export(network, example, 'model.onnx'), and import that file."
    )


def parse_model_files(manifest_text: bytes, network: bytes, where: str) -> ModelFiles:
    """Check a model that does not lie in a folder; ``where`` names it in the sentence of a `ModelError`."""
    manifest = parse_manifest(manifest_text, f"{where}/{MANIFEST_NAME}")
    return checked_files(manifest, network, b"", f"{where}/{NETWORK_NAME}")


def checked_files(manifest: ModelManifest, network: bytes, weights: bytes, where: str) -> ModelFiles:
    """Return a model if the network is the one that its manifest speaks of; `ModelError` naming ``where`` if not."""
    digest = network_sha256(network, weights)
    if digest != manifest.sha256:
        raise ModelAltered(
            f"{where}: its SHA-256 is {digest}, but {MANIFEST_NAME} key 'sha256' says {manifest.sha256};"
            " the file was changed or belongs to another model."
        )
    return ModelFiles(manifest, network, weights)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: the network cannot be read ({error.strerror}).") from error
