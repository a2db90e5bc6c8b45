"""A D-Bus writer that waits when the socket is full: the one room inside dbus-fast."""

from dbus_fast.aio import MessageBus
from dbus_fast.aio.message_bus import _MessageWriter


def write_patiently(bus: MessageBus) -> None:
    """Gives a connected `bus` a writer that survives a burst of signals.

    The writer of dbus-fast 5.2.0 takes EAGAIN for a broken connection, so a burst larger than the
    socket buffer (212,992 bytes) would end the virtual BlueZ. dbus-fast offers no public way to
    replace it, hence the private names here and the exact pin in pyproject.toml.
    """
    bus._writer = _PatientWriter(bus)


class _PatientWriter(_MessageWriter):
    def write_callback(self, remove_writer: bool = True) -> None:
        try:
            while self._take_next():
                if not self._send_some():
                    return  # the event loop calls again when the socket has room
        except BlockingIOError:
            return
        except OSError as error:
            self.bus._finalize(error)
            return
        if remove_writer and self.fd is not None:
            self.loop.remove_writer(self.fd)

    def _take_next(self) -> bool:
        """Whether there is something to send."""
        if self.buf is None and self.messages:
            # Descriptors are never passed here: the bus does not negotiate them.
            frame, _, self.fut = self.messages.popleft()
            self.buf = memoryview(frame)
            self.offset = 0
        return self.buf is not None

    def _send_some(self) -> bool:
        """Whether the message at hand is now sent to its end."""
        if self.buf is None or self.sock is None:
            return False
        self.offset += self.sock.send(self.buf[self.offset :])
        if self.offset < len(self.buf):
            return False
        self.buf = None
        if self.fut is not None and not self.fut.done():
            self.fut.set_result(None)
        return True
