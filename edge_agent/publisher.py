"""The only door to MQTT: publishes pending messages and deletes them on receipt alone."""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NamedTuple

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ValidationError

from contract.receipts import ReceiptBatch
from contract.status import Agent, Kind, Status
from contract.topics import Stream, topic
from edge_agent.outbox import Message, Outbox
from edge_agent.settings import MqttSection
from edge_agent.telemetry import Telemetry


class Identity(NamedTuple):
    """Who publishes: the station, this run of its agent, and what the birth says about it."""

    station: str
    boot: str
    agent: Agent


class Publisher:
    """One station's connection to the broker.

    paho runs in its own thread and only posts events; everything else, the outbox included, is
    touched by the event loop's thread alone.
    """

    def __init__(
        self, settings: MqttSection, identity: Identity, outbox: Outbox, telemetry: Telemetry
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._outbox = outbox
        self._telemetry = telemetry
        self._events: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        self._connected = False
        self._published_at: dict[int, float] = {}
        self._next_heartbeat = 0.0

    def wake(self) -> None:
        """Look at the outbox again now: something was added."""
        self._events.put_nowait(lambda: None)

    async def run(self) -> None:
        """Publish until cancelled; then say goodbye with a death and disconnect."""
        client = self._client(asyncio.get_running_loop())
        client.connect_async(
            self._settings.host,
            self._settings.port,
            self._settings.keepalive_seconds,
            clean_start=False,
            properties=_session_properties(self._settings.session_expiry_seconds),
        )
        client.loop_start()
        try:
            while True:
                if self._connected:
                    self._publish_due(client)
                await self._next_event()
        finally:
            self._say_goodbye(client)

    async def _next_event(self) -> None:
        tick = min(self._settings.receipt_timeout_seconds, self._settings.heartbeat_seconds) / 2
        try:
            async with asyncio.timeout(tick):
                (await self._events.get())()
        except TimeoutError:
            return
        while not self._events.empty():
            self._events.get_nowait()()

    def _publish_due(self, client: Client) -> None:
        now = monotonic()
        if now >= self._next_heartbeat:
            self._publish_status(client, Kind.HEARTBEAT)
        again_before = now - self._settings.receipt_timeout_seconds
        due = [
            message
            for message in self._outbox.pending(self._settings.window)
            if self._published_at.get(message.seq, again_before) <= again_before
        ]
        for message in due:
            self._publish(client, message)
            self._published_at[message.seq] = now
        if due:
            self._telemetry.messages_published(len(due))

    def _publish(self, client: Client, message: Message) -> None:
        name = topic(self._identity.station, message.stream)
        client.publish(name, message.payload, qos=1, properties=_json_properties())

    def _publish_status(self, client: Client, kind: Kind) -> None:
        status = Status(
            station=self._identity.station,
            kind=kind,
            boot=self._identity.boot,
            ledger=self._outbox.ledger(),
            agent=self._identity.agent,
        )
        self._next_heartbeat = monotonic() + self._settings.heartbeat_seconds
        name = topic(self._identity.station, Stream.STATUS)
        payload = status.model_dump_json(exclude_none=True)
        client.publish(name, payload, qos=1, retain=True, properties=_json_properties())

    def _death(self) -> tuple[str, str]:
        status = Status(station=self._identity.station, kind=Kind.DEATH, boot=self._identity.boot)
        name = topic(self._identity.station, Stream.STATUS)
        return name, status.model_dump_json(exclude_none=True)

    def _say_goodbye(self, client: Client) -> None:
        if self._connected:
            name, payload = self._death()
            farewell = client.publish(
                name, payload, qos=1, retain=True, properties=_json_properties()
            )
            farewell.wait_for_publish(timeout=2)
        client.disconnect()
        client.loop_stop()

    def _client(self, loop: asyncio.AbstractEventLoop) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._identity.station,
            protocol=MQTTProtocolVersion.MQTTv5,
        )
        client.username_pw_set(self._identity.station)
        client.will_set(*self._death(), qos=1, retain=True, properties=_json_properties())
        client.reconnect_delay_set(1, self._settings.reconnect_max_seconds)
        # Receipts decide what is sent again; paho must not hold messages back behind lost PUBACKs.
        client.max_inflight_messages_set(0)

        def post(event: Callable[[], None]) -> None:
            loop.call_soon_threadsafe(self._events.put_nowait, event)

        def on_connect(_: Client, __: object, ___: object, code: object, ____: object) -> None:
            post(partial(self._on_connect, client, str(code)))

        def on_disconnect(_: Client, __: object, ___: object, code: object, ____: object) -> None:
            post(partial(self._on_disconnect, str(code)))

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            post(partial(self._on_receipts, bytes(message.payload)))

        client.on_connect = on_connect
        client.on_disconnect = on_disconnect
        client.on_message = on_message
        return client

    def _on_connect(self, client: Client, code: str) -> None:
        if code != "Success":
            self._telemetry.broker_lost(code)
            return
        self._connected = True
        self._telemetry.broker_connected()
        self._published_at.clear()  # whatever was on its way may be lost: send it again
        client.subscribe(topic(self._identity.station, Stream.RECEIPTS), qos=1)
        self._publish_status(client, Kind.BIRTH)

    def _on_disconnect(self, code: str) -> None:
        self._connected = False
        self._telemetry.broker_lost(code)

    def _on_receipts(self, payload: bytes) -> None:
        try:
            batch = ReceiptBatch.model_validate_json(payload)
        except ValidationError as error:
            self._telemetry.receipts_refused(f"{error.error_count()} problem(s)")
            return
        settled = [one.seq for one in batch.receipts if one.epoch == self._outbox.epoch]
        self._outbox.settle(self._outbox.epoch, settled)
        for seq in settled:
            self._published_at.pop(seq, None)
        self._telemetry.messages_settled(len(settled))


def _json_properties() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = "application/json"
    return properties


def _session_properties(expiry_seconds: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = expiry_seconds
    return properties
