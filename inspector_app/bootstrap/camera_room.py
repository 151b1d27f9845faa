"""The camera of a data folder: what is set up, taught and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import numpy as np

from inspector_app.bootstrap.building import chosen_camera, only_station
from inspector_app.bootstrap.data import DataFolder
from inspector_app.bootstrap.parts_in import trigger_refusal
from inspector_app.bootstrap.settled import utc_now
from inspector_app.cameras.masters import MasterShelf
from inspector_app.cameras.set_up import Gathering, SetUpCamera, loaded_optics
from inspector_app.domain.errors import CameraError, ControlRefused, EndOfPictures, OpticsRefused, Stopped
from inspector_app.domain.frame import Pixels, UnusableFrame
from inspector_app.domain.prediction import Box
from inspector_app.domain.shares import percent
from inspector_app.optics.corrections import STEPS, check_dark, check_even, check_flat, mean_frame, taught_white
from inspector_app.optics.measures import fine_detail
from inspector_app.optics.quality import teach
from inspector_app.optics.scale import measured_scale
from inspector_app.optics.setup import CameraChange, CameraSetup
from inspector_app.optics.sight import Sight
from inspector_app.optics.teaching import CameraView, Lesson, Proposal, Signer, Teaching
from inspector_app.station.options import StationOptions

OnProgress = Callable[[int, int], None]

_TURN_S: Final = 0.2
_SHOWN: Final = 20
_PATIENCE_S: Final = 30.0
"""A camera that sends nothing for so long has nothing to teach from."""


class FolderCameraRoom:
    """`ui.camera.room.CameraRoom` on a data folder. Safe to use from several threads; all but `sight` block.

    Parameters
    ----------
    folder : DataFolder
        Log, settings, files.
    camera : SetUpCamera
        The camera.
    pumps : bool
        True where nobody else takes pictures from the camera: they are then taken here, in the caller's thread.
    """

    def __init__(self, folder: DataFolder, camera: SetUpCamera, *, pumps: bool = False) -> None:
        self._folder = folder
        self._camera = camera
        self._pumps = pumps
        self._shelf = MasterShelf(folder.path)

    def view(self) -> CameraView:
        """Return how the camera stands; reads the log."""
        camera = self._camera
        setup = camera.optics.setup
        return CameraView(
            name=camera.name,
            live=self._live,
            running=camera.is_open,
            setup=setup,
            reported=camera.reported,
            ranges=camera.ranges,
            trouble=camera.optics.broken or camera.drift,
            changes=tuple(reversed(self._folder.log.cameras.changes(camera.uri, _SHOWN))),
            mm_per_px=self._folder.settings.camera.mm_per_px if setup.scale is None else setup.scale.mm_per_px,
        )

    def sight(self) -> Sight | None:
        """Return the newest picture, corrected and measured; ``None`` while there is none."""
        return self._camera.sight()

    def teach(
        self,
        lesson: Lesson,
        on_progress: OnProgress = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Proposal:
        """Take frames and return what they teach; nothing is in force yet.

        Raises
        ------
        OpticsRefused
            If they teach nothing; the sentence says why.
        CameraError
            If the camera does not deliver.
        Stopped
            If it was stopped.
        """
        frames = self._gathered(lesson, on_progress, cancelled)
        return self._taught(lesson, frames, self._camera.optics.setup)

    def checked(self, frames: int, like: str | None = None) -> tuple[tuple[str, str | None, str | None], ...]:
        """Return name, flaw and sentence of each of the next pictures; fewer where the source ends.

        ``like`` names the camera whose configuration is used in place of its own; `OpticsRefused` if it has none.
        """
        if like is not None:
            setup = self._folder.camera_setup(like)
            if setup is None:
                raise OpticsRefused(f"{like} was never set up.")
            self._camera.exchange(
                loaded_optics(replace(setup, controls=self._camera.optics.setup.controls), self._shelf)
            )
        found: list[tuple[str, str | None, str | None]] = []
        while len(found) < frames:
            try:
                capture = self._camera.grab(_TURN_S)
            except EndOfPictures:
                break
            if capture is None:
                continue
            name = capture.name or f"picture {capture.sequence}"
            if isinstance(capture, UnusableFrame):
                found.append((name, capture.problem.value, capture.sentence))
            else:
                unfit = capture.unfit
                found.append((name, None, None) if unfit is None else (name, unfit.flaw.value, unfit.sentence))
        return tuple(found)

    def change(self, signer: Signer, **changes: object) -> CameraChange:
        """Sign for a change of the configuration, put it in force, and record it.

        The camera is set first, so that only what it takes is recorded; without a record it is set back.

        Raises
        ------
        ControlRefused
            If this person may not, or gave no reason; or somebody else was quicker.
        OpticsRefused
            If no part would get a picture on that trigger, or the region is not on the picture.
        CameraError
            If the camera refuses.
        LogUnavailable
            If it could not be recorded.
        """
        by, because = signer.by.strip(), signer.because.strip()
        self._authorise(by, because, signer.pin)
        roi = changes.get("roi")
        if isinstance(roi, Box):
            self._check_region(roi)
        before = self._camera.optics
        wanted = before.setup.changed(**changes)
        mode = wanted.controls.trigger
        refusal = trigger_refusal(mode, self._folder.settings.trigger)
        if refusal is not None and mode is not before.setup.controls.trigger:
            raise OpticsRefused(refusal)
        after = self._camera.exchange(loaded_optics(wanted, self._shelf), here=self._pumps)
        recorded = self._folder.camera_setup(before.setup.source)
        signed = self._folder.sign() is not None
        change = CameraChange(by, because, utc_now(), recorded, after, signed)
        try:
            self._folder.log.cameras.append(change)
        except BaseException:
            self._camera.exchange(before, here=self._pumps)
            raise
        return change

    @property
    def _live(self) -> bool:
        return not StationOptions().waits_for_us(self._camera.uri)

    def _authorise(self, by: str, because: str, pin: str | None) -> None:
        if not by or not because:
            raise ControlRefused("A change of the camera says who makes it and why.")
        if not self._folder.may_control(by):
            raise ControlRefused(f"{by} is no supervisor of this station.")
        sign = self._folder.sign()
        if sign is not None:
            sign(by, pin, "camera configuration")

    def _check_region(self, roi: Box) -> None:
        """Refuse a region that is not on the camera's newest picture; where nobody else takes any, one is taken."""
        patience = _PATIENCE_S
        while self._pumps and self._camera.raw_size is None and patience > 0.0:
            try:
                self._camera.grab(_TURN_S)
            except EndOfPictures:
                break
            patience -= _TURN_S
        size = self._camera.raw_size
        if size is not None and (roi.x + roi.w > size[0] or roi.y + roi.h > size[1]):
            raise OpticsRefused(
                f"The region reaches to {roi.x + roi.w}, {roi.y + roi.h}; the picture has {size[0]} × {size[1]} px."
            )

    def _gathered(self, lesson: Lesson, on_progress: OnProgress, cancelled: Callable[[], bool]) -> tuple[Pixels, ...]:
        gathering = Gathering(lesson.frames, keeps_parts=lesson.what is Teaching.QUALITY)
        self._camera.gather(gathering)
        quiet_s, had = 0.0, 0
        try:
            while not self._turn(gathering):
                if cancelled():
                    raise Stopped("Teaching was stopped; the camera stays as it was set up.")
                now = len(gathering.frames)
                on_progress(now, lesson.frames)
                quiet_s, had = (0.0 if now > had else quiet_s + _TURN_S), now
                if quiet_s > _PATIENCE_S:
                    raise CameraError(f"{self._camera.name} has sent no picture for {_PATIENCE_S:.0f} s.")
        finally:
            self._camera.let_go()
        on_progress(lesson.frames, lesson.frames)
        return gathering.frames

    def _turn(self, gathering: Gathering) -> bool:
        """Wait a little for frames, or take one; True when all have come."""
        if not self._pumps:
            if not self._camera.is_open:
                raise CameraError("The camera does not run: start or resume the station, then teach it.")
            return gathering.wait(_TURN_S)
        try:
            self._camera.grab(_TURN_S)
        except EndOfPictures as end:
            have = len(gathering.frames)
            raise OpticsRefused(f"The source has only {have} pictures; {gathering.count} are wanted.") from end
        return gathering.wait(0.0)

    def _taught(self, lesson: Lesson, frames: Sequence[Pixels], setup: CameraSetup) -> Proposal:
        if lesson.what is Teaching.DARK:
            return self._dark(frames)
        if lesson.what is Teaching.FLAT:
            return self._flat(frames, setup, despite=lesson.despite)
        if lesson.what is Teaching.WHITE:
            return self._white(frames, setup)
        if lesson.what is Teaching.QUALITY:
            return self._quality(frames, setup)
        return self._scale(lesson, frames, setup)

    def _dark(self, frames: Sequence[Pixels]) -> Proposal:
        dark = mean_frame(frames)
        check_dark(dark)
        kept = self._shelf.keep(dark, len(frames))
        said = (
            f"Dark frame of {len(frames)} frames, mean grey {dark.mean() / STEPS:.2f}; a flat field is taught after it."
        )
        return Proposal({"dark": kept, "flat": None}, said)

    def _flat(self, frames: Sequence[Pixels], setup: CameraSetup, *, despite: bool) -> Proposal:
        flat = mean_frame(frames)
        dark = None if setup.dark is None else np.asarray(self._shelf.find(setup.dark), np.uint16)
        check_flat(flat, dark)
        if not despite:
            check_even(flat, dark, frames)
        kept = self._shelf.keep(flat, len(frames))
        low, high = flat.min() / STEPS, flat.max() / STEPS
        return Proposal({"flat": kept}, f"Flat field of {len(frames)} frames, grey {low:.0f} to {high:.0f}.")

    def _white(self, frames: Sequence[Pixels], setup: CameraSetup) -> Proposal:
        plain = self._shelf.corrector(replace(setup, roi=None, white=None))
        white = taught_white([plain.apply(frame) for frame in frames])
        return Proposal({"white": white}, f"Gains: blue {white[0]:.3f}, green 1, red {white[2]:.3f}.")

    def _quality(self, frames: Sequence[Pixels], setup: CameraSetup) -> Proposal:
        corrector = self._shelf.corrector(setup)
        limits = teach([corrector.apply(frame) for frame in frames], live=self._live)
        placed = "Placement is judged." if limits.placement else "Placement is not: the good pictures differ too much."
        sharp = (
            "sharpness is not judged, since the good pictures hold no fine detail"
            if limits.sharpness <= 0.0
            else f"sharpness at least {percent(fine_detail(limits.sharpness))}, which is how much of the fine detail a "
            "slight blur takes away"
        )
        said = (
            f"Limits from {limits.pictures} pictures: {sharp}, mean grey {limits.mean[0]:.0f} to {limits.mean[1]:.0f}, "
            f"clipped at most {percent(limits.clipped)}. {placed}"
        )
        return Proposal({"quality": self._shelf.keep_limits(limits)}, said)

    def _scale(self, lesson: Lesson, frames: Sequence[Pixels], setup: CameraSetup) -> Proposal:
        if lesson.target is None:
            raise OpticsRefused("To measure the scale, say what the target is.")
        corrected = self._shelf.corrector(replace(setup, roi=None)).apply(frames[-1])
        scale = measured_scale(corrected, lesson.target)
        found = f"{scale.mm_per_px:.6f} ± {scale.uncertainty:.6f} mm per px (k = 2)"
        said = f"{found} from {scale.points} points, residual {scale.residual_px:.3f} px."
        return Proposal({"scale": scale}, " ".join((said, *scale.warnings)))


@contextmanager
def camera_room(folder: DataFolder, source: str | None, *, opened: bool) -> Iterator[FolderCameraRoom]:
    """Yield the room of a camera that no station uses; it is opened if need be, and closed at the end.

    Raises
    ------
    StationBusy
        If a station works on the data folder: it has the camera.
    CameraError
        If the camera cannot be opened.
    """
    with only_station(folder.path):
        camera = chosen_camera(folder, source)
        try:
            if opened:
                camera.open()
            yield FolderCameraRoom(folder, camera, pumps=True)
        finally:
            camera.close()
