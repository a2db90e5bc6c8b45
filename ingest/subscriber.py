"""The only door to MQTT: one thread that reads, has the batch settled, receipts, acknowledges.

The thread owns paho and the socket, so nothing needs a lock, and reading stops of itself while a
batch is being committed. Two things bound a batch and the memory it takes: the broker holds back
what is beyond the Receive Maximum (for which QoS 0 does not count, and which mosquitto 2.0.11 may
overstep), and reading stops when the batch has so many megabytes.

No Maximum Packet Size is announced: the broker would drop a larger message without a word, and its
station would send it for ever. Whatever its size it is read, and refused with a receipt. A limit
belongs into the broker, which tells the station (`max_packet_size` of mosquitto).
"""

import select
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from threading import Event
from time import monotonic
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from contract.errors import BrokerUnavailable, StoreUnavailable
from contract.topics import INBOUND, shared_subscription
from ingest.outgoing import ANY_NUMBER, Outgoing
from ingest.receipts import Answer
from ingest.settings import MqttSection
from ingest.telemetry import Stage, Telemetry
from ingest.wire import Delivery, Wire

_TURN_SECONDS = 0.5
_BESIDE_PAYLOAD = 512
"""About what a message takes besides its payload."""

_LONGEST_WITHOUT_BROKER = 2.0
"""Seconds between two attempts at the most: workers are few, and a whole city waits for them."""

