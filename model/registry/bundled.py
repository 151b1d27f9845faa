"""The models that came with the program."""

from __future__ import annotations

from inspector_app.domain.errors import ModelError
from model.manifest import MANIFEST_NAME, NETWORK_NAME, ModelManifest, parse_manifest
from model.model_files import ModelFiles, parse_model_files
from resources.files import resource_bytes, resource_names

PLACE = "bundled:"
"""Before the name of a bundled model where its folder would stand."""

_FOLDER = "models"


def bundled_names() -> tuple[str, ...]:
    """Return the folder names of the models that came with the program, sorted."""
    try:
        return tuple(name for name in resource_names(_FOLDER, "") if not name.startswith((".", "_")))
    except FileNotFoundError:
        return ()


def load_bundled(name: str | None = None) -> ModelFiles:
    """Return a model that came with the program, by its folder's name; without one, the last by name.

    Raises
    ------
    ModelError
        If there is none or it was damaged.
    """
    names = bundled_names()
    if not names:
        raise ModelError("no model came with this program; name a model's folder in the settings.")
    chosen = name or names[-1]
    try:
        texts = (resource_bytes(_FOLDER, chosen, MANIFEST_NAME), resource_bytes(_FOLDER, chosen, NETWORK_NAME))
    except OSError as error:
        raise ModelError(f"{PLACE}{chosen}: the model that came with the program cannot be read ({error}).") from error
    return parse_model_files(*texts, PLACE + chosen)


def bundled_manifest(name: str) -> ModelManifest:
    """Return the manifest of a bundled model; `ModelError` if it cannot be read."""
    place = f"{PLACE}{name}/{MANIFEST_NAME}"
    try:
        return parse_manifest(resource_bytes(_FOLDER, name, MANIFEST_NAME), place)
    except OSError as error:
        raise ModelError(f"{place} cannot be read ({error}).") from error


def bundled_card(name: str) -> bytes:
    """Return the card (README.md) of a bundled model; empty if it has none."""
    try:
        return resource_bytes(_FOLDER, name, "README.md")
    except OSError:
        return b""
