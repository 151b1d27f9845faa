"""From the texts in settings and command line to cameras and line outputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inspector_app.bootstrap.settled import utc_now
from inspector_app.cameras.discovery import Discovery, found_cameras
from inspector_app.cameras.factory import CameraParts, camera_from_uri
from inspector_app.cameras.reading import PictureLimits
from inspector_app.cameras.synthetic import MakePart, PartRequest
from inspector_app.cameras.views_uri import views_text
from inspector_app.domain.frame import Judgement, Pixels, Reference, ReferenceSource
from inspector_app.domain.ports import Camera, CameraControls
from inspector_app.settings import CameraSection
from model.dataset.loading import references
from model.synthesis import Look, draw_seed, render_part


def make_parts(request: PartRequest) -> MakePart:
    """Return the maker of synthetic smartphone glass; the same request and index give the same part."""

    def make(index: int) -> tuple[Pixels, Reference]:
        rng = np.random.default_rng([request.seed, index])
        defective = bool(rng.random() < request.defect_share)
        part = render_part(draw_seed(rng), (request.height_px, request.width_px), defective, Look.PHONE)
        judgement = Judgement.ACCEPT if part.good else Judgement.REJECT
        return part.pixels, Reference(judgement, ReferenceSource.GENERATOR)

    return make


def known_truth(folder: Path) -> Mapping[str, Reference]:
    """Return the truth of a data set's pictures by natural name; empty for a folder that is no data set."""
    return references(folder)


def picture_limits(section: CameraSection) -> PictureLimits:
    """Return what size of picture the settings allow."""
    return PictureLimits(min_side_px=section.min_side_px, max_pixels=int(section.max_megapixels * 1_000_000))


def open_camera(section: CameraSection, source: str | None) -> Camera:
    """Return the camera of the settings, or the one named in their place, not yet opened.

    Exposure, gain and the like belong to the camera of the settings; another source runs as it comes.

    Raises
    ------
    CameraSettingError
        If URI or a setting is wrong; the sentence says what is allowed.
    """
    parts = CameraParts(clock=utc_now, references=known_truth, make_parts=make_parts, limits=picture_limits(section))
    camera = camera_from_uri(source or _source_of(section), parts)
    controls = section.controls()
    if source is None and controls != CameraControls():
        camera.configure(controls)
    return camera


def _source_of(section: CameraSection) -> str:
    """Return the URI of the camera of the settings, or of its views."""
    if not section.views:
        return section.source
    members = [(view.name, view.full_source()) for view in section.views]
    return views_text(members, section.pair, section.view_wait_ms)


def list_cameras(producer: Path | None) -> Discovery:
    """Return the cameras that answer now, those of a GenTL producer as well where one is named; `CameraError`."""
    return found_cameras(producer)
