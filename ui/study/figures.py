"""A study's figures as lines of the figures table."""

from __future__ import annotations

from collections.abc import Iterator

from inspector_app.agreement.study.analysis import AppraiserFigures, StudyResult, Together
from inspector_app.agreement.study.bands import Band, Verdict
from inspector_app.agreement.study.by_size import DetectionBySize
from inspector_app.agreement.study.kappas import StudyKappa
from inspector_app.agreement.values import NotMeasurable
from ui.agreement.figures import FigureLine, figure_line
from ui.texts import tr


def study_figures(result: StudyResult) -> tuple[FigureLine, ...]:
    """Return all figures, an appraiser after the other, then the whole."""
    lines: list[FigureLine] = []
    for figures in result.appraisers:
        lines += _appraiser(figures)
    lines += _together(tr("Between appraisers"), result.between)
    lines += _together(tr("All against the reference"), result.all_vs_reference)
    if result.pairs:
        lines.append(_heading(tr("Appraisers in pairs")))
        lines += [_kappa(f"{pair.first} · {pair.second}", pair.kappa_cohen) for pair in result.pairs]
    return tuple(lines)


def band_words(verdict: Verdict | NotMeasurable) -> str:
    """Return what the study shows about a figure, in words."""
    if isinstance(verdict, NotMeasurable):
        return ""
    names = {
        Band.ACCEPTABLE: tr("acceptable"),
        Band.MARGINAL: tr("marginal"),
        Band.UNACCEPTABLE: tr("unacceptable"),
    }
    if verdict.shown is not None:
        return names[verdict.shown]
    if verdict.needed is None:
        return tr("{band} by the estimate alone").format(band=names[verdict.point])
    return tr("{band} not shown: {n} more without error").format(band=names[verdict.point], n=verdict.needed)


def _appraiser(figures: AppraiserFigures) -> Iterator[FigureLine]:
    yield _heading(figures.name)
    for words, figure, verdict, tip in (
        (
            tr("Effectiveness"),
            figures.effectiveness,
            figures.effectiveness_verdict,
            tr("Parts judged like the reference in every trial."),
        ),
        (tr("Miss"), figures.miss, figures.miss_verdict, tr("Accepts among the decisions on bad parts.")),
        (
            tr("False alarm"),
            figures.false_alarm,
            figures.false_alarm_verdict,
            tr("Rejects among the decisions on good parts."),
        ),
    ):
        band = band_words(verdict)
        yield figure_line(f"{words} · {band}" if band else words, figure, tip)
    yield figure_line(tr("Agrees with oneself"), figures.within, tr("Parts judged alike in every trial."))
    yield _kappa(tr("Kappa with the reference (Cohen)"), figures.kappa_cohen_vs_reference)
    yield _kappa(tr("Kappa within (Fleiss)"), figures.kappa_fleiss_within)
    if not isinstance(figures.detection, NotMeasurable):
        tip = tr("d' is what the appraiser sees; a criterion above 0 is lenient, below 0 strict.")
        value = f"d' {figures.detection.d_prime:.2f}, c {figures.detection.criterion:+.2f}"
        yield FigureLine(tr("Signal detection"), value, "", "", tip)
    yield from _by_size(figures.by_size)


def _together(words: str, figures: Together) -> Iterator[FigureLine]:
    yield _heading(words)
    yield figure_line(tr("Parts on which all agree"), figures.parts, "")
    yield _kappa(tr("Kappa (Fleiss)"), figures.kappa_fleiss)


def _by_size(curve: DetectionBySize | NotMeasurable) -> Iterator[FigureLine]:
    if isinstance(curve, NotMeasurable):
        return
    tip = tr("Sizes judged: {low:.3g} to {high:.3g}.").format(low=curve.smallest, high=curve.largest)
    for words, size in (
        (tr("Size found half the time"), curve.a50),
        (tr("Size found in 90 %"), curve.a90),
        (tr("… with 95 % confidence"), curve.a90_95),
    ):
        yield FigureLine(words, tr("not reached") if size is None else f"{size:.3g}", tip=tip)


def _heading(words: str) -> FigureLine:
    return FigureLine(words)


def _kappa(words: str, kappa: StudyKappa | NotMeasurable) -> FigureLine:
    if isinstance(kappa, NotMeasurable):
        return FigureLine(words, tr("not measurable"), kappa.why)
    if isinstance(kappa.interval, NotMeasurable):
        return FigureLine(words, f"{kappa.estimate:.2f}", kappa.interval.why)
    interval = f"{kappa.interval.low:.2f} … {kappa.interval.high:.2f}"
    return FigureLine(words, f"{kappa.estimate:.2f}", interval, "", tr("The interval draws whole parts."))
