"""Everything that is recorded about a part, in words, in sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspector_app.domain.decision import Draw
from inspector_app.domain.inspection import Inspection, LogEntry, PictureFault, PictureState
from inspector_app.domain.prediction import Asked
from inspector_app.domain.rollout import Comparison
from inspector_app.domain.verdict import Verdict
from ui.history.blindness import UNDO_LIMIT
from ui.texts import local_time, percent, tr
from ui.wording import (
    answer_name,
    answerer_name,
    disposition_name,
    judgement_name,
    kind_name,
    level_name,
    model_title,
    prediction_status_name,
    presentation_name,
    reason_sentence,
    route_name,
    style_name,
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines: name and value; a line without a name is a sentence."""

    heading: str
    lines: tuple[tuple[str, str], ...]


def sections_of(entry: LogEntry, now: datetime, *, hidden: bool) -> tuple[Section, ...]:
    """Return outcome, inspector, model, reasons, versions and picture.

    Parameters
    ----------
    entry : LogEntry
        The part.
    now : datetime
        UTC.
    hidden : bool
        True to say nothing that depends on the model.
    """
    beside = () if entry.beside is None else (_beside(entry.beside),)
    model = (_covered(),) if hidden else (_model(entry), *beside, _why(entry.inspection))
    outcome = _outcome(entry, overdue=_overdue(entry, now))
    return (outcome, _inspector(entry), *model, _versions(entry.inspection, hidden=hidden), _picture(entry))


def _overdue(entry: LogEntry, now: datetime) -> bool:
    since = max((verdict.at for verdict in entry.verdicts), default=entry.inspection.captured_at)
    return not entry.line_told and now - since > UNDO_LIMIT


def _outcome(entry: LogEntry, *, overdue: bool) -> Section:
    """Return the outcome; that the line does not know it is said once it should long have been told."""
    outcome = tr("{outcome}.").format(outcome=disposition_name(entry.disposition))
    late = tr("The line is not known to have been told.")
    return Section(tr("Outcome"), (("", f"{outcome} {late}" if overdue else outcome),))


def _inspector(entry: LogEntry) -> Section:
    if not entry.verdicts:
        waits = entry.inspection.decision.asks_human
        sentence = tr("The part waits for an inspector.") if waits else tr("No inspector was asked.")
        return Section(tr("Inspector"), (("", sentence),))
    return Section(tr("Inspector"), tuple(_verdict(verdict) for verdict in entry.verdicts))


def _verdict(verdict: Verdict) -> tuple[str, str]:
    words = [answer_name(verdict.answer)]
    if verdict.classes:
        words.append(", ".join(verdict.classes))
    words += [verdict.by, kind_name(verdict.kind), tr("after {n:.1f} s").format(n=verdict.seconds)]
    text = " · ".join(words)
    return local_time(verdict.at), tr("{text} — undone, counts for nothing").format(
        text=text
    ) if verdict.retracted else text


def _covered() -> Section:
    return Section(tr("Model"), (("", tr("Covered, so that whoever still judges this part is not led.")),))


def _model(entry: LogEntry) -> Section:
    prediction = entry.inspection.prediction
    if prediction is None:
        return Section(tr("Model"), (("", tr("The model did not run on this part.")),))
    judgement = entry.inspection.decision.model_judgement
    lines = [(tr("Answer"), prediction_status_name(prediction.status))]
    if prediction.detail:
        lines.append(("", prediction.detail))
    if prediction.probability is not None and judgement is not None:
        lines.append((tr("Judgement"), judgement_name(judgement)))
        lines.append((tr("P(reject)"), percent(prediction.probability, 1)))
        lines.append((tr("Marks"), str(len(prediction.regions))))
    lines.append((tr("Time"), tr("{n:.0f} ms").format(n=prediction.elapsed_ms)))
    return Section(tr("Model"), (*lines, *_asked(prediction.asked)))


def _asked(asked: Asked | None) -> tuple[tuple[str, str], ...]:
    """Return who answered, where a prediction server is asked first, and why it was not the server."""
    if asked is None:
        return ()
    lines = [(tr("Answered by"), answerer_name(asked.by))]
    if asked.why_not is not None:
        lines.append(("", asked.why_not))
    if asked.late_ms is not None:
        lines.append(("", tr("It came {n:.0f} ms too late and was not used.").format(n=asked.late_ms)))
    return tuple(lines)


