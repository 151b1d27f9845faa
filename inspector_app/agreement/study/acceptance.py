"""What of a study's figures forbids to build on its appraisers."""

from __future__ import annotations

from collections.abc import Iterator

from inspector_app.agreement.study.analysis import AppraiserFigures, StudyResult
from inspector_app.agreement.study.bands import Band
from inspector_app.agreement.values import NotMeasurable


def unacceptable_figures(result: StudyResult) -> tuple[str, ...]:
    """Return, as clauses, each appraiser's figures that are shown to be unacceptable or that cannot be told."""
    return tuple(clause for appraiser in result.appraisers for clause in _clauses(appraiser))


def _clauses(of: AppraiserFigures) -> Iterator[str]:
    for figure, verdict in (
        ("effectiveness", of.effectiveness_verdict),
        ("miss rate", of.miss_verdict),
        ("false-alarm rate", of.false_alarm_verdict),
        ("kappa", of.kappa_verdict),
    ):
        if isinstance(verdict, NotMeasurable):
            yield f"the {figure} of {of.name} cannot be told: {verdict.why}"
        elif verdict.shown is Band.UNACCEPTABLE:
            yield f"the {figure} of {of.name} is unacceptable"
