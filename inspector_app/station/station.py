"""The station: its threads, its life, its faults."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector_app.automation.guard_events import GuardEvent
from inspector_app.automation.rollout import first_version
from inspector_app.automation.seeds import SeedRules
from inspector_app.domain.control import Command, ControlState
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import KnownFault, LogUnavailable
from inspector_app.domain.events import FrameArrived, StationEvent
from inspector_app.domain.frame import Capture, Frame, Pixels
from inspector_app.domain.inspection import Inspection, LogEntry, PictureFacts, PictureState
from inspector_app.domain.ports import (
    Camera,
    CameraControls,
    Classifier,
    Clock,
    ConnectServer,
    ControlLog,
    Decider,
    InspectionLog,
    LineOutput,
    LoadModel,
    LogReader,
    OnEvent,
    PictureStore,
)
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.rollout import Slot
from inspector_app.domain.status import FaultKind, StationState, StationStatus
from inspector_app.domain.verdict import Answer
from inspector_app.domain.watched import CAMERA_CONFIGURED
from inspector_app.station.announcer import Announcer
from inspector_app.station.beside import BesideModel
from inspector_app.station.board import Life, StateBoard, Tally
from inspector_app.station.buffers import FrameQueue, LatestSlot, QueueMark
from inspector_app.station.camera_loop import CameraLoop
from inspector_app.station.classifying import ModelLimits
from inspector_app.station.desk import ControlDesk, MayControl, Sign, SpeaksAgainst
from inspector_app.station.guarding import GuardHistory, GuardKeeper, GuardOrders, camera_sha256
from inspector_app.station.housekeeping import Housekeeping
from inspector_app.station.identities import PartNumbers, RandomBits, TimeOrderedIds
from inspector_app.station.inline import InlineInspectors
from inspector_app.station.log_keeper import IncidentBook, LogKeeper, ToldLedger
from inspector_app.station.looks import standing
from inspector_app.station.options import StationOptions
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.pipeline import Identify, Pipeline
from inspector_app.station.recovery import RecoveryReport, recover
from inspector_app.station.releases import Releases
from inspector_app.station.review import ReviewDesk
from inspector_app.station.seeding import Planted, Seeder, SeedOrders
from inspector_app.station.slots import ModelSlots, ServerAccess
from inspector_app.station.telling import LineTeller
from inspector_app.station.threads import ReportBug, Worker
from inspector_app.station.waiting import WaitingParts

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a station works with; whoever makes these also closes what the station does not open.

    Attributes
    ----------
    camera : Camera
        Opened and closed by the station.
    classifier : Classifier or None
        Used on the station's model thread; not closed by it, so that the station can be started again.
    line : LineOutput
        Opened and closed by the station.
    log, reader, control_log : InspectionLog, LogReader, ControlLog
        The log.
    pictures : PictureStore
        The pictures on disk.
    load_model : LoadModel or None
        Loads the second model of a rollout; the station closes what it has loaded so.
    history : GuardHistory or None
        What guards read; without it none are on duty.
    connect_server : ConnectServer or None
        Where there is a prediction server: it is asked before the models that are loaded here.
    camera_setup : callable or None
        Returns the SHA-256 of what is done to pictures beyond the camera's own settings, ``None`` if nothing.
    """

    camera: Camera
    classifier: Classifier | None
    line: LineOutput
    log: InspectionLog
    reader: LogReader
    control_log: ControlLog
    pictures: PictureStore
    load_model: LoadModel | None = None
    history: GuardHistory | None = None
    connect_server: ConnectServer | None = None
    camera_setup: Callable[[], str | None] = lambda: None


def _as_it_is(capture: Capture) -> Capture:
    return capture


