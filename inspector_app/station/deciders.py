"""Stand-ins for inspectors in tests, demonstrations and headless runs."""

from __future__ import annotations

from dataclasses import dataclass, fields

from inspector_app.domain.errors import SettingsError
from inspector_app.domain.frame import Judgement
from inspector_app.domain.ids import sticky_uniform
from inspector_app.domain.inspection import LogEntry
from inspector_app.domain.ports import Decider
from inspector_app.domain.review import ReviewItem
from inspector_app.domain.verdict import Answer

USUAL_CLASS = "scratch"
"""The defect class that a stand-in names where the model's regions are not shown to it."""

_ALLOWED = "allowed are truth and simulated:se=0.95,sp=0.98[,unsure=0.02][,seed=1][,name=anna]"


@dataclass(frozen=True, slots=True)
class TruthDecider:
    """Answers what is known to be true; unsure about a part without a reference."""

    name: str = "truth"

    def decide(self, entry: LogEntry, item: ReviewItem) -> tuple[Answer, tuple[str, ...]]:
        """Return the reference as an answer."""
        reference = entry.inspection.reference
        if reference is None:
            return Answer.UNSURE, ()
        return _answer(reference.judgement is Judgement.REJECT, item)


@dataclass(frozen=True, slots=True)
class SimulatedInspector:
    """Sees the truth with a sensitivity and a specificity; without a reference, what the model judged.

    Deterministic: the same seed and part give the same answer for ever, at both stages of a second look too.

    Attributes
    ----------
    se : float
        Sensitivity, 0 … 1: share of defective parts rejected.
    sp : float
        Specificity, 0 … 1: share of good parts accepted.
    unsure : float
        Share of all parts about which the inspector is unsure, 0 … 1.
    seed : str
        Two inspectors with different seeds err independently.
    name : str
        The name on the verdicts.
    """

    se: float
    sp: float
    unsure: float = 0.0
    seed: str = "1"
    name: str = "simulated"

    def __post_init__(self) -> None:
        for field in ("se", "sp", "unsure"):
            if not 0.0 <= getattr(self, field) <= 1.0:
                raise ValueError(f"{field} must be in 0 … 1")

    def decide(self, entry: LogEntry, item: ReviewItem) -> tuple[Answer, tuple[str, ...]]:
        """Return what this inspector says of the part; unsure where neither truth nor a prediction is known."""
        inspection = entry.inspection
        truth = inspection.decision.model_judgement if inspection.reference is None else inspection.reference.judgement
        if truth is None or sticky_uniform(f"{self.seed}:unsure", inspection.part_id) < self.unsure:
            return Answer.UNSURE, ()
        u = sticky_uniform(f"{self.seed}:answer", inspection.part_id)
        return _answer(u < self.se if truth is Judgement.REJECT else u >= self.sp, item)


def parse_decider(spec: str) -> Decider:
    """Return the stand-in that a specification names.

    Parameters
    ----------
    spec : str
        ``truth``, or ``simulated:`` and ``se`` and ``sp`` (required), ``unsure``, ``seed``, ``name``, as in
        ``simulated:se=.95,sp=.98``.

    Raises
    ------
    SettingsError
        With one sentence that lists what is allowed.
    """
    kind, _, rest = spec.partition(":")
    if spec == "truth":
        return TruthDecider()
    if kind != "simulated":
        raise SettingsError(f"The decider {spec!r} is not known; {_ALLOWED}.")
    return _simulated(spec, _pairs(spec, rest))


def _pairs(spec: str, text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for piece in text.split(","):
        key, equals, value = (part.strip() for part in piece.partition("="))
        known = key in {field.name for field in fields(SimulatedInspector)}
        if not known or not equals or not value or key in pairs:
            raise SettingsError(f"{piece!r} is wrong in the decider {spec!r}; {_ALLOWED}.")
        pairs[key] = value
    return pairs


def _simulated(spec: str, pairs: dict[str, str]) -> SimulatedInspector:
    if not {"se", "sp"} <= set(pairs):
        raise SettingsError(f"The decider {spec!r} lacks se or sp; {_ALLOWED}.")
    try:
        rates = {key: float(pairs[key]) for key in ("se", "sp", "unsure") if key in pairs}
        words = {key: pairs[key] for key in ("seed", "name") if key in pairs}
        return SimulatedInspector(**rates, **words)  # type: ignore[arg-type]  # the keys are fields, by _pairs
    except ValueError as error:
        raise SettingsError(f"In the decider {spec!r} se, sp and unsure must be numbers in 0 … 1.") from error


def _answer(rejects: bool, item: ReviewItem) -> tuple[Answer, tuple[str, ...]]:
    """Return the answer, with the defect classes that the inspector would name."""
    if not rejects:
        return Answer.ACCEPT, ()
    shown = () if item.model_view is None else item.model_view.regions
    classes = tuple(dict.fromkeys(region.class_name for region in shown if region.rejects))
    return Answer.REJECT, classes or (USUAL_CLASS,)
