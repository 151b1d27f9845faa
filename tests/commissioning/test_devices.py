"""What is said of camera, model and line."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from inspector_app.commissioning.devices import camera_finding, line_finding, model_finding, server_finding
from inspector_app.domain.commissioning import Grade
from inspector_app.domain.errors import CameraLost, EndOfPictures, LineError, ModelError
from inspector_app.domain.frame import Frame, PictureProblem, UnusableFrame, frozen_pixels
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus, unusable_prediction

WHEN = datetime(2026, 11, 24, tzinfo=UTC)
GREY = frozen_pixels(np.zeros((40, 60), np.uint8))


def frame() -> Frame:
    return Frame(GREY, WHEN, "usb:0", 1)


def damaged() -> UnusableFrame:
    return UnusableFrame(PictureProblem.DAMAGED_TRANSFER, "The picture came incomplete.", WHEN, "usb:0", 1)


class Given:
    """A camera that gives what it was made with; an exception is raised, None is no picture in time."""

    name = "Camera"

    def __init__(self, *given, uri="usb:0", opens=True):
        self.uri, self._given, self._opens, self.closed = uri, list(given), opens, False

    def open(self):
        if not self._opens:
            raise CameraLost("It does not answer.")

    def grab(self, _timeout_s):
        one = self._given.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("camera", "grade", "words"),
    [
        (Given(*[frame()] * 5), Grade.GOOD, "5 of 5 pictures, 60 × 40 px, grey"),
        (Given(*[frame()] * 5, uri="synthetic:"), Grade.WARNING, "5 of 5"),
        (Given(frame(), EndOfPictures("end")), Grade.GOOD, "1 of 1 pictures"),
        (Given(frame(), damaged(), None), Grade.WARNING, "1 of 2 pictures"),
        (Given(damaged(), None), Grade.BAD, "came incomplete"),
        (Given(None), Grade.WARNING, "no picture came within 0.1 s"),
        (Given(frame(), CameraLost("It is gone.")), Grade.BAD, "It is gone."),
        (Given(opens=False), Grade.BAD, "It does not answer."),
    ],
)
def test_a_camera_is_judged_by_its_pictures_and_let_go(camera, grade, words):
    finding, seen = camera_finding(camera, patience_s=0.1)
    assert (finding.grade, words in finding.sentence) == (grade, True), finding
    assert camera.closed
    assert (seen is GREY) == (grade is Grade.GOOD or "of 2" in words or camera.uri == "synthetic:")


class Model:
    """Answers with what it was made with."""

    model = ModelIdentity("net", "1.0.0", "a" * 64, "b" * 64)

    def __init__(self, answer):
        self._answer = answer

    def warm_up(self, height, width):
        if isinstance(self._answer, Exception):
            raise self._answer

    def predict(self, _pixels):
        return self._answer


GOOD = Prediction(PredictionStatus.OK, 0.2, (), Model.model, 1.0)


@pytest.mark.parametrize(
    ("answer", "deadline_s", "grade"),
    [
        (GOOD, 600.0, Grade.GOOD),
        (GOOD, 1e-9, Grade.BAD),
        (unusable_prediction(PredictionStatus.FAILED, Model.model, 1.0, "It broke."), 10.0, Grade.BAD),
        (ModelError("net is damaged."), 10.0, Grade.BAD),
    ],
)
def test_a_model_is_judged_by_its_answers(answer, deadline_s, grade):
    assert model_finding(Model(answer), GREY, deadline_s, "a picture").grade is grade


def test_a_model_is_held_to_what_the_server_leaves_it_and_the_remedy_names_a_deadline():
    found = model_finding(Model(GOOD), GREY, 10.0, "a picture", server_s=10.0 - 1e-9)
    assert found.grade is Grade.WARNING  # once the server is known to be away, it has the whole time
    assert "it has 0 of 10000 ms where the server kept silent" in found.sentence
    assert re.search(r"Set model\.deadline_ms to 1\d[01]00 or more.*go to an inspector", found.remedy)


class Server(Model):
    """A server that serves a model, or does not."""

    server = "grpc://there"
    closed = False

    def close(self):
        self.closed = True


@pytest.mark.parametrize(
    ("answer", "deadline_s", "grade"),
    [
        (GOOD, 600.0, Grade.GOOD),
        (GOOD, 1e-9, Grade.WARNING),
        (unusable_prediction(PredictionStatus.FAILED, Model.model, 1.0, "It broke."), 10.0, Grade.WARNING),
        (ModelError("Nobody answers."), 10.0, Grade.WARNING),
    ],
)
def test_a_server_is_judged_by_its_answers_and_never_bad(answer, deadline_s, grade):
    server = Server(answer)
    assert server_finding(lambda _model: server, Model.model, GREY, deadline_s).grade is grade
    assert server.closed


class Line:
    """A line that may be away."""

    name = "Line"

    def __init__(self, fault=None):
        self._fault, self.closed, self.told = fault, False, []

    def open(self):
        if self._fault:
            raise LineError(self._fault)

    def tell(self, message):
        self.told.append(message)

    def close(self):
        self.closed = True


@pytest.mark.parametrize(("fault", "grade"), [(None, Grade.GOOD), ("It is away.", Grade.BAD)])
def test_a_line_is_opened_told_nothing_and_closed(fault, grade):
    line = Line(fault)
    assert line_finding(line).grade is grade
    assert line.closed
    assert line.told == []
