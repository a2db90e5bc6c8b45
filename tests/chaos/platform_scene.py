"""The whole platform as processes that may die: a city, two agents, a broker, workers, databases.

A light fleet and two full agents send through a real mosquitto to three ingest workers, which share
a PostgreSQL and a store. Roads, disk and clocks can be spoilt; `settle` heals everything, waits
until all is receipted, and audits.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic
from typing import Any, Literal

from ingest.operations import Operations, Station
from tests.chaos.clocks import SteppingClock
from tests.chaos.disks import Disk, open_disk
from tests.chaos.network import Network, Side, open_network
from tests.chaos.platform_audit import judge
from tests.chaos.platform_children import Victim
from tests.chaos.platform_city import City, commanded, repeating
from tests.chaos.platform_edge import STATIONS, Kiosks, Post, running_kiosks
from tests.chaos.platform_servers import (
    FarBroker,
    FarInflux,
    FarPostgres,
    running_broker,
    running_influx,
    running_postgres,
)
from tests.chaos.platform_workers import Centre, Worker, wait_until_ready, workers_of

PATIENCE_SECONDS = 90.0
_PAUSE_SECONDS = 0.1


Clocks = tuple[SteppingClock | None, SteppingClock | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is set up: which store, which network, how large a city for how long.

    The city sends a day every `day_seconds`. `namespaces` None takes what is permitted; with
    `clocks` the clocks of workers and agents can be stepped.
    """

    seed: int
    seconds: float
    store: Literal["sqlite", "influx"] = "sqlite"
    namespaces: bool | None = None
    clocks: bool = False
    city: Literal["repeating", "commanded"] = "repeating"
    stations: int = 24
    day_seconds: float = 1.0


@dataclass
class Scene:
    """A running platform in a test's hands."""

    directory: Path
    plan: Plan
    network: Network
    disk: Disk
    centre: Centre
    workers: list[Worker]
    city: City
    kiosks: Kiosks
    clocks: Clocks = (None, None)
    """The centre's, and that of all agents, if they can be stepped."""
    pauses: Event = field(default_factory=Event)

    @property
    def databases(self) -> list[FarPostgres | FarInflux]:
        """Every database server."""
        return [self.centre.postgres, *([self.centre.influx] if self.centre.influx else [])]

    @property
    def victims(self) -> list[Victim]:
        """Whoever may be killed at any moment."""
        city = [self.city.child] if self.city.may_be_killed else []
        return [*self.workers, self.centre.broker, *self.databases, *city]

    def wait(self, seconds: float) -> None:
        """Let it go on for so long."""
        self.pauses.wait(seconds)

    def wait_until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Until other processes have brought it about; raises AssertionError."""
        until = monotonic() + PATIENCE_SECONDS + self.plan.seconds
        while not holds():
            assert monotonic() < until, otherwise
            self.wait(_PAUSE_SECONDS)

    def heal(self) -> None:
        """Mend roads and disk, let everybody go on, start whoever has ended."""
        for road in (self.network.stations, self.network.workers, self.network.databases):
            road.mend()
        was_full = self.disk.is_full
        self.disk.mend()
        if was_full and self.centre.influx is not None:
            # influxd 1.6 never writes again into a log that once had no room: it must be restarted,
            # and twice, or the next restart takes what it has stored since.
            self.centre.influx.kill()
            self.centre.influx.start()
            self.centre.influx.kill()
        for clock in self.clocks:
            if clock is not None:
                clock.step_to(timedelta())
        for one in (*self.databases, self.centre.broker, *self.workers):
            one.resume()
            one.start()
        for kiosk in self.kiosks.all:
            kiosk.agent.resume()
            kiosk.agent.start()
        self.city.child.resume()
        self._start_city()

    def has_begun(self) -> bool:
        """Whether agents and city have got into the broker: before that they may give up."""
        self._start_city()
        with closing(Operations(self.centre.operations_url)) as operations:
            known = {station for station, _ in operations.book.tallies()}
        return known.issuperset(STATIONS) and not known.isdisjoint(
            one.id for one in self.city.stations
        )

    def settle(self) -> str:
        """Heal, wait until all is receipted, and audit; raises AssertionError with what differs."""
        self.heal()
        self.kiosks.close()
        self.wait_until(self._is_settled, "not all is receipted long after all was healed")
        assert self.city.child.wait() == 0, self.city.child.said()[-2000:]
        return judge(self)

    def _start_city(self) -> None:
        if self.city.may_be_killed and not self.city.has_sent:
            self.city.child.start()

    def _is_settled(self) -> bool:
        """Whether everything is receipted; who has died of what was done is started again."""
        for child in (*self.workers, *(kiosk.agent for kiosk in self.kiosks.all)):
            child.start()  # as systemd would
        self._start_city()
        return self.city.has_sent and self.kiosks.settled()


@contextmanager
def running_scene(directory: Path, plan: Plan) -> Iterator[Scene]:
    """Everything, started in order and ended in reverse; visitors come and the city sends."""
    rng = Random(plan.seed)
    with ExitStack() as stack:
        network = stack.enter_context(open_network(directory, namespaces=plan.namespaces))
        disk = stack.enter_context(open_disk())
        broker = stack.enter_context(running_broker(directory, network.far_host))
        postgres = stack.enter_context(running_postgres(disk.path / "postgres", network.far_host))
        influx = None
        if plan.store == "influx":
            influx = stack.enter_context(running_influx(disk.path / "influx", network.far_host))
        path = disk.path / "store.sqlite"
        centre = Centre(broker, postgres, influx, postgres.database(), path)
        city = _city(directory, plan, network, broker)
        _register(centre.operations_url, city)
        clocks = _clocks(directory, plan)
        workers = workers_of(directory, centre, network, _environment(clocks[0]))
        for child in (*workers, city.child):
            stack.callback(child.kill)
        for worker in workers:
            worker.start()
        place = network.stations.address(broker.port), network.at(Side.STATIONS)
        post = Post(directory, *place, _environment(clocks[1]))
        kiosks = stack.enter_context(running_kiosks(post, rng))
        wait_until_ready(workers)
        city.child.start()
        kiosks.open()
        scene = Scene(directory, plan, network, disk, centre, workers, city, kiosks, clocks)
        scene.wait_until(scene.has_begun, "agents and city do not begin")
        yield scene


def _clocks(directory: Path, plan: Plan) -> Clocks:
    """The centre's clock and that of all agents."""
    if not plan.clocks:
        return None, None
    return SteppingClock(directory / "centre-clock"), SteppingClock(directory / "edge-clock")


def _environment(clock: SteppingClock | None) -> Mapping[str, str]:
    return clock.environment if clock else {}


def _city(directory: Path, plan: Plan, network: Network, broker: FarBroker) -> City:
    place = (directory, network.stations.address(broker.port), network.at(Side.STATIONS))
    size: dict[str, Any] = {"seed": plan.seed, "count": plan.stations, "seconds": plan.seconds}
    if plan.city == "commanded":
        return commanded(*place, **size)
    return repeating(*place, **size, day_seconds=plan.day_seconds)


def _register(url: str, city: City) -> None:
    agents = [Station(one, "朝阳区便利店", "Store", "110105", "convenience", 3) for one in STATIONS]
    light = [
        Station(one.id, one.name.zh, one.name.en, one.district, one.venue, one.seats)
        for one in city.stations
    ]
    with closing(Operations(url)) as operations:
        operations.inventory.register([*agents, *light])
