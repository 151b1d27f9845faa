"""Makes line outputs from their specifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from inspector_app.domain.errors import SettingsError
from inspector_app.domain.ports import LineOutput
from inspector_app.domain.trigger import TriggerSource
from inspector_app.line.file import FileLine
from inspector_app.line.none import NoLine
from inspector_app.line.several import SeveralLines


def open_line(spec: str) -> LineOutput:
    """Return the line output that a specification names; it is connected by its `LineOutput.open`.

    Parameters
    ----------
    spec : str
        ``none``, ``file:PATH``, ``modbus://…`` (a remote I/O module), ``modbus-server://…`` (a PLC polls the station),
        ``mqtt://…`` or ``mqtts://…``, ``opcua://…`` (an OPC UA server), ``s7://…`` (a data block of a Siemens
        controller); see the modules for what may follow.

    Raises
    ------
    SettingsError
        With one sentence that lists what is allowed, or names the package that is not installed.
    """
    scheme, colon, rest = spec.partition(":")
    if scheme == "none" and not rest:
        return NoLine()
    if scheme == "file" and colon and rest:
        return FileLine(Path(rest).expanduser())
    if scheme in _NETWORK and rest.startswith("//"):
        try:
            return _NETWORK[scheme](spec)
        except ImportError as error:
            raise SettingsError(
                f"The line output {scheme} needs the Python package {error.name}: install the station with the extra "
                f"'{_EXTRAS.get(scheme, 'line')}'."
            ) from error
    raise SettingsError(
        f"The line output {spec!r} is not known; allowed are none, file:PATH, modbus://HOST, modbus-server://HOST, "
        "mqtt://HOST/TOPIC, mqtts://HOST/TOPIC, opcua://HOST and s7://HOST/?db=NUMBER."
    )


# The network libraries are imported by those who use them: a station without them neither has nor needs them.
def _remote_io(spec: str) -> LineOutput:
    from inspector_app.line.remote_io import RemoteIoLine, remote_io_wiring

    return RemoteIoLine(remote_io_wiring(spec))


def _modbus_server(spec: str) -> LineOutput:
    from inspector_app.line.modbus_server import ModbusServerLine, modbus_serving

    return ModbusServerLine(modbus_serving(spec))


def _mqtt(spec: str) -> LineOutput:
    from inspector_app.line.mqtt import MqttLine, mqtt_broker

    return MqttLine(mqtt_broker(spec))


def _opcua(spec: str) -> LineOutput:
    from inspector_app.line.opcua_server import OpcUaLine, opcua_serving

    return OpcUaLine(opcua_serving(spec))


def _s7(spec: str) -> LineOutput:
    from inspector_app.line.s7 import S7Line, s7_place

    return S7Line(s7_place(spec))


_NETWORK: Mapping[str, Callable[[str], LineOutput]] = {
    "modbus": _remote_io,
    "modbus-server": _modbus_server,
    "mqtt": _mqtt,
    "mqtts": _mqtt,
    "opcua": _opcua,
    "s7": _s7,
}
_EXTRAS: Mapping[str, str] = {"opcua": "opcua", "s7": "s7"}


def open_lines(specs: Sequence[str]) -> LineOutput:
    """Return one line output that tells all the lines named; `NoLine` when none is.

    Raises
    ------
    SettingsError
        As `open_line`, and if one is named twice.
    """
    if len(set(specs)) < len(specs):
        raise SettingsError("A line output is named twice; each may be told only once.")
    lines = [open_line(spec) for spec in specs]
    return lines[0] if len(lines) == 1 else SeveralLines(lines) if lines else NoLine()


def trigger_source(line: LineOutput) -> TriggerSource:
    """Return the line that tells when a part is there; `SettingsError` if there is none or more than one."""
    lines = line.lines if isinstance(line, SeveralLines) else (line,)
    sources = [one for one in lines if isinstance(one, TriggerSource)]
    if len(sources) != 1:
        found = "none is" if not sources else "more than one is"
        raise SettingsError(
            "Triggers from the line need exactly one line output that hears them (modbus-server://… or opcua://…); "
            f"{found} there."
        )
    return sources[0]