class Station:
    """One camera, one model, one line, one log: `inspector_app.domain.ports.StationPort`.

    Threads: ``camera`` grabs, ``inspection`` takes each part from picture to line, ``model-blue`` and
    ``model-green`` predict under a deadline (``server-blue`` and ``server-green`` ask the prediction server before
    them), ``models`` loads, ``beside`` records what the model that is not in charge says, ``pictures`` writes
    pictures, ``releases`` tells the line of verdicts whose undo window has passed and keeps line, log and disk under
    review. Each is started by `start` and ended by `stop`.

    Parameters
    ----------
    equipment : Equipment
        Devices, model, log.
    initial_control : ControlState
        In force if the control log is empty.
    may_control : MayControl
        Who may change the control state.
    sign : Sign or None
        Checks signatures of commands that move right; ``None``: none are required.
    speaks_against : SpeaksAgainst or None
        Says what the evidence has against a command, which is recorded with it.
    clock : Clock
        UTC now.
    random_bits : RandomBits
        For identities, for example `secrets.randbits`.
    on_bug : ReportBug
        Told of every exception that nobody expected, on the thread that met it.
    options : StationOptions
        Sizes, deadlines, back-offs.
    deciders : sequence of Decider
        Stand-ins for inspectors, in headless runs: their verdicts are committed before the line is told, so that the
        line hears of every part exactly once. Without any, parts wait for `submit`.
    guards : GuardOrders or None
        How guards are set up; ``None``: none are on duty.
    identify : Identify or None
        Gives captures their part ids; ``None``: the source's own names, else numbers.
    seeds : SeedOrders or None
        Known defects that are shown again, blind; ``None``: none are.
    """

    def __init__(
        self,
        equipment: Equipment,
        initial_control: ControlState,
        *,
        may_control: MayControl,
        sign: Sign | None = None,
        speaks_against: SpeaksAgainst | None = None,
        clock: Clock,
        random_bits: RandomBits,
        on_bug: ReportBug,
        options: StationOptions | None = None,
        deciders: Sequence[Decider] = (),
        guards: GuardOrders | None = None,
        identify: Identify | None = None,
        seeds: SeedOrders | None = None,
    ) -> None:
        self._equipment = equipment
        self._on_bug = on_bug
        self._options = options = options or StationOptions()
        self._clock = clock
        self._announcer = announcer = Announcer()
        log = equipment.log
        ids = TimeOrderedIds(clock, random_bits)
        self._incidents = IncidentBook(log, clock)
        self._board = board = StateBoard(clock, announcer.tell, self._incidents.note)
        self._tally = tally = Tally()
        self._keeper = keeper = LogKeeper(board, options.log_backoff)
        ledger = ToldLedger()
        self._desk = ControlDesk(
            equipment.control_log, initial_control, may_control, clock, self._tell, sign, speaks_against
        )
        self._guards = GuardKeeper(
            self._desk,
            equipment.control_log,
            equipment.history,
            guards,
            clock,
            0.0 if deciders else options.undo_window_s,
            announcer.tell,
        )
        self._teller = LineTeller(equipment.line, ledger, board, tally, clock, options.line_backoff)
        self._models = ModelSlots(
            equipment.classifier,
            equipment.load_model,
            ModelLimits(options.model_deadline_s, options.model_warm_up_s),
            self._bug,
            self._tell,
            self._incidents.note,
            self._server_access(),
        )
        self._pictures = PictureWriter(
            equipment.pictures, log, keeper, board, tally, announcer.tell, options, self._bug
        )
        self._waiting = WaitingParts()
        self._releases = Releases(self._teller, tally, announcer.tell, options.line_backoff)
        self._review = ReviewDesk(log, self._waiting, self._releases, ids, clock, self._tell, options.undo_window_s)
        inline = InlineInspectors(deciders, log, keeper, ids, clock) if deciders else None
        self._beside = BesideModel(
            self._models,
            log,
            keeper,
            self._review,
            inline,
            clock,
            announcer.tell,
            options.comparisons_queued,
            self._bug,
        )
        self._seeder = Seeder(seeds, clock, self._incidents.note)
        self._frames = FrameQueue(options.frames_queued, options.overflow_markers)
        self._latest = LatestSlot()
        self._camera = CameraLoop(
            equipment.camera,
            self._frames,
            self._latest,
            board,
            tally,
            announcer.tell,
            options,
            self._camera_is_set,
            equipment.camera_setup,
            self._bug,
            on_bug,
        )
        self._pipeline = Pipeline(
            desk=self._desk,
            models=self._models,
            beside=self._beside,
            log=log,
            keeper=keeper,
            ledger=ledger,
            teller=self._teller,
            pictures=self._pictures,
            review=self._review,
            inline=inline,
            ids=ids,
            parts=PartNumbers(options.part_prefix),
            identify=identify or _as_it_is,
            board=board,
            tally=tally,
            tell=self._tell,
            note=self._incidents.note,
            options=options,
            seed_rules=SeedRules(share=0.0) if seeds is None else seeds.rules,
        )
        self._housekeeping = Housekeeping(
            review=self._review,
            waiting=self._waiting,
            releases=self._releases,
            teller=self._teller,
            pictures=self._pictures,
            log=log,
            keeper=keeper,
            ledger=ledger,
            incidents=self._incidents,
            clock=clock,
            tick=self._tick,
            options=options,
        )
        self._life_lock = threading.Lock()
        self._inspector: Worker | None = None
        self._releaser: Worker | None = None
        self._stuck: tuple[str, ...] = ()
        self._in_hand: Capture | None = None
        self._unrecorded: list[Capture] = []
        self._recovery: RecoveryReport | None = None
        self._started_at: datetime | None = None

    @property
    def control(self) -> ControlState:
        """The state in force for the next part, as last seen in the control log."""
        return self._desk.state

    @property
    def recovery(self) -> RecoveryReport | None:
        """What the last start found; ``None`` before the first, and while the log is away."""
        return self._recovery

    @property
    def unrecorded(self) -> tuple[Capture, ...]:
        """Captures that the last stop had to leave unrecorded; the line has not heard of them and holds them."""
        return tuple(self._unrecorded)

    def subscribe(self, listener: OnEvent) -> Callable[[], None]:
        """Add a listener to all events; the returned call removes it."""
        return self._announcer.subscribe(listener)

    def start(self) -> None:
        """Begin to take parts; returns when the station runs or is faulted. Does nothing unless it is stopped.

        Raises
        ------
        KnownFault
            If a thread of the last run hangs in a driver; only a restart of the program helps.
        """
        with self._life_lock:
            if self._board.state is not StationState.STOPPED:
                return
            if self._stuck:
                raise KnownFault(f"The {self._stuck[0]} thread has not ended yet; restart the program.")
            self._board.clear_fault(*FaultKind)
            self._board.set_paused(paused=False)
            self._board.set_finished(lambda: False)
            self._board.set_life(Life.STARTING)
            self._unrecorded.clear()
            self._frames.reopen()
            self._review.open()
            self._inspector = Worker("inspection", self._inspect, self._bug)
            self._releaser = Worker("releases", self._housekeeping.work, self._bug, self._releases.wake)
            self._pictures.start()
            self._beside.start()
            self._inspector.start()
            self._board.wait_until(lambda state: state is not StationState.STARTING)
            self._releaser.start()
            self._camera.start()

    def stop(self, deadline_s: float) -> None:
        """End all threads, oldest stage first, and close camera and line. Does nothing if it is stopped.

        Parts in hand are finished, verdicts in their undo window reach the line, pictures reach the disk, as far as
        log, line and disk allow within ``deadline_s``. What could not be recorded is in `unrecorded`.
        """
        with self._life_lock:
            if self._board.state is StationState.STOPPED:
                return
            self._board.set_life(Life.STOPPING)
            self._review.close()
            self._stuck = self._end_threads(time.monotonic() + deadline_s)
            self._leave_nothing_silent()
            self._guards.settle()
            self._guards.carry_out()
            self._housekeeping.write_out()
            if not self._stuck:
                self._teller.close()
            self._waiting.clear()
            self._board.set_life(Life.STOPPED)

    def pause(self) -> None:
        """Take no new pictures until `resume`; does nothing unless the station runs or is held up by a fault."""
        if self._board.state in {StationState.RUNNING, StationState.FAULTED}:
            self._board.set_paused(paused=True)
            self._camera.wake()

    def resume(self) -> None:
        """Go on after `pause`; does nothing unless it is paused."""
        if self._board.paused:
            self._board.set_paused(paused=False)
            self._camera.wake()

    def take(self, parts: int | None) -> None:
        """Take this many parts from now on, then finish (``None``: all that come); may be asked again at any time."""
        self._camera.take_more(parts)
        self._board.set_finished(lambda: self._board.finished and self._camera.exhausted)

    def status(self) -> StationStatus:
        """Return the snapshot; never waits for devices or disk."""
        slots = self.control.slots
        in_charge = Slot.BLUE if slots is None else slots.in_charge
        model = self._models.model(in_charge)
        return StationStatus(
            state=self._board.state,
            faults=self._board.faults,
            counts=self._tally.counts,
            camera=self._equipment.camera.name,
            model="none" if model is None else f"{model.name} {model.version}",
            line=self._teller.name,
            frames_queued=len(self._frames),
            pictures_queued=self._pictures.queued,
            waiting_for_human=len(self._waiting),
            disk_free_bytes=self._pictures.free_bytes,
            last_inspection_ms=self._pipeline.last_ms,
            slots=self._models.status(),
            server=self._models.server(in_charge),
        )

    def latest_frame(self) -> Frame | None:
        """Return the newest picture for the live view."""
        return self._latest.latest()

    def waiting(self) -> tuple[ReviewItem, ...]:
        """Return the parts that wait for a verdict, in the order they are to be looked at."""
        return self._waiting.items()

    def picture(self, inspection_id: str) -> Pixels | None:
        """Return a part's picture; may wait for log and disk.

        Raises
        ------
        LogUnavailable
            If the log or the stored picture cannot be read.
        """
        part = self._waiting.find(inspection_id)
        if part is not None:
            pixels = self._from_memory(part.inspection)
            if pixels is not None:
                return pixels
        # Twice: the picture may leave the memory for the disk between the two looks.
        for _ in range(2):
            entry = self._equipment.reader.entry(inspection_id)
            if entry is None or entry.stored_picture is None:
                return None
            if entry.stored_picture.state is PictureState.STORED:
                return self._equipment.pictures.read(entry.stored_picture)
            pixels = self._from_memory(entry.inspection)
            if pixels is not None:
                return pixels
        return None

    def submit(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record a verdict; waits for the log. `VerdictRefused` or `LogUnavailable`."""
        if self._waiting.find(inspection_id) is None:
            self._bring_back_unsure(inspection_id)
        return self._review.submit(inspection_id, by, answer, classes, seconds)

    def third_look(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record a verdict by somebody else on a part that others have judged; waits for the log.

        Raises
        ------
        VerdictRefused, LogUnavailable
            If it does not wait for such a look, by this person; or if the log is away.
        """
        entry = self._equipment.reader.entry(inspection_id)
        if entry is not None and entry.disposition is Disposition.HOLD:
            return self.submit(inspection_id, by, answer, classes, seconds)
        return self._review.third_look(entry, by, answer, classes, seconds)

    def undo(self, by: str) -> ReviewItem:
        """Undo this person's last verdict while the line has not been told; `VerdictRefused` if it is too late."""
        return self._review.undo(by)

    def change_control(self, by: str, because: str, **changes: object) -> ControlState:
        """Record a supervisor command and put it in force from the next part on; `ControlRefused`."""
        return self._desk.change(by, because, changes)

    def order(self, command: Command) -> ControlState:
        """Record a supervisor command, signed or not, and put it in force from the next part on; `ControlRefused`."""
        return self._desk.order(command)

    def watch(self, event: GuardEvent) -> None:
        """Let the guards know of something that happens outside parts and verdicts, for example a seeded part."""
        self._guards.observe(event)

    def _server_access(self) -> ServerAccess | None:
        connect = self._equipment.connect_server
        return None if connect is None else ServerAccess(connect, self._options.server, self._clock)

    def camera_changed(self, controls: CameraControls) -> None:
        """Note that the camera was set up otherwise, and what it reports; call once that is in force."""
        self._camera_is_set(controls)

    def note_camera(self, sentence: str) -> None:
        """Put on record that the camera is not set as it was set up."""
        self._incidents.note("camera_drift", sentence)

    def _tell(self, event: StationEvent) -> None:
        """Tell the guards of what is in the log, and then everybody else."""
        self._guards.see(event)
        self._announcer.tell(event)

    def _camera_is_set(self, controls: CameraControls) -> None:
        """Note how a live camera is set; another setting than the one vouched for is a guard's business."""
        sha256 = camera_sha256(self._equipment.camera.uri, controls, self._equipment.camera_setup())
        self._guards.set_camera(sha256)
        self._incidents.note(CAMERA_CONFIGURED, f"{sha256} {self._equipment.camera.name}")

    def _tick(self) -> None:
        """Let the guards look at what time has brought."""
        oldest = self._waiting.oldest_audit()
        since = oldest if oldest is None or self._started_at is None else max(oldest, self._started_at)
        waited_s = 0.0 if since is None else (self._clock() - since).total_seconds()
        slots = self.control.slots
        self._guards.tick(max(0.0, waited_s), self._models.silent_s(Slot.BLUE if slots is None else slots.in_charge))

    def _bring_back_unsure(self, inspection_id: str) -> None:
        """Let a part wait again about which somebody was unsure in an earlier run."""
        entry = self._equipment.reader.entry(inspection_id)
        given = () if entry is None else standing(entry.verdicts)
        if entry is not None and given and given[-1].answer is Answer.UNSURE and entry.disposition is Disposition.HOLD:
            self._review.readmit(entry)

    def _from_memory(self, inspection: Inspection) -> Pixels | None:
        picture = inspection.picture
        return self._pictures.in_memory(picture.pixels_sha256) if isinstance(picture, PictureFacts) else None

    def _bug(self, thread: str, bug: BaseException) -> None:
        """End of every unexpected exception: parts are held, and somebody is told."""
        self._board.raise_fault(
            FaultKind.BUG,
            f"The program failed in its {thread} thread ({type(bug).__name__}: {bug}); all parts are held until the "
            "station is stopped and started.",
        )
        self._on_bug(thread, bug)

    def _inspect(self, stop: threading.Event) -> None:
        """Body of the inspection thread."""
        if not self._open_log(stop):
            return
        self._teller.connect()
        self._board.set_life(Life.UP)
        while not self._board.lasts(FaultKind.BUG):
            item = self._frames.take(self._seeder.wait_s(self._options.grab_timeout_s))
            if isinstance(item, QueueMark):
                self._board.clear_fault(FaultKind.QUEUE_OVERFLOW)
                if self._frames.drained:
                    return
                self._inspect_seed(self._seeder.due(None if item is QueueMark.END else self._clock()), stop)
                if item is QueueMark.END:
                    self._board.set_finished(lambda: self._camera.exhausted)
                continue
            self._in_hand = item
            named = self._pipeline.identified(item)
            self._inspect_seed(self._seeder.due(item.captured_at), stop)
            if not self._inspect_one(named, stop):
                return

    def _inspect_one(self, capture: Capture, stop: threading.Event) -> bool:
        """Take one part all the way; False if the log was away until the stop, so that it stays in hand."""
        began = time.monotonic()
        try:
            inspection = self._pipeline.commit(capture, stop)
        except LogUnavailable:
            return False
        # From here on it is in the log; before, it stays in hand for the record of what the stop left over.
        self._in_hand = None
        try:
            self._pipeline.act(inspection, capture, began, stop)
        except LogUnavailable as fault:
            _log.warning("part %s is left to the next start: %s", inspection.part_id, fault)
        self._seeder.follow(inspection, capture)
        return True

    def _inspect_seed(self, planted: Planted | None, stop: threading.Event) -> None:
        """Take a seeded part the way of all parts; one that the log does not take before the stop never was."""
        if planted is None:
            return
        began, capture = time.monotonic(), planted.frame
        self._latest.publish(capture)
        self._tell(FrameArrived())
        try:
            inspection = self._pipeline.commit(capture, stop, planted.seed)
            self._seeder.recorded(planted.seed)
            self._pipeline.act(inspection, capture, began, stop)
        except LogUnavailable as fault:
            _log.warning("a part is left to the next start: %s", fault)

    def _open_log(self, stop: threading.Event) -> bool:
        """Recover from the last run, waiting for the log if need be; False if it is away until the stop."""
        equipment = self._equipment
        try:
            control = self._keeper.insist(self._desk.refresh, stop)
            report, waiting = self._keeper.insist(lambda: recover(equipment.log, equipment.pictures), stop)
            self._keeper.insist(self._guards.rebuild, stop)
            self._keeper.insist(self._seeder.open, stop)
            unsettled = self._keeper.insist(lambda: self._to_adjudicate(control), stop)
        except LogUnavailable:
            return False
        for entry in waiting:
            self._review.readmit(entry)
        for entry in unsettled:
            self._review.adjudicate(entry.inspection)
        self._models.start(self._desk.state)
        self._started_at = self._clock()
        self._recovery = report
        self._incidents.note("started", report.sentence)
        return True

    def _to_adjudicate(self, control: ControlState) -> tuple[LogEntry, ...]:
        """Return the parts of the rollout that goes on about which nobody has said which model is right."""
        if control.rollout is None:
            return ()
        first = first_version(self._equipment.control_log.changes(), control.rollout.experiment)
        return self._equipment.log.to_adjudicate(first)

    def _end_threads(self, end: float) -> tuple[str, ...]:
        """End the threads from the camera on, each stage finishing what the one before left; return those that hang."""

        def left_s() -> float:
            return max(0.0, end - time.monotonic())

        stuck = []
        if not self._camera.stop(left_s()):
            stuck.append("camera")
        self._frames.close()
        for name, worker in (("inspection", self._inspector), ("releases", self._releaser)):
            if worker is not None and not worker.stop(left_s()):
                stuck.append(name)
        # Pictures first: a model that hangs must not take the time in which they reach the disk.
        if not self._pictures.stop(left_s()):
            stuck.append("pictures")
        if not self._beside.stop(left_s()):
            stuck.append("beside")
        if not self._models.stop(left_s()):
            stuck.append("model")
        return tuple(stuck)

    def _leave_nothing_silent(self) -> None:
        """Name the threads that hang and the parts that could not be recorded."""
        for name in self._stuck:
            self._incidents.note("thread_hangs", f"The {name} thread did not end in time.")
            _log.error("the %s thread did not end in time", name)
        if self._in_hand is not None and "inspection" not in self._stuck:
            self._unrecorded.append(self._in_hand)
            self._in_hand = None
        self._unrecorded.extend(self._frames.remove_all())
        if self._unrecorded:
            parts = ", ".join(capture.name or f"picture {capture.sequence}" for capture in self._unrecorded)
            sentence = f"Not recorded and held, because the line has not heard of them: {parts}."
            self._incidents.note("unrecorded", sentence)
            _log.error("%s", sentence)
        self._incidents.note("stopped", f"The station was stopped after {self._tally.counts.recorded} parts.")
