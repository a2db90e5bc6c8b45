"""Whether this computer's clock may be believed, and what it counts that no step can change.

The kernel itself says whether its clock is disciplined (`adjtimex`): every NTP client tells it,
chrony only with `rtcsync`, which Debian's configuration has. Where nothing does, a real-time clock
with a battery will do if it agrees with the system clock. One without a battery begins in 1970
after each power cut, and systemd then sets the system clock to the last time it remembers, so a
device that merely exists proves nothing.
"""

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from contract.condition import Clock
from edge_agent.settings import Trust

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
REAL_TIME_CLOCKS = Path("/sys/class/rtc")

_UNSYNCHRONISED = 0x40  # STA_UNSYNC
_TIME_ERROR = 5
_AGREEMENT_SECONDS = 120.0


class _Timex(ctypes.Structure):
    """The head of the kernel's `struct timex`, with room for what follows."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def system_time() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def boot_time() -> float:
    """Seconds since the machine was started, suspended ones included; they never step."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id(path: Path = BOOT_ID) -> str:
    """What names this start of the machine; raises OSError where there is no such kernel."""
    return path.read_text(encoding="ascii").strip()


def source(
    trust: Trust,
    *,
    system: Callable[[], datetime] = system_time,
    kernel: Callable[[], bool] | None = None,
    real_time_clocks: Path = REAL_TIME_CLOCKS,
) -> Clock:
    """Where the time comes from just now; WAITING if it must not be believed."""
    is_synchronised = kernel or kernel_is_synchronised
    if is_synchronised():
        return Clock.SYNCHRONISED
    if trust is Trust.ALWAYS or is_kept(system(), real_time_clocks):
        return Clock.KEPT
    return Clock.WAITING


def kernel_is_synchronised() -> bool:
    """Whether the kernel's clock is disciplined; no if it must not be asked."""
    asked = _Timex(modes=0)  # changes nothing, and needs no rights
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    return is_synchronised(state, asked.status)


def is_synchronised(state: int, status: int) -> bool:
    """What `adjtimex` means by its result and its status bits; a negative result is a failure."""
    return 0 <= state < _TIME_ERROR and not status & _UNSYNCHRONISED


def is_kept(now: datetime, real_time_clocks: Path) -> bool:
    """Whether a real-time clock shows the time that the system clock shows."""
    shown = (_shown(clock) for clock in sorted(real_time_clocks.glob("rtc*")))
    return any(
        abs(now.timestamp() - seconds) <= _AGREEMENT_SECONDS
        for seconds in shown
        if seconds is not None
    )


def _shown(clock: Path) -> float | None:
    try:
        return float((clock / "since_epoch").read_text(encoding="ascii"))
    except (OSError, ValueError):  # taken out, or its battery is empty
        return None
