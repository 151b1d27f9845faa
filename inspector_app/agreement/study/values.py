"""A complete attribute study: every appraiser judged every part in every trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.errors import KnownFault


class StudyRefused(KnownFault):
    """A study cannot be read or is not complete; the sentence names the file, the row and what is allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The decisions of an attribute study.

    Attributes
    ----------
    parts, appraisers, trials : tuple of str
        Names, in the order in which they first occur; at least one of each.
    rejected : (P, A, T) bool
        True where the appraiser rejected the part in that trial; read-only.
    reference : (P,) bool or None
        True where the part is to be rejected; ``None`` for a study without a reference.
    sizes : (P,) float64 or None
        Size of the defect in one unit of the study's choice, above 0; NaN where a part has none.
    """

    parts: tuple[str, ...]
    appraisers: tuple[str, ...]
    trials: tuple[str, ...]
    rejected: NDArray[np.bool_]
    reference: NDArray[np.bool_] | None
    sizes: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        shape = (len(self.parts), len(self.appraisers), len(self.trials))
        if self.rejected.shape != shape or 0 in shape:
            raise ValueError(f"decisions of shape {self.rejected.shape} do not fit {shape} parts, appraisers, trials")
        for values in (self.reference, self.sizes):
            if values is not None and values.shape != shape[:1]:
                raise ValueError(f"one value a part is needed, not shape {values.shape}")
        for values in (self.rejected, self.reference, self.sizes):
            if values is not None:
                values.setflags(write=False)
