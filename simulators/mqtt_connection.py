"""One station's MQTT 5 connection: from the dial to the goodbye."""

from collections import deque
from dataclasses import dataclass
from enum import Enum
from ssl import SSLContext
from typing import NamedTuple, Protocol

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from simulators import mqtt_packets as packets
from simulators.mqtt_loop import Address, Loop
from simulators.mqtt_packets import Kind
from simulators.mqtt_socket import Socket

_CONTENT_TYPE = "application/json"
_PROPERTIES = packets.content_type(_CONTENT_TYPE)
_OPENING_SECONDS = 30.0  # a broker that 20,000 stations dial takes its time
_CARE = 0.75  # the part of a keepalive after which an idle connection says that it lives
_LAST_PACKET = 65_535
_NO_SUBSCRIBERS = b"\x10"
_UNHEARD_SECONDS, _LONGEST_UNHEARD_SECONDS = 2.0, 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """What a broker asks for that is not open to everybody: a password, encryption."""

    password: str | None = None
    tls: SSLContext | None = None


class Letter(NamedTuple):
    """A message to publish at QoS 1."""

    topic: str
    payload: str | bytes
    retain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """Who connects, what it wants to hear, and what is published if it vanishes."""

    identity: str
    subscription: str
    will: Letter
    access: Access = Access()
    session_expiry_seconds: int = 3600
    keepalive_seconds: int = 60


class Listener(Protocol):
    """Who is told what happens on a connection."""

    def connected(self) -> None:
        """The broker has accepted the connection."""

    def received(self, payload: bytes) -> None:
        """A message has arrived on the subscribed topic."""

    def unheard(self) -> None:
        """A moment ago nobody had subscribed to what was published: it went nowhere."""

    def disconnected(self, reason: str, *, refused: bool) -> None:
        """The connection has ended, or none came about: `refused` if the broker said no."""


class _State(Enum):
    OPENING = "opening"
    OPEN = "open"
    LEAVING = "leaving"
    ENDED = "ended"


