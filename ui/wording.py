"""The domain's values in the inspector's words."""

from __future__ import annotations

from inspector_app.automation.guard_events import guard_title
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition, Presentation, Reason, Route
from inspector_app.domain.frame import Judgement
from inspector_app.domain.prediction import Answerer, ModelIdentity, PredictionStatus
from inspector_app.domain.rollout import Rollout, RolloutPhase
from inspector_app.domain.status import FaultKind, StationState
from inspector_app.domain.verdict import Answer, VerdictKind
from ui.texts import percent, tr


def level_name(level: Level) -> str:
    """Return a level's name on its stop of the slider."""
    return {
        Level.HUMAN_ONLY: tr("Human only"),
        Level.SHADOW: tr("Shadow"),
        Level.ASSIST: tr("Assist"),
        Level.PARTIAL: tr("Partial"),
        Level.FULL: tr("Full"),
    }[level]


def level_sentence(level: Level) -> str:
    """Return what a level means: what the model does, what the inspector sees, who decides."""
    return {
        Level.HUMAN_ONLY: tr("The model does not run. Inspectors decide every part."),
        Level.SHADOW: tr("The model judges every part in the background and nobody sees it. Inspectors decide."),
        Level.ASSIST: tr("The model marks places on the picture. Inspectors decide every part."),
        Level.PARTIAL: tr("The model decides the parts it is sure of. Inspectors decide the rest and blind audits."),
        Level.FULL: tr("The model decides every part it can judge. Inspectors see audits and what it cannot judge."),
    }[level]


def style_name(style: AssistStyle) -> str:
    """Return when the inspector sees the model's marks."""
    return {
        AssistStyle.HIGHLIGHT: tr("At once"),
        AssistStyle.SECOND_LOOK: tr("After a first answer (second look)"),
    }[style]


def answer_name(answer: Answer) -> str:
    """Return a verdict's word."""
    return {Answer.ACCEPT: tr("Accept"), Answer.REJECT: tr("Reject"), Answer.UNSURE: tr("Not sure")}[answer]


def judgement_name(judgement: Judgement) -> str:
    """Return the word for one of the two values of a comparison."""
    return {Judgement.ACCEPT: tr("Accept"), Judgement.REJECT: tr("Reject")}[judgement]


def disposition_name(disposition: Disposition) -> str:
    """Return what becomes of a part."""
    return {
        Disposition.ACCEPT: tr("Accepted"),
        Disposition.REJECT: tr("Rejected"),
        Disposition.HOLD: tr("On hold"),
    }[disposition]


def route_name(route: Route) -> str:
    """Return who decides a part."""
    return {
        Route.HUMAN: tr("Inspector"),
        Route.MODEL_ACCEPT: tr("Model (accept)"),
        Route.MODEL_REJECT: tr("Model (reject)"),
    }[route]


def kind_name(kind: VerdictKind) -> str:
    """Return under which conditions a verdict was given."""
    return {
        VerdictKind.UNAIDED: tr("without the model"),
        VerdictKind.AIDED: tr("with the model's marks"),
        VerdictKind.SECOND_LOOK: tr("second look"),
        VerdictKind.AUDIT: tr("blind audit"),
        VerdictKind.ADJUDICATION: tr("adjudication"),
    }[kind]


def presentation_name(presentation: Presentation | None) -> str:
    """Return what the inspector was shown of the model."""
    return {
        None: tr("no inspector was asked"),
        Presentation.BLIND: tr("nothing of the model"),
        Presentation.HIGHLIGHT: tr("the model's marks at once"),
        Presentation.SECOND_LOOK: tr("the model's marks after a first answer"),
    }[presentation]


