"""A small city that has lived three weeks before a real ingest, and what an audit needs of it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

from contract.receipts import Outcome
from contract.topics import Stream
from health_kiosk.audit import Findings, audit
from ingest.api import Service
from ingest.operations import Station
from ingest.release import release_due, rules_of
from ingest.settings import ReleaseSection, Settings, StoreSection
from simulators.city import BEIJING_TIME, CityStation, stations
from simulators.city_run import CityOptions, CityRun
from simulators.faults import find_scenario, load_scenario, plan
from simulators.fleet import Fleet, FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.population import seeded
from simulators.station_days import station_day
from simulators.station_life import account_of
from simulators.truth import (
    AccountHeader,
    StationAccount,
    StationWeek,
    TruthHeader,
    write_account,
    write_truth,
)
from simulators.truth_book import TruthBook
from simulators.visits import usage_windows
from tests.integration.broker import Broker
from tests.integration.ingest import FOREVER, running_ingest, talking

SEED = 3
FIRST, LAST = date(2026, 2, 2), date(2026, 2, 22)
"""Three weeks, the last of a block of four."""
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=BEIJING_TIME)
MIN_BATCH = 5


def city_of(count: int) -> tuple[CityStation, ...]:
    """So many stations, busier than real ones so that three weeks tell something of each."""
    return tuple(
        replace(one, mean_visits=2 * one.mean_visits, uptake=min(1.0, 2.5 * one.uptake))
        for one in stations(count, seeded(SEED))
    )


@dataclass(frozen=True)
class Audited:
    """The files of a run, and the settings of the centre that it was sent to."""

    directory: Path
    settings: Settings
    poisoned: str

    @property
    def truth(self) -> Path:
        """What happened."""
        return self.directory / "truth.jsonl"

    @property
    def account(self) -> Path:
        """What became of the messages."""
        return self.directory / "account.jsonl"

    def write(self, weeks: Iterable[StationWeek], accounts: Sequence[StationAccount]) -> None:
        """Write both files."""
        run: dict[str, Any] = {
            "seed": SEED, "stations": len(accounts), "first": FIRST, "last": LAST,
        }  # fmt: skip
        write_truth(self.truth, TruthHeader(**run, min_batch=MIN_BATCH), weeks)
        messages = sum(one.numbered for one in accounts)
        header = AccountHeader(**run, until=NOW, seconds=1, messages=messages)
        write_account(self.account, header, accounts)

    def audit(self) -> Findings:
        """What an audit finds now."""
        return audit(self.truth, self.account, self.settings, clock=lambda: NOW)

    def copied(self, directory: Path) -> "Audited":
        """The same on files of its own, to be broken; of a centre on SQLite only."""
        copytree(self.directory, directory, dirs_exist_ok=True)
        store = embedded(directory)
        return replace(
            self, directory=directory, settings=self.settings.model_copy(update={"store": store})
        )


def embedded(directory: Path) -> StoreSection:
    """A store on SQLite in a directory."""
    return StoreSection(
        path=directory / "store.sqlite",
        operations_url=f"sqlite:///{directory}/operations.sqlite",
        retention=FOREVER,
    )


def lived(broker: Broker, directory: Path, store: StoreSection, count: int) -> Audited:
    """Let a city load its past, send poison, and release its three weeks."""
    city = city_of(count)
    options = FleetOptions(address=Address(broker.host, broker.port), seed=SEED)
    with running_ingest(broker, directory, store=store, clock=lambda: NOW) as ingest:
        register(ingest, city)
        with Fleet(city, options, lambda: NOW) as fleet:
            fleet.load_history(FIRST, LAST)
            accounts = sorted(map(account_of, fleet.stations), key=lambda one: one.station)
        accounts[0] = _poison(broker, accounts[0])
        release(ingest)
    made = Audited(directory, Settings(store=store), accounts[0].station)
    made.write(truth_of(city), accounts)
    with closing(ingest.operations):
        return made


def lived_in_two(broker: Broker, directory: Path, store: StoreSection, count: int) -> Audited:
    """Let half of a city load its past when the three weeks are released: all of it is late."""
    city = city_of(count)
    options = FleetOptions(address=Address(broker.host, broker.port), seed=SEED)
    accounts: list[StationAccount] = []
    with running_ingest(broker, directory, store=store, clock=lambda: NOW) as ingest:
        register(ingest, city)
        for part, now in ((city[::2], NOW - timedelta(7)), (city[1::2], NOW)):
            with Fleet(part, options, lambda: NOW) as fleet:
                fleet.load_history(FIRST, LAST)
                accounts += map(account_of, fleet.stations)
            release(ingest, now)
    accounts.sort(key=lambda one: one.station)
    made = Audited(directory, Settings(store=store), accounts[0].station)
    made.write(truth_of(city), accounts)
    with closing(ingest.operations):
        return made


def lived_with_faults(
    broker: Broker, directory: Path, store: StoreSection, count: int, scenario: str
) -> Audited:
    """Let a city live its days one after another, with all that goes wrong in a scenario."""
    city = city_of(count)
    faults = plan(load_scenario(find_scenario(scenario)), city, SEED, FIRST, LAST)
    station = StationOptions(receipt_timeout_seconds=1.0)
    fleet = FleetOptions(address=Address(broker.host, broker.port), seed=SEED, station=station)
    options = CityOptions(fleet=fleet, first=FIRST, last=LAST, speed=1e6, faults=faults)
    with running_ingest(broker, directory, store=store, clock=lambda: NOW) as ingest:
        register(ingest, city)
        with CityRun(city, options) as living:
            living.connect()
            living.live()
            living.finish()
        release(ingest)
    accounts = list(living.accounts())
    made = Audited(directory, Settings(store=store), accounts[0].station)
    made.write(living.weeks(), accounts)
    with closing(ingest.operations):
        return made


def release(ingest: Service, now: datetime = NOW - timedelta(7)) -> None:
    """Release what is due: at first the three weeks, and nothing after them."""
    release_due(ingest.store, ingest.operations, rules_of(ReleaseSection()), now, 24)


def register(ingest: Service, city: tuple[CityStation, ...]) -> None:
    """Put the city into the inventory."""
    ingest.operations.inventory.register(
        Station(one.id, one.name.zh, one.name.en, one.district, one.venue, one.seats)
        for one in city
    )


def truth_of(city: Sequence[CityStation]) -> Iterator[StationWeek]:
    """What happens at each station in each week."""
    book = TruthBook(city, FIRST, LAST)
    for place, station in enumerate(city):
        for offset in range((LAST - FIRST).days + 1):
            today = station_day(SEED, station, FIRST + timedelta(offset))
            for session in today.sessions:
                book.session(place, today.day, session)
            for window in usage_windows(station, today.day, today.stays):
                book.window(place, window.start, window.entries or 0)
    return book.weeks()


def _poison(broker: Broker, account: StationAccount) -> StationAccount:
    """Send two messages that no ingest can take: a numbered one, and one of an epoch of its own."""
    number = account.numbered + 1
    with talking(broker, account.station) as talker:
        for epoch, seq in ((account.epoch, number), (account.epoch + 1, 1)):
            broken = {"v": 1, "station": account.station, "epoch": epoch, "seq": seq}
            talker.send(Stream.USAGE, {**broken, "windows": "poison"})
        receipts = talker.receipted(2)
    assert {receipt.outcome for receipt in receipts} == {Outcome.QUARANTINED}
    changes = {"numbered": number, "quarantined": 1, "poisoned": 2}
    return account.model_copy(update=changes)
