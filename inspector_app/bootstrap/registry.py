"""The vision engineer's work: the models of a data folder, and the way of a new one into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inspector_app.bootstrap.devices import picture_limits
from inspector_app.bootstrap.settled import BUNDLED, SettledFolder, utc_now
from inspector_app.cameras.reading import PictureRefused, read_picture
from inspector_app.domain.errors import DataSetError, ModelError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.records import utc_text
from inspector_app.settings import SETTINGS_FILE
from model.dataset.loading import load_dataset
from model.installing.candidate import bring_candidate, folder_card, open_candidate
from model.installing.check import ModelCheck, check_installed
from model.installing.install import InstallOptions, install
from model.installing.progress import Watch
from model.registry import RegisteredModel
from model.registry.bundled import PLACE, bundled_card


@dataclass(frozen=True, slots=True)
class InstallRequest:
    """What is to be installed, and what may be used for it.

    Attributes
    ----------
    source : Path
        A model's folder, or ``bundled``; with a manifest a foreign model's file or folder.
    manifest : Path or None
        For a foreign model; its ``model.json``.
    dataset : Path or None
        Labelled pictures.
    reject_classes : sequence of str or None
        Of the data set; see `model.dataset.loading.load_dataset`.
    reference : Path or None
        Pictures and recorded outputs of the model's own framework.
    int8 : bool
        Whether to try an 8-bit network.
    """

    source: Path
    manifest: Path | None
    dataset: Path | None
    reject_classes: Sequence[str] | None
    reference: Path | None
    int8: bool


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model of a data folder."""

    model: RegisteredModel
    in_use: bool

    @property
    def card(self) -> str:
        """The model's card; empty if it has none."""
        if self.model.bundled:
            return bundled_card(self.model.place.removeprefix(PLACE)).decode(errors="replace")
        return folder_card(Path(self.model.place)).decode(errors="replace")

    @property
    def title(self) -> str:
        """Name and version; its place if they cannot be read."""
        manifest = self.model.manifest
        return self.model.place if manifest is None else f"{manifest.name} {manifest.version}"

    def record(self) -> dict[str, Any]:
        """Return what a list shows, as plain JSON values."""
        manifest, entry = self.model.manifest, self.model.entry
        return {
            "name": manifest and manifest.name,
            "version": manifest and manifest.version,
            "sha256": manifest and manifest.sha256,
            "task": manifest and manifest.task,
            "licence": manifest and manifest.licence,
            "place": self.model.place,
            "installed_at": entry and utc_text(entry.installed_utc),
            "precision": entry and entry.chosen.value,
            "in_use": self.in_use,
            "problem": self.model.problem,
        }

    def full_record(self) -> dict[str, Any]:
        """Return everything that is known of it, as plain JSON values."""
        manifest, entry = self.model.manifest, self.model.entry
        papers = None if entry is None else asdict(entry) | {"installed_utc": utc_text(entry.installed_utc)}
        return self.record() | {
            "classes": [asdict(each) for each in manifest.classes] if manifest else None,
            "training": manifest and manifest.training,
            "metrics": manifest and manifest.metrics,
            "papers": papers,
            "card": self.card,
        }

    def lines(self) -> tuple[str, ...]:
        """Return what is known of it as lines for people."""
        record, entry = self.record(), self.model.entry
        found = [
            self.title,
            *(f"  {key}: {record[key]}" for key in ("task", "licence", "sha256", "place", "problem") if record[key]),
        ]
        if entry is None:
            return tuple(found)
        found.append(f"  installed {utc_text(entry.installed_utc)} from {entry.source} ({entry.source_format})")
        parity = entry.parity
        found += [
            f"  {pair.first} and {pair.second} agree: maps within {pair.mask:.2g} (allowed {parity.mask_tolerance:g}),"
            f" probability within {pair.score:.2g} (allowed {parity.score_tolerance:g})"
            for pair in parity.pairs
        ]
        found += [f"  not asked: {sentence}" for sentence in parity.left_out]
        if entry.precision is not None:
            chosen = entry.precision
            found.append(
                f"  precision {chosen.chosen.value}, chosen on {chosen.pictures} pictures ({chosen.basis}), timed at"
                f" {chosen.width}x{chosen.height} px with {chosen.threads} threads on {chosen.processor}:"
            )
            found += [
                f"    {each.precision.value}: "
                + ("not run" if each.median_ms is None else f"{each.median_ms:.1f} ms")
                + f", {'usable' if each.usable else 'not used'}: {each.because}"
                for each in chosen.measured
            ]
        if entry.dataset is not None:
            found.append(f"  data set {entry.dataset}, fingerprint {entry.dataset_sha256}")
        return tuple(found)


def listed_models(folder: SettledFolder) -> tuple[ListedModel, ...]:
    """Return the bundled models and those of the data folder."""
    return tuple(_listed(folder, model) for model in folder.registry().models())


def shown_model(folder: SettledFolder, name: str, version: str | None) -> ListedModel:
    """Return one model; `ModelError` if it is not here or the version is not clear."""
    return _listed(folder, folder.registry().find(name, version))


def install_model(
    folder: SettledFolder,
    request: InstallRequest,
    on_progress: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
) -> ListedModel:
    """Prove, measure and install a model.

    Raises
    ------
    ModelError
        If the model is not sound, fails the gate, or the installation was stopped; nothing is installed then.
    DataSetError
        If the data set cannot be used.
    """
    now = utc_now()
    candidate = (
        open_candidate(request.source)
        if request.manifest is None
        else bring_candidate(request.source, request.manifest, now)
    )
    dataset = None if request.dataset is None else load_dataset(request.dataset, request.reject_classes)
    options = InstallOptions(dataset, request.reference, request.int8, folder.settings.model.threads or None)
    limits = picture_limits(folder.settings.camera)

    def read(path: Path) -> Pixels:
        picture = read_picture(path, limits)
        if isinstance(picture, PictureRefused):
            raise DataSetError(picture.sentence)
        return picture.pixels

    watch = Watch(on_progress, cancelled)
    return _listed(folder, install(candidate, folder.registry(), options, read, now, watch))


def remove_model(folder: SettledFolder, name: str, version: str) -> Path:
    """Delete an installed version and return where it was.

    Raises
    ------
    ModelError
        If it is not here, is bundled, or is the one that the settings name.
    """
    found = shown_model(folder, name, version)
    if found.in_use and not found.model.bundled:
        raise ModelError(
            f'{folder.path / SETTINGS_FILE}: "model.name" is {folder.settings.model.name}, which is this model; choose'
            " another one there first."
        )
    return folder.registry().remove(name, version)


def check_models(folder: SettledFolder, name: str | None, version: str | None) -> Iterator[ModelCheck]:
    """Yield what a check of every installed model, or of one, finds."""
    registry = folder.registry()
    models = registry.models() if name is None else (registry.find(name, version),)
    for model in models:
        if not model.bundled:
            yield check_installed(model)


def _listed(folder: SettledFolder, model: RegisteredModel) -> ListedModel:
    wanted, manifest = folder.settings.model.name, model.manifest
    if manifest is None or wanted == BUNDLED:
        return ListedModel(model, in_use=model.bundled and manifest is not None)
    return ListedModel(model, in_use=wanted in {manifest.name, f"{manifest.name} {manifest.version}"})
