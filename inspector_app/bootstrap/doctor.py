"""Examines a data folder and what its settings name, the way that a station would use it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from db.log import LogStanding, log_standing
from inspector_app.automation.policy import runs_model
from inspector_app.bootstrap.building import LOCK_FILE, StationBusy, chosen_camera, only_station
from inspector_app.bootstrap.data import DataFolder, open_data
from inspector_app.bootstrap.devices import make_parts, open_camera
from inspector_app.bootstrap.display import WindowUnavailable, display_present, require_window_libraries
from inspector_app.bootstrap.remote import server_of
from inspector_app.bootstrap.seeds import shelved_seeds
from inspector_app.bootstrap.settled import SettledFolder, open_settings, utc_now
from inspector_app.cameras.synthetic import PartRequest
from inspector_app.commissioning.computer import (
    clock_finding,
    clock_synchronised,
    computer_finding,
    cores_and_memory,
    disk_finding,
    folder_finding,
)
from inspector_app.commissioning.devices import camera_finding, line_finding, model_finding, server_finding
from inspector_app.domain.commissioning import Check, Finding, Grade
from inspector_app.domain.control import ControlState
from inspector_app.domain.errors import CameraError, KnownFault, ModelError, SettingsError
from inspector_app.domain.frame import Pixels
from inspector_app.domain.ports import Camera
from inspector_app.domain.rollout import Slot
from inspector_app.line.factory import open_line, open_lines, trigger_source
from inspector_app.settings import SETTINGS_FILE, Settings, pin_command
from inspector_app.station.settling import unsettled

_MEND_SETTING: Final = "Mend that setting; the guide lists what may stand there."
_STAND_IN_PX: Final = (1080, 1920)
_IN_USE: Final = "The station that is running on this folder uses it; its status strip says how it is."
_CLOSE_IT: Final = "Close the station to have it tried."
_NOT_READY: Final[dict[LogStanding, Callable[[str], tuple[str, str]]]] = {
    LogStanding.ABSENT: lambda where: (
        f"There is no log in {where}; the station makes one at its first start.",
        "If this station has worked before, bring its log back from the backup first.",
    ),
    LogStanding.OTHER_SCHEMA: lambda where: (
        f"The log in {where} is of another version of this program and was not opened.",
        "The next start or command brings an older one up to date; make a copy of it before.",
    ),
}


@dataclass(slots=True)
class _Case:
    """What is known so far of the folder under examination."""

    stack: ExitStack
    answers: Settings | None
    settled: SettledFolder | None = None
    folder: DataFolder | None = None
    writable: bool = False
    logless: bool = False
    taken: bool = False
    seen: Pixels | None = field(default=None, repr=False)


def examine(
    chosen: Path | None,
    only: Collection[Check] = tuple(Check),
    answers: Settings | None = None,
    on_check: Callable[[Check], None] = lambda _check: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Finding]:
    """Yield what each check finds, one after the other; devices are let go of before the next one is tried.

    A check that stands on another one makes that one silently. While a station runs on the folder, its devices are
    left alone. No part is taken, no message goes to the line, no record is written; folder and log are not made
    where there are none, but for a first start, whose ``answers`` are about to be written there.

    Parameters
    ----------
    chosen : Path or None
        As for `open_data`.
    only : collection of Check
        Which checks are wanted.
    answers : Settings or None
        Examined in place of what stands in the settings file.
    on_check : callable
        Told of each check before it begins.
    cancelled : callable
        Asked between two checks; True ends the examination.
    """
    with ExitStack() as stack:
        case = _Case(stack, answers)
        for check, look in _CHECKS.items():
            if cancelled():
                return
            if check not in only and check not in _FOUNDATIONS:
                continue
            on_check(check)
            for finding in look(case, chosen):
                if check in only:
                    yield finding


def _settings(case: _Case, chosen: Path | None) -> Iterator[Finding]:
    try:
        settled = open_settings(chosen, case.answers)
        shelved_seeds(settled.settings, settled.path)
    except SettingsError as fault:
        yield Finding(Check.SETTINGS, Grade.BAD, str(fault), "Mend that line; the guide lists all keys.")
        return
    case.settled = settled
    path = settled.path / SETTINGS_FILE
    if case.answers is not None:
        yield Finding(Check.SETTINGS, Grade.GOOD, "What was answered is consistent.")
        return
    if path.exists():
        yield Finding(Check.SETTINGS, Grade.GOOD, f"{path} is read and consistent.")
        return
    remedy = "Open the station once: it asks for camera, line and people, and writes the file."
    yield Finding(Check.SETTINGS, Grade.WARNING, f"There is no {path}; all settings are at their defaults.", remedy)


def _computer(_case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    yield computer_finding(*cores_and_memory())


def _folder(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None:
        yield _not_tried(Check.FOLDER)
        return
    path = case.settled.path
    try:
        if case.answers is not None:
            path.mkdir(parents=True, exist_ok=True)
        if case.answers is not None or (path / LOCK_FILE).exists():
            case.stack.enter_context(only_station(path))
    except StationBusy:
        case.taken = True
    except (OSError, KnownFault):
        pass  # the finding says so in words of its own
    finding = folder_finding(path, case.taken) if path.is_dir() else _no_folder(path)
    case.writable = finding.grade is not Grade.BAD
    yield finding


def _no_folder(path: Path) -> Finding:
    remedy = "Name the station's folder with --data or $INSPECTOR_DATA; a new station makes its own when it is opened."
    return Finding(Check.FOLDER, Grade.BAD, f"There is no data folder {path}.", remedy)


def _disk(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or not case.writable:
        yield _not_tried(Check.DISK)
        return
    yield disk_finding(case.settled.path)


def _log(case: _Case, chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or not case.writable:
        yield _not_tried(Check.LOG)
        return
    settings, path = case.settled.settings, case.settled.path
    try:
        with case.settled.naming_the_key("log.url"):
            standing, where = log_standing(settings.log.url, path)
        if case.answers is None and standing is not LogStanding.READY:
            case.logless = standing is LogStanding.ABSENT
            yield Finding(Check.LOG, Grade.WARNING, *_NOT_READY[standing](where))
            return
        case.folder = folder = case.stack.enter_context(open_data(chosen, settings))
        parts = folder.log.reader.count(folder.of_station())
        unheard = 0 if case.taken else len(unsettled(folder.log.inspections))
    except KnownFault as fault:
        yield Finding(Check.LOG, Grade.BAD, str(fault), "No part is taken without a log: mend it first.")
        return
    said = f"The log in {folder.log.database.where} holds {parts} {'part' if parts == 1 else 'parts'}."
    if unheard:
        remedy = 'Look after them ("inspector-app line untold"), then record it with "inspector-app line settle".'
        said += f" Of {unheard} of them the line may not have heard."
        yield Finding(Check.LOG, Grade.WARNING, said, remedy)
        return
    yield Finding(Check.LOG, Grade.GOOD, said)


def _clock(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    newest = () if case.folder is None else case.folder.log.reader.search(case.folder.of_station(), 1)
    last = newest[0].inspection.captured_at if newest else None
    yield clock_finding(utc_now(), last, clock_synchronised())


def _people(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or (case.folder is None and not case.logless):
        yield _not_tried(Check.PEOPLE)
        return
    section = case.settled.settings.automation
    if not section.supervisors:
        remedy = "Name them under automation.supervisors."
        yield Finding(
            Check.PEOPLE, Grade.WARNING, "No supervisors are named: anybody may move the level, unsigned.", remedy
        )
        return
    pins = None if case.folder is None else case.folder.log.pins
    without = [name for name in section.supervisors if pins is None or pins.pin(name) is None]
    if without and section.signatures_required:
        remedy = f"Let each of them set one: {pin_command(case.settled.path, 'NAME')}."
        sentence = f"These supervisors have no PIN yet and cannot sign: {', '.join(without)}."
        yield Finding(Check.PEOPLE, Grade.WARNING, sentence, remedy)
        return
    count = len(section.supervisors)
    yield Finding(Check.PEOPLE, Grade.GOOD, f"{count} {'supervisor' if count == 1 else 'supervisors'} can sign.")


def _camera(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or case.taken:
        yield _in_use(Check.CAMERA) if case.taken else _not_tried(Check.CAMERA)
        return
    try:
        camera = _as_set_up(case, case.settled)
    except (SettingsError, CameraError) as fault:
        yield Finding(Check.CAMERA, Grade.BAD, str(fault), "Mend that setting; the guide lists what may stand there.")
        return
    finding, case.seen = camera_finding(camera)
    yield finding


def _as_set_up(case: _Case, settled: SettledFolder) -> Camera:
    """Return the camera as the station would use it, or without a log as it comes."""
    if case.folder is not None:
        return chosen_camera(case.folder, None)
    with settled.naming_the_key("camera"):
        return open_camera(settled.settings.camera, None)


def _model(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or case.taken:
        yield _in_use(Check.MODEL) if case.taken else _not_tried(Check.MODEL)
        return
    control = case.settled.settings.automation.first_state() if case.logless else None
    if case.folder is not None:
        control = case.folder.control_in_force()
    for named in _models_named(control):
        yield _model_named(case, case.settled, named, needed=control is not None and runs_model(control.level))


def _models_named(control: ControlState | None) -> tuple[str | None, ...]:
    """Return the models in the slots in force, or ``None`` for the one that the settings name."""
    if control is None or control.slots is None:
        return (None,)
    held = [control.slots.model(slot) for slot in Slot]
    return tuple(f"{model.name} {model.version}" for model in held if model is not None) or (None,)


def _model_named(case: _Case, settled: SettledFolder, named: str | None, *, needed: bool) -> Finding:
    try:
        classifier = settled.classifier(named)
    except ModelError as fault:
        if needed:
            remedy = 'Install a model ("inspector-app models install"); until then every part goes to an inspector.'
            return Finding(Check.MODEL, Grade.BAD, str(fault), remedy)
        remedy = "At the level in force no model is asked; install one before moving right."
        return Finding(Check.MODEL, Grade.WARNING, str(fault), remedy)
    whose = "a made-up part" if case.seen is None else "a picture of the camera"
    try:
        remote = settled.settings.remote
        server_s = remote.deadline_ms / 1000.0 if remote.urls else 0.0
        deadline_s = settled.settings.model.deadline_ms / 1000.0
        return model_finding(classifier, _picture(case), deadline_s, whose, server_s)
    finally:
        classifier.close()


def _server(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or case.taken:
        yield _in_use(Check.SERVER) if case.taken else _not_tried(Check.SERVER)
        return
    try:
        connect = server_of(case.settled)
    except SettingsError as fault:
        yield Finding(Check.SERVER, Grade.BAD, str(fault), "Mend that setting; the guide lists what may stand there.")
        return
    if connect is None:
        yield Finding(Check.SERVER, Grade.GOOD, "No prediction server is named; the station asks its own model.")
        return
    deadline_s = case.settled.settings.remote.deadline_ms / 1000.0
    for named in _models_named(None if case.folder is None else case.folder.control_in_force()):
        try:
            model = case.settled.model_identity(named)
        except ModelError:
            yield _not_tried(Check.SERVER)
        else:
            yield server_finding(connect, model, _picture(case), deadline_s)


def _picture(case: _Case) -> Pixels:
    """Return the camera's picture, or one that is made up in its place."""
    if case.seen is not None:
        return case.seen
    height, width = _STAND_IN_PX
    pixels, _reference = make_parts(PartRequest(seed=1, height_px=height, width_px=width, defect_share=0.0))(0)
    return np.ascontiguousarray(pixels)


