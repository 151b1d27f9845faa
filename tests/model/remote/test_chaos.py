"""Ten parts a second while network and server fail in every way: no part is lost, doubled or accepted by a fault."""

from __future__ import annotations

import json
import signal
import threading
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.bad_network import BadNetwork
from inspector_app.automation.policy import decide
from inspector_app.automation.replay import replay_differences
from inspector_app.bootstrap.building import built_station, chosen_camera
from inspector_app.bootstrap.data import open_data
from inspector_app.bootstrap.running import RunRequest, order_level
from inspector_app.domain.control import Level
from inspector_app.domain.decision import Route
from inspector_app.domain.events import InspectionRecorded, ServerChanged
from inspector_app.domain.logquery import LogFilter
from inspector_app.domain.prediction import Answerer, Prediction, PredictionStatus
from inspector_app.domain.status import ServerState
from model.protocol.predictions import prediction_tensors
from model.protocol.tensors import number_tensor

pytestmark = pytest.mark.slow

DEADLINE_S = 0.6
"""Long enough for a server on a busy machine; what is to miss it is cut off, held back or stopped."""

SETTINGS = """
[station]
appear_after_s = 0
[model]
name = "top-hat"
deadline_ms = 60000
[remote]
urls = ["{url}"]
deadline_ms = {deadline_s}e3
pause_s = 0.1
longest_pause_s = 0.2
[automation]
accept_below = {cut}
cut = {cut}
reject_above = {cut}
canary_share = 1.0
audit_share = 0.05
[guards]
enabled = false
"""
SOURCE = "synthetic:?size=160x120&defects=0.4"
PATIENCE_S = 60.0


class Shift:
    """A running station whose events can be waited for."""

    def __init__(self, station):
        self.station = station
        self.parts = []
        self.said = []
        self._changed = threading.Condition()
        station.subscribe(self.hear)

    def hear(self, event):
        with self._changed:
            if isinstance(event, InspectionRecorded):
                self.parts.append(event.inspection)
            elif isinstance(event, ServerChanged):
                self.said.append(event)
            self._changed.notify_all()

    def until(self, reached):
        with self._changed:
            assert self._changed.wait_for(reached, PATIENCE_S), (self.station.status(), self.said[-3:])

    def more(self, count=8):
        """Wait for so many parts more; returns them."""
        first = len(self.parts)
        self.until(lambda: len(self.parts) >= first + count)
        return self.parts[first:]

    def until_server(self, state):
        self.until(lambda: self.station.status().server.state is state)

    def judged_by(self, answerer):
        """Wait for parts that were judged by somebody."""
        first = len(self.parts)
        self.until(lambda: sum(part.prediction.asked.by is answerer for part in self.parts[first:]) >= 3)


@pytest.fixture(scope="module")
def middle(tmp_path_factory, local):
    """A threshold that half of the parts pass."""
    with open_data(tmp_path_factory.mktemp("looked-at")) as folder:
        camera = chosen_camera(folder, SOURCE + "&parts=21")
        camera.open()
        found = [local.predict(camera.grab(PATIENCE_S).pixels).probability for _ in range(21)]
        camera.close()
    return sorted(found)[10]


@pytest.fixture
def shift(tmp_path, top_hat_data, own_process, middle):
    """Start a station on ten parts a second at full automation, its server behind a network that can fail."""
    with BadNetwork(("127.0.0.1", int(own_process.grpc.rpartition(":")[2]))) as network:
        (tmp_path / "models").symlink_to(top_hat_data / "models")
        (tmp_path / "station.toml").write_text(SETTINGS.format(url=network.url, cut=middle, deadline_s=DEADLINE_S))
        with open_data(tmp_path) as folder:
            order_level(folder, RunRequest(level=Level.FULL))
            camera = chosen_camera(folder, SOURCE + "&rate=10")
            classifier = folder.classifier()
            with built_station(folder, camera, classifier, line=[f"file:{tmp_path / 'line.jsonl'}"]) as station:
                running = Shift(station)
                station.start()
                running.until_server(ServerState.ANSWERING)
                running.judged_by(Answerer.SERVER)
                running.folder, running.network, running.server = folder, network, own_process
                yield running
                station.stop(PATIENCE_S)
                check_all(running, folder, classifier, tmp_path / "line.jsonl")


