"""Seeded parts on a real station and a real log: they come as a part comes, the line hears of none, guards do."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean

import numpy as np
import pytest

from db.log import open_log
from inspector_app.automation.replay import replay_differences
from inspector_app.automation.seeds import SeedRules, seed_draw
from inspector_app.domain.control import AssistStyle, Level
from inspector_app.domain.decision import Route
from inspector_app.domain.errors import KnownFault
from inspector_app.domain.events import GuardTripped
from inspector_app.domain.frame import Judgement, PictureFlaw, ReferenceSource, Unfit, frozen_pixels
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.seed import KnownDefect
from inspector_app.domain.status import StationState
from inspector_app.domain.verdict import Answer, VerdictKind
from inspector_app.station.deciders import SimulatedInspector, TruthDecider
from inspector_app.station.equipment import Equipment
from inspector_app.station.guard_orders import GuardOrders
from inspector_app.station.options import StationOptions
from inspector_app.station.seeding import Seeder, SeedOrders
from inspector_app.station.station import Station

PATIENCE_S = 120.0
START = datetime.now(UTC) - timedelta(hours=1)
SHARE = 0.1
MARK = 254
"""The grey of every archived defect: the model of these tests knows them by it."""


class Archive:
    """Pictures of one grey; some names are damaged, some of another size."""

    def __init__(self, *names):
        self.names = names

    def defects(self):
        return tuple(KnownDefect(name, "scratch", "cut open") for name in self.names)

    def pixels(self, defect):
        if defect.name.startswith("damaged"):
            raise KnownFault(f"{defect.name} cannot be read.")
        shape = (5, 5) if defect.name.startswith("large") else (4, 6)
        pixels = np.full(shape, MARK, np.uint8)
        pixels[0, :4] = list(defect.name.encode()[-4:].rjust(4))
        return frozen_pixels(pixels)


class Floor:
    """Builds one station after the other on the same log."""

    def __init__(self, path, kit):
        self.path, self.kit = path, kit
        self.lines, self.opened = [], []

    def station(self, frames, **more):
        kit = self.kit
        log = open_log("", self.path, "station-1", kit.now)
        line, camera = kit.Line(), more.pop("camera", None) or kit.Camera(frames)
        rules = more.pop("rules", SeedRules(SHARE, apart_parts=5))
        archive = more.pop("archive", Archive("one1", "two2", "thr3", "for4"))
        state = {"level": Level.FULL, "audit_share": 1.0} | more.pop("state", {})
        options = {"grab_timeout_s": 0.01, "told_flush_s": 0.01, "undo_window_s": 0.0, "appear_after_s": 0.0}
        options |= {"model_deadline_s": PATIENCE_S, "picture_wait_s": PATIENCE_S}
        station = Station(
            Equipment(
                camera,
                more.pop("classifier", None) or kit.Classifier(more.pop("says", lambda n: kit.prediction(0.1))),
                line,
                log.inspections,
                log.reader,
                log.control,
                log.pictures,
                history=log.guards,
            ),
            kit.control(**state),
            may_control=lambda user: user == "boss",
            clock=kit.now,
            random_bits=random.getrandbits,
            on_bug=lambda thread, bug: pytest.fail(f"{thread}: {bug!r}"),
            options=StationOptions(**options | more.pop("options", {})),
            deciders=more.pop("deciders", (TruthDecider(),)),
            guards=GuardOrders(least_scores=50) if more.pop("guards", True) else None,
            seeds=SeedOrders(rules, more.pop("salt", "salt"), archive, log.seeds),
        )
        assert not more, more
        self.lines.append(line)
        self.opened.append((station, log))
        return station, log

    def run(self, frames, **more):
        """Run a station to its end and return the log."""
        station, log = self.station(frames, **more)
        station.start()
        assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S), station.status()
        station.stop(PATIENCE_S)
        return station, log

    def close(self):
        for station, log in self.opened:
            station.stop(self.kit.PATIENCE_S)
            log.close()


@pytest.fixture
def floor(tmp_path, kit):
    made = Floor(tmp_path, kit)
    yield made
    made.close()


def good(kit, numbers, **more):
    """Return good parts, one a second."""
    frames = [kit.frame(n, defect=False, **more) for n in numbers]
    return [replace(frame, captured_at=START + timedelta(seconds=n)) for n, frame in zip(numbers, frames, strict=True)]


def entries(log):
    return sorted(log.reader.entries(LogFilter()), key=lambda entry: entry.inspection.inspection_id)


def seeds_of(log):
    return [entry for entry in entries(log) if entry.inspection.seed is not None]


def expected(parts, salt="salt"):
    rules = SeedRules(SHARE)
    return [part for part in parts if seed_draw(rules, salt, part).drawn]


# --- the way of a seeded part ---


def test_a_seeded_part_follows_where_it_is_drawn_and_the_line_hears_of_none(floor, kit):
    frames = good(kit, range(60))
    station, log = floor.run(frames, state={"level": Level.SHADOW}, rules=SeedRules(SHARE, apart_parts=1))
    seeds = seeds_of(log)
    assert [entry.inspection.seed.after for entry in seeds] == expected([frame.name for frame in frames])
    assert len(seeds) > 2
    heard = {message.part_id for message in floor.lines[0].messages}
    assert heard == {frame.name for frame in frames}
    told = {message.inspection_id for message in floor.lines[0].messages}
    assert not told & {entry.inspection.inspection_id for entry in seeds}
    assert log.inspections.untold() == ()
    assert station.status().counts.seeded == len(seeds)
    assert station.status().counts.recorded == 60
    assert all(not replay_differences(entry.inspection) for entry in entries(log))
    assert log.verify().intact


def test_a_seeded_part_looks_like_every_other(floor, kit):
    frames = good(kit, range(40), name=None)
    station, log = floor.station(frames, state={"level": Level.SHADOW}, deciders=())
    station.start()
    assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S)
    items = station.waiting()
    assert len(items) == 40 + len(seeds_of(log)) > 40
    in_order = [item.part_id for item in items]
    assert all(re.fullmatch(r"\d{8}-\d{6}-\d{5}", part) for part in in_order)
    assert [int(part[-5:]) for part in in_order] == list(range(1, len(items) + 1))
    assert [item.captured_at for item in items] == sorted(item.captured_at for item in items)
    assert {(item.picture_fault, item.model_view, item.revealed) for item in items} == {(None, None, False)}
    assert all(station.picture(item.inspection_id).shape == (4, 6) for item in items)
    seed = seeds_of(log)[0].inspection
    other = entries(log)[0].inspection
    assert (seed.source, seed.skipped, seed.path) == (other.source, other.skipped, other.path)
    assert (seed.reference.judgement, seed.reference.source) == (Judgement.REJECT, ReferenceSource.SEEDED)


def test_a_number_of_named_parts_is_a_neighbour_that_no_part_has(floor, kit):
    _, log = floor.run(
        [replace(frame, name=f"GLASS-{n:06d}") for n, frame in enumerate(good(kit, range(40)))],
        state={"level": Level.SHADOW},
    )
    known = set()
    for entry in entries(log):
        part, seed = entry.inspection.part_id, entry.inspection.seed
        if seed is not None:
            assert part not in known
            assert 2 <= int(part.removeprefix("GLASS-")) - int(seed.after.removeprefix("GLASS-")) <= 60
        known.add(part)
    assert len(entries(log)) > 40


def test_it_comes_at_a_moment_within_the_takt(kit):
    noted = []
    orders = SeedOrders(SeedRules(SHARE), "salt", Archive("one1"), _NoHistory())
    now = [START]
    seeder = Seeder(orders, lambda: now[0], lambda *incident: noted.append(incident))
    seeder.open()
    part = expected([f"part-{n:04d}" for n in range(60)])[0]
    before, drawn = good(kit, (0, 4))
    seeder.follow(_Named("x"), before)
    seeder.follow(_Named(part), drawn)
    now[0] = drawn.captured_at
    assert seeder.due(drawn.captured_at + timedelta(seconds=0.9)) is None
    assert 1.0 <= seeder.wait_s(10.0) <= 3.0
    assert seeder.wait_s(0.5) == 0.5
    planted = seeder.due(drawn.captured_at + timedelta(seconds=3.1))
    assert planted is not None
    assert timedelta(seconds=1) <= planted.frame.captured_at - drawn.captured_at <= timedelta(seconds=3)
    assert seeder.due(None) is None
    assert seeder.wait_s(10.0) == 10.0
    assert noted == []


class _Named:
    def __init__(self, part_id):
        self.part_id = part_id


class _NoHistory:
    def seeds_seen(self, parts, since):
        return ()

    def part_known(self, part_id, since):
        return False


def test_pictures_that_do_not_fit_are_named_once_and_the_others_come(floor, kit):
    archive = Archive("damaged", "large12", "good")
    _, log = floor.run(
        good(kit, range(60)), archive=archive, state={"level": Level.SHADOW}, rules=SeedRules(SHARE, apart_parts=1)
    )
    assert {entry.inspection.seed.defect.name for entry in seeds_of(log)} == {"good"}
    noted = [each.sentence for each in log.reader.incidents(100) if each.kind == "seed_unusable"]
    assert sorted(noted) == [
        "The known defect damaged is not shown. damaged cannot be read.",
        "The known defect large12 is not shown. Its picture is 5 × 5 px grey, and those of the line are 6 × 4 px grey.",
    ]


def test_a_part_that_lacks_a_view_takes_no_defect_out_of_the_archive(floor, kit):
    """Its picture is smaller than the line's; what is known does not fit it, and fits the next part again."""
    lacking = Unfit(PictureFlaw.VIEW_MISSING, "The view back is missing.")
    frames = good(kit, range(120))
    half = frozen_pixels(np.zeros((4, 3), np.uint8))
    frames[:60] = [replace(frame, pixels=half, unfit=lacking) for frame in frames[:60]]
    _, log = floor.run(frames, state={"level": Level.SHADOW}, rules=SeedRules(SHARE, apart_parts=1))
    assert [incident for incident in log.reader.incidents(50) if incident.kind == "seed_unusable"] == []
    whole = [frame.name for frame in frames[60:]]
    assert [entry.inspection.seed.after for entry in seeds_of(log)] == expected(whole)


