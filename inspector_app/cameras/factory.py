"""From a URI to a camera."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from inspector_app.cameras.aravis import AravisChoice, AravisLink
from inspector_app.cameras.aravis_library import require_aravis
from inspector_app.cameras.basler import BaslerChoice, BaslerLink
from inspector_app.cameras.capture import open_device, open_stream, without_password
from inspector_app.cameras.folder import FolderCamera
from inspector_app.cameras.genicam import Region
from inspector_app.cameras.genicam_camera import GenicamCamera, GenicamLink
from inspector_app.cameras.gentl import GentlChoice, GentlLink
from inspector_app.cameras.gentl_producers import GentlProducers, require_harvesters
from inspector_app.cameras.live import DeviceSettings, LiveCamera
from inspector_app.cameras.paced import FASTEST_HZ
from inspector_app.cameras.pylon_emulator import FedLink
from inspector_app.cameras.pylon_feed import EmulatorFeed
from inspector_app.cameras.pylon_runtime import require_pylon
from inspector_app.cameras.reading import PictureLimits
from inspector_app.cameras.synthetic import MakePart, PartRequest, SyntheticCamera
from inspector_app.cameras.uri import CameraUri, parse_uri
from inspector_app.cameras.video import VideoCamera
from inspector_app.cameras.view_groups import Pairing
from inspector_app.cameras.views import View, ViewsCamera
from inspector_app.cameras.views_uri import SCHEME, ViewsUri, parse_views
from inspector_app.domain.errors import CameraSettingError
from inspector_app.domain.frame import Reference
from inspector_app.domain.ports import Camera, CameraControls, Clock, TriggerMode

ReferencesOf = Callable[[Path], Mapping[str, Reference]]
"""Returns the known truth of the pictures of a folder by natural name (`listing.picture_files`); empty if none."""

MakeParts = Callable[[PartRequest], MakePart]
"""Returns the maker of synthetic parts."""

FORMS: Final = (
    "folder:PATH, video:PATH, usb:0, rtsp://…, pylon:SERIAL, pylon:emulator?folder=PATH, aravis:SERIAL_OR_IP, "
    "gentl:SERIAL?producer=FILE.cti, synthetic:, views:NAME=SOURCE|NAME=SOURCE"
)
FILE_SCHEMES: Final = frozenset({"folder", "synthetic", "video"})
"""Sources that wait to be asked for their pictures."""
_EMULATOR: Final = "emulator"
_GENICAM_OPTIONS: Final = frozenset({"exposure", "gain", "rate", "format", "trigger", "line"})
_NETWORK_OPTIONS: Final = _GENICAM_OPTIONS | {"roi", "silence"}


@dataclass(frozen=True, slots=True)
class CameraParts:
    """What cameras are made with.

    Attributes
    ----------
    clock : Clock
        UTC.
    references : ReferencesOf
        Truth of a folder's pictures.
    make_parts : MakeParts
        Maker of synthetic parts.
    limits : PictureLimits
        What size of picture file is taken.
    producers : GentlProducers
        GenTL producers, shared by the cameras made with it.
    """

    clock: Clock
    references: ReferencesOf
    make_parts: MakeParts
    limits: PictureLimits = field(default_factory=PictureLimits)
    producers: GentlProducers = field(default_factory=GentlProducers)


def camera_from_uri(text: str, parts: CameraParts) -> Camera:
    """Return the camera that a URI names, not yet opened.

    Raises
    ------
    CameraSettingError
        If the URI has no known form or an option is unknown or out of its range; the sentence says what is allowed.
    """
    if text.startswith(SCHEME):
        return _several(parse_views(text), parts)
    uri = parse_uri(text)
    make = _MAKERS.get(uri.scheme) if uri else None
    if uri is None or make is None:
        raise CameraSettingError(f"{text!r} names no camera; allowed forms are {FORMS}.")
    return make(uri, parts)


def _folder(uri: CameraUri, parts: CameraParts) -> Camera:
    uri.allow({"loop", "rate"})
    folder = _path(uri, "a folder")
    return FolderCamera(
        folder,
        uri=uri.text,
        clock=parts.clock,
        references=parts.references(folder),
        limits=parts.limits,
        loop=uri.flag("loop", default=False),
        rate_hz=_rate(uri),
    )


def _synthetic(uri: CameraUri, parts: CameraParts) -> Camera:
    uri.allow({"seed", "size", "defects", "parts", "rate"})
    if uri.place:
        raise CameraSettingError(f"{uri.text}: nothing may stand between 'synthetic:' and '?', not {uri.place!r}.")
    width, height = uri.size("size", (1920, 1080), 64, 8192)
    request = PartRequest(
        seed=uri.whole("seed", 1, 0, 2**63 - 1) or 0,
        width_px=width,
        height_px=height,
        defect_share=uri.number("defects", 0.3, 0.0, 1.0) or 0.0,
    )
    return SyntheticCamera(
        request,
        parts.make_parts(request),
        uri=uri.text,
        clock=parts.clock,
        parts=uri.whole("parts", None, 1, 10**9),
        rate_hz=_rate(uri),
    )


def _path(uri: CameraUri, kind: str) -> Path:
    if not uri.place:
        raise CameraSettingError(f"{uri.text}: the path of {kind} is missing.")
    return Path(uri.place).expanduser().absolute()


def _rate(uri: CameraUri) -> float | None:
    return uri.number("rate", None, 0.001, FASTEST_HZ)


def _video(uri: CameraUri, parts: CameraParts) -> Camera:
    uri.allow({"loop", "rate"})
    return VideoCamera(
        _path(uri, "a video file"),
        uri=uri.text,
        clock=parts.clock,
        loop=uri.flag("loop", default=False),
        rate_hz=_rate(uri),
    )


def _usb(uri: CameraUri, parts: CameraParts) -> Camera:
    uri.allow({"size", "rate", "exposure"})
    if not re.fullmatch(r"\d{1,2}", uri.place):
        raise CameraSettingError(f"{uri.text}: a USB camera is named by its number, such as usb:0, not {uri.place!r}.")
    index = int(uri.place)
    settings = DeviceSettings(
        size_px=uri.size("size", (1920, 1080), 64, 16_384) if "size" in uri.options else None,
        frame_rate_hz=_rate(uri),
        exposure_us=uri.number("exposure", None, 1, 1e7),
    )
    name = f"USB camera {index}"
    return LiveCamera(name, uri.text, parts.clock, lambda: open_device(index), settable=True, settings=settings)


def _rtsp(uri: CameraUri, parts: CameraParts) -> Camera:
    shown = without_password(uri.text)
    return LiveCamera(
        f"Stream {shown}",
        shown,
        parts.clock,
        lambda: open_stream(uri.text),
        settable=False,
        settings=DeviceSettings(),
    )


def _pylon(uri: CameraUri, parts: CameraParts) -> Camera:
    require_pylon()
    common = _GENICAM_OPTIONS | {"newest"}
    emulated = uri.place == _EMULATOR
    uri.allow(common | {"folder", "loop"} if emulated else common)
    choice = BaslerChoice(
        serial=None if emulated else uri.place or None,
        emulated=emulated,
        line=_trigger_line(uri),
        newest_only=uri.flag("newest", default=False),
    )
    if "folder" not in uri.options:
        controls = _controls(uri, None)
        return GenicamCamera(choice.name, uri.text, parts.clock, controls, None, lambda: BaslerLink(choice))
    feed, controls = _feed(uri, parts), _controls(uri, "BGR8")
    return GenicamCamera(choice.name, uri.text, parts.clock, controls, None, lambda: FedLink(choice, feed))


def _aravis(uri: CameraUri, parts: CameraParts) -> Camera:
    require_aravis()
    uri.allow(_NETWORK_OPTIONS | {"packet", "resend"})
    choice = AravisChoice(
        camera=uri.place,
        line=_trigger_line(uri),
        packet_bytes=uri.whole("packet", None, 220, 16_404),
        resend=uri.flag("resend", default=True),
        silence_s=_silence(uri),
    )
    return _genicam(uri, parts, lambda: AravisLink(choice))


def _gentl(uri: CameraUri, parts: CameraParts) -> Camera:
    require_harvesters()
    uri.allow(_NETWORK_OPTIONS | {"producer"})
    producer = uri.options.get("producer")
    if not producer:
        raise CameraSettingError(f"{uri.text}: producer must name the file of a GenTL producer (.cti).")
    choice = GentlChoice(Path(producer).expanduser().absolute(), uri.place, _trigger_line(uri), _silence(uri))
    return _genicam(uri, parts, lambda: GentlLink(choice, parts.producers))


def _genicam(uri: CameraUri, parts: CameraParts, link: Callable[[], GenicamLink]) -> Camera:
    name = f"Camera {uri.place}".rstrip()
    return GenicamCamera(name, uri.text, parts.clock, _controls(uri, None), _region(uri), link)


def _several(uri: ViewsUri, parts: CameraParts) -> Camera:
    views = [View(name, camera_from_uri(member, parts)) for name, member in uri.members.items()]
    files = all(member.partition(":")[0] in FILE_SCHEMES for member in uri.members.values())
    pairing = uri.pairing or (Pairing.ORDER if files else Pairing.TIME)
    if pairing is Pairing.ORDER and not files:
        raise CameraSettingError(
            f"{uri.text}: pair=order is for files; cameras begin to count at different times, so pair them by time."
        )
    shown = without_password(uri.text)
    return ViewsCamera(views, pairing, uri.wait_s, uri=shown, clock=parts.clock)


def _controls(uri: CameraUri, pixel_format: str | None) -> CameraControls:
    """Return the settings of a GenICam camera that its URI gives."""
    return CameraControls(
        exposure_us=uri.number("exposure", None, 1, 1e8),
        gain_db=uri.number("gain", None, 0, 100),
        frame_rate_hz=_rate(uri),
        pixel_format=uri.options.get("format", pixel_format),
        trigger=TriggerMode(uri.one_of("trigger", TriggerMode.FREE_RUN.value, [mode.value for mode in TriggerMode])),
    )


def _trigger_line(uri: CameraUri) -> str:
    return uri.options.get("line", "Line1")


def _silence(uri: CameraUri) -> float:
    return uri.number("silence", 3.0, 0.5, 3600.0) or 0.0


def _region(uri: CameraUri) -> Region | None:
    """Return the part of the sensor written ``WIDTHxHEIGHT+LEFT+TOP`` in px."""
    text = uri.options.get("roi")
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,6})x(\d{1,6})(?:\+(\d{1,6})\+(\d{1,6}))?", text)
    if found is None:
        example = "such as 1600x1200+100+50"
        raise CameraSettingError(f"{uri.text}: roi must be WIDTHxHEIGHT+LEFT+TOP, {example}, not {text!r}.")
    return Region(*(int(number or 0) for number in found.groups()))


def _feed(uri: CameraUri, parts: CameraParts) -> EmulatorFeed:
    folder = Path(uri.options["folder"]).expanduser().absolute()
    return EmulatorFeed(folder, parts.references(folder), parts.limits, uri.flag("loop", default=False))


_MAKERS: Final[dict[str, Callable[[CameraUri, CameraParts], Camera]]] = {
    "folder": _folder,
    "video": _video,
    "usb": _usb,
    "rtsp": _rtsp,
    "rtsps": _rtsp,
    "pylon": _pylon,
    "aravis": _aravis,
    "gentl": _gentl,
    "synthetic": _synthetic,
}
