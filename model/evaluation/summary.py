"""From judged pictures to the figures of an evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, PredictionStatus
from model.dataset import FileProblem
from model.evaluation.measures import (
    Flags,
    Owners,
    Scores,
    Weights,
    auroc,
    average_precision,
    estimate,
    froc_cutoffs,
    group_weights,
    mean_of,
    recall_above,
    wilson,
)
from model.evaluation.overlap import LIMIT, PixelTally
from model.evaluation.reliability import reliability
from model.evaluation.result import FROC_POINTS, ONE_FALSE, EvaluationResult, PixelFigures
from model.evaluation.slices import false_slices, place_slices
from model.evaluation.values import ClassCount, CurvePoint, Estimate, FrocPoint, GroupCount, PictureResult, Share

_CURVE_POINTS = 200


@dataclass(frozen=True, slots=True)
class Work:
    """What was to be measured; fields as in `EvaluationResult`."""

    model: ModelIdentity
    dataset: str
    asked: int
    complete: bool
    cut: float
    seed: int


def summarise(
    work: Work, pictures: Sequence[PictureResult], pixels: PixelTally, problems: Sequence[FileProblem]
) -> EvaluationResult:
    """Return the figures of judged pictures; failed predictions count in `EvaluationResult.failed` only."""
    usable = [picture for picture in pictures if picture.prediction.status is PredictionStatus.OK]
    table = Table.of(usable)
    weights = group_weights(table.groups, work.seed)
    cutoffs = froc_cutoffs(table.false_scores, table.false_owners, weights, FROC_POINTS)
    times = [picture.prediction.elapsed_ms for picture in usable]
    compared = float(cutoffs[0, ONE_FALSE])
    mains = [place for picture in usable if (place := picture.main_place) is not None]
    return EvaluationResult(
        model=work.model,
        dataset=work.dataset,
        complete=work.complete,
        pictures=tuple(pictures),
        asked=work.asked,
        problems=tuple(problems),
        failed=len(pictures) - len(usable),
        cut=work.cut,
        seed=work.seed,
        resamples=len(weights) - 1,
        auroc=estimate(auroc(table.scores, table.rejects, weights)),
        average_precision=estimate(average_precision(table.scores, table.rejects, weights)),
        misses=_share(table.scores[table.rejects] < work.cut),
        false_alarms=_share(table.scores[~table.rejects] >= work.cut),
        froc=tuple(_froc_point(table, column, cutoffs, weights) for column in range(len(FROC_POINTS))),
        curve=_curve(table),
        region_recall=estimate(mean_of(table.shown, table.place_owners, weights)),
        false_per_picture=estimate(mean_of(table.false_shown, table.everyone, weights)),
        main_hit=wilson(sum(place.hit_score is not None for place in mains), len(mains)),
        classes=_class_counts(table, usable, cutoffs, weights),
        groups=_group_counts(usable, work.cut),
        pixels=_pixel_figures(pixels, table, weights),
        reliability=reliability(table.scores, table.rejects, weights, work.seed),
        place_slices=place_slices(usable, compared),
        false_slices=false_slices(usable, compared),
        median_ms=float(np.median(times)) if times else None,
        p95_ms=float(np.quantile(times, 0.95)) if times else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Pictures, places and false regions as columns, so that resampling them is indexing.

    Attributes
    ----------
    groups : tuple of str
        Of each picture.
    scores, rejects : (n,)
        Probability and truth of each picture.
    false_shown : (n,) float64
        The station's false regions of each picture.
    everyone : (n,)
        0 … n-1.
    place_classes : (P,) str
        Of each place.
    place_owners, hit_scores, shown : (P,)
        Picture of each place; best candidate that hits it, -inf if none; 1.0 where the station hits it.
    false_owners, false_scores : (F,)
        Picture and score of each false candidate.
    """

    groups: tuple[str, ...]
    scores: Scores
    rejects: Flags
    false_shown: Scores
    everyone: Owners
    place_classes: tuple[str, ...]
    place_owners: Owners
    hit_scores: Scores
    shown: Scores
    false_owners: Owners
    false_scores: Scores

    @classmethod
    def of(cls, pictures: Sequence[PictureResult]) -> Table:
        """Return the columns of usable pictures."""
        places = [(row, place) for row, picture in enumerate(pictures) for place in picture.places]
        false = [(row, region.score) for row, picture in enumerate(pictures) for region in picture.false_candidates]
        hits = [-np.inf if place.candidate_score is None else place.candidate_score for _, place in places]
        return cls(
            groups=tuple(picture.group for picture in pictures),
            scores=np.array([picture.prediction.probability for picture in pictures], np.float64),
            rejects=np.array([picture.truth is Judgement.REJECT for picture in pictures], np.bool_),
            false_shown=np.array([len(picture.false_regions) for picture in pictures], np.float64),
            everyone=np.arange(len(pictures)),
            place_classes=tuple(place.class_name for _, place in places),
            place_owners=np.array([row for row, _ in places], np.intp),
            hit_scores=np.array(hits, np.float64),
            shown=np.array([place.hit_score is not None for _, place in places], np.float64),
            false_owners=np.array([row for row, _ in false], np.intp),
            false_scores=np.array([score for _, score in false], np.float64),
        )

    def recall(self, weights: Weights, cutoffs: Scores, chosen: Flags | None = None) -> Estimate:
        """Return the recall of all places, or of the chosen ones, above the cut-offs ``(B,)`` of the samples.

        The cut-off is chosen anew in each resample, as it would be on new pictures.
        """
        keep = np.ones(self.hit_scores.size, np.bool_) if chosen is None else chosen
        return estimate(recall_above(self.hit_scores[keep], self.place_owners[keep], weights, cutoffs))


