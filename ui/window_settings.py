"""What the window is told when it opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector_app.automation.ramp import RampReport
from inspector_app.automation.ramp_tally import RampTally
from inspector_app.domain.commissioning import CommissioningRoom
from inspector_app.domain.control import ControlChange, ControlState
from inspector_app.domain.model_room import ModelRoom
from inspector_app.domain.ports import LogReader
from inspector_app.domain.study import StudyRoom
from ui.agreement.room import AgreementRoom
from ui.automation.room import AutomationRoom
from ui.camera.room import CameraRoom
from ui.look.theme import ThemeName


def no_rollout(_state: ControlState) -> RampReport:
    """Return the report where nothing was counted."""
    return RampReport(RampTally(), (), ())


@dataclass(frozen=True, slots=True)
class Records:
    """What the window reads; every call may block and is made off the GUI thread.

    Attributes
    ----------
    reader : LogReader
        Parts, for the history.
    control_changes : callable
        Returns all recorded supervisor commands, oldest first.
    agreement : AgreementRoom
        Agreement reports and third looks.
    studies : StudyRoom
        Guided attribute studies.
    models : ModelRoom
        Teaching, measuring and installing models.
    automation : AutomationRoom
        Evidence for the next step, and certificates of thresholds.
    commissioning : CommissioningRoom
        Examination of the station.
    ramp_report : callable
        Returns what the rollout in a control state has come to.
    camera : CameraRoom or None
        The camera to look through and to set; without it there is no page for it.
    """

    reader: LogReader
    control_changes: Callable[[], tuple[ControlChange, ...]]
    agreement: AgreementRoom
    studies: StudyRoom
    models: ModelRoom
    automation: AutomationRoom
    commissioning: CommissioningRoom
    ramp_report: Callable[[ControlState], RampReport] = no_rollout
    camera: CameraRoom | None = None


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Settings of one window.

    Attributes
    ----------
    station_name : str
        Shown in the header.
    theme : ThemeName
        The first theme.
    scale : float or None
        Factor on all sizes; ``None`` chooses by the screen's height.
    full_screen : bool
        Fill the screen.
    defect_classes : tuple of str
        Classes of a reject, at most nine; the first is the quick choice.
    inspectors, supervisors : tuple of str
        Names offered for choice. Empty ``supervisors``: any name may be typed.
    signatures : bool
        True: what moves right takes the supervisor's PIN.
    inspector : str or None
        Who is signed in when the window opens.
    guard_s : float
        After a picture appears, answers are ignored for so long: a double press never judges an unseen part.
    """

    station_name: str = "station-1"
    theme: ThemeName = ThemeName.LIGHT
    scale: float | None = None
    full_screen: bool = False
    defect_classes: tuple[str, ...] = ("scratch", "chip", "crack", "dirt", "other")
    inspectors: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()
    signatures: bool = False
    inspector: str | None = None
    guard_s: float = 0.25

    def __post_init__(self) -> None:
        if not 1 <= len(self.defect_classes) <= 9:
            raise ValueError("the window offers one to nine defect classes")
