"""The only door to MQTT: one thread that reads, has the batch settled, receipts, acknowledges.

The thread owns paho and the socket, so nothing needs a lock, and reading stops of itself while a
batch is being committed. The broker holds back everything beyond the Receive Maximum, which bounds
both the batch and the memory.
"""

import select
from collections.abc import Callable, Sequence
from random import Random
from threading import Event
from time import monotonic

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from contract.errors import BrokerUnavailable, StoreUnavailable
from contract.topics import INBOUND, shared_subscription
from ingest.pipeline import Answer, Delivery
from ingest.settings import MqttSection
from ingest.telemetry import Telemetry

_TURN_SECONDS = 0.5

Settle = Callable[[Sequence[Delivery]], Sequence[Answer]]
"""Commits a batch and returns the receipts, or raises StoreUnavailable."""


class Subscriber:
    """One worker's shared subscription to everything that stations send."""

    def __init__(
        self, settings: MqttSection, settle: Settle, telemetry: Telemetry, rng: Random
    ) -> None:
        self._settings = settings
        self._settle = settle
        self._telemetry = telemetry
        self._rng = rng
        self._batch: list[Delivery] = []
        self._failures = 0
        self._not_before = 0.0
        self._subscribed = Event()
        self._client = self._make_client()

    @property
    def connected(self) -> bool:
        """Whether the broker has confirmed the subscriptions."""
        return self._subscribed.is_set()

    def run(self, stop: Event) -> None:
        """Serve until `stop` is set; the broker's absence is waited out."""
        while not stop.is_set():
            try:
                self._connect()
                while not stop.is_set():
                    self._turn()
            except BrokerUnavailable as error:
                self._telemetry.broker_lost(str(error))
                stop.wait(self._back_off())
        self._client.disconnect()

    def _connect(self) -> None:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._settings.session_expiry_seconds
        properties.ReceiveMaximum = self._settings.receive_maximum
        try:
            self._client.connect(
                self._settings.host,
                self._settings.port,
                self._settings.keepalive_seconds,
                clean_start=False,
                properties=properties,
            )
        except OSError as error:
            raise BrokerUnavailable(f"{self._settings.host}:{self._settings.port}: {error}") from (
                error
            )

    def _turn(self) -> None:
        """Read what is there, then settle it; the batch grows by itself while settling is slow."""
        timeout = _TURN_SECONDS
        while len(self._batch) < self._settings.receive_maximum and self._readable(timeout):
            _check(self._client.loop_read())
            timeout = 0.0
        if self._batch and monotonic() >= self._not_before:
            self._settle_batch()
        _check(self._client.loop_misc())

    def _readable(self, timeout: float) -> bool:
        """Wait for something to read, writing out what is waiting meanwhile."""
        sock = self._client.socket()
        if sock is None:
            raise BrokerUnavailable("the connection ended")
        writing = [sock] if self._client.want_write() else []
        readable, writable, _ = select.select([sock], writing, [], timeout)
        if writable:
            _check(self._client.loop_write())
        return bool(readable)

    def _settle_batch(self) -> None:
        try:
            answers = self._settle(self._batch)
        except StoreUnavailable as error:
            wait = self._back_off()
            self._not_before = monotonic() + wait
            self._telemetry.commit_failed(str(error), wait)
            return
        self._failures = 0
        for answer in answers:
            self._client.publish(answer.topic, answer.payload, qos=1, properties=_json())
        for delivery in self._batch:
            self._client.ack(delivery.packet, qos=1)
        self._batch.clear()

    def _back_off(self) -> float:
        """Seconds to wait after the next failure in a row: doubling, capped, half of it random."""
        doubled = self._settings.retry_seconds * 2.0**self._failures
        full = min(doubled, self._settings.retry_max_seconds)
        self._failures += 1
        return full * self._rng.uniform(0.5, 1)

    def _make_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.worker,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(self._settings.worker)
        client.max_inflight_messages_set(0)

        def on_connect(_: Client, __: object, ___: object, code: object, ____: object) -> None:
            if code == "Success":
                filters = [
                    (shared_subscription(stream, self._settings.group), 1) for stream in INBOUND
                ]
                client.subscribe(filters)

        def on_subscribe(*_: object) -> None:
            self._failures = 0
            self._subscribed.set()
            self._telemetry.broker_connected()

        def on_disconnect(*_: object) -> None:
            # Their packet ids died with the connection; the broker delivers them again.
            self._batch.clear()
            self._subscribed.clear()

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            self._batch.append(Delivery(message.topic, bytes(message.payload), message.mid))

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        client.on_message = on_message
        return client


def _check(code: MQTTErrorCode) -> None:
    if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
        raise BrokerUnavailable(code.name)


def _json() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = "application/json"
    return properties
