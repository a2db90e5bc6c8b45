"""The machine that a benchmark runs on, and what one of its processes uses."""

import os
import platform
import re
import sqlite3
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Memory(NamedTuple):
    """Resident memory of a process in MiB; `shared_fairly` is None where it may not be read."""

    resident: float
    shared_fairly: float | None


def facts(directory: Path) -> dict[str, str]:
    """What is needed to read absolute numbers: processor, kernel, versions, file system."""
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "file system": _file_system(directory.resolve()),
    }


def load() -> str:
    """How many processes wanted a processor in the last 1, 5 and 15 minutes, on average."""
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


class Ticks(NamedTuple):
    """Processor time of the whole machine since it started, in ticks."""

    taken: int
    """What whoever runs this virtual machine gave to others meanwhile; 0 on a real one."""
    used: int


def ticks() -> Ticks:
    """Read the counters of the kernel (proc(5), /proc/stat)."""
    first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    user, nice, system, _idle, _waiting, irq, soft_irq, steal = map(int, first.split()[1:9])
    return Ticks(steal, user + nice + system + irq + soft_irq)


def taken_since(before: Ticks) -> str:
    """How much of the time that was wanted since then went to other machines."""
    now = ticks()
    taken = now.taken - before.taken
    return f"{100 * taken / max(1, taken + now.used - before.used):.0f} %"


def memory(pid: int) -> Memory:
    """What the process `pid` holds in memory now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        fair = _kibibytes("Pss", rollup) / 1024
    except OSError:
        fair = None
    return Memory(_kibibytes("VmRSS", status) / 1024, fair)


def processor_seconds(pid: int) -> float:
    """The processor time that all threads of `pid` have used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def bytes_written(pid: int) -> int:
    """What `pid` has caused to be written to disks, as the kernel counts it (whole pages)."""
    text = Path(f"/proc/{pid}/io").read_text(encoding="ascii")
    return int(_found(r"^write_bytes: (\d+)", text))


def _kibibytes(name: str, text: str) -> int:
    return int(_found(rf"^{name}:\s+(\d+) kB", text))


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise LookupError(f"nothing like {pattern} in /proc")
    return match[1]


def _processor() -> str:
    try:
        return _found(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except LookupError:  # ARM kernels do not name it
        return platform.machine()


def _file_system(directory: Path) -> str:
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    around = [
        (len(where), kind, options)
        for _, where, kind, options, *_ in mounts
        if directory.is_relative_to(where)
    ]
    _, kind, options = max(around)
    return f"{kind} ({options})"
