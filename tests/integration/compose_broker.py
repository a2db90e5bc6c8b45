"""A real mosquitto with the files of the containers, on a port of this machine, and its guests."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from queue import Queue
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from tests.integration.broker import Broker
from tests.integration.compose_secrets import ROOT, Secrets

PATIENCE_SECONDS = 15.0


class ComposeBroker(Broker):
    """Mosquitto with deploy/mosquitto.conf and .acl; paths, port and account are this test's."""

    def __init__(self, directory: Path, secrets: Secrets) -> None:
        super().__init__(directory, extra="", persistent=True)
        self.secrets = secrets
        text = (ROOT / "deploy" / "mosquitto.conf").read_text("utf-8")
        for there, here in {
            "listener 8883": f"listener {self.port} {self.host}\nuser {getuser()}",
            "/run/secrets/": f"{secrets.directory}/",
            "/mosquitto/config/mosquitto.acl": str(ROOT / "deploy" / "mosquitto.acl"),
            "/mosquitto/data/": f"{directory}/",
        }.items():
            assert there in text
            text = text.replace(there, here)
        self._configuration.write_text(text)

    @property
    def authority(self) -> Path:
        """The certificate that its guests believe."""
        return self.secrets.directory / "broker-ca.pem"


@contextmanager
def running(directory: Path, secrets: Secrets) -> Iterator[ComposeBroker]:
    """The broker, stopped at the end."""
    broker = ComposeBroker(directory, secrets)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Guest:
    """One connection to the broker; `heard` is what arrives, as topic and payload."""

    def __init__(self, client: Client, answer: str) -> None:
        self.answer = answer
        self.heard: Queue[tuple[str, bytes]] = Queue()
        self._client = client
        self._answers: Queue[ReasonCode] = Queue()
        client.on_publish = lambda *told: self._answers.put(told[3])
        client.on_subscribe = lambda *told: self._answers.put(told[3][0])
        client.on_message = self._hear

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> str:
        """What the broker answers to a message."""
        self._client.publish(topic, payload, qos=1, retain=retain)
        return str(self._answers.get(timeout=PATIENCE_SECONDS))

    def subscribe(self, topic: str) -> str:
        """What the broker answers to a subscription."""
        self._client.subscribe(topic, qos=1)
        return str(self._answers.get(timeout=PATIENCE_SECONDS))

    def _hear(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.heard.put((message.topic, bytes(message.payload)))


@contextmanager
def visiting(
    broker: ComposeBroker,
    user: str | None,
    password: str | None,
    *,
    client_id: str = "",
    expiry_seconds: int = 0,
    clean: bool = True,
) -> Iterator[Guest]:
    """A guest, let in or not: that is its `answer`. Raises OSError if there is no TLS with it."""
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(user, password)
    client.tls_set_context(ssl.create_default_context(cafile=broker.authority))
    answers: Queue[str] = Queue()

    def on_connect(*told: Any) -> None:
        answers.put(str(told[3]))

    client.on_connect = on_connect
    properties = Properties(1)
    properties.SessionExpiryInterval = expiry_seconds
    guest = Guest(client, "")
    client.connect(broker.host, broker.port, clean_start=clean, properties=properties)
    client.loop_start()
    try:
        guest.answer = answers.get(timeout=PATIENCE_SECONDS)
        yield guest
    finally:
        client.disconnect()
        client.loop_stop()
