"""What counts as truth stays what the standing verdicts say, and the database counts as the pure function does."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import event, text

from db.findings import Trouble
from db.log import open_log
from inspector_app.automation.assignment import compared
from inspector_app.automation.calibration import calibration
from inspector_app.automation.gate_counts import judged_counts
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Disposition
from inspector_app.domain.judged import JudgedCounts, JudgedQuestion, Setting, truth_of
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.rollout import Rollout, RolloutPhase, Slot, Slots
from inspector_app.domain.verdict import Answer, VerdictKind
from tests.db.conftest import MODEL, OTHER_MODEL, START, Maker

IN_MEMORY = pytest.mark.parametrize("log_url", ["memory"], indirect=True)
MODELS = (MODEL, OTHER_MODEL)
SOURCES = ("folder:/parts", "usb:0")
SCORES = (0.01, 0.5, 0.7, 0.99, None)
MOMENTS = 5
QUESTIONS = [
    JudgedQuestion(Setting(MODEL, "station-1", "folder:/parts"), 0.5),
    JudgedQuestion(Setting(MODEL, "station-1", "folder:/parts", START + timedelta(minutes=2)), 0.6, START, START),
    JudgedQuestion(
        Setting(OTHER_MODEL, "station-1", "folder:/parts"),
        0.5,
        START + timedelta(minutes=3),
        START + timedelta(minutes=2),
    ),
    JudgedQuestion(Setting(OTHER_MODEL, "station-1", "usb:0"), 0.7, drift_since=START + timedelta(minutes=1)),
    JudgedQuestion(Setting(MODEL, "station-2", "folder:/parts"), 0.5),
    JudgedQuestion(Setting(None, "station-1", "folder:/parts"), 0.5),
]

FILTERS = [
    LogFilter(),
    LogFilter(station="station-1"),
    LogFilter(station="station-2"),
    LogFilter(since=START + timedelta(minutes=1), until=START + timedelta(minutes=4)),
]


class History:
    """Records of every kind that a log may get, in any order; parts come back, and several come at one moment."""

    def __init__(self, log, make, *others):
        self.log, self.make = log, make
        self.logs = (log, *others)
        self.parts, self.standing = [], []

    def begin(self, level, alone, style=AssistStyle.HIGHLIGHT):
        slots = Slots(Slot.BLUE, None, OTHER_MODEL) if alone else None
        rollout = Rollout("first", RolloutPhase.SHADOW) if alone else None
        shares = {"audit_share": 0.7, "unaided_share": 0.5, "accept_below": 0.4, "reject_above": 0.6}
        self.controls = [
            self.make.begin(log, level=level, style=style, slots=slots, rollout=rollout, **shares) for log in self.logs
        ]

    def part(self, name, score, model, source, moment, seeded, station=0):
        make, log = self.make, self.logs[station]
        make.control = self.controls[station]
        alone = make.control.slots is not None
        made = make.seeded if seeded else make.part
        args = ("d",) if seeded else ()
        part = made(*args, probability=None if alone else score, part_id=name, model=model)
        part = replace(part, source=source, captured_at=START + timedelta(minutes=moment))
        if alone:
            part = replace(part, prediction=None)
        log.inspections.record_inspection(part)
        if alone:
            log.inspections.record_comparison(
                compared(part, Slot.GREEN, make.prediction(score, OTHER_MODEL), make.now())
            )
        self.parts.append((log, part))

    def verdict(self, part, answer, kind):
        log, judged = self.parts[part % len(self.parts)]
        verdict = self.make.verdict(judged, answer, kind)
        log.inspections.record_verdict(verdict, answer.disposition)
        self.standing.append((log, verdict))

    def retraction(self, which):
        log, verdict = self.standing.pop(which % len(self.standing))
        log.inspections.record_retraction(verdict.verdict_id, "bo", self.make.now(), Disposition.HOLD)

    def check(self):
        with self.log.database.reading() as connection:
            rows = connection.execute(text("SELECT inspection_id, truth FROM inspections"))
            truths = {row[0]: row[1] for row in rows}
        for entry in self.log.reader.entries(LogFilter()):
            said = [(verdict.kind, verdict.answer) for verdict in entry.verdicts if not verdict.retracted]
            assert truths.pop(entry.inspection.inspection_id) == truth_of(said)
        assert not truths
        for which in FILTERS:
            assert self.log.reader.calibration(which) == calibration(self.log.reader.judged_parts(which))
        judged = self.log.reader.judged_parts(LogFilter())
        for question in QUESTIONS:
            assert summed(self.log.reader.judged_counts(question)) == summed(judged_counts(judged, question))


def summed(counts: JudgedCounts) -> JudgedCounts:
    """Add up the rows of one combination and put them in order."""

    def total(rows, names):
        groups = defaultdict(list)
        for row in rows:
            groups[tuple(getattr(row, name) for name in names)].append(row)
        return tuple(sorted((add(members) for members in groups.values()), key=str))

    def add(rows):
        added = {name: sum(getattr(row, name) for row in rows) for name in ("n", "below_cut", "since_drift")}
        return replace(rows[0], **added, first=min(r.first for r in rows), last=max(r.last for r in rows))

    group = ("level", "route", "audited", "truth")
    defects = tuple(sorted(counts.defects, key=str))
    return replace(counts, parts=total(counts.parts, group), audits=total(counts.audits, group), defects=defects)


class AnyOrder(RuleBasedStateMachine):
    """A log in memory that records come to in any order."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        make = Maker()
        self.log = open_log("sqlite://", Path(self.folder.name), "station-1", make.now)
        self.history = History(self.log, make)
        self.history.begin(Level.SHADOW, alone=False)

    def teardown(self):
        try:
            self.history.check()
            assert self.log.verify().intact
        finally:
            self.log.close()
            self.folder.cleanup()

    @rule(level=st.sampled_from(Level), alone=st.sampled_from([False, False, False, False, True]))
    def begin(self, level, alone, style=AssistStyle.HIGHLIGHT):
        self.history.begin(level, alone)

    @rule(
        name=st.sampled_from(["a", "b", None]),
        score=st.sampled_from(SCORES),
        model=st.sampled_from(MODELS),
        source=st.sampled_from(SOURCES),
        moment=st.integers(0, MOMENTS),
        seeded=st.booleans(),
    )
    def part(self, name, score, model, source, moment, seeded):
        self.history.part(name, score, model, source, moment, seeded)

    @rule(part=st.integers(0, 20), answer=st.sampled_from(Answer), kind=st.sampled_from(VerdictKind))
    def verdict(self, part, answer, kind):
        if self.history.parts:
            self.history.verdict(part, answer, kind)

    @rule(which=st.integers(0, 20))
    def retraction(self, which):
        if self.history.standing:
            self.history.retraction(which)


AnyOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
test_truth_after_any_order_of_records = AnyOrder.TestCase


@pytest.fixture
def history(log, log_url, make, open_station):
    """Return a longer log of two stations whose cameras are called alike, of one where it is in memory."""
    chance = random.Random(11)
    others = () if log_url == "sqlite://" else (open_station(log_url, "station-2"),)
    made = History(log, make, *others)
    looks, reveals = AssistStyle.HIGHLIGHT, AssistStyle.SECOND_LOOK
    states = [*((level, False, looks) for level in Level), (Level.PARTIAL, False, reveals)]
    for state in states:
        made.begin(*state)
        for _ in range(20):
            name = chance.choice(["a", "b", None, None, None])
            made.part(
                name,
                chance.choice(SCORES),
                chance.choice(MODELS),
                chance.choice((*SOURCES, SOURCES[0])),
                chance.randrange(MOMENTS),
                seeded=chance.random() < 0.1,
                station=chance.randrange(len(made.logs)),
            )
            for _ in range(chance.randrange(3)):
                newest = len(made.parts) - 1 - chance.randrange(3)
                answer = chance.choice([Answer.ACCEPT, *Answer])
                made.verdict(max(newest, 0), answer, chance.choice([VerdictKind.AUDIT, *VerdictKind]))
            if made.standing and chance.random() < 0.1:
                made.retraction(chance.randrange(200))
    return made


def test_a_log_in_which_nobody_was_in_charge_counts_the_same(history):
    history.begin(Level.ASSIST, alone=True)
    for moment in range(MOMENTS):
        history.part(None, 0.7, OTHER_MODEL, SOURCES[0], moment, seeded=False)
        history.verdict(len(history.parts) - 1, Answer.REJECT, VerdictKind.UNAIDED)
    for alone, answer in ((True, Answer.REJECT), (False, Answer.ACCEPT)):
        # One part at one moment, recorded first beside nobody and then by the model in charge, whose answer counts.
        history.begin(Level.SHADOW, alone)
        history.part("twin", 0.99, OTHER_MODEL, SOURCES[0], 4, seeded=False)
        history.verdict(len(history.parts) - 1, answer, VerdictKind.UNAIDED)
    history.check()


def test_each_database_counts_as_the_pure_function_does(history):
    history.check()
    found = [history.log.reader.judged_counts(question) for question in QUESTIONS]
    for name in ("parts", "audits", "clean_audits", "defects"):
        assert any(getattr(counts, name) for counts in found), name
    assert found[-1] == JudgedCounts()
    unknown = Setting(replace(MODEL, version="9"), "station-1", "folder:/parts")
    assert history.log.reader.judged_counts(JudgedQuestion(unknown, 0.5)) == JudgedCounts()


@IN_MEMORY
def test_a_truth_that_does_not_follow_is_found(history):
    assert history.log.verify().intact
    with history.log.database.writing() as connection:
        wrong = "UPDATE inspections SET truth = 'reject' WHERE truth = 'accept' AND number = (SELECT MIN(number) "
        connection.execute(text(f"{wrong}FROM inspections WHERE truth = 'accept')"))
    (finding,) = history.log.verify().findings
    assert finding.trouble is Trouble.NOT_UP_TO_DATE
    assert finding.sentence.startswith("truth of inspection ")


@IN_MEMORY
def test_the_gates_read_their_indexes_alone(log, make):
    """On SQLite, which makes the same plan whatever is in the log, as long as some model is in charge."""
    database, steps = log.database, []
    log.inspections.record_inspection(make.part())

    def plan(connection, cursor, statement, parameters, context, executemany):
        if "truth" in statement:
            rows = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps.append([row[3] for row in rows])

    event.listen(database.engine, "before_cursor_execute", plan)
    log.reader.judged_counts(QUESTIONS[1])
    event.remove(database.engine, "before_cursor_execute", plan)
    assert len(steps) == 5
    for counting, _, looking_for_earlier, *_ in steps:
        assert "ix_inspections_judged (model_id=? AND station_id=? AND source=?" in counting
        assert "ix_inspections_judged_part (part_id=?" in looking_for_earlier
    assert not [step for step in steps[0] if "TEMP B-TREE" in step]
