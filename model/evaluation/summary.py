"""From judged pictures to the figures of an evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import ModelIdentity, PredictionStatus
from model.dataset import FileProblem
from model.evaluation.measures import auroc, average_precision, froc_recall, group_bootstrap, wilson
from model.evaluation.values import (
    ClassCount,
    EvaluationResult,
    FrocPoint,
    GroupCount,
    PictureResult,
    Share,
)

FROC_POINTS = (0.1, 0.5, 1.0, 2.0)


def summarise(
    model: ModelIdentity,
    dataset: str,
    pictures: Sequence[PictureResult],
    problems: Sequence[FileProblem],
    complete: bool,
    cut: float,
    seed: int,
) -> EvaluationResult:
    """Return the figures of judged pictures; failed predictions count in `EvaluationResult.failed` only."""
    usable = [picture for picture in pictures if picture.prediction.status is PredictionStatus.OK]
    table = _Table.of(usable)
    times = [picture.prediction.elapsed_ms for picture in usable]
    mains = [place for picture in usable if (place := picture.main_place) is not None]
    return EvaluationResult(
        model=model,
        dataset=dataset,
        complete=complete,
        pictures=tuple(pictures),
        problems=tuple(problems),
        failed=len(pictures) - len(usable),
        cut=cut,
        auroc=group_bootstrap(table.groups, lambda rows: auroc(table.scores[rows], table.rejects[rows]), seed),
        average_precision=group_bootstrap(
            table.groups, lambda rows: average_precision(table.scores[rows], table.rejects[rows]), seed
        ),
        misses=_share(table.scores[table.rejects] < cut),
        false_alarms=_share(table.scores[~table.rejects] >= cut),
        froc=tuple(_froc_point(table, allowed, seed) for allowed in FROC_POINTS),
        region_recall=group_bootstrap(table.groups, lambda rows: table.recall(rows, np.inf), seed),
        false_per_picture=group_bootstrap(table.groups, table.false_per_picture, seed),
        main_hit=wilson(sum(place.hit_score is not None for place in mains), len(mains)),
        classes=_class_counts(usable),
        groups=_group_counts(usable),
        median_ms=float(np.median(times)) if times else None,
        p95_ms=float(np.quantile(times, 0.95)) if times else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Pictures as columns, so that resampling them is indexing."""

    groups: tuple[str, ...]
    scores: NDArray[np.float64]
    rejects: NDArray[np.bool_]
    hit_scores: tuple[NDArray[np.float64], ...]
    false_scores: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, pictures: Sequence[PictureResult]) -> _Table:
        hits = [[-np.inf if p.hit_score is None else p.hit_score for p in picture.places] for picture in pictures]
        return cls(
            tuple(picture.group for picture in pictures),
            np.array([picture.prediction.probability for picture in pictures], np.float64),
            np.array([picture.truth is Judgement.REJECT for picture in pictures], np.bool_),
            tuple(np.array(scores, np.float64) for scores in hits),
            tuple(np.array(picture.false_scores, np.float64) for picture in pictures),
        )

    def recall(self, rows: NDArray[np.intp], allowed: float) -> float | None:
        """Return the recall of the pictures in ``rows`` at so many false regions per picture."""
        if not rows.size:
            return None
        false_scores = np.concatenate([self.false_scores[row] for row in rows])
        hit_scores = np.concatenate([self.hit_scores[row] for row in rows])
        return froc_recall(hit_scores, false_scores, rows.size, min(allowed, false_scores.size))

    def false_per_picture(self, rows: NDArray[np.intp]) -> float | None:
        """Return the mean number of false regions of the pictures in ``rows``."""
        return sum(self.false_scores[row].size for row in rows) / rows.size if rows.size else None


def _froc_point(table: _Table, allowed: float, seed: int) -> FrocPoint:
    recall = group_bootstrap(table.groups, lambda rows: table.recall(rows, allowed), seed)
    at_threshold = table.false_per_picture(np.arange(len(table.groups)))
    return FrocPoint(allowed, recall, reached=at_threshold is not None and at_threshold >= allowed)


def _share(flags: NDArray[np.bool_]) -> Share:
    return wilson(int(flags.sum()), int(flags.size))


def _class_counts(pictures: Sequence[PictureResult]) -> tuple[ClassCount, ...]:
    marked: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for picture in pictures:
        for place in picture.places:
            marked[place.class_name, True].append(place.hit_score is not None)
        for class_name, hit in picture.harmless:
            marked[class_name, False].append(hit)
    return tuple(
        ClassCount(class_name, rejects, wilson(sum(hits), len(hits)))
        for (class_name, rejects), hits in sorted(marked.items(), key=lambda item: (not item[0][1], item[0][0]))
    )


def _group_counts(pictures: Sequence[PictureResult]) -> tuple[GroupCount, ...]:
    groups: dict[str, list[PictureResult]] = defaultdict(list)
    for picture in pictures:
        groups[picture.group].append(picture)
    return tuple(_group_count(group, groups[group]) for group in sorted(groups))


def _group_count(group: str, pictures: Sequence[PictureResult]) -> GroupCount:
    places = [place for picture in pictures for place in picture.places]
    return GroupCount(
        group,
        len(pictures),
        sum(picture.truth is Judgement.REJECT for picture in pictures),
        wilson(sum(place.hit_score is not None for place in places), len(places)),
        sum(len(picture.false_scores) for picture in pictures) / len(pictures),
    )
