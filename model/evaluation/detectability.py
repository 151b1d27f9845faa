"""Which scratches a model finds: parts with scratches of known size, and the curve through hits and misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inspector_app.agreement.probit import CONFIDENCE, NotFitted, ProbitLine, Vector, fit_probit, misfit
from inspector_app.domain.ports import Classifier
from inspector_app.domain.prediction import Box, ModelIdentity, PredictionStatus
from model.dataset import Annotation
from model.evaluation.matching import TruthPatches, match_regions
from model.evaluation.measures import wilson
from model.evaluation.memory import peak_mib, reset_peak
from model.evaluation.probes import ProbeSpans, probe_part
from model.evaluation.values import Share
from model.synthesis.part import Look, Scratch

MISFIT = 0.01
"""Below this p-value a line is said not to fit."""

SIZES = ("width", "contrast", "length")
UNITS = {"width": "px", "contrast": "grey levels", "length": "px"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One generated scratch: its part and the part's look, its size as painted, whether the model's regions hit it."""

    part: int
    look: str
    width_px: float
    contrast: float
    length_px: float
    hit: bool

    @property
    def sizes(self) -> tuple[float, float, float]:
        """In the order of `SIZES`."""
        return self.width_px, self.contrast, self.length_px


@dataclass(frozen=True, slots=True)
class DetectionSize:
    """Sizes from which on scratches are found, other sizes being fixed.

    Attributes
    ----------
    vary : str
        Which of `SIZES`.
    fixed : tuple of (str, float)
        The others.
    a50, a90 : float or None
        Found with a probability of 50 % and 90 %; ``None``: not reached at any tested size.
    a90_95 : float or None
        The same of the lower 95 % confidence limit, for 90 %.
    """

    vary: str
    fixed: tuple[tuple[str, float], ...]
    a50: float | None
    a90: float | None
    a90_95: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Trials of similar width and contrast."""

    width: tuple[float, float]
    contrast: tuple[float, float]
    found: Share


@dataclass(frozen=True, slots=True)
class Detectability:
    """What was measured.

    Attributes
    ----------
    model : ModelIdentity
        Of the model.
    frame : (height, width)
        Of the pictures, px.
    parts, asked : int
        Parts judged and parts wanted; fewer if it was stopped.
    failed : int
        Predictions that failed; their parts are in no figure.
    trials : tuple of Trial
        All scratches that show.
    varied : tuple of str
        Those of `SIZES` that were varied.
    line : ProbitLine or None
        Over the logarithms of the varied sizes.
    why_no_line : str or None
        One clause where there is no line.
    fit_p : float or None
        P-value of the line's fit, see `misfit`; below `MISFIT` the sizes that follow from it mislead.
    sizes : tuple of DetectionSize
        From the line.
    cells : tuple of Cell
        As counted, without a model of the curve.
    looks : tuple of (str, Share)
        Found on each kind of part.
    false_per_part : float or None
        Regions that reject on no scratch.
    memory_before_mib, memory_peak_mib : float or None
        Of the process, before the first prediction and at the peak during one.
    median_ms : float or None
        Per picture.
    """

    model: ModelIdentity
    frame: tuple[int, int]
    parts: int
    asked: int
    failed: int
    trials: tuple[Trial, ...]
    varied: tuple[str, ...]
    line: ProbitLine | None
    why_no_line: str | None
    fit_p: float | None
    sizes: tuple[DetectionSize, ...]
    cells: tuple[Cell, ...]
    looks: tuple[tuple[str, Share], ...]
    false_per_part: float | None
    memory_before_mib: float | None
    memory_peak_mib: float | None
    median_ms: float | None

    @property
    def fits(self) -> bool:
        """False if there is a line that the trials contradict."""
        return self.fit_p is None or self.fit_p >= MISFIT

    @property
    def complete(self) -> bool:
        """False if it was stopped before the last part."""
        return self.parts == self.asked

    def span(self, size: str) -> tuple[float, float]:
        """Return the smallest and largest tested size."""
        values = [trial.sizes[SIZES.index(size)] for trial in self.trials]
        return min(values), max(values)

    def counted(self, size: str) -> tuple[tuple[float, Share], ...]:
        """Return the found share of six classes of about equal count by one size, with the median size of each."""
        which = SIZES.index(size)
        ranked = sorted(self.trials, key=lambda trial: trial.sizes[which])
        classes = [[ranked[i] for i in rows] for rows in np.array_split(np.arange(len(ranked)), 6) if rows.size]
        return tuple(
            (float(np.median([trial.sizes[which] for trial in each])), wilson(sum(t.hit for t in each), len(each)))
            for each in classes
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """What to test on.

    Attributes
    ----------
    parts : int
        Pictures, at least 1.
    frame : (height, width)
        Of each, px.
    per_part : int
        Scratches on each.
    spans : ProbeSpans
        Their sizes.
    seed : int
        Same seed, same parts.
    look : Look or None
        ``None``: all looks by chance.
    """

    parts: int
    frame: tuple[int, int]
    per_part: int
    spans: ProbeSpans
    seed: int
    look: Look | None = None


def measure_detectability(
    classifier: Classifier, bench: Bench, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> Detectability:
    """Judge generated parts and fit the curve.

    A scratch is found if one of the model's reject regions hits it, at the model's own threshold and by the rule of
    `model.evaluation.matching`.

    Parameters
    ----------
    classifier : Classifier
        The model.
    bench : Bench
        The parts.
    on_progress : callable
        Told (parts done, all) after each.
    cancelled : callable
        Asked before each; if True the result covers what was judged so far.
    """
    rng = np.random.default_rng(bench.seed)
    trials: list[Trial] = []
    times: list[float] = []
    false, done = 0, 0
    peaks: list[float] = []
    before = peak_mib()
    for number in range(bench.parts):
        if cancelled():
            break
        part = probe_part(int(rng.integers(0, 2**62)), bench.frame, bench.per_part, bench.spans, bench.look)
        reset_peak()
        before = peak_mib() if number == 0 else before
        prediction = classifier.predict(part.pixels)
        peaks.append(peak_mib() or 0.0)
        done += 1
        if prediction.status is PredictionStatus.OK:
            truth = TruthPatches.of([_annotation(each) for each in part.scratches], None, bench.frame)
            matched = match_regions(prediction.regions, truth)
            false += len(matched.false_regions)
            times.append(prediction.elapsed_ms)
            for scratch, score in zip(part.scratches, matched.hit_scores, strict=True):
                size = (scratch.width_px, abs(scratch.contrast), scratch.length_px)
                trials.append(Trial(number, part.look.name.lower(), *size, score is not None))
        on_progress(done, bench.parts)
    varied, line, why = _fitted(trials, bench.spans)
    return Detectability(
        model=classifier.model,
        frame=bench.frame,
        parts=done,
        asked=bench.parts,
        failed=done - len(times),
        trials=tuple(trials),
        varied=varied,
        line=line,
        why_no_line=why,
        fit_p=None if line is None else misfit(line, _logs(trials, varied), np.array([trial.hit for trial in trials])),
        sizes=() if line is None else _sizes(line, trials, varied),
        cells=_cells(trials),
        looks=_looks(trials),
        false_per_part=false / len(times) if times else None,
        memory_before_mib=before,
        memory_peak_mib=max(peaks, default=0.0) or None,
        median_ms=float(np.median(times)) if times else None,
    )


def _annotation(scratch: Scratch) -> Annotation:
    return Annotation("scratch", Box(*scratch.box), scratch.polygon, rejects=True)


def _fitted(trials: list[Trial], spans: ProbeSpans) -> tuple[tuple[str, ...], ProbitLine | None, str | None]:
    asked = {"width": spans.width_px, "contrast": spans.contrast, "length": spans.length_px}
    varied = tuple(name for name in SIZES if asked[name][0] < asked[name][1])
    if not trials:
        return varied, None, "no scratch shows"
    logs = _logs(trials, varied)
    hits = np.array([trial.hit for trial in trials], np.bool_)
    try:
        return varied, fit_probit(logs, hits, np.array([trial.part for trial in trials], np.intp)), None
    except NotFitted as fault:
        return varied, None, str(fault)


def _logs(trials: list[Trial], varied: tuple[str, ...]) -> Vector:
    chosen = [SIZES.index(name) for name in varied]
    return np.log(np.array([trial.sizes for trial in trials], np.float64)[:, chosen])


def _sizes(line: ProbitLine, trials: list[Trial], varied: tuple[str, ...]) -> tuple[DetectionSize, ...]:
    """Return the sizes for each varied one at the quartiles of one other, further ones at their median."""
    values = np.exp(_logs(trials, varied))
    quartiles = np.quantile(values, (0.25, 0.5, 0.75), axis=0)
    found = []
    for which, name in enumerate(varied):
        others = [index for index in range(len(varied)) if index != which]
        for row in range(3) if others else (1,):
            point = quartiles[1].copy()
            if others:
                point[others[0]] = quartiles[row, others[0]]
            span = (float(values[:, which].min()), float(values[:, which].max()))
            logs = np.log(point)
            found.append(
                DetectionSize(
                    name,
                    tuple((varied[index], float(point[index])) for index in others),
                    line.size_for(0.5, which, logs, span),
                    line.size_for(0.9, which, logs, span),
                    line.size_for(0.9, which, logs, span, CONFIDENCE),
                )
            )
    return tuple(found)


def _looks(trials: list[Trial]) -> tuple[tuple[str, Share], ...]:
    hits: dict[str, list[bool]] = {}
    for trial in trials:
        hits.setdefault(trial.look, []).append(trial.hit)
    return tuple((look, wilson(sum(hits[look]), len(hits[look]))) for look in sorted(hits))


def _cells(trials: list[Trial]) -> tuple[Cell, ...]:
    """Return hits by quarters of width and of contrast."""
    if not trials:
        return ()
    sizes = np.array([trial.sizes for trial in trials], np.float64)
    hits = np.array([trial.hit for trial in trials], np.bool_)
    edges = [np.unique(np.quantile(sizes[:, index], np.linspace(0.0, 1.0, 5))) for index in (0, 1)]
    rows, columns = (np.clip(np.searchsorted(edges[i], sizes[:, i], "right") - 1, 0, None) for i in (0, 1))
    rows, columns = (np.minimum(each, max(len(edge) - 2, 0)) for each, edge in zip((rows, columns), edges, strict=True))
    found = []
    for row in np.unique(rows):
        for column in np.unique(columns[rows == row]):
            inside = (rows == row) & (columns == column)
            share = wilson(int(hits[inside].sum()), int(inside.sum()))
            found.append(Cell(_span(edges[0], int(row)), _span(edges[1], int(column)), share))
    return tuple(found)


def _span(edges: Vector, index: int) -> tuple[float, float]:
    return float(edges[index]), float(edges[min(index + 1, len(edges) - 1)])
