"""A socket on the loop, plain or TLS: it dials, collects what leaves, and tells what arrives."""

import errno
import os
import socket
import ssl
from collections.abc import Callable
from typing import Protocol

from contract.errors import BrokerUnavailable
from simulators.mqtt_loop import READ, WRITE, Address, Loop

_READ_BYTES = 4096
_IP_BIND_ADDRESS_NO_PORT = 24  # of Linux: choose the port when it is known who is called
_SOCKETS_AN_ADDRESS = 1000
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Speaker(Protocol):
    """Who speaks through a socket."""

    def ready(self) -> None:
        """The socket is connected, and encrypted if that was asked for."""

    def arrived(self, data: bytes) -> None:
        """The other side has sent this."""

    def ended(self, reason: str, *, refused: bool) -> None:
        """The connection is gone; `refused` if the two cannot agree on encryption."""


class Socket:
    """One connection; what is written leaves together at the end of the loop's turn."""

    __slots__ = (
        "_is_flushing", "_is_leaving", "_is_writing", "_leaving", "_loop", "_proceed", "_sock",
        "_speaker",
    )  # fmt: skip

    def __init__(self, loop: Loop, speaker: Speaker) -> None:
        self._loop = loop
        self._speaker = speaker
        self._sock: socket.socket | None = None
        self._proceed: Callable[[], None] | None = None  # until the connection is made
        self._leaving = bytearray()
        self._is_flushing = self._is_writing = self._is_leaving = False

    @property
    def is_open(self) -> bool:
        """Whether there is a socket, connected or not."""
        return self._sock is not None

    def dial(self, address: Address, tls: ssl.SSLContext | None) -> None:
        """Begin to connect.

        Raises BrokerUnavailable when it is plain at once that nobody listens there.
        """
        try:
            family, kind, _, _, where = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
            sock = socket.socket(family, kind | socket.SOCK_NONBLOCK)
        except OSError as error:
            raise nobody(address, error) from error
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if family == socket.AF_INET and str(where[0]).startswith("127."):
            _spread(sock)
        code = sock.connect_ex(where)
        if code not in (0, errno.EINPROGRESS):
            sock.close()
            raise nobody(address, OSError(code, os.strerror(code)))
        self._proceed = self._dialled
        if tls is not None:
            sock = tls.wrap_socket(
                sock, server_hostname=address.host, do_handshake_on_connect=False
            )
        self._sock, self._is_writing = sock, True
        self._loop.watch(sock.fileno(), self, READ | WRITE)

    def write(self, data: bytes) -> None:
        """Let this leave at the end of the turn, or when the socket takes it."""
        self._leaving += data
        if not self._is_flushing:
            self._is_flushing = True
            self._loop.flush_later(self)

    def leave(self) -> None:
        """Send what is left and say that no more will come; the other side closes then."""
        self._is_leaving = True
        self.flush()

    def release(self) -> None:
        """Let the socket go; the speaker hears nothing."""
        if self._sock is not None:
            self._loop.forget(self._sock.fileno())
            self._sock.close()
            self._sock = None

    def serve(self, events: int) -> None:
        """Go on with what the socket is ready for."""
        if self._proceed is not None:
            self._proceed()
            return
        if events & ~WRITE:
            self._read()
        if events & WRITE:
            self.flush()

    def flush(self) -> None:
        """Send what the socket takes."""
        self._is_flushing = False
        if self._sock is None or self._proceed is not None:
            return
        try:
            while self._leaving:
                del self._leaving[: self._sock.send(self._leaving)]
            if self._is_leaving:
                self._sock.shutdown(socket.SHUT_WR)
                self._is_leaving = False
        except _NOT_NOW:
            pass
        except OSError as error:
            self._end(_text(error))
            return
        self._watch(writes=bool(self._leaving))

    def _dialled(self) -> None:
        if self._sock is None:
            return
        if code := self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._end(os.strerror(code))
        elif isinstance(self._sock, ssl.SSLSocket):
            self._proceed = self._shake_hands
            self._shake_hands()
        else:
            self._connected()

    def _shake_hands(self) -> None:
        if not isinstance(self._sock, ssl.SSLSocket):
            return
        try:
            self._sock.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(writes=False)
        except ssl.SSLWantWriteError:
            self._watch(writes=True)
        except OSError as error:
            self._end(_text(error), refused=isinstance(error, ssl.SSLCertVerificationError))
        else:
            self._connected()

    def _connected(self) -> None:
        self._proceed = None
        self._speaker.ready()
        self.flush()

    def _read(self) -> None:
        if self._sock is None:
            return
        try:
            data = self._sock.recv(_READ_BYTES)
            # What TLS has decrypted already makes the socket readable no more.
            while data and isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
                data += self._sock.recv(_READ_BYTES)
        except _NOT_NOW:
            return
        except OSError as error:
            self._end(_text(error))
            return
        if data:
            self._speaker.arrived(data)
        else:
            self._end("the broker has closed the connection")

    def _watch(self, *, writes: bool) -> None:
        if self._sock is not None and writes != self._is_writing:
            self._is_writing = writes
            self._loop.watch(self._sock.fileno(), self, READ | WRITE if writes else READ)

    def _end(self, reason: str, *, refused: bool = False) -> None:
        self.release()
        self._speaker.ended(reason, refused=refused)


def _spread(sock: socket.socket) -> None:
    """Take an address of this machine's own for each thousand sockets.

    The kernel finds a free port of one address at once among its first 14,000 only, then it
    searches: the last thousands of 20,000 stations would need minutes.
    """
    sock.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
    sock.bind((f"127.0.1.{1 + sock.fileno() // _SOCKETS_AN_ADDRESS % 250}", 0))


def nobody(address: Address, error: OSError) -> BrokerUnavailable:
    """What to raise when nobody listens at an address."""
    return BrokerUnavailable(
        f"no MQTT broker answers at {address.host}:{address.port} ({_text(error)}); "
        "start one there, or give the address of the one that runs"
    )


def _text(error: OSError) -> str:
    return error.strerror or str(error)
