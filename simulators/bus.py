"""A private D-Bus daemon on which a virtual BlueZ can own `org.bluez` without being root."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

# What D-Bus allows unescaped in an address; quoting the rest makes the path safe for XML too.
_ADDRESS_SAFE = "/-_.*"

_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="org.bluez"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class BusNotStarted(Exception):
    """The private bus could not be started; the message says what to install or to look at."""


@asynccontextmanager
async def private_bus(directory: Path) -> AsyncIterator[str]:
    """A bus that lives as long as the block; yields its address, for DBUS_SYSTEM_BUS_ADDRESS.

    `directory` receives the configuration, the socket and the daemon's log. Raises BusNotStarted.
    """
    program = shutil.which("dbus-daemon")
    if program is None:
        raise BusNotStarted("dbus-daemon is missing: apt-get install dbus-daemon")
    socket = directory / "bus.socket"
    configuration = directory / "bus.conf"
    configuration.write_text(_CONFIGURATION.format(socket=quote(str(socket), safe=_ADDRESS_SAFE)))
    log = directory / "bus.log"
    process, announcement = await _start(program, configuration, log)
    try:
        address = await _line(announcement)
        if not address:
            await process.wait()
            raise BusNotStarted(f"dbus-daemon gave up: {log.read_text(errors='replace').strip()}")
        yield address
    finally:
        await _stop(process)
        socket.unlink(missing_ok=True)


async def _start(program: str, configuration: Path, log: Path) -> tuple[Process, int]:
    """The daemon, and a pipe from which to read its address once it listens."""
    read_end, write_end = os.pipe()
    command = [
        *_tied_to_this_process(),
        program,
        f"--config-file={configuration}",
        "--nofork",
        "--nopidfile",
        f"--print-address={write_end}",
    ]
    try:
        with log.open("wb") as stderr:
            # No inherited stdio: whoever reads our output must see its end when we end.
            process = await asyncio.create_subprocess_exec(
                *command, pass_fds=(write_end,), stdin=DEVNULL, stdout=DEVNULL, stderr=stderr
            )
    except BaseException:
        os.close(read_end)
        raise
    finally:
        os.close(write_end)
    return process, read_end


def _tied_to_this_process() -> list[str]:
    """A prefix with which the kernel ends the daemon when we die, even by SIGKILL."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


async def _line(read_end: int) -> str:
    """One line from a pipe, which is then closed; empty if the other side closed it first."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", buffering=0)
    )
    try:
        return (await reader.readline()).decode().strip()
    finally:
        transport.close()


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.kill()  # it holds no state worth a slower goodbye
    await process.wait()
