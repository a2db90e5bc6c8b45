"""`health-kiosk simulate city`: a whole city lives its days on a broker, and keeps the books."""

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import SystemRandom
from time import monotonic

from contract.errors import Unavailable
from health_kiosk.city_progress import shown
from health_kiosk.failure import Failure
from health_kiosk.fleet_access import city_to_live, encryption, passwords
from simulators.city import BEIJING_TIME, CityStation
from simulators.city_run import CityOptions, CityRun
from simulators.faults import Fault, ScenarioError, find_scenario, load_scenario, plan
from simulators.fleet import FleetOptions
from simulators.fleet_office import StationOptions
from simulators.mqtt_loop import Address
from simulators.station_life import BACKLOG_WINDOWS
from simulators.truth import AccountHeader, TruthHeader, write_account, write_truth

_RECEIPT_SECONDS = 30.0  # as a real station waits
_HEARTBEAT_SECONDS = 300.0
_REST = 3.0
_STALLED_SECONDS = 120.0


def run(options: argparse.Namespace) -> None:
    """Live all days, or until told to end; or only write the inventory."""
    city = city_to_live(options)
    if city is None:
        return
    _check_writable(options.truth, options.account)
    told_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_end.set())
    began = monotonic()
    with CityRun(city, _city_options(options, city)) as living:
        problem = _live(living, told_to_end.is_set)
        _write_books(options, living, monotonic() - began)
        print(_farewell(living), file=sys.stderr)
    if problem is not None:
        raise problem


def _live(living: CityRun, stop: Callable[[], bool]) -> Unavailable | None:
    """Connect, live and wait for the last receipts; what ended it early, if that was not wanted."""
    with shown(living, sys.stderr) as told:
        try:
            living.connect(told, stop)
            living.live(None, told, stop)
            living.finish(told, stop)
        except Unavailable as error:
            return error
    return None


def _city_options(options: argparse.Namespace, city: Sequence[CityStation]) -> CityOptions:
    first = options.start or _today() - timedelta(options.days)
    last = first + timedelta(options.days - 1)
    station = StationOptions(
        passwords=passwords(options.passwords, city),
        tls=encryption(options.ca_file),
        receipt_timeout_seconds=_RECEIPT_SECONDS,
        heartbeat_seconds=_HEARTBEAT_SECONDS,
        rest=_REST,
    )
    fleet = FleetOptions(
        address=Address(*options.broker),
        seed=options.seed,
        life=SystemRandom().randrange(1, 2**31),  # numbers begin anew with each run
        station=station,
        stalled_after_seconds=_STALLED_SECONDS,
    )
    return CityOptions(
        fleet=fleet,
        first=first,
        last=last,
        speed=options.speed,
        windows_at_once=1 if options.each_window else BACKLOG_WINDOWS,
        faults=_faults(options, city, first, last),
    )


def _faults(
    options: argparse.Namespace, city: Sequence[CityStation], first: date, last: date
) -> Mapping[str, tuple[Fault, ...]]:
    if options.scenario is None:
        return {}
    try:
        scenario = load_scenario(find_scenario(options.scenario))
        return plan(scenario, city, options.seed, first, last)
    except ScenarioError as error:
        raise Failure(str(error)) from error


def _write_books(options: argparse.Namespace, living: CityRun, seconds: float) -> None:
    """Truth and account, as far as the run has come."""
    until = living.clock.now()
    of_run = {
        "seed": options.seed,
        "stations": options.stations,
        "first": living.options.first,
        "last": living.options.last,
    }
    if options.truth is not None:
        header = TruthHeader(
            **of_run,
            scenario=None if options.scenario is None else Path(options.scenario).stem,
            min_batch=living.options.fleet.station.min_batch,
            until=None if living.is_over else until,
        )
        write_truth(options.truth, header, living.weeks())
    if options.account is not None:
        waits = living.fleet.waits
        account = AccountHeader(
            **of_run,
            until=until,
            seconds=round(seconds, 3),
            messages=living.fleet.messages,
            p50_seconds=waits.quantile(0.5),
            p99_seconds=waits.quantile(0.99),
        )
        write_account(options.account, account, living.accounts())


def _farewell(living: CityRun) -> str:
    end = living.progress
    return (
        f"{end.messages} messages have their receipts, {living.fleet.quarantined} of them as"
        f" quarantined; {end.pending} pending, {end.unnumbered} windows unnumbered at"
        f" {end.moment:%Y-%m-%d %H:%M}"
    )


def _check_writable(*files: Path | None) -> None:
    """Find out now, and not after a day, that a file cannot be written."""
    for file in files:
        if file is not None:
            try:
                file.touch()
            except OSError as error:
                raise Failure(f"cannot write {file}: {error.strerror}") from error


def _today() -> date:
    return datetime.now(BEIJING_TIME).date()
