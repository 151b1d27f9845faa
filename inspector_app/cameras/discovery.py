"""Which cameras are there now, and the URI of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector_app.cameras.aravis_library import load_aravis
from inspector_app.cameras.aravis_nodes import listed_devices
from inspector_app.cameras.gentl_producers import GentlProducers, load_harvesters
from inspector_app.cameras.pylon_runtime import load_pylon
from inspector_app.cameras.video_devices import video_devices
from inspector_app.domain.commissioning import FoundCamera
from inspector_app.domain.errors import CameraError, CameraLost


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, and for each way of looking that is not installed, one sentence."""

    cameras: tuple[FoundCamera, ...]
    not_looked: tuple[str, ...]


def found_cameras(producer: Path | None = None) -> Discovery:
    """Look for cameras with every library that is installed (some seconds).

    Parameters
    ----------
    producer : Path or None
        A GenTL producer to ask as well.

    Raises
    ------
    CameraError
        If a producer is named and cannot be used.
    """
    cameras: list[FoundCamera] = []
    missing: list[str] = []
    for look in (_by_pylon, _by_aravis, video_devices):
        try:
            cameras += look()
        except CameraError as fault:
            missing.append(str(fault))
    if producer is not None:
        cameras += _by_producer(producer.expanduser().absolute())
    return Discovery(tuple(cameras), tuple(missing))


def _by_pylon() -> list[FoundCamera]:
    runtime = load_pylon(emulated=False)
    devices = runtime.pylon.TlFactory.GetInstance().EnumerateDevices()
    return [FoundCamera(f"pylon:{found.GetSerialNumber()}", f"Basler {found.GetModelName()}") for found in devices]


def _by_aravis() -> list[FoundCamera]:
    return [
        FoundCamera(f"aravis:{found.serial or found.device_id}", f"{found.vendor} {found.model}", found.address)
        for found in listed_devices(load_aravis())
    ]


def _by_producer(producer: Path) -> list[FoundCamera]:
    runtime, producers = load_harvesters(), GentlProducers()
    try:
        harvester = producers.take(producer, runtime)
        return [
            FoundCamera(f"gentl:{found.serial_number}?producer={producer}", f"{found.vendor} {found.model}")
            for found in harvester.device_info_list
        ]
    except runtime.errors as error:
        raise CameraLost(f"The GenTL producer {producer} cannot be used: {str(error).splitlines()[0]}.") from error
    finally:
        producers.release_all()
