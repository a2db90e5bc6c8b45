"""Leaves one retained message with a broker, and waits until the broker has taken it."""

import ssl
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from health_kiosk.failure import Failure

_PATIENCE_SECONDS = 10.0


class Broker(NamedTuple):
    """Where a broker listens, who we are to it, and whose certificates are believed."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None


def publish(broker: Broker, topic: str, payload: bytes) -> None:
    """Publish at QoS 1, retained; an empty payload takes away what was there.

    Raises Failure if the broker is not there, does not take it, or does not answer.
    """
    answers: SimpleQueue[str] = SimpleQueue()
    client = _client(broker)
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = "application/json"

    def on_connect(_: Client, __: object, ___: object, code: ReasonCode, ____: object) -> None:
        if code.is_failure:
            answers.put(f"refuses the connection: {code}")
        else:
            client.publish(topic, payload, qos=1, retain=True, properties=properties)

    def on_publish(_: Client, __: object, ___: int, code: ReasonCode, ____: object) -> None:
        answers.put(f"refuses the message: {code}" if code.is_failure else "")

    client.on_connect = on_connect
    client.on_publish = on_publish
    where = f"{broker.host}:{broker.port}"
    try:
        client.connect(broker.host, broker.port)
    except OSError as error:  # TLS has its own kinds of it
        raise Failure(f"no MQTT broker answers at {where} ({error})") from error
    client.loop_start()
    try:
        problem = answers.get(timeout=_PATIENCE_SECONDS)
    except Empty:
        problem = f"has not answered for {_PATIENCE_SECONDS:.0f} seconds"
    finally:
        client.disconnect()
        client.loop_stop()
    if problem:
        raise Failure(f"the broker at {where} {problem}")


def _client(broker: Broker) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    if broker.user is not None:
        client.username_pw_set(broker.user, broker.password)
    if broker.ca_file is not None:
        try:
            client.tls_set_context(ssl.create_default_context(cafile=broker.ca_file))
        except OSError as error:
            raise Failure(f"cannot use the certificates in {broker.ca_file}: {error}") from error
    return client
