"""Messages to an MQTT broker, for dashboards and for lines that listen there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from paho.mqtt import MQTTException
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from inspector_app.domain.errors import LineError, SettingsError
from inspector_app.domain.ports import LineMessage
from inspector_app.line.spec import line_address

OPTIONS = frozenset({"qos", "timeout_ms", "client"})
_STEP_S = 0.01


@dataclass(frozen=True, slots=True)
class MqttBroker:
    """Which broker, and how.

    Attributes
    ----------
    host, topic, client_id : str
        The topic is the root: results go to ``TOPIC/result``, ``online`` or ``offline`` (retained) to ``TOPIC/state``.
    port : int
        TCP port.
    tls : bool
        Encrypted, the broker's certificate checked against the system's authorities.
    user, password : str or None
        Of the broker.
    qos : int
        1: at least once, 2: exactly once; both acknowledged by the broker.
    timeout_s : float
        Longest wait for that.
    """

    host: str
    port: int
    topic: str
    client_id: str
    tls: bool
    user: str | None
    password: str | None
    qos: int
    timeout_s: float


def mqtt_broker(spec: str) -> MqttBroker:
    """Read ``mqtt://[USER:PASSWORD@]HOST[:PORT]/TOPIC[?qos=1][&timeout_ms=500][&client=NAME]``; ``mqtts`` for TLS.

    Raises
    ------
    SettingsError
        With one sentence.
    """
    tls = spec.startswith("mqtts:")
    address = line_address(spec, 8883 if tls else 1883, OPTIONS, path=True)
    topic = address.path.rstrip("/")
    if not topic or "+" in topic or "#" in topic:
        raise SettingsError(f"The line output {address.spec!r} needs a topic without + and #: mqtt://HOST/TOPIC.")
    return MqttBroker(
        host=address.host,
        port=address.port,
        topic=topic,
        client_id=address.options.get("client", ""),
        tls=tls,
        user=address.user,
        password=address.password,
        qos=address.whole("qos", 1, 1, 2) or 1,
        timeout_s=(address.whole("timeout_ms", 500, 10, 60_000) or 0) / 1000.0,
    )


class MqttLine:
    """Publishes ``{"inspection_id","part_id","disposition","at"}`` for each message.

    A message counts as taken when the broker has acknowledged it. It uses no thread of its own: the connection is
    served while a message is told, and is without keep-alive in between.

    Parameters
    ----------
    broker : MqttBroker
        Which.
    """

    def __init__(self, broker: MqttBroker) -> None:
        self._broker = broker
        self._client: Client | None = None

    @property
    def name(self) -> str:
        """Display name."""
        return f"MQTT {self._broker.host}:{self._broker.port}"

    def open(self) -> None:
        """Connect and say ``online``; `LineError` if the broker cannot be reached or refuses."""
        if self._client is not None:
            return
        broker = self._broker
        client = Client(CallbackAPIVersion.VERSION2, client_id=broker.client_id)
        client.connect_timeout = max(broker.timeout_s, 1.0)
        client.will_set(f"{broker.topic}/state", "offline", qos=broker.qos, retain=True)
        if broker.user is not None:
            client.username_pw_set(broker.user, broker.password)
        self._client = client
        try:
            if broker.tls:
                client.tls_set()
            client.connect(broker.host, broker.port, keepalive=0)
            self._serve_until(client.is_connected, "did not accept the connection")
            self._publish("state", "online", retain=True)
        except (OSError, ValueError, MQTTException) as error:
            self._let_go()
            raise LineError(f"{self.name} cannot be reached: {error}.") from error
        except LineError:
            self._let_go()
            raise

    def tell(self, message: LineMessage) -> None:
        """Publish one message; `LineError` if the broker did not acknowledge it in time."""
        self._publish(
            "result",
            json.dumps(
                {
                    "inspection_id": message.inspection_id,
                    "part_id": message.part_id,
                    "disposition": message.disposition.value,
                    "at": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                },
                ensure_ascii=False,
                separators=(",", ":"),
            ),
        )

    def close(self) -> None:
        """Say ``offline`` as far as the broker answers, and disconnect; idempotent."""
        if self._client is None:
            return
        with suppress(LineError):  # the broker says it by itself then: that is the connection's last will
            self._publish("state", "offline", retain=True)
        self._let_go()

    def _publish(self, leaf: str, text: str, *, retain: bool = False) -> None:
        client = self._client
        if client is None:
            raise LineError(f"{self.name} is not open.")
        broker = self._broker
        try:
            sent = client.publish(f"{broker.topic}/{leaf}", text, qos=broker.qos, retain=retain)
            self._serve_until(sent.is_published, "did not acknowledge a message")
        except (OSError, ValueError, RuntimeError, MQTTException) as error:
            raise LineError(f"{self.name} did not take a message: {error}.") from error

    def _serve_until(self, done: Callable[[], bool], failing: str) -> None:
        """Serve the connection until something is so; `LineError` when it is lost or the time is over."""
        client, until = self._client, time.monotonic() + self._broker.timeout_s
        assert client is not None  # noqa: S101  only called while open
        while not done():
            code = client.loop(_STEP_S)
            if done():
                return
            if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise LineError(f"{self.name} {failing}: {code.name}.")
            if time.monotonic() >= until:
                raise LineError(f"{self.name} {failing} in time.")

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_misc()