def test_the_same_defect_stays_away_also_across_a_restart(floor, kit):
    rules = SeedRules(SHARE, apart_parts=40)
    for start in (0, 30):
        _, log = floor.run(
            good(kit, range(start, start + 30)), archive=Archive("one1"), rules=rules, state={"level": Level.SHADOW}
        )
    drawn = expected([f"part-{n:04d}" for n in range(60)])
    shown = [entry.inspection.seed.after for entry in seeds_of(log)]
    allowed, last = [], -1000
    for part in drawn:
        if int(part[-4:]) - last >= 40:
            allowed.append(part)
            last = int(part[-4:])
    assert shown == allowed
    assert len(allowed) < len(drawn)


# --- what is said of it ---


def test_verdicts_on_seeded_parts_give_hit_rates_and_nothing_else(floor, kit):
    blind = SimulatedInspector(se=0.5, sp=1.0, name="eva")
    _, log = floor.run(
        good(kit, range(120)), deciders=(blind,), state={"level": Level.ASSIST, "style": AssistStyle.SECOND_LOOK},
        classifier=_Seeing(kit, 0.9), guards=False,
    )  # fmt: skip
    parts = log.reports.seeded_parts(LogFilter())
    assert len(parts) > 5
    assert {kind for part in parts for _, kind, _ in part.answers} == {VerdictKind.UNAIDED, VerdictKind.SECOND_LOOK}
    found = [answer for part in parts for _, kind, answer in part.answers if kind is VerdictKind.UNAIDED]
    assert 0 < found.count(Answer.REJECT) < len(found)
    assert {count.reference for count in log.reader.verdict_counts(LogFilter())} == {Judgement.ACCEPT}


