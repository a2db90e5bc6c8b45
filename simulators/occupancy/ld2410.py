"""A virtual LD2410 radar at the far end of a pseudo terminal, which can be unplugged."""

import asyncio
import os
import struct
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Never

NOBODY, MOVING, STILL, BOTH = range(4)


def report(state: int, *, moving_cm: int = 0, still_cm: int = 0) -> bytes:
    """A basic report as the radar sends it ten times a second."""
    seen = struct.pack("<HBHBH", moving_cm, 50, still_cm, 50, moving_cm or still_cm)
    body = bytes((0x02, 0xAA, state)) + seen + b"\x55\x00"
    return b"\xf4\xf3\xf2\xf1" + struct.pack("<H", len(body)) + body + b"\xf8\xf7\xf6\xf5"


@contextmanager
def virtual_radar(directory: Path) -> Iterator["VirtualRadar"]:
    """A radar that is plugged in; its port has the same name each time, as under /dev/serial."""
    radar = VirtualRadar(directory / "radar")
    radar.plug()
    try:
        yield radar
    finally:
        radar.unplug()


class VirtualRadar:
    """One radar; `port` is what its reader opens, `state` what it sees."""

    def __init__(self, port: Path) -> None:
        self.port = str(port)
        self.state = NOBODY
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        """The port appears."""
        self._ends = ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        Path(self.port).symlink_to(os.ttyname(theirs))

    def unplug(self) -> None:
        """The port disappears, under whoever has it open; nothing happens if it is gone already."""
        if self._ends is not None:
            Path(self.port).unlink()
            for end in self._ends:
                os.close(end)
            self._ends = None

    async def run(self, interval_seconds: float = 0.1) -> Never:
        """Reports `state` again and again."""
        while True:
            self.send(report(self.state))
            await asyncio.sleep(interval_seconds)

    def send(self, data: bytes) -> None:
        """Puts bytes on the line; as on a real one they are lost if nobody reads them in time."""
        if self._ends is not None:
            with suppress(BlockingIOError):
                os.write(self._ends[0], data)
