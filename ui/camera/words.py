"""A camera's configuration in the words of its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from inspector_app.domain.ports import CameraControls, TriggerMode
from inspector_app.optics.setup import CameraSetup
from inspector_app.optics.teaching import CameraView, Teaching
from ui.texts import local_time, tr


def trigger_name(mode: TriggerMode) -> str:
    """Return what makes the camera take a picture."""
    return {
        TriggerMode.FREE_RUN: tr("Runs free"),
        TriggerMode.SOFTWARE: tr("Software trigger"),
        TriggerMode.HARDWARE: tr("Hardware trigger"),
    }[mode]


def teaching_name(what: Teaching) -> str:
    """Return what is taught."""
    return {
        Teaching.DARK: tr("Dark frame"),
        Teaching.FLAT: tr("Flat field"),
        Teaching.WHITE: tr("White balance"),
        Teaching.QUALITY: tr("Picture quality"),
        Teaching.SCALE: tr("Scale"),
    }[what]


def preparation(what: Teaching) -> str:
    """Return what has to lie before the camera."""
    return {
        Teaching.DARK: tr("Cover the lens so that no light falls in. The frames taken now are no parts."),
        Teaching.FLAT: tr("Put an even, bright ground before the camera. The frames taken now are no parts."),
        Teaching.WHITE: tr("Put a grey card before the camera. The frames taken now are no parts."),
        Teaching.QUALITY: tr(
            "Let good parts run, different ones, well lit and in place. They are inspected as always."
        ),
        Teaching.SCALE: tr("Lay the target flat in the plane of the part. The frame taken now is no part."),
    }[what]


def taught_words(setup: CameraSetup, what: Teaching) -> str:
    """Return in a few words what a configuration has of this."""
    if what is Teaching.DARK or what is Teaching.FLAT:
        master = setup.dark if what is Teaching.DARK else setup.flat
        return tr("none") if master is None else tr("{n} frames").format(n=master.frames)
    if what is Teaching.WHITE:
        white = setup.white
        return tr("none") if white is None else tr("B {b:.2f} · R {r:.2f}").format(b=white[0], r=white[2])
    if what is Teaching.QUALITY:
        quality = setup.quality
        if quality is None:
            return tr("not taught")
        placed = tr("with placement") if quality.placement else tr("no placement")
        return tr("{n} pictures, {placed}").format(n=quality.pictures, placed=placed)
    scale = setup.scale
    return (
        tr("none") if scale is None else tr("{mm:.5f} ± {u:.5f} mm/px").format(mm=scale.mm_per_px, u=scale.uncertainty)
    )


def region_words(setup: CameraSetup) -> str:
    """Return which part of the picture is kept."""
    roi = setup.roi
    return (
        tr("whole picture") if roi is None else tr("{w} × {h} at {x}, {y}").format(w=roi.w, h=roi.h, x=roi.x, y=roi.y)
    )


def setup_differences(before: CameraSetup, after: CameraSetup) -> Iterator[tuple[str, str, str]]:
    """Yield name, old and new value of everything that a change touches."""
    for name in CameraControls.__slots__:
        old, new = getattr(before.controls, name), getattr(after.controls, name)
        if old != new:
            yield control_name(name), control_words(name, old), control_words(name, new)
    if before.roi != after.roi:
        yield tr("Region"), region_words(before), region_words(after)
    for what in Teaching:
        if getattr(before, what.value) != getattr(after, what.value):
            yield teaching_name(what), taught_words(before, what), taught_words(after, what)


def control_words(name: str, value: float | str | TriggerMode | None) -> str:
    """Return a setting of the camera with its unit."""
    if value is None:
        return tr("as the camera has it")
    if isinstance(value, TriggerMode):
        return trigger_name(value)
    if isinstance(value, str):
        return value
    unit = {"exposure_us": tr("µs"), "gain_db": tr("dB")}.get(name, tr("Hz"))
    return f"{value:g} {unit}"


def control_name(name: str) -> str:
    """Return what a field of `CameraControls` is called."""
    return {
        "exposure_us": tr("Exposure"),
        "gain_db": tr("Gain"),
        "frame_rate_hz": tr("Rate"),
        "pixel_format": tr("Format"),
        "trigger": tr("Trigger"),
    }[name]


def consequences(before: CameraSetup, after: CameraSetup) -> Iterator[str]:
    """Yield what a change does besides."""
    if set_of(before) != set_of(after):
        yield tr(
            "The pictures will be others: thresholds and certificates from before no longer stand, and where the model "
            "decides, a guard steps back to Shadow."
        )
    else:
        yield tr("The camera's configuration gets another hash: certificates from before no longer stand.")
    if before.quality is not None and after.quality is None:
        yield tr("The limits of picture quality no longer fit and are dropped: teach them again afterwards.")


def compared(view: CameraView, changes: Mapping[str, object]) -> tuple[CameraSetup, CameraSetup]:
    """Return the configuration before and after a change, with what the camera reports where nothing was set."""
    before = replace(view.setup, controls=asked_controls(view))
    wanted = changes.get("controls")
    merged = {"controls": before.with_controls(wanted)} if isinstance(wanted, CameraControls) else {}
    return before, before.changed(**{**changes, **merged})


def set_of(setup: CameraSetup) -> tuple[object, ...]:
    """Return what decides how pictures look."""
    return (setup.controls, setup.roi, setup.dark, setup.flat, setup.white)


def standing_words(view: CameraView) -> str:
    """Return what the page says above the controls."""
    if not view.live:
        return tr("Files or made parts: exposure, gain, rate, format and trigger do not apply; the rest does.")
    if not view.running:
        return tr("The camera does not run. Start or resume the station to see and set it.")
    return tr("Live.")


def changed_words(view: CameraView) -> str:
    """Return who changed the configuration last."""
    if not view.changes:
        return tr("Never set up: pictures are taken as the camera gives them.")
    last = view.changes[0]
    return tr("Set by {by}, {time}: {because}").format(
        by=last.by, time=local_time(last.at, date=True), because=last.because
    )


def asked_controls(view: CameraView) -> CameraControls:
    """Return what is in force as far as it is known: what was set, else what the camera reports."""
    reported, wanted = view.reported, view.setup.controls
    values = {
        name: getattr(reported, name) if getattr(wanted, name) is None else getattr(wanted, name)
        for name in CameraControls.__slots__
    }
    return CameraControls(**values)
