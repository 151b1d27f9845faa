"""Which models there are, how a version is chosen, comes in and goes out, and that a changed file never runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import model.registry.bundled as bundled_module
from inspector_app.domain.errors import ModelError
from model.classifier import OpenVinoClassifier
from model.manifest import MANIFEST_NAME, NETWORK_NAME, write_manifest
from model.model_files import IR_NAME, IR_WEIGHTS_NAME, ModelFiles, network_sha256, read_model_files
from model.openvino_runtime import openvino_runtime
from model.precision import Precision
from model.registry import ModelRegistry, RegistryEntry, bundled_names, load_bundled
from model.registry.entry import ENTRY_NAME, read_entry
from model.registry.store import QUANTISED_NAME, QUANTISED_WEIGHTS_NAME

Papers = Callable[..., RegistryEntry]


def installed(registry: ModelRegistry, folder: Path, entry: RegistryEntry, version: str = "1.0") -> Path:
    """Add the model in a folder under a version."""
    manifest = replace(read_model_files(folder).manifest, version=version)
    with registry.drafting() as draft:
        for path in folder.iterdir():
            shutil.copy(path, draft)
        write_manifest(manifest, draft / MANIFEST_NAME)
        return registry.add(draft, manifest, entry)


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    """Return an empty registry in a folder that does not exist yet."""
    return ModelRegistry(tmp_path / "models")


@pytest.fixture
def no_bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_module, "resource_names", lambda folder, suffix: ())


@pytest.mark.usefixtures("no_bundled")
def test_versions_are_listed_and_loaded_by_name(registry: ModelRegistry, tiny_folder: Path, papers: Papers) -> None:
    for version in ("1.0", "2.0"):
        installed(registry, tiny_folder, papers(), version)
    assert [model.manifest.version for model in registry.models() if model.manifest] == ["1.0", "2.0"]
    assert all(model.problem is None and model.entry is not None for model in registry.models())
    assert registry.load("top-hat", "2.0").manifest.version == "2.0"
    assert registry.load("top-hat", "2.0").precision is Precision.F32
    with pytest.raises(ModelError, match="more than once"):
        registry.load("top-hat")
    with pytest.raises(ModelError, match=r"is not here \(known: top-hat 1\.0, top-hat 2\.0\)"):
        registry.load("other")
    assert not [path for path in registry.folder.iterdir() if path.name.startswith(".")]


@pytest.mark.usefixtures("no_bundled")
@pytest.mark.parametrize("name", [NETWORK_NAME, MANIFEST_NAME, "README.md"])
def test_a_changed_file_is_one_sentence_and_never_runs(
    name: str, registry: ModelRegistry, tiny_folder: Path, papers: Papers
) -> None:
    (tiny_folder / "README.md").write_text("# card")
    home = installed(registry, tiny_folder, papers())
    with (home / name).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(ModelError, match=r"was changed after it was installed") as caught:
        registry.load("top-hat", "1.0")
    assert str(caught.value).startswith(str(home / name))
    (home / name).unlink()
    if name != MANIFEST_NAME:
        with pytest.raises(ModelError, match=rf"{name} cannot be read"):
            registry.load("top-hat", "1.0")


@pytest.mark.usefixtures("no_bundled")
def test_a_folder_put_there_by_hand_is_listed_and_never_run(registry: ModelRegistry, tiny_folder: Path) -> None:
    shutil.copytree(tiny_folder, registry.folder / "by-hand")
    (registry.folder / "broken").mkdir()
    (registry.folder / "broken" / MANIFEST_NAME).write_text("{}")
    (registry.folder / "old-model.pkl").write_bytes(b"\x80\x04N.")
    (broken, by_hand) = sorted(registry.models(), key=lambda model: model.manifest is not None)
    assert "required" in (broken.problem or "")
    assert "models install" in (by_hand.problem or "")
    with pytest.raises(ModelError, match="put here by hand"):
        registry.load("top-hat")


@pytest.mark.usefixtures("no_bundled")
def test_a_version_is_installed_once_and_leaves_nothing_behind(
    registry: ModelRegistry, tiny_folder: Path, papers: Papers
) -> None:
    home = installed(registry, tiny_folder, papers())
    before = (home / ENTRY_NAME).read_bytes()
    with pytest.raises(ModelError, match="installed already"):
        installed(registry, tiny_folder, papers())
    assert (home / ENTRY_NAME).read_bytes() == before
    assert [path.name for path in registry.folder.iterdir()] == ["top-hat"]


@pytest.mark.usefixtures("no_bundled")
def test_papers_are_read_back_equal_and_damaged_ones_are_one_sentence(
    registry: ModelRegistry, tiny_folder: Path, papers: Papers
) -> None:
    home = installed(registry, tiny_folder, papers())
    entry = read_entry(home)
    assert replace(entry, files={}) == papers()
    assert sorted(entry.files) == [MANIFEST_NAME, NETWORK_NAME]
    (home / ENTRY_NAME).write_text((home / ENTRY_NAME).read_text().replace('"f32"', '"f31"'))
    with pytest.raises(ModelError, match=r"entry\.json: key 'precision\.chosen'.*f31.*\.$"):
        registry.load("top-hat")
    (listed,) = registry.models()
    assert listed.manifest is not None
    assert "precision.chosen" in (listed.problem or "")


@pytest.mark.usefixtures("no_bundled")
def test_a_version_is_removed_whole(registry: ModelRegistry, tiny_folder: Path, papers: Papers) -> None:
    installed(registry, tiny_folder, papers(), "1.0")
    kept = installed(registry, tiny_folder, papers(), "2.0")
    gone = registry.remove("top-hat", "1.0")
    assert not gone.exists()
    assert [path.name for path in kept.parent.iterdir()] == ["2.0"]
    registry.remove("top-hat", "2.0")
    assert list(registry.folder.iterdir()) == []
    with pytest.raises(ModelError, match="is not here"):
        registry.remove("top-hat", "2.0")


@pytest.mark.usefixtures("no_bundled")
def test_an_ir_network_is_loaded_under_one_hash_of_both_files(
    registry: ModelRegistry, tiny_folder: Path, tiny_files: ModelFiles, papers: Papers
) -> None:
    ir = _as_ir(tiny_folder)
    home = installed(registry, tiny_folder, papers())
    files = registry.load("top-hat")
    assert files.manifest.sha256 == network_sha256(*ir) != tiny_files.manifest.sha256
    judge = OpenVinoClassifier(files, threads=1)
    judge.close()
    (home / IR_WEIGHTS_NAME).write_bytes(ir[1][:-1])
    with pytest.raises(ModelError, match=r"model\.bin was changed"):
        registry.load("top-hat")


@pytest.mark.usefixtures("no_bundled")
def test_an_int8_network_is_loaded_under_its_own_identity(
    registry: ModelRegistry, tiny_folder: Path, tiny_files: ModelFiles, papers: Papers
) -> None:
    with pytest.raises(ModelError, match="not for precision int8"):
        OpenVinoClassifier(tiny_files, threads=1, precision=Precision.INT8)
    network, weights = _ir(tiny_files.network, tiny_folder.parent)
    (tiny_folder / QUANTISED_NAME).write_bytes(network)
    (tiny_folder / QUANTISED_WEIGHTS_NAME).write_bytes(weights)
    installed(registry, tiny_folder, papers(chosen=Precision.INT8))
    quantised = registry.load("top-hat")
    assert quantised.precision is Precision.INT8
    assert quantised.manifest.sha256 == network_sha256(network, weights)
    plain = registry.load("top-hat", precision=Precision.F32)
    assert plain.manifest.sha256 == tiny_files.manifest.sha256
    judge = OpenVinoClassifier(quantised, threads=1)
    assert judge.precision is Precision.INT8
    assert judge.model.sha256 == quantised.manifest.sha256
    judge.close()


@pytest.mark.usefixtures("no_bundled")
def test_int8_that_was_not_made_is_one_sentence(registry: ModelRegistry, tiny_folder: Path, papers: Papers) -> None:
    installed(registry, tiny_folder, papers())
    with pytest.raises(ModelError, match="no int8 network was made"):
        registry.load("top-hat", precision=Precision.INT8)


def _ir(network: bytes, folder: Path) -> tuple[bytes, bytes]:
    openvino = openvino_runtime()
    openvino.save_model(openvino.Core().read_model(network), folder / "made.xml", compress_to_fp16=False)
    return (folder / "made.xml").read_bytes(), (folder / "made.bin").read_bytes()


def _as_ir(folder: Path) -> tuple[bytes, bytes]:
    """Put an IR in the place of a folder's ONNX network."""
    manifest = read_model_files(folder).manifest
    network, weights = _ir((folder / NETWORK_NAME).read_bytes(), folder.parent)
    (folder / NETWORK_NAME).unlink()
    (folder / IR_NAME).write_bytes(network)
    (folder / IR_WEIGHTS_NAME).write_bytes(weights)
    write_manifest(replace(manifest, sha256=network_sha256(network, weights)), folder / MANIFEST_NAME)
    return network, weights


