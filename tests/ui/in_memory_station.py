"""A small station in memory: real policy, real second looks and undo, no threads, no disk."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from inspector_app.agreement.report import AgreementReport, ReportHeader, agreement_report
from inspector_app.agreement.trend import Trend, trend_of
from inspector_app.automation.certificate import (
    Binding,
    Origin,
    certificate_record,
    certificate_standing,
    certified_changes,
    scores_sha256,
)
from inspector_app.automation.counting import Scores
from inspector_app.automation.csp import AuditPlan
from inspector_app.automation.gate_inputs import Evidence, GateLimits
from inspector_app.automation.gates import gate_report
from inspector_app.automation.policy import decide, runs_model
from inspector_app.automation.rollout import started
from inspector_app.automation.seed_hits import SeedHits
from inspector_app.automation.thresholds import certify
from inspector_app.domain.commissioning import Check, Finding, FirstAnswers, FoundCamera, Grade
from inspector_app.domain.contract import Contract, ScoredPart
from inspector_app.domain.control import AssistStyle, Command, ControlChange, ControlState, Level, Salts
from inspector_app.domain.dataset_check import DataSetCheck
from inspector_app.domain.decision import Disposition
from inspector_app.domain.errors import (
    CertificateRefused,
    ControlRefused,
    DataSetError,
    KnownFault,
    ModelError,
    Stopped,
    VerdictRefused,
)
from inspector_app.domain.events import (
    ControlChanged,
    FaultRaised,
    FrameArrived,
    InspectionRecorded,
    ReviewRequested,
    StateChanged,
    StationEvent,
    VerdictRecorded,
    VerdictRetracted,
)
from inspector_app.domain.frame import Frame, Judgement, PictureProblem, Pixels, Unfit, frozen_pixels, pixels_sha256
from inspector_app.domain.inspection import (
    Inspection,
    LogEntry,
    PictureFacts,
    PictureFault,
    PictureState,
    StoredPicture,
)
from inspector_app.domain.logquery import (
    GivenVerdict,
    LogContents,
    LogFilter,
    PartCount,
    StationChange,
    TrendCount,
    VerdictCount,
)
from inspector_app.domain.model_papers import ModelStanding, ShownModel, StartingPoint
from inspector_app.domain.model_work import (
    BroughtModel,
    EvaluateOrder,
    ImportOrder,
    InstallOrder,
    ModelOrder,
    TeachOrder,
    WorkKind,
    WorkState,
    WorkView,
)
from inspector_app.domain.ports import OnEvent
from inspector_app.domain.prediction import Box, ModelIdentity, Prediction, PredictionStatus, Region
from inspector_app.domain.review import ReviewItem, VerdictOutcome
from inspector_app.domain.status import Fault, StationCounts, StationState, StationStatus
from inspector_app.domain.study import StudyAnswer, StudyPart, StudyPlan
from inspector_app.domain.verdict import Answer, Verdict, VerdictKind
from inspector_app.domain.views import ViewPlace
from inspector_app.station.looks import disposition_after, first_item, has_second_look, revealed_item, verdict_kind
from ui.automation.room import Candidate, CertifyStage, Evidenced, KeptCertificate, RolloutStart, ThresholdFigures

MODEL = ModelIdentity("scratch-seg", "1.0.0", "ab" * 32, "cd" * 32)
FIRST = ControlState(
    version=1,
    level=Level.SHADOW,
    style=AssistStyle.HIGHLIGHT,
    accept_below=0.05,
    cut=0.5,
    reject_above=0.95,
    canary_share=1.0,
    audit_share=0.1,
    unaided_share=0.1,
    hold_audits=True,
    salts=Salts("canary-1", "audit-1", "first-look-1"),
)


def scratch(x: int, y: int, length: int = 160, *, class_name: str = "scratch", rejects: bool = True) -> Region:
    """Return a slanted, thin region."""
    polygon = ((x, y), (x + length, y + length // 3), (x + length, y + length // 3 + 3), (x, y + 3))
    return Region(class_name, 0.9, Box(x, y, length, length // 3 + 3), polygon, length * 1.05, 3.0, rejects)


def answered(probability: float, *regions: Region) -> Prediction:
    return Prediction(PredictionStatus.OK, probability, regions, MODEL, 41.0)


def picture(seed: int = 0, size: tuple[int, int] = (720, 1280)) -> Pixels:
    """Return a smooth grey part with one dark line."""
    rng = np.random.default_rng(seed)
    rows = np.linspace(40, 120, size[0])[:, None]
    pixels = np.repeat((rows + rng.normal(0, 2, size)).clip(0, 255)[..., None], 3, axis=2).astype(np.uint8)
    pixels[size[0] // 3, size[1] // 4 : size[1] // 2] = 200
    return frozen_pixels(pixels)


class InMemoryStation:
    """StationPort, LogReader and control log in one; every call is counted in `asked`."""

    def __init__(
        self, control: ControlState = FIRST, *, clock: Callable[[], datetime] | None = None, undo_s: float = 4.0
    ) -> None:
        self._lock = threading.RLock()
        self._control = control
        self._listeners: list[OnEvent] = []
        self._pixels: dict[str, Pixels] = {}
        self._entries: dict[str, LogEntry] = {}
        self._waiting: dict[str, ReviewItem] = {}
        self._last: dict[str, Verdict] = {}
        self._frame: Frame | None = None
        self._number = 0
        self._undo_s = undo_s
        self._clock = clock
        self.state = StationState.RUNNING
        self.faults: tuple[Fault, ...] = ()
        self.asked: list[str] = []
        self.refuse: Exception | None = None
        self._changes = [ControlChange("settings", "First state, from the settings.", self.now(), None, control)]

    def now(self) -> datetime:
        return self._clock() if self._clock else datetime.now(UTC)

    # --- the line ---

    def part(
        self,
        prediction: Prediction | None = None,
        pixels: Pixels | None = None,
        *,
        usable: bool = True,
        unfit: Unfit | None = None,
        views: tuple[ViewPlace, ...] = (),
    ) -> Inspection:
        """Take one part through the policy, as a camera thread would."""
        with self._lock:
            self._number += 1
            part_id = f"P-{self._number:05d}"
            pixels = picture(self._number) if pixels is None else pixels
            fit = usable and unfit is None
            shown = prediction if fit and runs_model(self._control.level) else None
            facts = PictureFacts(pixels_sha256(pixels), pixels.shape[1], pixels.shape[0], 3, unfit, views)
            fault = PictureFault(PictureProblem.TRUNCATED, "The picture file is cut short.")
            inspection = Inspection(
                inspection_id=f"i-{self._number:05d}",
                part_id=part_id,
                captured_at=self.now() - timedelta(seconds=2),
                source="synthetic:",
                sequence=self._number,
                skipped=0,
                path=None,
                picture=facts if usable else fault,
                prediction=shown,
                control=self._control,
                decision=decide(self._control, part_id, fit, shown),
                reference=None,
            )
            stored = StoredPicture(PictureState.STORED, "images/ab/x.png", "ef" * 32) if usable else None
            if usable:
                self._pixels[inspection.inspection_id] = pixels
            self._frame = Frame(pixels, inspection.captured_at, "synthetic:", self._number)
            disposition = inspection.decision.disposition
            told = disposition is not Disposition.HOLD
            self._entries[inspection.inspection_id] = LogEntry(inspection, stored, (), disposition, told)
            if inspection.decision.asks_human:
                self._waiting[inspection.inspection_id] = first_item(inspection)
        self._tell(FrameArrived())
        self._tell(InspectionRecorded(inspection))
        if inspection.decision.asks_human:
            self._tell(ReviewRequested(inspection.inspection_id))
        return inspection

    def fault(self, fault: Fault) -> None:
        self.faults = (*self.faults, fault)
        if fault.kind.stops_parts:
            self.state = StationState.FAULTED
        self._tell(FaultRaised(fault))

    def subscribe(self, listener: OnEvent) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, event: StationEvent) -> None:
        for listener in list(self._listeners):
            listener(event)

    # --- StationPort ---

    @property
    def control(self) -> ControlState:
        return self._control

    def start(self) -> None:
        self.asked.append("start")
        self._change_state(StationState.RUNNING)

    def stop(self, deadline_s: float) -> None:
        self.asked.append("stop")
        self._change_state(StationState.STOPPED)

    def pause(self) -> None:
        self._change_state(StationState.PAUSED)

    def resume(self) -> None:
        self._change_state(StationState.RUNNING)

    def _change_state(self, after: StationState) -> None:
        before, self.state = self.state, after
        if before is not after:
            self._tell(StateChanged(before, after))

    def status(self) -> StationStatus:
        return StationStatus(
            state=self.state,
            faults=self.faults,
            counts=StationCounts(captured=self._number, recorded=self._number),
            camera="Synthetic parts",
            model=f"{MODEL.name} {MODEL.version}",
            line="Modbus 10.0.0.7",
            frames_queued=0,
            pictures_queued=0,
            waiting_for_human=len(self._waiting),
            disk_free_bytes=212_400_000_000,
            last_inspection_ms=63.0,
        )

    def latest_frame(self) -> Frame | None:
        return self._frame

    def waiting(self) -> tuple[ReviewItem, ...]:
        with self._lock:
            return tuple(self._waiting.values())

    def picture(self, inspection_id: str) -> Pixels | None:
        return self._pixels.get(inspection_id)

    def submit(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        self.asked.append(f"submit {inspection_id} {answer.value} {','.join(classes)}")
        if self.refuse is not None:
            raise self.refuse
        with self._lock:
            item = self._waiting.pop(inspection_id, None)
            if item is None:
                raise VerdictRefused(f"Part {inspection_id} does not wait for a verdict.")
            entry = self._entries[inspection_id]
            inspection = entry.inspection
            verdict = Verdict(
                f"v-{len(self.asked)}",
                inspection_id,
                by,
                answer,
                verdict_kind(inspection, item),
                classes,
                self.now(),
                seconds,
            )
            disposition = disposition_after(inspection, item, answer)
            reveals = has_second_look(inspection) and not item.revealed
            told = not reveals and disposition is not Disposition.HOLD
            self._entries[inspection_id] = replace(
                entry, verdicts=(*entry.verdicts, verdict), disposition=disposition, line_told=told
            )
            self._last[by] = verdict
            second = revealed_item(inspection) if reveals else None
            if second is not None:
                self._waiting = {inspection_id: second, **self._waiting}
        self._tell(VerdictRecorded(verdict, disposition))
        until = None if second else self.now() + timedelta(seconds=self._undo_s)
        return VerdictOutcome(disposition, second, until)

    def third_look(
        self, inspection_id: str, by: str, answer: Answer, classes: tuple[str, ...], seconds: float
    ) -> VerdictOutcome:
        self.asked.append(f"third look {inspection_id} {by} {answer.value}")
        if self.refuse is not None:
            raise self.refuse
        with self._lock:
            entry = self._entries[inspection_id]
            kind = VerdictKind.ADJUDICATION
            verdict = Verdict(f"t-{len(self.asked)}", inspection_id, by, answer, kind, classes, self.now(), seconds)
            self._entries[inspection_id] = replace(entry, verdicts=(*entry.verdicts, verdict))
        self._tell(VerdictRecorded(verdict, entry.disposition))
        return VerdictOutcome(entry.disposition, None, self.now() + timedelta(seconds=self._undo_s))

    def say_again(self, inspection_id: str, by: str, answer: Answer, kind: VerdictKind) -> None:
        """Add one more standing verdict to a part, as somebody else's look does."""
        entry = self._entries[inspection_id]
        verdict = Verdict(f"a-{by}-{inspection_id}", inspection_id, by, answer, kind, (), self.now(), 1.0)
        self._entries[inspection_id] = replace(
            entry, verdicts=(*entry.verdicts, verdict), disposition=Disposition.ACCEPT
        )

    def third_looks(self, by: str | None, which: LogFilter) -> tuple[ReviewItem, ...]:
        which = replace(which, disagreement=True)
        return tuple(
            replace(first_item(entry.inspection), model_view=None)
            for entry in self.entries(which)
            if all(v.by != by and v.kind is not VerdictKind.ADJUDICATION for v in entry.verdicts if not v.retracted)
        )

    def undo(self, by: str, inspection_id: str | None = None) -> ReviewItem:
        self.asked.append("undo")
        if inspection_id is not None:
            return self._undo_third_look(by, inspection_id)
        with self._lock:
            verdict = self._last.pop(by, None)
            if verdict is None:
                raise VerdictRefused(f"There is no verdict of {by} to undo.")
            entry = self._entries[verdict.inspection_id]
            gone = replace(verdict, retracted=True)
            verdicts = tuple(gone if v is verdict else v for v in entry.verdicts)
            self._entries[verdict.inspection_id] = replace(
                entry, verdicts=verdicts, disposition=Disposition.HOLD, line_told=False
            )
            item = first_item(entry.inspection)
            self._waiting = {verdict.inspection_id: item, **self._waiting}
        self._tell(VerdictRetracted(gone))
        return item

    def _undo_third_look(self, by: str, inspection_id: str) -> ReviewItem:
        with self._lock:
            entry = self._entries[inspection_id]
            gone = replace(entry.verdicts[-1], retracted=True)
            assert gone.by == by
            self._entries[inspection_id] = replace(entry, verdicts=(*entry.verdicts[:-1], gone))
        self._tell(VerdictRetracted(gone))
        return first_item(entry.inspection)

    def change_control(
        self, by: str, because: str, *, against: str | None = None, certificate: str | None = None, **changes: object
    ) -> ControlState:
        if not because.strip():
            raise ControlRefused("A change needs a reason.")
        before = self._control
        after = replace(before, version=before.version + 1, **changes)  # type: ignore[arg-type]
        change = ControlChange(by, because, self.now(), before, after, against=against, certificate=certificate)
        self._control = after
        self._changes.append(change)
        self._tell(ControlChanged(change))
        return after

    def order(self, command: Command) -> ControlState:
        self.asked.append(f"order {command.pin}")
        if self.refuse is not None:
            raise self.refuse
        said = {"against": command.against, "certificate": command.certificate}
        return self.change_control(command.by, command.because, **said, **command.changes)

    # --- ControlLog and LogReader ---

    def changes(self) -> tuple[ControlChange, ...]:
        return tuple(self._changes)

    def entry(self, inspection_id: str) -> LogEntry | None:
        return self._entries.get(inspection_id)

    def search(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[LogEntry, ...]:
        return tuple(reversed(list(self.entries(which))))[offset : offset + limit]

    def search_all(self) -> tuple[LogEntry, ...]:
        return self.search(LogFilter(), 10_000)

    def count(self, which: LogFilter) -> int:
        return len(list(self.entries(which)))

    def entries(self, which: LogFilter) -> Iterator[LogEntry]:
        with self._lock:
            entries = list(self._entries.values())
        return (entry for entry in entries if _matches(entry, which))

    def verdict_counts(self, which: LogFilter) -> tuple[VerdictCount, ...]:
        return tuple(
            VerdictCount(
                e.inspection.control.level,
                _version(e),
                v.by,
                v.kind,
                v.answer,
                e.inspection.decision.model_judgement,
                e.inspection.reference.judgement if e.inspection.reference else None,
                1,
            )
            for e, v in self._given(which)
        )

    def search_verdicts(self, which: LogFilter, limit: int, offset: int = 0) -> tuple[GivenVerdict, ...]:
        found = [GivenVerdict(entry, verdict) for entry, verdict in self._given(which)]
        return tuple(reversed(found))[offset : offset + limit]

    def _given(self, which: LogFilter) -> Iterator[tuple[LogEntry, Verdict]]:
        return ((e, v) for e in self.entries(which) for v in e.verdicts if _meant(v, which))

    def part_counts(self, which: LogFilter) -> tuple[PartCount, ...]:
        return tuple(
            PartCount(
                e.inspection.control.level,
                _version(e),
                e.inspection.decision.route,
                e.disposition,
                e.inspection.decision.model_judgement,
                e.inspection.reference.judgement if e.inspection.reference else None,
                1,
            )
            for e in self.entries(which)
        )


def _version(entry: LogEntry) -> str | None:
    prediction = entry.inspection.prediction
    if prediction is None or prediction.model is None:
        return None
    return f"{prediction.model.name} {prediction.model.version}"


def _matches(entry: LogEntry, which: LogFilter) -> bool:
    inspection = entry.inspection
    standing = [v for v in entry.verdicts if not v.retracted]
    judgement = inspection.decision.model_judgement
    differs = any(
        v.answer is not Answer.UNSURE and judgement is not None and v.answer.value != judgement.value for v in standing
    )
    return (
        (which.since is None or inspection.captured_at >= which.since)
        and (which.until is None or inspection.captured_at < which.until)
        and (which.part is None or which.part.lower() in inspection.part_id.lower())
        and (which.level is None or inspection.control.level is which.level)
        and (which.disposition is None or entry.disposition is which.disposition)
        and (which.model_version is None or _version(entry) == which.model_version)
        and (which.judgement is None or judgement is which.judgement)
        and (which.judged is None or (judgement is not None) is which.judged)
        and (
            any(_meant(v, which) for v in standing)
            or (which.inspector is None and which.answer is None and not which.kinds and which.sure is None)
        )
        and (which.disagreement is None or which.disagreement is differs)
    )


def _meant(verdict: Verdict, which: LogFilter) -> bool:
    return (
        not verdict.retracted
        and (which.inspector is None or verdict.by == which.inspector)
        and (which.answer is None or verdict.answer is which.answer)
        and (which.sure is None or (verdict.answer is not Answer.UNSURE) is which.sure)
        and (not which.kinds or verdict.kind in which.kinds)
    )


class InMemoryStudies:
    """StudyRoom in memory."""

    def __init__(self) -> None:
        self.known: tuple[StudyPart, ...] = ()
        self.kept: list[StudyPlan] = []
        self.given: list[StudyAnswer] = []
        self.refuse: Exception | None = None
        self.model_fault: Exception | None = None

    def known_parts(self) -> tuple[StudyPart, ...]:
        return self.known

    def model_name(self) -> str | None:
        return f"{MODEL.name} {MODEL.version}"

    def model_judgement(self, inspection_id: str, cut: float) -> Judgement:
        if self.model_fault is not None:
            raise self.model_fault
        return Judgement.REJECT if int(inspection_id[2:]) / 10.0 >= cut else Judgement.ACCEPT

    def plans(self) -> list[StudyPlan]:
        return self.kept[::-1]

    def begin(self, plan: StudyPlan) -> None:
        self.kept.append(plan)

    def record(self, answer: StudyAnswer) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.given.append(answer)

    def answers(self, study_id: str) -> list[StudyAnswer]:
        return [answer for answer in self.given if answer.study_id == study_id]

    def export(self, _plan: StudyPlan) -> Path:
        return Path("study.csv")


class InMemoryAgreement:
    """Reports on a station in memory; exports wait until they are let go, when asked to."""

    def __init__(self, station: InMemoryStation, clock: Callable[[], datetime], folder: Path) -> None:
        self.station = station
        self.clock = clock
        self.folder = folder
        self.may_end = threading.Event()
        self.may_end.set()
        self.asked: list[LogFilter] = []
        self.exported: list[LogFilter] = []
        self.stations: tuple[str, ...] = ("station-1",)
        self.products: tuple[str, ...] = ()

    def report(self, which: LogFilter) -> AgreementReport:
        self.asked.append(which)
        header = ReportHeader(self.clock(), "0.1.0", which)
        return agreement_report(self.station.verdict_counts(which), self.station.part_counts(which), header)

    def trend(self, which: LogFilter) -> Trend:
        counts: Counter[tuple[datetime, bool, bool]] = Counter()
        for entry in self.station.entries(which):
            judgement = entry.inspection.decision.model_judgement
            hour = entry.inspection.captured_at.replace(minute=0, second=0, microsecond=0)
            for verdict in entry.verdicts:
                if judgement is not None and not verdict.retracted and verdict.answer is not Answer.UNSURE:
                    counts[hour, verdict.answer is Answer.REJECT, judgement.value == "reject"] += 1
        rows = [
            TrendCount(hour, counts[hour, True, True], counts[hour, True, False], counts[hour, False, True],
                       counts[hour, False, False])
            for hour in {hour for hour, _, _ in counts}
        ]  # fmt: skip
        steps = [StationChange("station", change) for change in self.station.changes()]
        return trend_of(rows, steps, (), timedelta(hours=1), 0.95)

    def export(
        self, which: LogFilter, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> tuple[Path, ...]:
        self.exported.append(which)
        on_progress(3, 24)
        assert self.may_end.wait(60.0)
        if cancelled():
            raise Stopped("The report was stopped; nothing was written.")
        path = self.folder / "agreement.json"
        path.write_text("{}", encoding="utf-8")
        return (path,)

    def contents(self) -> LogContents:
        entries = list(self.station.entries(LogFilter()))
        versions = {version for entry in entries if (version := _version(entry)) is not None}
        people = {verdict.by for entry in entries for verdict in entry.verdicts if not verdict.retracted}
        return LogContents(self.stations, self.products, tuple(sorted(versions)), tuple(sorted(people)))

    def third_looks(self, by: str | None, which: LogFilter) -> tuple[ReviewItem, ...]:
        return self.station.third_looks(by, which)


class InMemoryModels:
    """ModelRoom in memory: work goes on when the test says so."""

    def __init__(self, *models: ShownModel) -> None:
        self.known = models or (
            ShownModel("scratch-net 0.1.0", "scratch-net", "0.1.0", "bundled:scratch-net", ModelStanding.IN_CHARGE),
        )
        self.lacking: str | None = None
        self.sets: dict[str, DataSetCheck] = {}
        self.manifests: dict[str, BroughtModel] = {}
        self.orders: list[ModelOrder] = []
        self.refuse: KnownFault | None = None
        self.stops = 0
        self.logs: dict[WorkKind, str] = {}
        self.listeners: list[Callable[[], None]] = []
        self._view: WorkView | None = None

    def models(self) -> tuple[ShownModel, ...]:
        return self.known

    def starting_points(self) -> tuple[StartingPoint, ...]:
        return StartingPoint("the bundled model", "bundled"), StartingPoint("random weights", "random")

    def training_lacks(self) -> str | None:
        return self.lacking

    def examine(
        self, folder: Path, reject_classes: tuple[str, ...] | None, splits: tuple[str, ...] = ()
    ) -> DataSetCheck:
        check = self.sets.get(str(folder))
        if check is None:
            raise DataSetError(f"{folder}: no data set is here.")
        if splits:
            learning = sum(split.pictures for split in check.splits if split.name in splits)
            check = replace(check, learning=learning - 1, held_out=1, fault=None)
        if reject_classes is None:
            return check
        classes = tuple(replace(each, rejects=each.name in reject_classes) for each in check.classes)
        return replace(check, classes=classes)

    def brought(self, manifest: Path) -> BroughtModel:
        model = self.manifests.get(str(manifest))
        if model is None:
            raise ModelError(f"{manifest}: the manifest cannot be read.")
        return model

    def begin(self, order: ModelOrder) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.orders.append(order)
        kinds = {
            TeachOrder: WorkKind.TEACH,
            EvaluateOrder: WorkKind.EVALUATE,
            InstallOrder: WorkKind.INSTALL,
            ImportOrder: WorkKind.IMPORT,
        }
        self.tell(WorkView(len(self.orders), kinds[type(order)], order.title, phase="Starting"))

    def tell(self, view: WorkView) -> None:
        self._view = view
        for listener in self.listeners:
            listener()

    def view(self) -> WorkView | None:
        return self._view

    def stop(self) -> None:
        if self._view is not None and self._view.state is WorkState.RUNNING:
            self.stops += 1
            self.tell(replace(self._view, state=WorkState.STOPPING))

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener) if listener in self.listeners else None

    def last_log(self, kind: WorkKind) -> str:
        return self.logs.get(kind, "")


BINDING = Binding(MODEL, "synthetic:", "ef" * 32)


def scored_parts(good: int = 400, bad: int = 120) -> tuple[ScoredPart, ...]:
    """Return parts that a good model has scored: the good ones low, the bad ones high, none in the middle."""
    low = [ScoredPart(f"g{i}", 0.02 + 0.2 * i / good, bad=False) for i in range(good)]
    return (*low, *(ScoredPart(f"b{i}", 0.75 + 0.2 * i / bad, bad=True) for i in range(bad)))


class InMemoryAutomation:
    """AutomationRoom in memory: real gates, real certificates, made-up counts."""

    def __init__(self, station: InMemoryStation) -> None:
        self._station = station
        self.counts = Evidence(Level.SHADOW)
        self.seeds = SeedHits()
        self.seed_share = 0.0
        self.plan: AuditPlan | None = None
        self.parts: tuple[ScoredPart, ...] = ()
        self.now = BINDING
        self.kept: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.refuse: Exception | None = None
        self.models: tuple[Candidate, ...] = ()
        self.reading = threading.Event()
        self.reading.set()

    def candidates(self) -> tuple[Candidate, ...]:
        if self.refuse is not None:
            raise self.refuse
        return self.models

    def start(self, start: RolloutStart, by: str, because: str) -> Command:
        self.asked.append(f"start {start}")
        name, version = start.model.split(" ")
        champion = None if start.from_nothing else MODEL
        challenger = ModelIdentity(name, version, "c" * 64, "d" * 64)
        return Command(by, because, started(self._station.control, champion, challenger, start.name or "may", ()))

    def evidence(self) -> Evidenced:
        self.asked.append("evidence")
        if self.refuse is not None:
            raise self.refuse
        state = self._station.control
        counts, limits = replace(self.counts, level=state.level, latched=state.latched), GateLimits()
        return Evidenced(
            gate_report(counts, limits), counts, limits, self.seeds, self.seed_share, self.plan, 3600.0, None
        )

    def thresholds(self) -> ThresholdFigures:
        self.asked.append("thresholds")
        if self.refuse is not None:
            raise self.refuse
        used = next((each for each in reversed(self._station.changes()) if each.certificate), None)
        by_name = {record["certificate_id"]: self._standing(record) for record in self.kept}
        return ThresholdFigures(
            scores=Scores.of(self.parts),
            model=f"{MODEL.name} {MODEL.version}" if self.parts else "",
            in_force=None if used is None else by_name[used.certificate],
            newest=self._standing(self.kept[-1]) if self.kept else None,
            contract=Contract(0.02, 0.05, 0.05, 0.95),
            takt_s=4.0,
        )

    def certify(self, contract, on_stage, cancelled) -> KeptCertificate | None:
        self.asked.append("certify")
        if self.refuse is not None:
            raise self.refuse
        on_stage(CertifyStage.READING)
        self.reading.wait(60.0)
        if cancelled():
            return None
        origin = Origin("a test", scores_sha256(self.parts), BINDING, None, None, {})
        record = certificate_record(certify(self.parts, contract), origin, self._station.now(), "0.1.0")
        if record["certified"]:
            self.kept.append(record)
        return self._standing(record)

    def command(self, record: dict[str, Any], by: str, because: str) -> Command:
        self.asked.append("command")
        kept = self._standing(record)
        if not kept.standing.valid:
            raise CertificateRefused(f"Certificate {record['certificate_id']} is void.")
        changes = certified_changes(record, self._station.control.cut)
        return Command(by, because, changes, certificate=record["certificate_id"])

    def _standing(self, record: dict[str, Any]) -> KeptCertificate:
        return KeptCertificate(record, certificate_standing(record, self.now))


class InMemoryCommissioning:
    """CommissioningRoom in memory: gives what the test put in."""

    def __init__(self, *findings: Finding, cameras: tuple[FoundCamera, ...] = ()) -> None:
        self.is_new = True
        self.settings_file = Path("/data/station.toml")
        self.findings = findings
        self.found = cameras
        self.fault: KnownFault | None = None
        self.examined: list[FirstAnswers | None] = []
        self.written: list[FirstAnswers] = []
        self.tried: list[str] = []

    def cameras(self) -> tuple[FoundCamera, ...]:
        return self.found

    def pin_command(self, name: str) -> str:
        return f'inspector-app level pin set --by "{name}" --data "/line 4"'

    def try_camera(self, uri: str) -> tuple[Finding, Pixels | None]:
        self.tried.append(uri)
        if uri == "usb:9":
            return Finding(Check.CAMERA, Grade.BAD, "USB camera 9 does not answer.", "Look at its cable."), None
        return Finding(Check.CAMERA, Grade.GOOD, "1 of 1 pictures."), picture(3)

    def try_line(self, spec: str) -> Finding:
        self.tried.append(spec)
        return Finding(Check.LINE, Grade.GOOD, f"{spec} is connected.")

    def check(self, answers: FirstAnswers) -> None:
        if self.fault is not None:
            raise self.fault

    def examine(
        self,
        answers: FirstAnswers | None,
        on_finding: Callable[[Finding], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.examined.append(answers)
        for finding in self.findings:
            if not cancelled():
                on_finding(finding)

    def write(self, answers: FirstAnswers) -> None:
        self.check(answers)
        self.written.append(answers)
