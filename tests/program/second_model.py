"""Install a copy of the bundled model under another version, as a model brought in from elsewhere would be."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from model.manifest import MANIFEST_NAME, NETWORK_NAME, write_manifest
from model.registry import ModelRegistry, RegistryEntry, load_bundled
from model.registry.entry import PairAgreement, ParityRecord


def install(folder: Path, version: str) -> None:
    """Install it in a data folder's ``models``."""
    files = load_bundled()
    manifest = replace(files.manifest, version=version)
    registry = ModelRegistry(folder)
    entry = RegistryEntry(
        installed_utc=datetime.now(UTC),
        source="bundled",
        source_format="bundled",
        source_sha256=manifest.sha256,
        files={},
        parity=ParityRecord(1e-3, 1e-3, ("flat",), (PairAgreement("one", "other", 0.0, 0.0, "flat"),)),
        precision=None,
    )
    with registry.drafting() as draft:
        (draft / NETWORK_NAME).write_bytes(files.network)
        write_manifest(manifest, draft / MANIFEST_NAME)
        registry.add(draft, manifest, entry)


if __name__ == "__main__":
    install(Path(sys.argv[1]), sys.argv[2])
