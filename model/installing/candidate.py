"""Models that somebody brings: read or converted to ONNX or OpenVINO's IR, without running any code of theirs."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from inspector_app.domain.errors import ModelError
from model.manifest import CARD_NAME, MANIFEST_NAME, ModelManifest, parse_manifest
from model.model_files import (
    IR_NAME,
    ModelFiles,
    checked_files,
    network_sha256,
    read_model_files,
    refuse_code_bearing,
)
from model.openvino_runtime import openvino_runtime
from model.registry.bundled import PLACE, bundled_card, bundled_names, load_bundled

SAVED_MODEL_NAME = "saved_model.pb"

_BRINGABLE = f"an ONNX file, a folder with {SAVED_MODEL_NAME} (TensorFlow), or an OpenVINO IR (.xml beside .bin)"

_FILLED_IN: dict[str, Any] = {
    "regions": {"threshold": 0.5, "low_threshold": 0.3},
    "probability": {"feature": "topk_mean_logit", "k": 64, "platt": {"a": 1.0, "b": 0.0}},
    "schema": 1,
}
"""What a manifest for a foreign model may leave out; a classification's ``k`` is 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that wants to be installed.

    Attributes
    ----------
    files : ModelFiles
        Manifest and network.
    card : bytes
        ``README.md``; empty if it brought none.
    source : str
        Where it came from.
    source_format : str
        See `model.registry.entry.RegistryEntry`.
    source_sha256 : str
        Of the network as it came, 64 hex digits.
    folder : Path or None
        Where files beside the network, such as trained weights, may lie.
    """

    files: ModelFiles
    card: bytes
    source: str
    source_format: Literal["onnx", "ir", "saved_model", "bundled"]
    source_sha256: str
    folder: Path | None

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.files.manifest.name} {self.files.manifest.version}"


def open_candidate(path: Path) -> Candidate:
    """Return the model in a folder with ``model.json``, or the one that came with the program (``bundled``).

    Raises
    ------
    ModelError
        If it is none, or is damaged.
    """
    if path == Path("bundled") and not path.exists():
        files = load_bundled()
        name = bundled_names()[-1]
        return Candidate(files, bundled_card(name), PLACE + name, "bundled", files.manifest.sha256, None)
    if not (path / MANIFEST_NAME).is_file():
        refuse_code_bearing(path)
        raise ModelError(
            f"{path} is no folder with {MANIFEST_NAME}; a model from elsewhere is installed by inspector-app models"
            " import FILE --manifest FILE."
        )
    files = read_model_files(path)
    kind: Literal["onnx", "ir"] = "ir" if files.weights else "onnx"
    return Candidate(files, folder_card(path), str(path), kind, files.manifest.sha256, path)


def bring_candidate(path: Path, manifest_path: Path, now: datetime) -> Candidate:
    """Return a foreign model, converted where needed, with its manifest completed.

    Parameters
    ----------
    path : Path
        An ONNX file, a TensorFlow SavedModel folder, or an ``.xml`` of an OpenVINO IR.
    manifest_path : Path
        ``model.json`` without ``sha256`` and ``created_utc``; ``regions``, ``probability`` and ``schema`` may lack too.
    now : datetime
        UTC; when it was converted.

    Raises
    ------
    ModelError
        If either is wrong; one sentence.
    """
    kind, network, weights, source_sha256 = _converted(path)
    manifest = complete_manifest(manifest_path, network_sha256(network, weights), now)
    files = checked_files(manifest, network, weights, str(path))
    beside = path if path.is_dir() else path.parent
    return Candidate(files, folder_card(path.parent), str(path), kind, source_sha256, beside)


def complete_manifest(path: Path, sha256: str | None, now: datetime) -> ModelManifest:
    """Return the manifest in a file, with what a foreign one may lack filled in; `ModelError` naming file and key.

    Parameters
    ----------
    sha256 : str or None
        Of the network; None: it is not at hand yet, and is not compared.
    """
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path}: the manifest cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise ModelError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(document, dict):
        raise ModelError(f"{path} holds no JSON object.")
    sha256 = sha256 or document.get("sha256", "0" * 64)
    if document.get("sha256", sha256) != sha256:
        raise ModelError(f"{path}: key 'sha256' is of another file; leave it out.")
    filled = _FILLED_IN | document | {"sha256": sha256}
    filled.setdefault("created_utc", now.isoformat().replace("+00:00", "Z"))
    if document.get("task") == "classification" and "probability" not in document:
        filled["probability"] = _FILLED_IN["probability"] | {"k": 1}
    return parse_manifest(json.dumps(filled).encode(), str(path))


def _converted(path: Path) -> tuple[Literal["onnx", "ir", "saved_model"], bytes, bytes, str]:
    """Return kind, network, weights and the hash of the source."""
    refuse_code_bearing(path)
    if path.is_dir() and (path / SAVED_MODEL_NAME).is_file():
        return "saved_model", *_as_ir(path), _folder_sha256(path)
    if path.suffix.lower() == ".onnx" and path.is_file():
        network = _one_file(path)
        return "onnx", network, b"", network_sha256(network)
    if path.suffix.lower() == ".xml" and path.is_file():
        network, weights = _as_ir(path)
        return "ir", network, weights, _folder_sha256(path, path.with_suffix(".bin"))
    if not path.exists():
        raise ModelError(f"{path} does not exist.")
    raise ModelError(f"{path} is not of a kind that can be imported: {_BRINGABLE}.")


def _as_ir(path: Path) -> tuple[bytes, bytes]:
    """Return a model that OpenVINO reads as an IR in single precision."""
    openvino = openvino_runtime()
    with tempfile.TemporaryDirectory(prefix="importing-") as name:
        graph = Path(name) / IR_NAME
        try:
            # read by the runtime itself; its separate converter would report to an analytics service
            openvino.save_model(openvino.Core().read_model(path), graph, compress_to_fp16=False)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[-300:]
            raise ModelError(f"{path}: OpenVINO cannot read the model ({reason}).") from error
        return graph.read_bytes(), graph.with_suffix(".bin").read_bytes()


def _one_file(path: Path) -> bytes:
    """Return an ONNX network with all its weights in one file, so that one hash covers it."""
    if importlib.util.find_spec("onnx") is None:
        raise ModelError('Importing an ONNX file needs more packages: pip install "inspection-station[models]".')
    import onnx
    from google.protobuf.message import DecodeError
    from onnx.checker import ValidationError

    try:
        plain = onnx.load(path, load_external_data=False)
        if not any(onnx.external_data_helper.uses_external_data(each) for each in plain.graph.initializer):
            onnx.checker.check_model(plain)
            return path.read_bytes()
        whole = onnx.load(path)
        onnx.checker.check_model(whole)
        return bytes(whole.SerializeToString())
    except (DecodeError, ValidationError, OSError, ValueError) as error:
        raise ModelError(f"{path} is no sound ONNX file ({' '.join(str(error).split())[:200]}).") from error


def folder_card(folder: Path) -> bytes:
    """Return the card in a model's folder; empty if it has none."""
    path = folder / CARD_NAME
    return path.read_bytes() if path.is_file() else b""


def _folder_sha256(path: Path, *more: Path) -> str:
    """Return the SHA-256 of the list of files with theirs, as ``sha256sum`` prints it from within the folder."""
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path, *more]
    root = path if path.is_dir() else path.parent
    lines = [
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.relative_to(root).as_posix()}\n" for each in files
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
