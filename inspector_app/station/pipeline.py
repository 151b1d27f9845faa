"""The way of one part: picture, prediction, decision, log, line, inspector."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from inspector_app.automation.assignment import Assignment, assignment
from inspector_app.automation.policy import decide, runs_model
from inspector_app.automation.seeds import SeedRules, probe
from inspector_app.domain.control import ControlState
from inspector_app.domain.decision import Decision, Disposition, Route
from inspector_app.domain.events import InspectionRecorded, StationEvent
from inspector_app.domain.frame import (
    Capture,
    Frame,
    PictureFlaw,
    PictureProblem,
    Unfit,
    UnusableFrame,
    may_be_judged,
    pixels_sha256,
)
from inspector_app.domain.inspection import Inspection, PictureFacts, PictureFault
from inspector_app.domain.ports import InspectionLog
from inspector_app.domain.prediction import Answerer, Prediction, PredictionStatus, unusable_prediction
from inspector_app.domain.rollout import Slot
from inspector_app.domain.seed import Seed
from inspector_app.domain.status import FaultKind
from inspector_app.station.beside import BesideModel
from inspector_app.station.board import NoteIncident, StateBoard, Tally
from inspector_app.station.desk import ControlDesk
from inspector_app.station.identities import PartNumbers, TimeOrderedIds
from inspector_app.station.inline import InlineInspectors
from inspector_app.station.log_keeper import LogKeeper, ToldLedger
from inspector_app.station.options import StationOptions
from inspector_app.station.picture_watch import PictureWatch
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.review import ReviewDesk
from inspector_app.station.slots import ModelSlots
from inspector_app.station.telling import LineTeller, Telling

_UNUSED = (PredictionStatus.FAILED, PredictionStatus.LATE)
_COUNTED = {
    PictureProblem.MISSED_TRIGGER: "missed_triggers",
    PictureFlaw.LATE: "late_pictures",
    PictureFlaw.NOT_ASKED_FOR: "pictures_not_asked_for",
    PictureFlaw.DOUBLED: "doubled_parts",
    PictureFlaw.PART_ID: "part_ids_unclear",
}
"""What went wrong between part and picture: counted apart, and an incident each time."""

Identify = Callable[[Capture], Capture]


class Pipeline:
    """The synchronous steps of each part, on the inspection thread: write, then act, then tell.

    Parameters
    ----------
    desk : ControlDesk
        The control state, asked anew for each part.
    models, beside : ModelSlots, BesideModel
        The model in charge under its deadline; the other one, in a rollout, once the part is decided.
    log, keeper, ledger : InspectionLog, LogKeeper, ToldLedger
        Where the part is committed, together with what the line has meanwhile taken.
    teller : LineTeller
        The line.
    pictures : PictureWriter
        Gets the picture once the part is committed.
    review : ReviewDesk
        Gets the part if an inspector is asked.
    inline : InlineInspectors or None
        Stand-ins that give their verdicts before the line is told, in headless runs.
    ids, parts : TimeOrderedIds, PartNumbers
        Names.
    identify : callable
        Returns a capture with the part's id as its name, unfit if the id is in doubt.
    board, tally : StateBoard, Tally
        Faults and counts.
    tell : callable
        Told what is in the log.
    note : NoteIncident
        Keeps incidents for the log.
    options : StationOptions
        Deadlines.
    seed_rules : SeedRules
        How many seeded parts carry wrong advice.
    """

    def __init__(
        self,
        *,
        desk: ControlDesk,
        models: ModelSlots,
        beside: BesideModel,
        log: InspectionLog,
        keeper: LogKeeper,
        ledger: ToldLedger,
        teller: LineTeller,
        pictures: PictureWriter,
        review: ReviewDesk,
        inline: InlineInspectors | None,
        ids: TimeOrderedIds,
        parts: PartNumbers,
        identify: Identify,
        board: StateBoard,
        tally: Tally,
        tell: Callable[[StationEvent], None],
        note: NoteIncident,
        options: StationOptions,
        seed_rules: SeedRules,
    ) -> None:
        self._desk = desk
        self._models = models
        self._beside = beside
        self._log = log
        self._keeper = keeper
        self._ledger = ledger
        self._teller = teller
        self._pictures = pictures
        self._review = review
        self._inline = inline
        self._ids = ids
        self._parts = parts
        self._board = board
        self._tally = tally
        self._identify = identify
        self._tell = tell
        self._note = note
        self._options = options
        self._watch = PictureWatch(board, options.usual_unfit_share)
        self._seed_rules = seed_rules
        self._model_failures = 0
        self._last_ms: float | None = None

    @property
    def last_ms(self) -> float | None:
        """Frame in hand to line told, of the last part, in ms."""
        return self._last_ms

    def identified(self, capture: Capture) -> Capture:
        """Return the capture with the part's id as its name; once for each part, before `commit`."""
        return self._identify(capture)

    def commit(self, capture: Capture, stop: threading.Event, seed: Seed | None = None) -> Inspection:
        """Look at a part, decide, and commit it; while the log is away the part is held, unheard of by the line.

        ``seed`` makes it a seeded part.

        Raises
        ------
        LogUnavailable
            If the log is still away when ``stop`` is set: the part is not in the log.
        """
        control = self._keeper.insist(self._desk.refresh, stop)
        self._models.follow(control)
        part_id = self._parts.part_id(capture.name, capture.captured_at)
        picture, prediction = self._look(capture, control, assignment(control, part_id), part_id)
        decision = decide(control, part_id, may_be_judged(capture), prediction)
        check_safe(decision, capture, prediction)
        if seed is not None:
            seed = replace(seed, probe=probe(self._seed_rules, seed.salt, part_id, decision, control))
        inspection = Inspection(
            inspection_id=self._ids.new(),
            part_id=part_id,
            captured_at=capture.captured_at,
            source=capture.source,
            sequence=capture.sequence,
            skipped=capture.skipped,
            path=capture.path,
            picture=picture,
            prediction=prediction,
            control=control,
            decision=decision,
            reference=capture.reference,
            product=self._options.product or None,
            seed=seed,
        )
        self._keeper.insist(
            lambda: self._ledger.commit_with(lambda told: self._log.record_inspection(inspection, told)), stop
        )
        self._count(inspection)
        return inspection

    def act(self, inspection: Inspection, capture: Capture, began: float, stop: threading.Event) -> None:
        """Do what follows from a committed part: line, picture, inspector, listeners.

        Parameters
        ----------
        inspection, capture : Inspection, Capture
            The committed part and its picture.
        began : float
            ``time.monotonic()`` at which the picture was in hand.
        stop : Event
            Ends the wait for a log that is away.

        Raises
        ------
        LogUnavailable
            If the log went away after the commit and is still away when ``stop`` is set: the part is in the log, and
            what is missing is found when the station starts again.
        """
        decision = inspection.decision
        disposition = decision.disposition
        verdicts: Sequence[StationEvent] = ()
        if self._inline is not None and decision.asks_human:
            disposition, verdicts = self._inline.judge(inspection, stop)
        if inspection.seed is None:
            self._tell_line(inspection, disposition)
            self._last_ms = (time.monotonic() - began) * 1000
        if isinstance(capture, Frame) and isinstance(inspection.picture, PictureFacts):
            self._pictures.put(inspection.picture.pixels_sha256, capture.pixels, stop)
            if capture.unfit is None:
                self._ask_beside(inspection, capture)
        self._tell(InspectionRecorded(inspection))
        for event in verdicts:
            self._tell(event)
        if self._inline is None and decision.asks_human:
            self._review.request(inspection, began + self._options.appear_after_s)

    def _tell_line(self, inspection: Inspection, disposition: Disposition) -> None:
        telling = self._teller.tell(inspection.inspection_id, inspection.part_id, disposition)
        if telling is Telling.TAKEN and disposition is not Disposition.HOLD:
            self._tally.add(**{f"{disposition}ed": 1})

    def _ask_beside(self, inspection: Inspection, capture: Frame) -> None:
        """Have the other model of a rollout asked; a live camera's part never waits for that."""
        beside = assignment(inspection.control, inspection.part_id).beside
        if inspection.seed is None and beside is not None and runs_model(inspection.control.level):
            patient = self._options.waits_for_us(capture.source)
            self._beside.put(inspection, beside, capture.pixels, self._options.comparison_wait_s if patient else 0.0)

    def _look(
        self, capture: Capture, control: ControlState, assigned: Assignment, part_id: str
    ) -> tuple[PictureFacts | PictureFault, Prediction | None]:
        """Return the picture's identity and the prediction; the one is worked out while the model does the other."""
        slot = assigned.in_charge if runs_model(control.level) else None
        if isinstance(capture, UnusableFrame):
            unseen = self._not_asked(slot, "There is no usable picture to ask the model about.")
            return PictureFault(capture.problem, capture.sentence), unseen
        if capture.unfit is not None:
            return _facts(capture), self._not_asked(slot, "The picture is not fit to ask the model about.")
        question = None if slot is None else self._models.ask(slot, capture.pixels, part_id, in_charge=True)
        facts = _facts(capture)
        prediction = None if question is None else question.answer()
        self._watch_model(prediction)
        return facts, prediction

    def _not_asked(self, slot: Slot | None, sentence: str) -> Prediction | None:
        if slot is None:
            return None
        return unusable_prediction(PredictionStatus.ABSENT, self._models.model(slot), 0.0, sentence)

    def _watch_model(self, prediction: Prediction | None) -> None:
        """Raise and clear the model's faults."""
        if prediction is not None and prediction.status is PredictionStatus.ABSENT:
            sentence = f"{prediction.detail} Its parts go to an inspector."
            self._board.raise_fault(FaultKind.MODEL_MISSING, sentence)
        else:
            self._board.clear_fault(FaultKind.MODEL_MISSING)
        if prediction is not None and prediction.status in _UNUSED:
            self._model_failures += 1
        else:
            self._model_failures = 0
            self._board.clear_fault(FaultKind.MODEL_FAILING)
        if self._model_failures >= self._options.model_failures_to_fault and prediction is not None:
            self._board.raise_fault(FaultKind.MODEL_FAILING, prediction.detail or "The model gives no answers.")

    def _count(self, inspection: Inspection) -> None:
        if inspection.seed is not None:
            self._tally.add(seeded=1)
            return
        self._watch.see(inspection)
        decision, prediction = inspection.decision, inspection.prediction
        self._count_complaint(inspection)
        self._tally.add(
            recorded=1,
            unusable=not inspection.picture_usable,
            unfit=isinstance(inspection.picture_complaint, Unfit),
            routed_to_human=decision.route is Route.HUMAN,
            audits=decision.audited,
            late_predictions=prediction is not None and prediction.status is PredictionStatus.LATE,
            failed_predictions=prediction is not None and prediction.status is PredictionStatus.FAILED,
            local_answers=prediction is not None and _local_in_place_of_server(prediction),
        )

    def _count_complaint(self, inspection: Inspection) -> None:
        complaint = inspection.picture_complaint
        if complaint is None:
            return
        kind = complaint.flaw if isinstance(complaint, Unfit) else complaint.problem
        count = _COUNTED.get(kind)
        if count is not None:
            self._tally.add(**{count: 1})
            self._note(kind.value, f"Part {inspection.part_id}: {complaint.sentence}")


def _facts(frame: Frame) -> PictureFacts:
    height, width = frame.pixels.shape[:2]
    channels = 1 if frame.pixels.ndim == 2 else frame.pixels.shape[2]
    return PictureFacts(pixels_sha256(frame.pixels), width, height, channels, frame.unfit, frame.views)


def _local_in_place_of_server(prediction: Prediction) -> bool:
    return prediction.asked is not None and prediction.asked.by is Answerer.LOCAL


def check_safe(decision: Decision, capture: Capture, prediction: Prediction | None) -> None:
    """Make sure that nothing but a usable picture with a usable prediction was decided without a human.

    The policy promises it; this is the last gate before the line, so it does not take its word for it.

    Raises
    ------
    RuntimeError
        If the decision is not safe: a bug, which holds all parts.
    """
    sound = may_be_judged(capture) and prediction is not None and prediction.status is PredictionStatus.OK
    if not sound and (decision.route is not Route.HUMAN or decision.disposition is not Disposition.HOLD):
        raise RuntimeError(f"a part without a usable picture and prediction was routed to {decision.route}")
