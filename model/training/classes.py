"""The classes of a network: names, what rejects, and which channel of an earlier network each starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspector_app.domain.errors import DataSetError
from model.dataset.values import DataSet
from model.manifest import BACKGROUND, ClassSpec


@dataclass(frozen=True, slots=True)
class TaughtClasses:
    """Output channels in order, background first."""

    specs: tuple[ClassSpec, ...]

    @property
    def channels(self) -> Mapping[str, int]:
        """Channel by class name, background aside."""
        return {spec.name: index for index, spec in enumerate(self.specs) if index}

    @property
    def rejecting(self) -> tuple[int, ...]:
        """Channels of the classes that make a part a reject."""
        return tuple(index for index, spec in enumerate(self.specs) if spec.reject)


def taught_classes(dataset: DataSet, otherwise: str = "scratch") -> TaughtClasses:
    """Return the classes of a data set, what rejects first.

    Parameters
    ----------
    dataset : DataSet
    otherwise : str
        Class to be taught where the data set has none that rejects: good pictures only.

    Raises
    ------
    DataSetError
        If a class name cannot stand in a manifest.
    """
    used = {mark.class_name for image in dataset.images for mark in image.annotations if not mark.ignored}
    named = [name for name in dataset.classes if name in used or name in dataset.reject_classes]
    rejecting = [name for name in named if name in dataset.reject_classes] or [otherwise]
    harmless = [name for name in named if name not in dataset.reject_classes and name != otherwise]
    if BACKGROUND in (*rejecting, *harmless):
        raise DataSetError(f"{dataset.folder}: a class is called '{BACKGROUND}'; that name is taken by the surface.")
    specs = [ClassSpec(BACKGROUND, False), *(ClassSpec(name, True) for name in rejecting)]
    return TaughtClasses((*specs, *(ClassSpec(name, False) for name in harmless)))


def starting_channels(wanted: Sequence[ClassSpec], known: Sequence[ClassSpec]) -> tuple[int, ...]:
    """Return for each wanted class the channel of an earlier network that is most like it.

    The same name; else a name that begins with the same word (``dust_line``: ``dust``); else the first class that is
    as much a reject as this one.
    """
    return tuple(_most_like(spec, known) for spec in wanted)


def _most_like(spec: ClassSpec, known: Sequence[ClassSpec]) -> int:
    names = [entry.name for entry in known]
    if spec.name in names:
        return names.index(spec.name)
    word = spec.name.split("_")[0]
    same_word = [index for index, name in enumerate(names) if name.split("_")[0] == word]
    alike = [index for index, entry in enumerate(known) if index and entry.reject == spec.reject]
    return next(iter([*same_word, *alike]), 0)