_ANSWER_SECONDS = 10.0
"""How long a broker may take to confirm the subscriptions. Where a whole city comes back at once,
the dial may be lost in a full backlog, and TCP alone tries again after half a minute or so."""

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
        self._bytes = 0
        self._failures = 0
        self._not_before = 0.0
        self._dialled_at = 0.0
        self._subscribed = Event()
        self._is_encrypted = False
        self._outgoing = Outgoing()
        self._client = self._make_client()

    @property
    def connected(self) -> bool:
        """Whether the broker has confirmed the subscriptions."""
        return self._subscribed.is_set()

    def run(self, stop: Event) -> None:
        """Serve until `stop` is set; the broker's absence is waited out."""
        while not stop.is_set():
            try:
                wire = self._connect()
                while not stop.is_set():
                    self._turn(wire)
            except BrokerUnavailable as error:
                self._telemetry.broker_lost(str(error))
                stop.wait(min(self._back_off(), _LONGEST_WITHOUT_BROKER))
        self._client.disconnect()

    def _connect(self) -> Wire:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._settings.session_expiry_seconds
        properties.ReceiveMaximum = self._settings.receive_maximum
        try:
            self._encrypt()
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
        self._dialled_at = monotonic()
        if self._client.certificate_until is not None:
            self._telemetry.broker_certificate(self._client.certificate_until)
        return self._client.wire

    def _encrypt(self) -> None:
        """Have every connection encrypted, if the settings want it; OSError without the file."""
        tls = self._settings.tls
        if tls is not None and not self._is_encrypted:
            self._client.tls_set_context(ssl.create_default_context(cafile=tls.ca_file))
            self._is_encrypted = True

    def _turn(self, wire: Wire) -> None:
        """Read what is there, then settle it; the batch grows by itself while settling is slow."""
        while self._has_room() and self._take(wire):
            continue
        if self._batch and monotonic() >= self._not_before:
            self._settle_batch(wire)
        else:
            self._wait(wire)
        wire.flush()
        _check(self._client.loop_misc())

    def _has_room(self) -> bool:
        """Whether to read on: the broker fills one half of its window while we settle the other.

        While the store is away there is no such half, for the broker's pings are to be heard.
        """
        if self._bytes >= self._settings.batch_megabytes * 2**20:
            return False
        return self._failures > 0 or 2 * len(self._batch) < self._settings.receive_maximum

    def _take(self, wire: Wire) -> bool:
        """Read once; whether there was anything to read."""
        deliveries = wire.read()
        if deliveries:
            if not self._batch:
                self._telemetry.batch_began()
            self._batch += deliveries
            self._bytes += sum([len(one.payload) for one in deliveries])
            self._bytes += _BESIDE_PAYLOAD * len(deliveries)
        while wire.for_paho:
            _check(self._client.loop_read())
            _check(self._client.loop_write())  # what its callbacks send waits for this
        return deliveries is not None

    def _wait(self, wire: Wire) -> None:
        """Until something can be read or written, or the store is to be tried again."""
        if self._client.socket() is None:
            raise BrokerUnavailable("the connection ended")
        if not self.connected and monotonic() - self._dialled_at > _ANSWER_SECONDS:
            raise BrokerUnavailable("it does not answer")
        wire.flush()
        timeout = _TURN_SECONDS
        if self._batch:
            timeout = min(timeout, max(self._not_before - monotonic(), 0))
        reading = [wire] if self._has_room() else []
        writing = [wire] if wire.leaving else []
        select.select(reading, writing, [], timeout)

    def _settle_batch(self, wire: Wire) -> None:
        try:
            answers = self._settle(self._batch)
        except StoreUnavailable as error:
            wait = self._back_off()
            self._not_before = monotonic() + wait
            self._telemetry.commit_failed(str(error), wait)
            return
        self._failures = 0
        with self._telemetry.stage(Stage.ANSWER):
            for answer in answers:
                self._outgoing.add(answer.topic, answer.payload)
            wire.acknowledge([delivery.packet for delivery in self._batch])
            wire.flush()
        self._telemetry.batch_answered()
        self._forget_batch()

    def _forget_batch(self) -> None:
        self._batch.clear()
        self._bytes = 0

    def _back_off(self) -> float:
        """Seconds to wait after the next failure in a row: doubling, capped, half of it random."""
        doubled = self._settings.retry_seconds * 2.0**self._failures
        full = min(doubled, self._settings.retry_max_seconds)
        self._failures += 1
        return full * self._rng.uniform(0.5, 1)

    def _make_client(self) -> "_Client":
        client = _Client(
            self._outgoing,
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.worker,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        password = self._settings.password
        client.username_pw_set(
            self._settings.user or self._settings.worker,
            None if password is None else password.get_secret_value(),
        )

        def on_connect(
            _: Client, __: object, ___: object, code: object, told: Properties | None
        ) -> None:
            if code == "Success":
                self._outgoing.most = getattr(told, "ReceiveMaximum", ANY_NUMBER)
                client.wire.begin()
                client.subscribe(_filters(self._settings.group))

        def on_subscribe(*_: object) -> None:
            self._failures = 0
            self._subscribed.set()
            self._telemetry.broker_connected()

        def on_disconnect(*_: object) -> None:
            # Their packet ids died with the connection; the broker delivers them again.
            self._forget_batch()
            self._telemetry.batch_lost()
            self._subscribed.clear()

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        return client


class _Client(Client):
    """paho, with our `Wire` between it and its socket."""

    wire: Wire
    certificate_until: datetime | None = None
    """When the certificate ends that the broker has shown last."""

    def __init__(self, outgoing: Outgoing, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._outgoing = outgoing

    def _create_socket(self) -> Wire:
        made = super()._create_socket()
        if isinstance(made, ssl.SSLSocket):
            self.certificate_until = _until(made.getpeercert() or {})
        self.wire = Wire(made, self._outgoing)
        return self.wire


def _filters(group: str) -> list[tuple[str, int]]:
    """What stations send, each with QoS 1, shared among the workers of a group."""
    return [(shared_subscription(stream, group), 1) for stream in INBOUND]


def _until(certificate: Mapping[str, object]) -> datetime | None:
    ends = certificate.get("notAfter")
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)


def _check(code: MQTTErrorCode) -> None:
    if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
        raise BrokerUnavailable(code.name)
