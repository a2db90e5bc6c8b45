"""Roads as veth pairs: stations and workers in network namespaces, the servers outside of them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

from tests.chaos.network import Side

_TOOLS = ("ip", "tc", "ss", "nsenter")
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
_NUMBERS = count()
_FOLDS = 8192  # so many scenes have a block of sixteen addresses in 198.18.0.0/15
_NARROW = ("tbf", "rate", "256kbit", "burst", "4kb", "latency", "2s")
_CLOSED = ("pfifo", "limit", "0")


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a veth pair; `namespace` is "" for the machine's own."""

    device: str
    namespace: str
    address: str


class VethRoad:
    """A pair of devices; what one end may not send is lost without a word."""

    def __init__(self, name: str, near: _End, far: _End) -> None:
        self.name = name
        self._near = near
        self._far = far

    def address(self, port: int) -> tuple[str, int]:
        """The far end's own address."""
        return self._far.address, port

    def cut(self, *, there: bool = True, back: bool = True) -> None:
        """Close the queues into which each end puts what it sends."""
        for end, closed in ((self._near, there), (self._far, back)):
            if closed:
                _tc(end, "replace", _CLOSED)

    def slow_down(self) -> None:
        """A quarter of a megabit each way."""
        for end in (self._near, self._far):
            _tc(end, "replace", _NARROW)

    def reset(self) -> None:
        """The servers' side of each connection dies, and says so."""
        # ss ends with an error when it meets a socket of a kind that cannot be killed.
        _run("ss", "-K", "-t", "dst", self._near.address, may_fail=True)

    def mend(self) -> None:
        """Take away what was put before either end."""
        for end in (self._near, self._far):
            _tc(end, "del", (), may_fail=True)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The roads of one platform."""

    stations: VethRoad
    workers: VethRoad
    databases: VethRoad
    names: dict[Side, str]
    hosts: dict[Side, str]
    how: str = "network namespaces and veth pairs"
    far_host: str = "0.0.0.0"

    def at(self, side: Side) -> tuple[str, ...]:
        """Entered without a mount namespace, so that disks mounted later are seen."""
        return (_program("nsenter"), f"--net=/run/netns/{self.names[side]}")

    def host(self, side: Side) -> str:
        """The near end of that side's road to the broker."""
        return self.hosts[side]


def are_permitted() -> bool:
    """Whether this user, on this machine, may make namespaces, pairs and queues."""
    if any(shutil.which(tool, path=_PATH) is None for tool in _TOOLS):
        return False
    try:
        with namespaced() as network:
            network.stations.cut()
    except subprocess.CalledProcessError:
        return False
    return True


@contextmanager
def namespaced() -> Iterator[Namespaces]:
    """Two namespaces and three pairs, which are gone at the end; raises CalledProcessError."""
    number = next(_NUMBERS)
    mark = f"{os.getpid()}-{number}"
    names = {side: f"kiosk-{mark}-{side}" for side in Side}
    addresses = _addresses(os.getpid() + 4096 * number)
    with ExitStack() as stack:
        for name in names.values():
            _run("ip", "netns", "add", name)
            stack.callback(_run, "ip", "netns", "del", name, may_fail=True)
            _run("ip", "-n", name, "link", "set", "lo", "up")
        roads = [
            _road(stack, between, f"k{mark}{letter}", names[side], next(addresses))
            for letter, between, side in (
                ("s", "stations | broker", Side.STATIONS),
                ("w", "broker | workers", Side.WORKERS),
                ("d", "workers | databases", Side.WORKERS),
            )
        ]
        (stations, near), (workers, theirs), (databases, _) = roads
        hosts = {Side.STATIONS: near, Side.WORKERS: theirs}
        yield Namespaces(stations, workers, databases, names, hosts)


def _addresses(number: int) -> Iterator[tuple[str, str]]:
    """Pairs of addresses of their own, four apart, in the range that is set aside for tests."""
    first = 16 * (number % _FOLDS)
    for block in range(first, first + 16, 4):
        whole = (198 << 24) + (18 << 16) + block
        far, near = (".".join(str(b) for b in (whole + n).to_bytes(4)) for n in (1, 2))
        yield far, near


def _road(
    stack: ExitStack, between: str, device: str, namespace: str, addresses: tuple[str, str]
) -> tuple[VethRoad, str]:
    far, near = _End(f"{device}0", "", addresses[0]), _End(f"{device}1", namespace, addresses[1])
    _run("ip", "link", "add", far.device, "type", "veth", "peer", "name", near.device)
    stack.callback(_run, "ip", "link", "del", far.device, may_fail=True)
    _run("ip", "link", "set", near.device, "netns", namespace)
    for end in (far, near):
        within = ("-n", end.namespace) if end.namespace else ()
        _run("ip", *within, "addr", "add", f"{end.address}/30", "dev", end.device)
        _run("ip", *within, "link", "set", end.device, "up")
    return VethRoad(between, near, far), near.address


def _tc(end: _End, action: str, what: tuple[str, ...], *, may_fail: bool = False) -> None:
    within = ("-n", end.namespace) if end.namespace else ()
    _run("tc", *within, "qdisc", action, "dev", end.device, "root", *what, may_fail=may_fail)


def _run(program: str, *arguments: str, may_fail: bool = False) -> None:
    command = (_program(program), *arguments)
    subprocess.run(command, check=not may_fail, capture_output=True)


def _program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise RuntimeError(f"this needs {name}: apt-get install iproute2")
    return found