def _line(case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    if case.settled is None or case.taken:
        yield _in_use(Check.LINE) if case.taken else _not_tried(Check.LINE)
        return
    specs = [spec for spec in case.settled.settings.line.outputs if spec != "none"]
    if not specs:
        remedy = "Name the line's inputs under line.outputs, so that accept and reject reach it."
        yield Finding(Check.LINE, Grade.WARNING, "No line is told of any part.", remedy)
    wrong = False
    for spec in specs:
        try:
            with case.settled.naming_the_key("line.outputs"):
                line = open_line(spec)
        except SettingsError as fault:
            wrong = True
            yield Finding(Check.LINE, Grade.BAD, str(fault), _MEND_SETTING)
        else:
            yield line_finding(line)
    if case.settled.settings.trigger.source == "line" and not wrong:
        try:
            with case.settled.naming_the_key("trigger"):
                trigger_source(open_lines(specs))
        except SettingsError as fault:
            yield Finding(Check.LINE, Grade.BAD, str(fault), _MEND_SETTING)


def _window(_case: _Case, _chosen: Path | None) -> Iterator[Finding]:
    shown = display_present()
    try:
        require_window_libraries(shown=shown)
    except WindowUnavailable as fault:
        yield Finding(Check.WINDOW, Grade.BAD, str(fault), "Install them as an administrator.")
        return
    if not shown:
        remedy = 'Log in at the workstation\'s own screen; "inspector-app run" works without one.'
        yield Finding(Check.WINDOW, Grade.WARNING, "There is no display in this session.", remedy)
        return
    yield Finding(Check.WINDOW, Grade.GOOD, "A window can be opened.")


def _not_tried(check: Check) -> Finding:
    return Finding(check, Grade.SKIPPED, "It was not tried: what it stands on is not in order.", "Mend that first.")


def _in_use(check: Check) -> Finding:
    return Finding(check, Grade.SKIPPED, _IN_USE, _CLOSE_IT)


_CHECKS: Final[dict[Check, Callable[[_Case, Path | None], Iterator[Finding]]]] = {
    Check.SETTINGS: _settings,
    Check.COMPUTER: _computer,
    Check.FOLDER: _folder,
    Check.DISK: _disk,
    Check.LOG: _log,
    Check.CLOCK: _clock,
    Check.PEOPLE: _people,
    Check.CAMERA: _camera,
    Check.MODEL: _model,
    Check.SERVER: _server,
    Check.LINE: _line,
    Check.WINDOW: _window,
}
_FOUNDATIONS: Final = frozenset({Check.SETTINGS, Check.FOLDER, Check.LOG})
"""Made whatever was asked for, because others stand on them."""
