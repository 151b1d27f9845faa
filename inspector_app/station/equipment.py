"""What a station works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.domain.ports import (
    Camera,
    Classifier,
    ConnectServer,
    ControlLog,
    InspectionLog,
    LineOutput,
    LoadModel,
    LogReader,
    PictureStore,
)
from inspector_app.station.guard_orders import GuardHistory


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
