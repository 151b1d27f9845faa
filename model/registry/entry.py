"""What the registry keeps of an installed model: ``entry.json`` beside its files, never changed afterwards."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Len
from pydantic import ConfigDict, StringConstraints

from inspector_app.domain.errors import ModelError
from model.documents import parse_document, write_document
from model.precision import Precision

ENTRY_NAME = "entry.json"

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, title=ENTRY_NAME)
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two runtimes lay apart on the golden pictures.

    Attributes
    ----------
    first, second : str
        Runtimes with their versions.
    score, mask : float
        Largest difference of a part's probability, and of a probability in the maps.
    picture : str
        Where the mask difference was largest.
    """

    __pydantic_config__ = _STRICT

    first: str
    second: str
    score: float
    mask: float
    picture: str


@dataclass(frozen=True, slots=True)
class ParityRecord:
    """The gate that the model passed: every pair agreed within the tolerances on every golden picture.

    Attributes
    ----------
    score_tolerance, mask_tolerance : float
        How far a part's probability, and a probability in the maps, may lie apart.
    pictures : tuple of str
        Names of the golden pictures.
    pairs : tuple of PairAgreement
        What was found.
    left_out : tuple of str
        Runtimes that could not be asked, one sentence each.
    """

    __pydantic_config__ = _STRICT

    score_tolerance: float
    mask_tolerance: float
    pictures: tuple[str, ...]
    pairs: Annotated[tuple[PairAgreement, ...], Len(1)]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrecisionMeasurement:
    """One precision, measured beside the others in the same run.

    Attributes
    ----------
    precision : Precision
        Never ``AUTO``.
    median_ms : float or None
        Picture in hand to prediction; ``None`` if it could not be run.
    score, mask : float or None
        Largest difference of a part's probability to f32, and share of output pixels that change their side of the
        region threshold.
    average_precision : float or None
        Of the labelled pictures; ``None`` without labels.
    usable : bool
        True if its accuracy cost is within the bounds.
    because : str
        One clause: why it may or may not be used.
    """

    __pydantic_config__ = _STRICT

    precision: Precision
    median_ms: float | None
    score: float | None
    mask: float | None
    average_precision: float | None
    usable: bool
    because: str


@dataclass(frozen=True, slots=True)
class PrecisionRecord:
    """Which precision ``auto`` means for this model, and the measurement behind it.

    Attributes
    ----------
    chosen : Precision
        The quickest usable one.
    measured : tuple of PrecisionMeasurement
        All that were tried.
    basis : str
        Pictures that accuracy was measured on, in words.
    pictures : int
        How many.
    height, width : int
        Of the picture that was timed, px.
    threads : int
        That inferred.
    processor : str
        On which all this holds.
    """

    __pydantic_config__ = _STRICT

    chosen: Precision
    measured: Annotated[tuple[PrecisionMeasurement, ...], Len(1)]
    basis: str
    pictures: Annotated[int, Ge(0)]
    height: Annotated[int, Ge(1)]
    width: Annotated[int, Ge(1)]
    threads: Annotated[int, Ge(1)]
    processor: str


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """An installed model's papers.

    Attributes
    ----------
    installed_utc : datetime
        UTC.
    source, source_format : str
        File or folder it came from, and its kind: ``onnx``, ``ir``, ``saved_model`` or ``bundled``.
    source_sha256 : str
        Of the source's network.
    files : dict of str
        SHA-256 of every other file in the folder, by name; a file that differs, lacks or is too many is refused.
    parity : ParityRecord
        See there.
    precision : PrecisionRecord or None
        ``None`` if nothing was measured.
    dataset : str or None
        Data set that accuracy was measured on.
    dataset_sha256 : str or None
        Its fingerprint.
    tools : dict of str
        Versions that made and checked it.
    schema : int
        1.
    """

    __pydantic_config__ = _STRICT

    installed_utc: datetime
    source: str
    source_format: Literal["onnx", "ir", "saved_model", "bundled"]
    source_sha256: _Sha256
    files: dict[str, _Sha256]
    parity: ParityRecord
    precision: PrecisionRecord | None
    dataset: str | None = None
    dataset_sha256: _Sha256 | None = None
    tools: dict[str, str] = field(default_factory=dict)
    schema: Literal[1] = 1

    def __post_init__(self) -> None:
        if self.installed_utc.utcoffset() != timedelta(0):
            raise ValueError("'installed_utc' is a time in UTC")

    @property
    def chosen(self) -> Precision:
        """What ``auto`` means; ``AUTO`` itself if nothing was measured."""
        return Precision.AUTO if self.precision is None else self.precision.chosen


def read_entry(folder: Path) -> RegistryEntry:
    """Read the ``entry.json`` of an installed model; `ModelError` with one sentence if it cannot be read."""
    path = folder / ENTRY_NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} was put here by hand; move it elsewhere and run inspector-app models install on it."
        ) from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); install the model again.") from error
    return parse_document(RegistryEntry, text, str(path))


def write_entry(entry: RegistryEntry, folder: Path) -> None:
    """Write ``entry.json``."""
    document = asdict(entry)
    document["installed_utc"] = entry.installed_utc.isoformat().replace("+00:00", "Z")
    write_document(document, folder / ENTRY_NAME)
