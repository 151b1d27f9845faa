"""From the settings of triggers and part ids to the station's watch over what comes in."""

from __future__ import annotations

import re

from inspector_app.bootstrap.settled import utc_now
from inspector_app.cameras.codes import code_reader
from inspector_app.cameras.set_up import SetUpCamera
from inspector_app.cameras.takt import TaktCamera
from inspector_app.cameras.triggered import TriggeredCamera, TriggerInbox, TriggerTimes
from inspector_app.domain.errors import SettingsError
from inspector_app.domain.ports import Camera, CameraControls, LineOutput, TriggerMode
from inspector_app.domain.prediction import Box
from inspector_app.domain.trigger import IdSource
from inspector_app.line.factory import trigger_source
from inspector_app.settings import Settings, TriggerSection
from inspector_app.station.part_ids import IdRules, PartIdentifier
from inspector_app.station.pipeline import Identify


def watched_camera(camera: Camera, line: LineOutput, section: TriggerSection) -> Camera:
    """Return a camera whose missed, late and doubled pictures become parts for a human.

    With triggers of the line, a camera that is not on hardware trigger is put on software trigger and fired for each.
    Without, pictures are held against the takt where there is one, and against the camera's own count where the line
    fires the camera. Set up otherwise while the station runs, the camera says so, and the watch goes by it.

    Raises
    ------
    SettingsError, CameraSettingError
        If no line output hears triggers, or the camera cannot be triggered.
    """
    mode = camera.configure(CameraControls()).trigger
    if section.source == "line":
        source, inbox = trigger_source(line), TriggerInbox()
        fires = mode is not TriggerMode.HARDWARE
        if fires:
            camera.configure(CameraControls(trigger=TriggerMode.SOFTWARE))
        source.hear_triggers(inbox.put)
        times = TriggerTimes(section.late_ms / 1000.0, section.give_up_ms / 1000.0)
        watch: TriggeredCamera | TaktCamera = TriggeredCamera(camera, inbox, fires, times, utc_now)
    else:
        watch = TaktCamera(camera, section.takt_s, utc_now, counts=mode is TriggerMode.HARDWARE)
    if isinstance(camera, SetUpCamera):
        camera.when_set(watch.settle)
    return watch


def trigger_refusal(mode: TriggerMode | None, section: TriggerSection) -> str | None:
    """Return why no part would ever get a picture with a camera on this trigger, ``None`` if that is not so."""
    if mode is TriggerMode.FREE_RUN and section.source == "line":
        return 'The line triggers the parts ([trigger] source = "line"): choose software or hardware trigger.'
    if mode is TriggerMode.SOFTWARE and section.source == "camera":
        return 'Nothing would fire a camera on software trigger: that takes [trigger] source = "line".'
    return None


def part_identifier(settings: Settings) -> Identify | None:
    """Return what gives parts their ids, ``None`` where the camera's names are taken as they are.

    Raises
    ------
    SettingsError
        If ids are to come from a line that gives no triggers, or the reader of codes is not installed.
    """
    section = settings.part_id
    from_line = settings.trigger.source == "line"
    if section.source is IdSource.LINE and not from_line:
        raise SettingsError('part numbers from the line need [trigger] source = "line".')
    rules = IdRules(
        source=section.source,
        pattern=re.compile(section.pattern) if section.pattern else None,
        line_named=from_line,
        doubled_s=section.doubled_s,
    )
    if rules == IdRules(line_named=from_line):
        return None
    region = None if section.region is None else Box(*section.region)
    reader = code_reader(section.kinds, region) if section.source is IdSource.CODE else None
    return PartIdentifier(rules, reader).identified
