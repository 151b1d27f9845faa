"""What the report says of the log besides its counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspector_app.agreement.course import Course
from inspector_app.agreement.disagreements import Disagreements
from inspector_app.agreement.step_tables import GuardPromises
from inspector_app.agreement.trend import Trend
from inspector_app.domain.logquery import ChainEnd, ModelUse, PictureCount, SeededPart, Span, StationChange


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the figures come from and what happened meanwhile.

    Attributes
    ----------
    span : Span
        The parts meant.
    models : tuple of ModelUse
        The model files that judged them.
    steps : tuple of StationChange
        Every supervisor command up to the end of the period, oldest first.
    chains : tuple of ChainEnd
        The audit chains when the report was made.
    seeded : tuple of SeededPart
        Known defects that were shown again; they are in no other figure.
    trend : Trend
        Agreement over time.
    disagreements : Disagreements
        The parts on which human and model differ.
    third_looks : int
        Parts that wait for a third look.
    certificates : tuple of mapping
        Records of all certificates, oldest first.
    unusable : tuple of PictureCount
        Parts whose picture no model may judge, by the reason, commonest first.
    course : Course or None
        How the evidence of audits grew; ``None`` without any.
    promises : GuardPromises or None
        What the settings promise of guards and audits.
    """

    span: Span
    models: tuple[ModelUse, ...]
    steps: tuple[StationChange, ...]
    chains: tuple[ChainEnd, ...]
    seeded: tuple[SeededPart, ...]
    trend: Trend
    disagreements: Disagreements
    third_looks: int = 0
    certificates: tuple[Mapping[str, object], ...] = ()
    unusable: tuple[PictureCount, ...] = ()
    course: Course | None = None
    promises: GuardPromises | None = None
