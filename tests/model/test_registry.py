"""Which models there are and how one is chosen."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import model.registry as registry_module
from inspector_app.domain.errors import ModelError
from model.manifest import MANIFEST_NAME, NETWORK_NAME, write_manifest
from model.model_files import ModelFiles
from model.registry import ModelRegistry, bundled_names, load_bundled


@pytest.fixture
def models(tmp_path: Path, tiny_folder: Path, tiny_files: ModelFiles) -> Path:
    """Return a folder with versions 1.0 and 2.0 of a model, a damaged model, and things that are no models."""
    folder = tmp_path / "models"
    shutil.copytree(tiny_folder, folder / "one")
    shutil.copytree(tiny_folder, folder / "two")
    write_manifest(replace(tiny_files.manifest, version="2.0"), folder / "two" / MANIFEST_NAME)
    (folder / "broken").mkdir()
    (folder / "broken" / MANIFEST_NAME).write_text("{}")
    (folder / "empty").mkdir()
    (folder / "old-model.pkl").write_bytes(b"\x80\x04N.")
    return folder


@pytest.fixture
def no_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "resource_names", lambda folder, suffix: ())


@pytest.mark.usefixtures("no_bundled")
def test_models_are_listed_with_what_is_wrong_with_them(models: Path) -> None:
    entries = {Path(entry.place).name: entry for entry in ModelRegistry(models).models()}
    assert sorted(entries) == ["broken", "one", "two"]
    assert entries["broken"].manifest is None
    assert "required" in (entries["broken"].problem or "")
    assert entries["two"].manifest is not None
    assert entries["two"].manifest.version == "2.0"
    assert entries["two"].problem is None


@pytest.mark.usefixtures("no_bundled")
def test_a_model_is_loaded_by_name_and_version(models: Path, tiny_files: ModelFiles) -> None:
    registry = ModelRegistry(models)
    assert registry.load("top-hat", "2.0").manifest.version == "2.0"
    assert registry.load("top-hat", "1.0") == tiny_files
    with pytest.raises(ModelError, match="more than once"):
        registry.load("top-hat")
    with pytest.raises(ModelError, match=r"is not here \(known: top-hat 1\.0, top-hat 2\.0\)"):
        registry.load("other")


@pytest.mark.usefixtures("no_bundled")
def test_the_hash_is_checked_when_a_listed_model_is_loaded(models: Path) -> None:
    with (models / "two" / NETWORK_NAME).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(ModelError, match="SHA-256"):
        ModelRegistry(models).load("top-hat", "2.0")


@pytest.mark.usefixtures("no_bundled")
def test_without_models_everything_says_so(tmp_path: Path) -> None:
    assert ModelRegistry(tmp_path / "absent").models() == ()
    with pytest.raises(ModelError, match="known: none"):
        ModelRegistry(tmp_path / "absent").load("top-hat")
    with pytest.raises(ModelError, match="no model came with this program"):
        load_bundled()


def test_a_bundled_model_is_listed_and_loaded(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "resource_names", lambda folder, suffix: ("__pycache__", "top-hat"))
    monkeypatch.setattr(registry_module, "resource_bytes", lambda *parts: (tiny_folder / parts[-1]).read_bytes())
    registry = ModelRegistry(tiny_folder / "absent")
    assert [entry.place for entry in registry.models()] == ["bundled:top-hat"]
    assert registry.load("top-hat") == load_bundled()
    (tiny_folder / NETWORK_NAME).unlink()
    with pytest.raises(ModelError, match=r"bundled:top-hat.*cannot be read"):
        load_bundled()
    (tiny_folder / MANIFEST_NAME).unlink()
    (entry,) = registry.models()
    assert entry.manifest is None


def test_the_model_that_really_came_with_the_program_is_sound() -> None:
    if not bundled_names():
        pytest.skip("no model is bundled yet")
    manifest = load_bundled().manifest
    assert "scratch" in manifest.reject_classes