@pytest.fixture
def own_process(start_server, top_hat_data):
    return start_server("--model", "top-hat 1.0", data=top_hat_data)


def check_all(shift, folder, classifier, line):
    """Every part once in the log and once on the line; each decision as the local model's answer would have it."""
    entries = list(folder.log.reader.entries(LogFilter()))
    counts = shift.station.status().counts
    assert len(entries) == counts.recorded == counts.captured
    assert (counts.overflowed, counts.line_failures) == (0, 0)
    assert len({entry.inspection.part_id for entry in entries}) == len(entries)
    assert [entry.inspection.sequence for entry in entries] == list(range(1, len(entries) + 1))
    told = Counter(json.loads(text)["inspection_id"] for text in line.read_text().splitlines())
    assert told == Counter(entry.inspection.inspection_id for entry in entries)
    assert folder.log.verify().intact
    for entry in entries:
        inspection = entry.inspection
        assert replay_differences(inspection) == ()
        if inspection.prediction.status is not PredictionStatus.OK:
            assert inspection.decision.route is Route.HUMAN
            continue
        mine = classifier.predict(folder.log.pictures.read(entry.stored_picture))
        said = replace(inspection.prediction, elapsed_ms=0.0, asked=None)
        assert said == replace(mine, elapsed_ms=0.0)
        assert decide(inspection.control, inspection.part_id, True, mine) == inspection.decision
    routes = Counter(entry.inspection.decision.route for entry in entries)
    assert routes[Route.MODEL_ACCEPT]
    assert routes[Route.MODEL_REJECT]


def comes_back(shift):
    """Wait until the server is in charge again by itself, and judges parts."""
    shift.until_server(ServerState.ANSWERING)
    shift.judged_by(Answerer.SERVER)
    assert shift.station.status().faults == ()


def away(shift):
    shift.until_server(ServerState.AWAY)
    parts = shift.more()
    assert {part.prediction.asked.by for part in parts[2:]} == {Answerer.LOCAL}
    assert all(part.prediction.asked.waited_ms is None for part in parts[2:])  # nobody waits for one that is away
    status = shift.station.status()
    assert status.server.local
    assert status.server.why


def test_nothing_that_befalls_the_server_touches_a_part(shift, start_server, plain_server, local, top_hat_data):
    the_network_fails(shift)
    shift.server.child.send_signal(signal.SIGSTOP)
    try:
        away(shift)
    finally:
        shift.server.child.send_signal(signal.SIGCONT)
    comes_back(shift)
    the_server_lies(shift, plain_server(), local)
    shift.server.child.kill()
    another = start_server("--model", "top-hat 1.0", data=top_hat_data)
    shift.network.cut()
    away(shift)
    shift.network.lead_to(("127.0.0.1", int(another.grpc.rpartition(":")[2])))
    shift.network.mend()
    comes_back(shift)
    said = [event.sentence for event in shift.said]
    assert sum("answers again" in sentence for sentence in said) >= 7
    shift.station.stop(PATIENCE_S)
    incidents = [each.kind for each in shift.folder.log.reader.incidents(1000)]
    assert incidents.count("server_away") >= 7
    assert incidents.count("server_late") >= 1  # what came from the slow network after its deadline


def the_network_fails(shift):
    for fail in (shift.network.cut, shift.network.swallow, lambda: shift.network.slow_down(2 * DEADLINE_S)):
        fail()
        away(shift)
        shift.network.mend()
        comes_back(shift)


def the_server_lies(shift, liar, local):
    """Put another server in its place; each of its answers would accept the part if it were believed."""

    def nan(tensors):
        return [number_tensor("probability", float("nan")) if each.name == "probability" else each for each in tensors]

    def another(tensors):
        model = replace(local.model, sha256="e" * 64)
        return list(prediction_tensors(Prediction(PredictionStatus.OK, 0.0, (), model, 1.0)))

    shift.network.lead_to(("127.0.0.1", liar.port))
    shift.network.cut()  # so that the station connects anew
    away(shift)
    shift.network.mend()
    comes_back(shift)
    for spoil in (nan, another):
        liar.spoil = spoil
        away(shift)
        liar.spoil = lambda tensors: tensors
        comes_back(shift)
