"""Many MQTT 5 connections on one selector and one thread, with timers."""

import heapq
import itertools
import selectors
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.errors import BrokerUnavailable

_CONTENT_TYPE = "application/json"
_CARE_SECONDS = 5.0  # how often each connection's keepalive is looked after
_SLICE_SECONDS = 0.01  # the longest run of deferred work before sockets get their turn


class Address(NamedTuple):
    """Where a broker listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Access:
    """What a broker asks for that is not open to everybody: a password, encryption."""

    password: str | None = None
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to publish at QoS 1."""

    topic: str
    payload: str
    retain: bool = False


class Listener(Protocol):
    """Who is told what happens on a connection."""

    def connected(self) -> None:
        """The broker has accepted the connection."""

    def received(self, payload: bytes) -> None:
        """A message has arrived on the subscribed topic."""

    def disconnected(self, reason: str) -> None:
        """The connection has ended, or the broker has refused it."""


class _Socket(Protocol):
    def fileno(self) -> int: ...


class Loop:
    """Waits for sockets and timers; everything runs in the thread that calls `turn`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._deferred: deque[Callable[[], None]] = deque()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` once, `seconds` from now."""
        heapq.heappush(self._timers, (self.clock() + seconds, next(self._order), action))

    def defer(self, action: Callable[[], None]) -> None:
        """Call `action` once, when the sockets have had their turn."""
        self._deferred.append(action)

    def turn(self, at_most_seconds: float = 0.2) -> None:
        """Wait for what happens next and see to it."""
        for key, events in self.selector.select(self._patience(at_most_seconds)):
            connection: Connection = key.data
            connection.serve(events)
        now = self.clock()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        while self._deferred and self.clock() - now < _SLICE_SECONDS:
            self._deferred.popleft()()

    def close(self) -> None:
        """Give the selector back."""
        self.selector.close()

    def _patience(self, at_most_seconds: float) -> float:
        if self._deferred:
            return 0
        if self._timers:
            return max(0, min(at_most_seconds, self._timers[0][0] - self.clock()))
        return at_most_seconds


class Connection:
    """One client's connection, driven by a loop; after it has ended a new one is made.

    paho's own client would send again what it holds after a reconnect. The client here lives as
    long as its socket, so that only its owner decides what is sent again.
    """

    def __init__(
        self,
        loop: Loop,
        identity: str,
        subscription: str,
        will: Letter,
        session_expiry_seconds: int,
        listener: Listener,
        access: Access = Access(),
    ) -> None:
        self._loop = loop
        self._subscription = subscription
        self._session_expiry_seconds = session_expiry_seconds
        self._listener = listener
        self._happened: deque[Callable[[], None]] = deque()
        self._refusal = ""
        self._properties = Properties(PacketTypes.PUBLISH)
        self._properties.ContentType = _CONTENT_TYPE
        self._client = self._make_client(identity, will, access)

    def open(self, address: Address) -> None:
        """Connect; raises BrokerUnavailable when nobody listens there.

        Acceptance or refusal by the broker is told to the listener later.
        """
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._session_expiry_seconds
        try:
            self._client.connect(*address, clean_start=False, properties=properties)
        except OSError as error:
            raise BrokerUnavailable(
                f"no MQTT broker answers at {address.host}:{address.port} ({error}); "
                "start one there, or give the address of the one that runs"
            ) from error
        self._loop.after(_CARE_SECONDS, self._care)

    def publish(self, letter: Letter) -> None:
        """Queue a message; it leaves when the socket takes it."""
        self._client.publish(letter.topic, letter.payload, 1, letter.retain, self._properties)

    def close(self) -> None:
        """Send what is queued, then disconnect normally."""
        self._client.disconnect()

    def serve(self, events: int) -> None:
        """Read and write what the socket is ready for, and tell the listener."""
        if events & selectors.EVENT_READ:
            self._client.loop_read()
            # What TLS has decrypted already makes the socket readable no more.
            while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
                self._client.loop_read()
        if events & selectors.EVENT_WRITE:
            self._client.loop_write()
        self._tell()

    def _tell(self) -> None:
        # paho holds a lock while it calls back, so its callbacks only leave notes for here.
        while self._happened:
            self._happened.popleft()()

    def _care(self) -> None:
        if self._client.socket() is not None:
            self._client.loop_misc()
            self._tell()
            self._loop.after(_CARE_SECONDS, self._care)

    def _make_client(self, identity: str, will: Letter, access: Access) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, identity, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(identity, access.password)
        if access.tls is not None:
            client.tls_set_context(access.tls)
        properties = Properties(PacketTypes.WILLMESSAGE)
        properties.ContentType = _CONTENT_TYPE
        client.will_set(will.topic, will.payload, 1, will.retain, properties)
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_socket_open(self, _client: Client, _userdata: object, sock: _Socket) -> None:
        self._loop.selector.register(sock.fileno(), selectors.EVENT_READ, self)

    def _on_socket_close(self, _client: Client, _userdata: object, sock: _Socket) -> None:
        self._loop.selector.unregister(sock.fileno())

    def _on_register_write(self, _client: Client, _userdata: object, sock: _Socket) -> None:
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self._loop.selector.modify(sock.fileno(), both, self)

    def _on_unregister_write(self, _client: Client, _userdata: object, sock: _Socket) -> None:
        self._loop.selector.modify(sock.fileno(), selectors.EVENT_READ, self)

    def _on_connect(
        self,
        _client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._refusal = str(reason)
        else:
            self._happened.append(self._accepted)

    def _accepted(self) -> None:
        self._client.subscribe(self._subscription, qos=1)
        self._listener.connected()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        self._happened.append(lambda: self._listener.received(payload))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        ending = self._refusal or str(reason)
        self._happened.append(lambda: self._listener.disconnected(ending))
