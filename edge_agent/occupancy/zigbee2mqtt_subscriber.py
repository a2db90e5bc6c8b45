"""The subscription to the station's own broker, to which Zigbee2MQTT publishes: a door to paho."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Never

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.errors import BrokerUnavailable, DecodeError
from edge_agent.occupancy.sensing import Clock, Listener
from edge_agent.occupancy.zigbee2mqtt import Bridge

_KEEPALIVE_SECONDS = 30


class Subscriber:
    """Listens to one bridge at the broker `host:port`, which paho connects to again and again.

    paho runs in its own thread and only posts what happens; the rest is on the event loop. Ask
    Zigbee2MQTT to retain states, or nothing is known after a reconnection until they change.
    """

    def __init__(
        self,
        bridge: Bridge,
        host: str,
        port: int,
        *,
        clock: Clock,
        user: str | None = None,
        password: str | None = None,
        first_pause_seconds: int = 1,
        most_pause_seconds: int = 60,
    ) -> None:
        self._bridge = bridge
        self._host = host
        self._port = port
        self._clock = clock
        self._login = (user, password)
        self._pauses = (first_pause_seconds, most_pause_seconds)

    async def run(self, listener: Listener) -> Never:
        """Tells `listener` until cancelled, then disconnects."""
        happened: asyncio.Queue[Callable[[Listener], None]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        client = self._client(lambda what: loop.call_soon_threadsafe(happened.put_nowait, what))
        client.connect_async(self._host, self._port, _KEEPALIVE_SECONDS)
        client.loop_start()
        try:
            while True:
                (await happened.get())(listener)
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)  # it may be busy connecting

    def _client(self, post: Callable[[Callable[[Listener], None]], object]) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(*self._login)
        client.reconnect_delay_set(*self._pauses)

        def on_connect(_: Client, __: object, ___: object, code: object, ____: object) -> None:
            if str(code) == "Success":
                client.subscribe([(topic, 1) for topic in self._bridge.topics])
            else:
                post(partial(self._lost, str(code)))

        def on_connect_fail(_: Client, __: object) -> None:
            post(partial(self._lost, "nobody listens there"))

        def on_disconnect(_: Client, __: object, ___: object, code: object, ____: object) -> None:
            post(partial(self._lost, str(code)))

        def on_message(_: Client, __: object, message: MQTTMessage) -> None:
            post(partial(self._heard, message.topic, bytes(message.payload)))

        client.on_connect = on_connect
        client.on_connect_fail = on_connect_fail
        client.on_disconnect = on_disconnect
        client.on_message = on_message
        return client

    def _heard(self, topic: str, payload: bytes, listener: Listener) -> None:
        try:
            events = self._bridge.hear(topic, payload, self._clock())
        except DecodeError as problem:
            listener.refused(problem)
            return
        for event in events:
            listener.sensed(event)

    def _lost(self, why: str, listener: Listener) -> None:
        for event in self._bridge.silence(self._clock()):
            listener.sensed(event)
        listener.lost(
            BrokerUnavailable(f"Zigbee2MQTT's broker at {self._host}:{self._port} ({why})")
        )