@pytest.mark.usefixtures("no_bundled")
def test_without_models_everything_says_so(tmp_path: Path) -> None:
    assert ModelRegistry(tmp_path / "absent").models() == ()
    with pytest.raises(ModelError, match="known: none"):
        ModelRegistry(tmp_path / "absent").load("top-hat")
    with pytest.raises(ModelError, match="no model came with this program"):
        load_bundled()


def test_a_bundled_model_is_listed_and_loaded(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_module, "resource_names", lambda folder, suffix: ("__pycache__", "top-hat"))
    monkeypatch.setattr(bundled_module, "resource_bytes", lambda *parts: (tiny_folder / parts[-1]).read_bytes())
    registry = ModelRegistry(tiny_folder / "absent")
    assert [entry.place for entry in registry.models()] == ["bundled:top-hat"]
    assert registry.load("top-hat") == load_bundled()
    with pytest.raises(ModelError, match="came with the program and stays"):
        registry.remove("top-hat", "1.0")
    (tiny_folder / NETWORK_NAME).unlink()
    with pytest.raises(ModelError, match=r"bundled:top-hat.*cannot be read"):
        load_bundled()
    (tiny_folder / MANIFEST_NAME).unlink()
    (entry,) = registry.models()
    assert entry.manifest is None


def test_an_installed_model_goes_before_a_bundled_one_of_the_same_name(
    tiny_folder: Path, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = ModelRegistry(tiny_folder.parent / "models")
    home = installed(registry, tiny_folder, papers())
    monkeypatch.setattr(bundled_module, "resource_names", lambda folder, suffix: ("top-hat",))
    monkeypatch.setattr(bundled_module, "resource_bytes", lambda *parts: (tiny_folder / parts[-1]).read_bytes())
    assert len(registry.models()) == 2
    assert registry.find("top-hat").place == str(home)


@pytest.mark.parametrize(("name", "words"), [("model.pt", "torch.onnx.export"), ("model.keras", r"model\.export")])
def test_a_file_that_runs_code_is_refused_with_a_way_out(name: str, words: str, tiny_folder: Path) -> None:
    (tiny_folder / NETWORK_NAME).rename(tiny_folder / name)
    with pytest.raises(ModelError, match=words) as caught:
        read_model_files(tiny_folder)
    assert str(tiny_folder / name) in str(caught.value)


def test_the_model_that_really_came_with_the_program_is_sound() -> None:
    assert bundled_names()
    assert "scratch" in load_bundled().manifest.reject_classes
