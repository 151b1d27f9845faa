"""Camera, model and line, each tried the way that the station will use it, and let go again."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inspector_app.domain.commissioning import Check, Figure, Finding, Grade
from inspector_app.domain.errors import CameraError, EndOfPictures, KnownFault, LineError, ModelError
from inspector_app.domain.frame import Capture, Frame, Pixels, UnusableFrame
from inspector_app.domain.ports import Camera, Classifier, ConnectServer, LineOutput
from inspector_app.domain.prediction import ModelIdentity, Prediction, PredictionStatus

_PICTURES: Final = 5
_FIRST_PICTURE_S: Final = 10.0
_ANSWERS: Final = 5
_LOCAL: Final = "Look at server and network; until then the station's own model answers."
_COMFORT: Final = 0.5
"""Share of the deadline that the slowest answer may take before it is called close."""


def camera_finding(camera: Camera, patience_s: float = _FIRST_PICTURE_S) -> tuple[Finding, Pixels | None]:
    """Take a few pictures, close the camera, and say how they came; with the last of them, if one can be used.

    Parameters
    ----------
    camera : Camera
        Not yet opened.
    patience_s : float
        How long to wait for the first picture, and for each further one.
    """
    captures: list[Capture] = []
    began = ended = time.monotonic()
    try:
        camera.open()
        while len(captures) < _PICTURES:
            capture = camera.grab(patience_s)
            if capture is None:
                break
            captures.append(capture)
            ended = time.monotonic()
            if len(captures) == 1:
                began = ended
    except EndOfPictures:
        pass
    except CameraError as fault:
        remedy = "Look at its cable, power and address, and whether another program uses it."
        return Finding(Check.CAMERA, Grade.BAD, _naming(camera.name, fault), remedy), None
    finally:
        camera.close()
    return _judged(camera, captures, ended - began, patience_s)


def _judged(
    camera: Camera, captures: Sequence[Capture], span_s: float, patience_s: float
) -> tuple[Finding, Pixels | None]:
    frames = [capture for capture in captures if isinstance(capture, Frame)]
    if not captures:
        sentence = f"{camera.name} is there, but no picture came within {patience_s:g} s."
        remedy = "If it waits for a trigger, let a part pass or look at the wiring; else look at its settings."
        return Finding(Check.CAMERA, Grade.WARNING, sentence, remedy), None
    if not frames:
        problems = [capture.sentence for capture in captures if isinstance(capture, UnusableFrame)]
        remedy = "Mend what the sentence says; until then every part goes to an inspector without a picture."
        return Finding(Check.CAMERA, Grade.BAD, f"{camera.name}: {problems[0]}", remedy), None
    pixels = frames[-1].pixels
    height, width = pixels.shape[:2]
    colour = "grey" if pixels.ndim == 2 else "colour"
    figures = [Figure("width", width, "px"), Figure("height", height, "px")]
    said = f"{camera.name}: {len(frames)} of {len(captures)} pictures, {width} × {height} px, {colour}"
    if len(captures) > 1 and span_s > 0.0:
        rate = (len(captures) - 1) / span_s
        figures.append(Figure("rate", rate, "1/s"))
        said += f", {rate:.1f} a second"
    grade, remedy = Grade.GOOD, ""
    if len(frames) < len(captures):
        grade, remedy = Grade.WARNING, "Pictures came damaged: look at cable, network card and packet size."
    elif camera.uri.startswith("synthetic:"):
        grade, remedy = Grade.WARNING, "These parts are made up: name the plant's camera under camera.source."
    return Finding(Check.CAMERA, grade, said + ".", remedy, tuple(figures)), pixels


def model_finding(
    classifier: Classifier, pixels: Pixels, deadline_s: float, whose: str, server_s: float = 0.0
) -> Finding:
    """Have the model answer about one picture a few times, and compare its slowest answer with the deadline.

    Parameters
    ----------
    classifier : Classifier
        Loaded.
    pixels : Pixels
        A picture of the size that the camera takes.
    deadline_s : float
        What an answer may take.
    whose : str
        What the picture is, for the sentence.
    server_s : float
        How much of that a prediction server may use up before this model is asked; 0 without one.
    """
    height, width = pixels.shape[:2]
    name = f"{classifier.model.name} {classifier.model.version}"
    remedy = "Install the model again, or name another one."
    try:
        answers = _answered(classifier, pixels)
    except ModelError as fault:
        return Finding(Check.MODEL, Grade.BAD, str(fault), remedy)
    if isinstance(answers, Prediction):
        sentence = f"{name} gives no answer: {answers.detail or answers.status}."
        return Finding(Check.MODEL, Grade.BAD, sentence, remedy)
    deadline_ms, left_ms = deadline_s * 1000.0, (deadline_s - server_s) * 1000.0
    has = f"{left_ms:.0f} ms" if not server_s else f"{left_ms:.0f} of {deadline_ms:.0f} ms where the server kept silent"
    said = f"{name} answers in {answers} on {whose} of {width} × {height} px; it has {has}."
    advised_ms = 100.0 * math.ceil((answers.slowest_ms / _COMFORT + server_s * 1000.0) / 100.0)
    more = f"Set model.deadline_ms to {advised_ms:.0f} or more, give it more cores, or install a faster precision"
    if answers.slowest_ms > left_ms:
        grade = Grade.BAD if answers.slowest_ms > deadline_ms else Grade.WARNING
        return Finding(Check.MODEL, grade, said, f"{more}; until then its parts go to an inspector.", answers.figures)
    if answers.slowest_ms > _COMFORT * left_ms:
        remedy = f"That is close: under load answers come late, and their parts go to an inspector. {more}."
        return Finding(Check.MODEL, Grade.WARNING, said, remedy, answers.figures)
    return Finding(Check.MODEL, Grade.GOOD, said, figures=answers.figures)


def server_finding(connect: ConnectServer, model: ModelIdentity, pixels: Pixels, deadline_s: float) -> Finding:
    """Connect to the prediction server as the station would, and have it answer a few times within its deadline.

    Nothing that is wrong with it is bad: the station's own model answers in its place.
    """
    served = connect(model)
    try:
        answers = _answered(served, pixels)
    except ModelError as fault:
        return Finding(Check.SERVER, Grade.WARNING, f"The prediction server cannot be asked: {fault}", _LOCAL)
    finally:
        served.close()
    if isinstance(answers, Prediction):
        sentence = f"The prediction server {served.server} gives no answer: {answers.detail}."
        return Finding(Check.SERVER, Grade.WARNING, sentence, _LOCAL)
    deadline_ms = deadline_s * 1000.0
    said = (
        f"The prediction server {served.server} answers for {model.name} {model.version} in {answers}; it has "
        f"{deadline_ms:.0f} ms."
    )
    if answers.slowest_ms > deadline_ms:
        remedy = "Allow more time (remote.deadline_ms) or look at network and server; late answers are never used."
        return Finding(Check.SERVER, Grade.WARNING, said, remedy, answers.figures)
    return Finding(Check.SERVER, Grade.GOOD, said, figures=answers.figures)


@dataclass(frozen=True, slots=True)
class _Answers:
    """How long a model took for its answers, ms."""

    middle_ms: float
    slowest_ms: float

    @property
    def figures(self) -> tuple[Figure, ...]:
        return Figure("answer_p50", self.middle_ms, "ms"), Figure("answer_max", self.slowest_ms, "ms")

    def __str__(self) -> str:
        return f"{self.middle_ms:.0f} ms (slowest of {_ANSWERS}: {self.slowest_ms:.0f} ms)"


def _answered(classifier: Classifier, pixels: Pixels) -> _Answers | Prediction:
    """Ask a few times about one picture; returns the times, or the first answer that is none."""
    waits_ms = []
    classifier.warm_up(*pixels.shape[:2])
    for _ in range(_ANSWERS):
        began = time.perf_counter()
        prediction = classifier.predict(pixels)
        waits_ms.append((time.perf_counter() - began) * 1000.0)
        if prediction.status is not PredictionStatus.OK:
            return prediction
    return _Answers(statistics.median(waits_ms), max(waits_ms))


def line_finding(line: LineOutput) -> Finding:
    """Connect an output to the line as the station would, tell it nothing, and let go of it."""
    try:
        line.open()
    except LineError as fault:
        remedy = "Look at address, cable and power of the other side; until it answers, no part is let through."
        return Finding(Check.LINE, Grade.BAD, _naming(line.name, fault), remedy)
    finally:
        line.close()
    return Finding(Check.LINE, Grade.GOOD, f"{line.name} is connected.")


def _naming(device: str, fault: KnownFault) -> str:
    """Return a fault's sentence with the device's name before it, unless it names the device itself."""
    return str(fault) if device in str(fault) else f"{device}: {fault}"
