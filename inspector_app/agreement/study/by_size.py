"""Which size of defect an appraiser finds: probability of detection from the decisions on bad parts of known size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.agreement.probit import CONFIDENCE, NotFitted, fit_probit, misfit
from inspector_app.agreement.study.values import Study
from inspector_app.agreement.values import NotMeasurable

_NO_SIZES = NotMeasurable("the study gives no sizes of defects")
_NO_REFERENCE = NotMeasurable("the study has no reference")


@dataclass(frozen=True, slots=True)
class DetectionBySize:
    """A probit line in the logarithm of size, ``P(reject) = Φ((ln a - mu) / sigma)``.

    Sizes are in the study's own unit; none beyond the sizes that were judged is named.

    Attributes
    ----------
    decisions, parts : int
        On bad parts of known size.
    smallest, largest : float
        Sizes judged.
    mu, sigma : float
        Of the line; ``sigma`` above 0.
    a50, a90 : float or None
        Sizes that are found in 50 % and 90 % of the decisions; ``None``: not reached up to the largest.
    a90_95 : float or None
        Size at which the lower one-sided 95 % limit of the curve reaches 90 %; parts are taken as clusters.
    misfit_p : float
        Small: the decisions do not follow such a line (Hosmer and Lemeshow).
    """

    decisions: int
    parts: int
    smallest: float
    largest: float
    mu: float
    sigma: float
    a50: float | None
    a90: float | None
    a90_95: float | None
    misfit_p: float


def detection_by_size(study: Study, rejected: NDArray[np.bool_]) -> DetectionBySize | NotMeasurable:
    """Return the curve of one appraiser, or of all together.

    Parameters
    ----------
    study : Study
        With reference and sizes.
    rejected : (P, m) bool
        Decisions on the study's parts.
    """
    if study.sizes is None:
        return _NO_SIZES
    if study.reference is None:
        return _NO_REFERENCE
    sized = study.reference & np.isfinite(study.sizes)
    parts, decisions = int(sized.sum()), rejected[sized]
    if not parts:
        return NotMeasurable("no bad part has a size")
    each = study.sizes[sized]
    logs = np.repeat(np.log(each), decisions.shape[1])[:, None]
    hits, clusters = decisions.reshape(-1), np.repeat(np.arange(parts), decisions.shape[1])
    try:
        line = fit_probit(logs, hits, clusters)
    except NotFitted as why:
        return NotMeasurable(str(why))
    intercept, slope = (float(value) for value in line.coefficients)
    if slope <= 0.0:
        return NotMeasurable("larger defects are not rejected more often than smaller ones")
    span, nowhere = (float(each.min()), float(each.max())), np.zeros(1)
    return DetectionBySize(
        decisions=decisions.size,
        parts=parts,
        smallest=span[0],
        largest=span[1],
        mu=-intercept / slope,
        sigma=1.0 / slope,
        a50=line.size_for(0.5, 0, nowhere, span),
        a90=line.size_for(0.9, 0, nowhere, span),
        a90_95=line.size_for(0.9, 0, nowhere, span, CONFIDENCE),
        misfit_p=misfit(line, logs, hits),
    )