class Connection:
    """One client's connection; after it has ended a new one is made.

    Only its owner decides what is sent again: nothing is kept here for another connection.
    """

    __slots__ = (
        "_arrived", "_heard", "_is_unheard", "_keepalive", "_last_packet", "_listener", "_loop",
        "_most", "_socket", "_spoke", "_state", "_subscription", "_unacknowledged",
        "_unheard_seconds", "_waiting", "_welcome",
    )  # fmt: skip

    def __init__(self, loop: Loop, listener: Listener) -> None:
        self._loop = loop
        self._listener = listener
        self._socket = Socket(loop, self)
        self._is_unheard = False
        self._unheard_seconds = _UNHEARD_SECONDS
        self._state = _State.ENDED
        self._welcome = b""
        self._arrived = bytearray()
        self._waiting: deque[Letter] | None = None  # until the broker takes more at once
        self._last_packet = self._unacknowledged = 0
        self._most = 1
        self._subscription = ""
        self._keepalive = self._heard = self._spoke = 0.0

    def open(self, address: Address, greeting: Greeting) -> None:
        """Begin to connect; acceptance or failure is told to the listener later.

        Raises BrokerUnavailable when it is plain at once that nobody listens there.
        """
        self._welcome = packets.connect(
            packets.Opening(
                identity=greeting.identity,
                user=greeting.identity,
                password=greeting.access.password,
                keepalive_seconds=greeting.keepalive_seconds,
                session_expiry_seconds=greeting.session_expiry_seconds,
                content_type=_CONTENT_TYPE,
                will_topic=greeting.will.topic,
                will_payload=_bytes(greeting.will.payload),
                will_retain=greeting.will.retain,
            )
        )
        self._subscription = greeting.subscription
        self._keepalive = greeting.keepalive_seconds * _CARE
        self._socket.dial(address, greeting.access.tls)
        self._state = _State.OPENING
        self._loop.after(_OPENING_SECONDS, self._give_up_opening)

    def publish(self, letter: Letter) -> None:
        """Queue a message; it leaves when the broker and the socket take it."""
        if self._unacknowledged >= self._most:
            if self._waiting is None:
                self._waiting = deque()
            self._waiting.append(letter)
            return
        self._unacknowledged += 1
        topic, payload, retain = letter
        self._write(
            packets.publish(self._next_packet(), topic, _PROPERTIES, _bytes(payload), retain=retain)
        )

    def close(self) -> None:
        """Send what is queued, then disconnect normally; the listener hears of the end."""
        if self._state is not _State.OPEN:
            self._end("given up before the broker answered")
            return
        self._most = _LAST_PACKET
        self._send_waiting()
        self._write(packets.DISCONNECT)
        self._state = _State.LEAVING
        self._socket.leave()

    def hang_up(self) -> None:
        """Let the socket go without a word, as a power cut does; the listener hears nothing."""
        self._state = _State.ENDED
        self._socket.release()

    def ready(self) -> None:
        """The socket is connected: greet the broker."""
        self._write(self._welcome)
        self._welcome = b""

    def arrived(self, data: bytes) -> None:
        """Take the packets that this completes."""
        self._heard = self._loop.clock()
        self._arrived += data
        try:
            for packet in packets.packets(self._arrived):
                self._take(packet)
                if self._state is _State.ENDED:
                    return
        except packets.BrokenPacket as error:
            self._end(f"the broker breaks MQTT: {error}")

    def ended(self, reason: str, *, refused: bool) -> None:
        """The socket is gone."""
        self._end(reason, refused=refused)

    def _take(self, packet: packets.Packet) -> None:
        kind = packet.head & 0xF0
        if kind == Kind.PUBACK:
            self._unacknowledged -= 1
            if packet.body[2:3] == _NO_SUBSCRIBERS:
                self._tell_unheard_later()
            else:
                self._unheard_seconds = _UNHEARD_SECONDS
            self._send_waiting()
        elif kind == Kind.PUBLISH:
            delivery = packets.delivery(packet)
            if delivery.packet:
                self._write(packets.puback(delivery.packet))
            self._listener.received(delivery.payload)
        elif kind == Kind.CONNACK:
            self._answered(packets.acceptance(packet.body))
        elif kind == Kind.DISCONNECT:
            self._end(_name(PacketTypes.DISCONNECT, packets.reason(packet.body)))

    def _answered(self, acceptance: packets.Acceptance) -> None:
        if acceptance.reason:
            self._end(_name(PacketTypes.CONNACK, acceptance.reason), refused=True)
            return
        self._state, self._most = _State.OPEN, acceptance.receive_maximum
        self._write(packets.subscribe(self._next_packet(), self._subscription))
        if self._keepalive:
            self._loop.after(self._keepalive, self._care)
        self._listener.connected()

    def _care(self) -> None:
        """Ping when nothing was said or heard for a while; end when nothing was for longer."""
        if self._state is not _State.OPEN:
            return
        now = self._loop.clock()
        if now - self._heard > 2 * self._keepalive:
            self._end("the broker is silent")
            return
        if now - min(self._spoke, self._heard) >= self._keepalive * _CARE:
            self._write(packets.PINGREQ)
        self._loop.after(self._keepalive / 2, self._care)

    def _give_up_opening(self) -> None:
        if self._state is _State.OPENING:
            self._end(f"the broker has not answered for {_OPENING_SECONDS:g} s")

    def _tell_unheard_later(self) -> None:
        if not self._is_unheard:
            self._is_unheard = True
            self._loop.after(self._unheard_seconds, self._tell_unheard)
            self._unheard_seconds = min(2 * self._unheard_seconds, _LONGEST_UNHEARD_SECONDS)

    def _tell_unheard(self) -> None:
        self._is_unheard = False
        if self._state is _State.OPEN:
            self._listener.unheard()

    def _send_waiting(self) -> None:
        while self._waiting and self._unacknowledged < self._most:
            self.publish(self._waiting.popleft())

    def _write(self, packet: bytes) -> None:
        self._spoke = self._loop.clock()
        self._socket.write(packet)

    def _end(self, reason: str, *, refused: bool = False) -> None:
        if self._state is not _State.ENDED:
            self._state = _State.ENDED
            self._socket.release()
            self._listener.disconnected(reason, refused=refused)

    def _next_packet(self) -> int:
        self._last_packet = self._last_packet % _LAST_PACKET + 1
        return self._last_packet


def _bytes(payload: str | bytes) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload


def _name(kind: int, reason: int) -> str:
    """What MQTT calls a reason."""
    try:
        return str(ReasonCode(kind, identifier=reason))
    except KeyError:
        return f"reason 0x{reason:02x}"
