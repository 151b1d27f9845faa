"""What is chosen on held-out parts once a network has learned: thresholds, probability, and whether it gets a judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from model.manifest import ModelManifest
from model.training.config import JudgeWeighed
from model.training.held_out import (
    RegionCount,
    SeenPart,
    choose_judge_threshold,
    choose_regions,
    choose_score_length,
    judged_recall,
    ranking,
)
from model.training.probability import choose_probability


@dataclass(frozen=True, slots=True)
class Choice:
    """A manifest with everything chosen.

    Attributes
    ----------
    manifest : ModelManifest
    count : RegionCount
        What its regions find and mark wrongly on the held-out parts.
    calibrated : bool
        False where the parts are all of one kind.
    judge : JudgeWeighed or None
        What the judge is worth; None without one.
    """

    manifest: ModelManifest
    count: RegionCount
    calibrated: bool
    judge: JudgeWeighed | None


def chosen(seen: Sequence[SeenPart], draft: ModelManifest, false_regions: float, stop: Callable[[], None]) -> Choice:
    """Choose on parts that were looked at with the draft; its judge stays if they are ranked better with it.

    Parameters
    ----------
    false_regions : float
        Allowed per part.
    stop : callable
        Called for each part; raises where the choice is to end.
    """
    bare = replace(draft, judge=None)
    spec, count = choose_regions(seen, bare, false_regions, stop)
    length_px, recall = choose_score_length(seen, replace(bare, regions=spec), false_regions)
    bare = replace(bare, regions=replace(spec, score_length_px=length_px))
    probability, calibrated = choose_probability(seen, bare)
    bare = replace(bare, probability=probability)
    if draft.judge is None:
        return Choice(bare, count, calibrated, None)
    judge, judged_count = choose_judge_threshold(seen, draft.judge, false_regions)
    judged = replace(bare, judge=judge)
    judged = replace(judged, probability=choose_probability(seen, judged)[0])
    precisions = (ranking(seen, bare) or 0.0, ranking(seen, judged) or 0.0)
    recalls = (recall, judged_recall(seen, false_regions) or 0.0)
    kept = sum(figures[1] - figures[0] for figures in (precisions, recalls)) > 0.0
    weighed = JudgeWeighed(kept, recalls, precisions, _in_words(kept, recalls, precisions, false_regions))
    return Choice(judged, judged_count, calibrated, weighed) if kept else Choice(bare, count, calibrated, weighed)


def _in_words(kept: bool, recalls: Sequence[float], precisions: Sequence[float], false_regions: float) -> str:
    return (
        "The judge of regions changes recall of held-out marks"
        f" at {false_regions:g} false regions per picture from {recalls[0]:.3f} to {recalls[1]:.3f} and average"
        f" precision from {precisions[0]:.3f} to {precisions[1]:.3f}: it is {'part of' if kept else 'left out of'}"
        " the model."
    )
