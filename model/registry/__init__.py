"""The models that a station can use: the bundled one, and those installed in the data folder."""

from model.registry.bundled import bundled_names, load_bundled
from model.registry.entry import RegistryEntry
from model.registry.store import ModelRegistry, RegisteredModel

__all__ = ["ModelRegistry", "RegisteredModel", "RegistryEntry", "bundled_names", "load_bundled"]
