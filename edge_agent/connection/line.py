"""One MQTT 5 client from CONNECT to its end, served by the event loop."""

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from contract.errors import BrokerUnavailable
from edge_agent.broker_answers import BROKEN, Problem, ending, is_refused, refusal
from edge_agent.connection.letters import Letter, Limits, Listener
from edge_agent.settings import MqttSection, TlsSection

_CONTENT_TYPE = "application/json"
_TURN_SECONDS = 1.0
_MOST_AT_ONCE = 65_535
_MOST_BYTES = 2**28


class Line:
    """One client from CONNECT to its end.

    paho holds a lock while it calls back, so its callbacks only leave notes, which `serve` reads.
    """

    def __init__(
        self,
        station: str,
        password: str | None,
        will: Letter,
        subscriptions: Sequence[str],
        listener: Listener,
    ) -> None:
        self._client = _client(station, password, will)
        self._content = _content(PacketTypes.PUBLISH)
        self.limits: Limits | None = None
        self.unacknowledged = 0
        self._opening = threading.Lock()
        self._is_open = self._is_abandoned = False
        self._subscriptions = subscriptions
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._stirred = asyncio.Event()
        self._readable = False
        self._writable = False
        self._happened: deque[Callable[[], None]] = deque()
        self._ending: Problem | None = None

    def open(self, settings: MqttSection, seconds: float) -> None:
        """Look up the broker's name and connect; this blocks, so it is for another thread.

        Certificates are read now. Raises OSError, or UnicodeError for an impossible name.
        """
        client = self._client
        client.connect_timeout = seconds
        if settings.tls is not None:
            client.tls_set_context(_tls_context(settings.tls))
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = settings.session_expiry_seconds
        client.connect(
            settings.host,
            settings.port,
            settings.keepalive_seconds,
            clean_start=False,
            properties=properties,
        )
        with self._opening:
            self._is_open = True
            if self._is_abandoned:
                self._close_socket()

    def abandon(self) -> None:
        """Nobody waits for `open` any more: it closes what it opens."""
        with self._opening:
            self._is_abandoned = True
            if self._is_open:
                self._close_socket()

    def publish(self, letter: Letter) -> int:
        """Queue a message; it leaves when the socket takes it. Its ticket.

        Raises BrokerUnavailable if the connection is just ending.
        """
        sent = self._client.publish(letter.topic, letter.payload, 1, letter.retain, self._content)
        if sent.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerUnavailable("the connection to the broker is just ending")
        self.unacknowledged += 1
        return sent.mid

    def end(self, problem: Problem) -> None:
        """Stop serving, for this reason unless there is one already."""
        self._ending = self._ending or problem
        self._stirred.set()

    def close(self) -> None:
        """Say goodbye at once, as far as the socket takes it."""
        self._client.disconnect()
        self._client.loop_write()

    def hang_up(self) -> None:
        """Let the socket go without a word."""
        self.limits = None
        client = self._client
        client.on_disconnect = client.on_socket_close = client.on_socket_unregister_write = None
        if (sock := client.socket()) is not None:
            self._forget(sock)
        self._close_socket()

    def _close_socket(self) -> None:
        if (sock := self._client.socket()) is not None:
            sock.close()

    async def serve(self, connack_seconds: float) -> Problem:
        """Read and write until the connection ends; the reason why."""
        self._watch()
        accepted_by = self._loop.time() + connack_seconds
        while self._ending is None:
            await self._stir(min(_TURN_SECONDS, connack_seconds))
            self._turn()
            if self.limits is None and self._loop.time() > accepted_by:
                self.end(Problem("the broker does not answer; is it one for MQTT?"))
        return self._ending

    async def _stir(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stirred.wait()
        self._stirred.clear()

    def _turn(self) -> None:
        if self._readable or self._writable:
            self._readable = False
            self._read()  # also before writing: a write that fails would hide the broker's reason
        if self._writable:
            self._writable = False
            self._client.loop_write()
        self._client.loop_misc()
        while self._happened and self._ending is None:
            self._happened.popleft()()

    def _read(self) -> None:
        self._client.loop_read()
        # What TLS has decrypted already makes the socket readable no more.
        while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
            self._client.loop_read()

    def _watch(self) -> None:
        client = self._client
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.on_socket_close = lambda _client, _userdata, sock: self._forget(sock)
        client.on_socket_register_write = lambda _client, _userdata, sock: self._loop.add_writer(
            sock.fileno(), self._can_write
        )
        client.on_socket_unregister_write = self._on_unregister_write
        if (sock := client.socket()) is None:
            self.end(Problem("the connection broke while it was made"))
            return
        self._loop.add_reader(sock.fileno(), self._can_read)
        client.loop_write()  # CONNECT

    def _forget(self, sock: "_Socket") -> None:
        self._loop.remove_reader(sock.fileno())
        self._loop.remove_writer(sock.fileno())

    def _on_unregister_write(self, _client: Client, _userdata: object, sock: "_Socket") -> None:
        self._loop.remove_writer(sock.fileno())

    def _can_read(self) -> None:
        self._readable = True
        self._stirred.set()

    def _can_write(self) -> None:
        self._writable = True
        self._stirred.set()

    def _on_connect(
        self,
        _client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self.end(refusal(reason.value))
        else:
            self._happened.append(partial(self._accepted, _limits(properties)))

    def _accepted(self, limits: Limits) -> None:
        self.limits = limits
        self._client.subscribe([(topic, 1) for topic in self._subscriptions])
        self._listener.connected()

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        for topic, reason in zip(self._subscriptions, reasons, strict=False):
            if is_refused(reason.value):
                tell = partial(self._listener.not_subscribed, topic, reason.value)
                self._happened.append(tell)

    def _on_publish(
        self,
        _client: Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self.unacknowledged -= 1
        self._happened.append(partial(self._listener.acknowledged, mid, reason.value))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        told = partial(self._listener.received, message.topic, bytes(message.payload))
        self._happened.append(told)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            problem = ending(reason.value)
        elif reason.getName() == "Keep alive timeout":
            problem = Problem("the broker has not answered for too long")
        else:
            problem = BROKEN
        # What came before it counts, so this is not an end at once.
        self._happened.append(partial(self.end, problem))
        self._stirred.set()


class _TlsSocket(ssl.SSLSocket):
    """Closes itself when the handshake fails, which paho leaves to chance."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


class _Socket(Protocol):
    def fileno(self) -> int: ...


def _limits(properties: Properties | None) -> Limits:
    at_once = getattr(properties, "ReceiveMaximum", _MOST_AT_ONCE)
    return Limits(at_once, getattr(properties, "MaximumPacketSize", _MOST_BYTES))


def _client(station: str, password: str | None, will: Letter) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, station, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(station, password)
    content = _content(PacketTypes.WILLMESSAGE)
    client.will_set(will.topic, will.payload, 1, will.retain, content)
    client.max_inflight_messages_set(0)  # the publisher keeps to the broker's limit itself
    # With this callback paho leaves CONNECT to whoever serves the socket: a thread whose agent
    # has gone meanwhile must not take over the session of the next one.
    client.on_socket_register_write = lambda *_: None
    return client


def _content(kind: int) -> Properties:
    properties = Properties(kind)
    properties.ContentType = _CONTENT_TYPE
    return properties


def _tls_context(settings: TlsSection) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.sslsocket_class = _TlsSocket
    if settings.certificate_file is not None:
        context.load_cert_chain(settings.certificate_file, settings.key_file)
    return context
