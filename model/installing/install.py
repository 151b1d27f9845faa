"""The whole way: prove a candidate, measure its precisions, write its papers, install it in one step."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from model.dataset import DataSet
from model.dataset.fingerprint import dataset_fingerprint
from model.installing.candidate import Candidate
from model.installing.gate import pass_gate
from model.installing.measuring import measure_precisions
from model.installing.pictures import InstallPictures
from model.installing.progress import Watch
from model.installing.runtimes import ReadPixels
from model.manifest import CARD_NAME, MANIFEST_NAME, NETWORK_NAME, ModelManifest, write_manifest
from model.model_files import IR_NAME, IR_WEIGHTS_NAME
from model.registry import ModelRegistry, RegisteredModel
from model.registry.entry import RegistryEntry

_TOOLS = ("openvino", "onnxruntime", "nncf", "torch", "numpy")


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """What an installation may use.

    Attributes
    ----------
    dataset : DataSet or None
        Labelled pictures: precisions are judged on them, int8 is calibrated on them, some become golden pictures.
    reference : Path or None
        Recorded outputs, see `model.installing.runtimes.recorded_answers`.
    int8 : bool
        Whether to make and try an 8-bit network, where NNCF is installed.
    threads : int or None
        That infer while precisions are measured; ``None``: as a station does.
    """

    dataset: DataSet | None = None
    reference: Path | None = None
    int8: bool = True
    threads: int | None = None


def install(
    candidate: Candidate,
    registry: ModelRegistry,
    options: InstallOptions,
    read: ReadPixels,
    now: datetime,
    watch: Watch,
) -> RegisteredModel:
    """Install a model and return its place in the registry.

    Parameters
    ----------
    candidate : Candidate
        From `open_candidate` or `bring_candidate`.
    registry : ModelRegistry
        Where it goes.
    options : InstallOptions
        See there.
    read : ReadPixels
        Reads the data set's and the reference's pictures.
    now : datetime
        UTC.
    watch : Watch
        Told of progress, and asked whether to stop.

    Raises
    ------
    ModelError
        If it is installed already, does not fit its manifest, or fails the gate; nothing is installed then.
    InstallationCancelled
        If asked to stop.
    DataSetError
        If no picture of the data set can be read.
    """
    files, dataset = candidate.files, options.dataset
    registry.check_absent(files.manifest)
    pictures = InstallPictures(dataset, read)
    watch.step("Comparing runtimes", 0, 1)
    with registry.drafting() as draft:
        parity = pass_gate(candidate, pictures.golden(), options.reference, read, draft)
        watch.step("Comparing runtimes", 1, 1)
        precision = measure_precisions(files, pictures, draft, watch, options.threads, options.int8)
        _write_files(candidate, draft)
        entry = RegistryEntry(
            installed_utc=now,
            source=candidate.source,
            source_format=candidate.source_format,
            source_sha256=candidate.source_sha256,
            files={},
            parity=parity,
            precision=precision,
            dataset=None if dataset is None else str(dataset.folder),
            dataset_sha256=None if dataset is None else dataset_fingerprint(dataset),
            tools=_versions(),
        )
        watch.stop_if_asked()
        registry.add(draft, files.manifest, entry)
    return registry.find(files.manifest.name, files.manifest.version)


def _write_files(candidate: Candidate, draft: Path) -> None:
    files = candidate.files
    (draft / (IR_NAME if files.weights else NETWORK_NAME)).write_bytes(files.network)
    if files.weights:
        (draft / IR_WEIGHTS_NAME).write_bytes(files.weights)
    write_manifest(files.manifest, draft / MANIFEST_NAME)
    (draft / CARD_NAME).write_bytes(candidate.card or _plain_card(files.manifest).encode())


def _plain_card(manifest: ModelManifest) -> str:
    """Return a card for a model that brought none: what its manifest says, and that nobody has said more."""
    classes = ", ".join(f"**{each.name}** (rejects)" if each.reject else each.name for each in manifest.classes)
    return (
        f"# {manifest.name} {manifest.version}\n\nA {manifest.task} model. Licence: {manifest.licence}.\n\n"
        f"Classes: {classes}.\n\n"
        "It came without a card: what it was trained on and what it cannot do is not known here.\n"
    )


def _versions() -> dict[str, str]:
    found = {}
    for name in _TOOLS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