def reason_sentence(reason: Reason) -> str:
    """Return why a part took its route."""
    return {
        Reason.LEVEL_HUMAN_ONLY: tr("The level is Human only."),
        Reason.LEVEL_SHADOW: tr("The level is Shadow."),
        Reason.LEVEL_ASSIST: tr("The level is Assist."),
        Reason.OUTSIDE_CANARY: tr("The part is outside the share that the model may decide."),
        Reason.MODEL_SURE_ACCEPT: tr("The model was sure that the part is good."),
        Reason.MODEL_SURE_REJECT: tr("The model was sure that the part is to be rejected."),
        Reason.MODEL_UNSURE: tr("The model was not sure."),
        Reason.FULL_REJECTS_UNSURE: tr("At Full, a part that the model is not sure of is rejected."),
        Reason.PICTURE_UNUSABLE: tr("The picture could not be used."),
        Reason.PREDICTION_FAILED: tr("The model failed on this picture."),
        Reason.PREDICTION_LATE: tr("The model answered too late."),
        Reason.PREDICTION_ABSENT: tr("No model was loaded."),
        Reason.AUDIT_DRAWN: tr("The part was drawn for a blind audit."),
        Reason.UNAIDED_FIRST_LOOK: tr("The part was drawn for a look without the model."),
        Reason.NO_MODEL_IN_CHARGE: tr("No model is in charge of this part."),
    }[reason]


def prediction_status_name(status: PredictionStatus) -> str:
    """Return whether a prediction could be used."""
    return {
        PredictionStatus.OK: tr("Answered"),
        PredictionStatus.FAILED: tr("Failed"),
        PredictionStatus.LATE: tr("Too late"),
        PredictionStatus.ABSENT: tr("No model"),
    }[status]


def answerer_name(answerer: Answerer | None) -> str:
    """Return who answered at a station that asks a prediction server first."""
    return {
        None: tr("nobody"),
        Answerer.SERVER: tr("prediction server"),
        Answerer.LOCAL: tr("local model"),
    }[answerer]


def state_name(state: StationState) -> str:
    """Return the station's state in a word."""
    return {
        StationState.STOPPED: tr("Stopped"),
        StationState.STARTING: tr("Starting"),
        StationState.RUNNING: tr("Running"),
        StationState.PAUSED: tr("Paused"),
        StationState.FAULTED: tr("Fault"),
        StationState.FINISHED: tr("No more pictures"),
        StationState.STOPPING: tr("Stopping"),
    }[state]


def fault_way_out(kind: FaultKind) -> str:
    """Return what the operator can do about a fault."""
    return {
        FaultKind.CAMERA_LOST: tr("Check cable and power of the camera; the station connects again by itself."),
        FaultKind.CAMERA_BUG: tr("Stop and start the station; if it comes back, send the log to the vision engineer."),
        FaultKind.MODEL_MISSING: tr("All parts go to inspectors. Ask the vision engineer for a model."),
        FaultKind.MODEL_FAILING: tr("The parts concerned go to inspectors. Tell the vision engineer."),
        FaultKind.LINE_LOST: tr(
            "Parts stay on hold. Check the connection to the line; the station tells it again by itself."
        ),
        FaultKind.DISK_FULL: tr("Parts are held. Free space on the data disk; the station goes on by itself."),
        FaultKind.LOG_READ_ONLY: tr("Parts are held. Make the data folder writable; the station goes on by itself."),
        FaultKind.LOG_UNAVAILABLE: tr("Parts are held. Check the database; the station goes on by itself."),
        FaultKind.PICTURES_NOT_STORED: tr("Decisions are recorded, pictures may be missing. Check the data disk."),
        FaultKind.PICTURES_UNFIT: tr("Look at camera, lens and light; the camera page measures focus and exposure."),
        FaultKind.QUEUE_OVERFLOW: tr("Slow the line down, or let more parts be judged."),
        FaultKind.BUG: tr("Parts are held. Stop and start the station and send the log to the vision engineer."),
    }[kind]


def guard_name(kind: str) -> str:
    """Return a guard's name; one that this window does not know yet keeps its kind."""
    return tr(guard_title(kind))


def model_title(model: ModelIdentity | None, nobody: str | None = None) -> str:
    """Return a model's name and version; without one, ``nobody`` or that inspectors decide."""
    if model is None:
        return tr("none, inspectors decide") if nobody is None else nobody
    return f"{model.name} {model.version}"


def rollout_name(rollout: Rollout | None) -> str:
    """Return how far a new model has come."""
    if rollout is None:
        return tr("none")
    stage = {
        RolloutPhase.SHADOW: tr("answers, decides nothing"),
        RolloutPhase.CANARY: tr("decides {share} of the parts").format(share=percent(rollout.share)),
        RolloutPhase.WATCH: tr("in charge, the old one beside it"),
        RolloutPhase.ROLLED_BACK: tr("rolled back"),
    }[rollout.phase]
    return f"{rollout.experiment}: {stage}"
