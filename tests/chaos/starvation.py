"""Stations without room: a full quota or disk refuses aloud, and gives up only what it declares."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic

from edge_agent.outbox import Limits
from simulators.mqtt_loop import Address
from tests.chaos.centre import Centre, running_centre
from tests.chaos.judgement import judge
from tests.chaos.station import Ward, ward
from tests.chaos.station_process import Emptied, Life
from tests.integration.broker import Broker, running_broker

_KIB = 1024
_QUOTA = Limits(max_bytes=224 * _KIB, usage_max_bytes=96 * _KIB, reserve_bytes=64 * _KIB)
_DISK = Limits(reserve_bytes=64 * _KIB)
_DISK_BYTES = 3072 * _KIB
_LEFT_BYTES = 320 * _KIB
_REFUSALS = 8
_PATIENCE_SECONDS = 40.0


def fill_the_quota(directory: Path, seed: int) -> tuple[Ward, Emptied]:
    """Nothing leaves until the file may not grow any more; then the broker comes.

    Raises AssertionError if anything accepted was lost undeclared, doubled or changed.
    """
    with running_broker(directory) as broker:
        return _starve(directory / "outbox.sqlite", broker, _QUOTA, seed)


def fill_the_disk(directory: Path, seed: int) -> tuple[Ward, Emptied]:
    """The same on a disk that another file has nearly filled, and goes on filling.

    Root must mount the disk.
    """
    with running_broker(directory) as broker, _small_disk(directory / "disk") as disk:
        other = disk / "somebody's.log"
        other.write_bytes(bytes(_DISK_BYTES - _LEFT_BYTES))
        return _starve(disk / "outbox.sqlite", broker, _DISK, seed)


def _starve(path: Path, broker: Broker, limits: Limits, seed: int) -> tuple[Ward, Emptied]:
    address = Address(broker.host, broker.port)
    life = Life(path, address, seed=0, limits=limits)
    with running_centre(address) as centre, ward(life, Random(seed)) as station:
        broker.kill()
        _until_it_refuses(station, Random(seed))
        broker.start()
        _until_it_delivers(station, centre)
        emptied = station.settle()
        judge(station, centre, emptied)
        return station, emptied


def _until_it_refuses(station: Ward, rng: Random) -> None:
    until = monotonic() + _PATIENCE_SECONDS
    station.start()
    while station.refusals < _REFUSALS:
        assert monotonic() < until, "it takes everything, whatever the quota"
        assert station.feed(rng.uniform(0.2, 1.0), pause=0.002, most_refusals=_REFUSALS)
        station.kill()
        station.start()


def _until_it_delivers(station: Ward, centre: Centre) -> None:
    until = monotonic() + _PATIENCE_SECONDS
    while not centre.stored:
        assert monotonic() < until, "nothing arrives"
        assert station.rest(0.1)


@contextmanager
def _small_disk(where: Path) -> Iterator[Path]:
    where.mkdir()
    options = f"size={_DISK_BYTES},uid={os.getuid()}"
    subprocess.run(("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(where)), check=True)
    try:
        yield where
    finally:
        subprocess.run(("umount", "--lazy", str(where)), check=True)