def _pixel_figures(pixels: PixelTally, table: Table, weights: Weights) -> PixelFigures | None:
    if not pixels.regions:
        return None
    return PixelFigures(estimate(pixels.aupro(table.groups, weights)), LIMIT, pixels.pictures, pixels.regions)


def _froc_point(table: Table, column: int, cutoffs: Scores, weights: Weights) -> FrocPoint:
    cutoff = float(cutoffs[0, column])
    reached = bool(np.isfinite(cutoff))
    recall = table.recall(weights, cutoffs[:, column])
    return FrocPoint(FROC_POINTS[column], recall, cutoff if reached else None, reached)


def _curve(table: Table) -> tuple[CurvePoint, ...]:
    """Return the curve at falling scores up to 10 false regions per picture, thinned."""
    pictures, places = len(table.groups), table.hit_scores.size
    if not pictures or not places:
        return ()
    hits = table.hit_scores[np.isfinite(table.hit_scores)]
    levels = np.unique(np.concatenate([hits, table.false_scores]))[::-1]
    ascending_hits, ascending_false = np.sort(hits), np.sort(table.false_scores)
    found = (hits.size - np.searchsorted(ascending_hits, levels)) / places
    false = (ascending_false.size - np.searchsorted(ascending_false, levels)) / pictures
    last = int(np.searchsorted(false, 10.0, side="right"))
    picked = np.unique(np.linspace(0, last - 1, _CURVE_POINTS).round().astype(int)) if last else ()
    return tuple(CurvePoint(float(levels[i]), float(false[i]), float(found[i])) for i in picked)


def _share(flags: Flags) -> Share:
    return wilson(int(flags.sum()), int(flags.size))


def _class_counts(
    table: Table, pictures: Sequence[PictureResult], cutoffs: Scores, weights: Weights
) -> tuple[ClassCount, ...]:
    marked: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    bearers: dict[tuple[str, bool], set[int]] = defaultdict(set)
    for row, picture in enumerate(pictures):
        seen = [((place.class_name, True), place.hit_score is not None) for place in picture.places]
        seen += [((class_name, False), hit) for class_name, hit in picture.harmless]
        for key, hit in seen:
            marked[key].append(hit)
            bearers[key].add(row)
    return tuple(
        _class_count(table, key, wilson(sum(marked[key]), len(marked[key])), bearers[key], cutoffs, weights)
        for key in sorted(marked, key=lambda key: (not key[1], key[0]))
    )


def _class_count(
    table: Table, key: tuple[str, bool], marked: Share, bearers: set[int], cutoffs: Scores, weights: Weights
) -> ClassCount:
    class_name, rejects = key
    bears = np.isin(table.everyone, list(bearers))
    # a harmless class is set against clean pictures, and a picture that is a reject for another reason says nothing
    kept = np.flatnonzero(bears & table.rejects if rejects else bears & ~table.rejects)
    kept = np.union1d(kept, np.flatnonzero(~bears & ~table.rejects))
    chosen = np.array([name == class_name for name in table.place_classes], np.bool_)
    recall = table.recall(weights, cutoffs[:, ONE_FALSE], chosen) if rejects else None
    separated = estimate(auroc(table.scores[kept], bears[kept], weights[:, kept]))
    return ClassCount(class_name, rejects, marked, recall, separated)


def _group_counts(pictures: Sequence[PictureResult], cut: float) -> tuple[GroupCount, ...]:
    groups: dict[str, list[PictureResult]] = defaultdict(list)
    for picture in pictures:
        groups[picture.group].append(picture)
    return tuple(_group_count(group, groups[group], cut) for group in sorted(groups))


def _group_count(group: str, pictures: Sequence[PictureResult], cut: float) -> GroupCount:
    table = Table.of(pictures)
    return GroupCount(
        group=group,
        pictures=len(pictures),
        rejects=int(table.rejects.sum()),
        places=wilson(int(table.shown.sum()), table.shown.size),
        false_per_picture=float(table.false_shown.mean()),
        misses=_share(table.scores[table.rejects] < cut),
        false_alarms=_share(table.scores[~table.rejects] >= cut),
        auroc=estimate(auroc(table.scores, table.rejects, group_weights((group,) * len(pictures), 0))).value,
    )