class _Seeing:
    """A model that answers by what it sees."""

    def __init__(self, kit, seeds, others=0.1):
        self.kit, self.seeds, self.others = kit, seeds, others
        self.model = kit.prediction(0.1).model

    def warm_up(self, height, width):
        pass

    def predict(self, pixels):
        return self.kit.prediction(self.seeds if pixels[-1, -1] == MARK else self.others)

    def close(self):
        pass


def test_wrong_advice_is_shown_on_probes_alone_and_recorded(floor, kit):
    leaning = _Leaning()
    _, log = floor.run(
        good(kit, range(80)), deciders=(leaning,), classifier=_Seeing(kit, 0.9), guards=False,
        rules=SeedRules(SHARE, probe_share=0.5, apart_parts=1),
        state={"level": Level.ASSIST, "style": AssistStyle.HIGHLIGHT},
    )  # fmt: skip
    seeds = seeds_of(log)
    probed = [entry for entry in seeds if entry.inspection.seed.probe.draw.drawn]
    assert 0 < len(probed) < len(seeds)
    for entry in seeds:
        seed, said = entry.inspection.seed, entry.verdicts[-1].answer
        misled = seed.probe.draw.drawn
        assert said is (Answer.ACCEPT if misled else Answer.REJECT)
        assert entry.inspection.prediction.probability == 0.9
        assert (seed.probe.shown is not None) is misled
    shown = {item.inspection_id: item.model_view for item in leaning.seen}
    for entry in probed:
        view = shown[entry.inspection.inspection_id]
        assert (view.regions, view.probability) == ((), entry.inspection.seed.probe.shown)
    assert all(not replay_differences(entry.inspection) for entry in seeds)
    told = {message.inspection_id for message in floor.lines[0].messages}
    assert not told & {entry.inspection.inspection_id for entry in seeds}


