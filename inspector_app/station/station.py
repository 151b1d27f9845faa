"""The station: what it is made of, and what window and commands may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inspector_app.automation.guard_events import GuardEvent
from inspector_app.automation.seeds import SeedRules
from inspector_app.domain.control import Command, ControlState
from inspector_app.domain.events import StationEvent
from inspector_app.domain.frame import Capture, Frame, Pixels
from inspector_app.domain.ports import (
    CameraControls,
    Clock,
    Decider,
    OnEvent,
)
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.status import FaultKind, StationStatus
from inspector_app.domain.verdict import Answer
from inspector_app.domain.watched import CAMERA_CONFIGURED
from inspector_app.station.announcer import Announcer
from inspector_app.station.beside import BesideModel
from inspector_app.station.board import StateBoard, Tally
from inspector_app.station.buffers import FrameQueue, LatestSlot
from inspector_app.station.camera_loop import CameraLoop
from inspector_app.station.classifying import ModelLimits
from inspector_app.station.desk import ControlDesk, MayControl, Sign, SpeaksAgainst
from inspector_app.station.equipment import Equipment
from inspector_app.station.guard_orders import GuardOrders, camera_sha256
from inspector_app.station.guarding import GuardKeeper
from inspector_app.station.housekeeping import Housekeeping
from inspector_app.station.identities import PartNumbers, RandomBits, TimeOrderedIds
from inspector_app.station.inline import InlineInspectors
from inspector_app.station.inspection_loop import InspectionLoop
from inspector_app.station.life import StationLife
from inspector_app.station.log_keeper import IncidentBook, LogKeeper, ToldLedger
from inspector_app.station.opening import Opening
from inspector_app.station.options import StationOptions
from inspector_app.station.part_pictures import PartPictures
from inspector_app.station.picture_writer import PictureWriter
from inspector_app.station.pipeline import Identify, Pipeline
from inspector_app.station.recovery import RecoveryReport
from inspector_app.station.releases import Releases
from inspector_app.station.review import ReviewDesk
from inspector_app.station.seeding import Seeder, SeedOrders
from inspector_app.station.slots import ModelSlots, ServerAccess
from inspector_app.station.telling import LineTeller
from inspector_app.station.threads import ReportBug
from inspector_app.station.waiting import WaitingParts


def _as_it_is(capture: Capture) -> Capture:
    return capture


class Station:
    """One camera, one model, one line, one log: `inspector_app.domain.ports.StationPort`.

    Threads: ``camera`` grabs, ``inspection`` takes each part from picture to line, ``model-blue`` and
    ``model-green`` predict under a deadline (``server-blue`` and ``server-green`` ask the prediction server before
    them), ``models`` loads, ``beside`` records what the model that is not in charge says, ``pictures`` writes
    pictures, ``releases`` tells the line of verdicts whose undo window has passed and keeps log and disk under
    review, ``line`` opens and closes the line. Each is started by `start` and ended by `stop`.

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
        options = options or StationOptions()
        self._announcer = announcer = Announcer()
        log = equipment.log
        ids = TimeOrderedIds(clock, random_bits)
        self._incidents = IncidentBook(log, clock)
        self._board = board = StateBoard(clock, announcer.tell, self._incidents.note)
        self._tally = tally = Tally()
        keeper = LogKeeper(board, options.log_backoff)
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
        self._teller = LineTeller(
            equipment.line, ledger, board, tally, clock, options.line_backoff, options.line_patience_s, self._bug
        )
        connect = equipment.connect_server
        self._models = ModelSlots(
            equipment.classifier,
            equipment.load_model,
            ModelLimits(options.model_deadline_s, options.model_warm_up_s),
            self._bug,
            self._tell,
            self._incidents.note,
            None if connect is None else ServerAccess(connect, options.server, clock),
        )
        self._pictures = PictureWriter(
            equipment.pictures, log, keeper, board, tally, announcer.tell, options, self._bug
        )
        self._waiting = WaitingParts()
        self._releases = Releases(self._teller, tally, announcer.tell, options.line_backoff)
        self._review = ReviewDesk(
            log, equipment.reader, self._waiting, self._releases, ids, clock, self._tell, options.undo_window_s
        )
        self._part_pictures = PartPictures(self._waiting, self._pictures, equipment.reader, equipment.pictures)
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
        seeder = Seeder(seeds, clock, self._incidents.note)
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
            self.camera_changed,
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
        self._opening = Opening(
            equipment, keeper, self._desk, self._guards, seeder, self._review, self._models, self._incidents.note, clock
        )
        self._inspection = InspectionLoop(
            opening=self._opening,
            frames=self._frames,
            latest=self._latest,
            pipeline=self._pipeline,
            seeder=seeder,
            teller=self._teller,
            board=board,
            exhausted=lambda: self._camera.exhausted,
            tell=self._tell,
            clock=clock,
            options=options,
            on_bug=self._bug,
        )
        self._housekeeping = Housekeeping(
            review=self._review,
            waiting=self._waiting,
            releases=self._releases,
            pictures=self._pictures,
            log=log,
            keeper=keeper,
            ledger=ledger,
            incidents=self._incidents,
            clock=clock,
            desk=self._desk,
            guards=self._guards,
            models=self._models,
            opening=self._opening,
            options=options,
            on_bug=self._bug,
        )
        self._life = StationLife(
            board=board,
            tally=tally,
            incidents=self._incidents,
            camera=self._camera,
            frames=self._frames,
            inspection=self._inspection,
            pictures=self._pictures,
            beside=self._beside,
            models=self._models,
            housekeeping=self._housekeeping,
            review=self._review,
            waiting=self._waiting,
            guards=self._guards,
            teller=self._teller,
        )

    @property
    def control(self) -> ControlState:
        """The state in force for the next part, as last seen in the control log."""
        return self._desk.state

    @property
    def recovery(self) -> RecoveryReport | None:
        """What the last start found; ``None`` before the first, and while the log is away."""
        return self._opening.report

    @property
    def unrecorded(self) -> tuple[Capture, ...]:
        """Captures that the last stop had to leave unrecorded; the line has not heard of them and holds them."""
        return self._life.unrecorded

    def subscribe(self, listener: OnEvent) -> Callable[[], None]:
        """Add a listener to all events; the returned call removes it."""
        return self._announcer.subscribe(listener)

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Begin to take parts; returns when the station runs or is faulted. Does nothing unless it is stopped.

        A line may take minutes to open. A `stop` from another thread ends that wait, and so does ``cancelled``, which
        is asked several times a second; the station then takes no parts and is to be stopped.

        Raises
        ------
        KnownFault
            If a thread of the last run still hangs in a driver; if it never ends, only a restart of the program helps.
        """
        self._life.start(cancelled)

    def stop(self, deadline_s: float) -> None:
        """End all threads, oldest stage first, and close camera and line. Does nothing if it is stopped.

        Parts in hand are finished, verdicts in their undo window reach the line, pictures reach the disk, as far as
        log, line and disk allow within ``deadline_s``. What could not be recorded is in `unrecorded`.
        """
        self._life.stop(deadline_s)

    def pause(self) -> None:
        """Take no new pictures until `resume`; does nothing unless the station runs or is held up by a fault."""
        self._life.pause()

    def resume(self) -> None:
        """Go on after `pause`; does nothing unless it is paused."""
        self._life.resume()

    def take(self, parts: int | None) -> None:
        """Take this many parts from now on, then finish (``None``: all that come); may be asked again at any time."""
        self._life.take(parts)

    def status(self) -> StationStatus:
        """Return the snapshot; never waits for devices or disk."""
        in_charge = self.control.slot_in_charge
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
        return self._part_pictures.picture(inspection_id)

    def submit(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        """Record a verdict; waits for the log. `VerdictRefused` or `LogUnavailable`."""
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
        return self._review.third_look(inspection_id, by, answer, classes, seconds)

    def undo(self, by: str, inspection_id: str | None = None) -> ReviewItem:
        """Undo this person's last verdict while the line has not been told; `VerdictRefused` if it is too late."""
        return self._review.undo(by, inspection_id)

    def change_control(self, by: str, because: str, **changes: object) -> ControlState:
        """Record a supervisor command and put it in force from the next part on; `ControlRefused`."""
        return self._desk.change(by, because, changes)

    def order(self, command: Command) -> ControlState:
        """Record a supervisor command, signed or not, and put it in force from the next part on; `ControlRefused`."""
        return self._desk.order(command)

    def watch(self, event: GuardEvent) -> None:
        """Let the guards know of something that happens outside parts and verdicts, for example a seeded part."""
        self._guards.observe(event)

    def camera_changed(self, controls: CameraControls) -> None:
        """Note how a live camera is set; another setting than the one vouched for is a guard's business.

        To be called whenever the camera was set up otherwise, once that is in force, with what it reports.
        """
        sha256 = camera_sha256(self._equipment.camera.uri, controls, self._equipment.camera_setup())
        self._guards.set_camera(sha256)
        self._incidents.note(CAMERA_CONFIGURED, f"{sha256} {self._equipment.camera.name}")

    def note_camera(self, sentence: str) -> None:
        """Put on record that the camera is not set as it was set up."""
        self._incidents.note("camera_drift", sentence)

    def _tell(self, event: StationEvent) -> None:
        """Tell the guards of what is in the log, and then everybody else."""
        self._guards.see(event)
        self._announcer.tell(event)

    def _bug(self, thread: str, bug: BaseException) -> None:
        """End of every unexpected exception: parts are held, and somebody is told."""
        self._board.raise_fault(
            FaultKind.BUG,
            f"The program failed in its {thread} thread ({type(bug).__name__}: {bug}); all parts are held until the "
            "station is stopped and started.",
        )
        self._on_bug(thread, bug)