def _beside(comparison: Comparison) -> Section:
    """Return what the model that was not in charge said; it touched nothing."""
    prediction, judgement = comparison.prediction, comparison.judgement
    lines = [(tr("Model"), model_title(prediction.model, nobody=tr("none")))]
    if judgement is None or prediction.probability is None:
        lines.append(("", prediction.detail or prediction_status_name(prediction.status)))
    else:
        lines.append((tr("Judgement"), judgement_name(judgement)))
        lines.append((tr("P(reject)"), percent(prediction.probability, 1)))
        lines.append(("", tr("The two models differ.") if comparison.differs else tr("The two models agree.")))
    return Section(tr("Beside it"), tuple(lines))


def _why(inspection: Inspection) -> Section:
    decision = inspection.decision
    lines = [(tr("Decides"), route_name(decision.route))]
    lines += [("", reason_sentence(reason)) for reason in decision.reasons]
    lines.append((tr("Shown"), presentation_name(decision.presentation)))
    for name, draw in (
        (tr("Canary"), decision.canary),
        (tr("Audit"), decision.audit),
        (tr("Targeted audit"), decision.targeted),
        (tr("First look"), decision.first_look),
        (tr("New model"), decision.challenger),
    ):
        if draw is not None:
            lines.append((name, _draw(draw)))
    return Section(tr("Why"), tuple(lines))


def _draw(draw: Draw) -> str:
    drawn = tr("drawn") if draw.drawn else tr("not drawn")
    return tr("{drawn}, share {share} (u = {u:.4f})").format(drawn=drawn, share=percent(draw.probability, 1), u=draw.u)


def _versions(inspection: Inspection, *, hidden: bool) -> Section:
    control = inspection.control
    lines = [
        (tr("Level"), level_name(control.level)),
        (tr("Control"), tr("version {n}").format(n=control.version)),
        (tr("Marks shown"), style_name(control.style)),
        (
            tr("Thresholds"),
            tr("accept < {a:.3g} · cut {c:.3g} · reject > {r:.3g}").format(
                a=control.accept_below, c=control.cut, r=control.reject_above
            ),
        ),
    ]
    identity = inspection.prediction.model if inspection.prediction is not None else None
    if identity is not None and not hidden:
        lines.append((tr("Model"), f"{identity.name} {identity.version}"))
        lines.append((tr("Model file"), _short(identity.sha256)))
        lines.append((tr("Preprocessing"), _short(identity.preprocessing_sha256)))
    lines.append((tr("Inspection"), inspection.inspection_id))
    return Section(tr("Versions"), tuple(lines))


def _picture(entry: LogEntry) -> Section:
    inspection = entry.inspection
    lines = [
        (tr("Taken"), local_time(inspection.captured_at, date=True)),
        # Neither the camera's count nor a file's name: a seeded part has none of its own, and would stand out.
        (tr("Camera"), inspection.source),
    ]
    picture = inspection.picture
    if isinstance(picture, PictureFault):
        lines.append(("", picture.sentence))
        return Section(tr("Picture"), tuple(lines))
    lines.append((tr("Size"), tr("{w} × {h} px").format(w=picture.width, h=picture.height)))
    if picture.unfit is not None:
        lines.append((tr("Not judged"), picture.unfit.sentence))
    stored = entry.stored_picture
    if stored is not None and stored.state is PictureState.LOST:
        lines.append(("", stored.detail or tr("The picture was lost.")))
    elif stored is not None and stored.path:
        lines.append((tr("File"), _short_name(stored.path)))
        lines.append((tr("SHA-256"), _short(stored.file_sha256 or "")))
    else:
        lines.append(("", tr("The picture is still being written.")))
    return Section(tr("Picture"), tuple(lines))


def _short_name(path: str) -> str:
    """Return a stored picture's path with its long name cut: it cannot be broken and would not fit."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    return f"{folder}{slash}{_short(stem)}{dot}{suffix}"


def _short(digest: str) -> str:
    return f"{digest[:16]}…" if len(digest) > 16 else digest