class _Leaning:
    """An inspector who does as the model says."""

    name = "leo"

    def __init__(self):
        self.seen = []

    def decide(self, entry, item):
        self.seen.append(item)
        bad = item.model_view is not None and item.model_view.probability >= 0.5
        return (Answer.REJECT, ("scratch",)) if bad else (Answer.ACCEPT, ())


# --- guards ---


def test_a_seeded_defect_that_the_model_accepts_steps_to_assist_before_the_next_part(floor, kit):
    station, log = floor.run(good(kit, range(60)), classifier=_Seeing(kit, 0.1))
    seeds = seeds_of(log)
    assert seeds[0].inspection.decision.route is Route.MODEL_ACCEPT
    (change,) = log.control.changes()[1:]
    assert (change.by, change.after.level) == ("guard:seed_missed", Level.ASSIST)
    after = [e.inspection for e in entries(log) if e.inspection.inspection_id > seeds[0].inspection.inspection_id]
    assert {inspection.control.version for inspection in after} == {change.after.version}
    assert station._guards.state.audits == 60 - sum(
        inspection.seed is None and inspection.control.level is Level.ASSIST for inspection in after
    )


def test_a_model_that_finds_seeded_defects_stays_and_audits_count_production_alone(floor, kit):
    station, log = floor.run(good(kit, range(60)), classifier=_Seeing(kit, 0.95))
    assert len(log.control.changes()) == 1
    assert len(seeds_of(log)) > 2
    assert station._guards.state.audits == 60
    assert station._guards.state.escapes == 0


def test_a_restart_knows_the_missed_seed_and_who_signs_vouches_for_it(floor, kit):
    one = Archive("one1")
    rules = SeedRules(SHARE, apart_parts=1)
    floor.run(good(kit, range(40)), classifier=_Seeing(kit, 0.1), archive=one, rules=rules)
    station, log = floor.station(good(kit, range(40, 100)), classifier=_Seeing(kit, 0.1), archive=one, rules=rules)
    assert "seed_missed" in station.control.latched or "seed_missed" in log.control.current().latched
    station.take(0)
    station.start()
    station.change_control("boss", "known to be missed", latched=(), level=Level.FULL)
    station.take(60)
    assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S)
    station.stop(PATIENCE_S)
    accepted = [e for e in seeds_of(log) if e.inspection.decision.route is Route.MODEL_ACCEPT]
    assert len(accepted) > 2
    assert log.control.current().level is Level.FULL
    station, log = floor.run([], classifier=_Seeing(kit, 0.1), archive=one, rules=rules)
    assert log.control.current().level is Level.FULL


@pytest.mark.slow
def test_the_delay_to_a_missed_seed_is_that_of_the_draw(floor, kit):
    """A model that misses everything trips the guard with the next seeded part: after a geometric number of parts."""
    archive = Archive(*(f"n{number:03d}" for number in range(200)))
    rules = SeedRules(SHARE, apart_parts=1000)
    station, log = floor.station(good(kit, range(250)), classifier=_Seeing(kit, 0.1), archive=archive, rules=rules)

    def sign_again(event):
        if isinstance(event, GuardTripped):
            station.change_control("boss", "seen", latched=(), level=Level.FULL)

    station.subscribe(sign_again)
    station.start()
    assert station._board.wait_until(lambda state: state is StationState.FINISHED, PATIENCE_S)
    station.stop(PATIENCE_S)
    trips = [change for change in log.control.changes() if change.by == "guard:seed_missed"]
    assert len(trips) == len(seeds_of(log)) == len(expected([f"part-{n:04d}" for n in range(250)]))
    judged = [entry.inspection for entry in entries(log) if entry.inspection.seed is None]
    in_force = [0, *(sum(part.control.version < trip.after.version for part in judged) for trip in trips)]
    delays = [after - before for before, after in pairwise(in_force)]
    # Parts until the draw falls on one: geometric with the share p, mean 1/p, standard deviation sqrt(1 - p)/p.
    deviation = (1.0 - SHARE) ** 0.5 / SHARE
    assert abs(mean(delays) - 1.0 / SHARE) < 3.0 * deviation / len(delays) ** 0.5
