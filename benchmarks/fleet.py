"""A whole city live on this machine: latencies, processor and memory, a restart, a day's outage."""

import argparse
import resource
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.fleet_centre import inventory, running_centre
from benchmarks.fleet_city import running_city
from benchmarks.fleet_living import city_of
from benchmarks.fleet_phases import Scene, balancing, connecting, draining, living, restarting
from benchmarks.fleet_plan import Plan, Variant
from benchmarks.fleet_probe import PROBE
from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone, say
from edge_agent.settings import MqttSection
from ingest.calendar import week_of
from simulators.mqtt_loop import Address

_EXAMPLES = """\
examples:
  python -m benchmarks.fleet                           the whole city, both stores, 35 minutes
  python -m benchmarks.fleet --store sqlite            only one of them
  python -m benchmarks.fleet --stations 500 --quick    a look, about three minutes
  python -m benchmarks.fleet --phase live --phase restart --json fleet.json

Without --stations there are as many as this machine's limit of open files allows, 20,000 at most.
The phases come in this order: connect, live, restart, outage (a day's windows as a real station
keeps them: few messages of many windows), hard (the same, one message a window), account. The
first and the last are always there.

Live is denser than life: a quarter of an hour ends every two minutes, and within the minute after
it every station tells its window. Heartbeats and receipts are timed as at a real agent.
"""
_STORES = ("sqlite", "influx")
_PHASES = ("live", "restart", "outage", "hard")
_A_CITY = 20_000
_SPARE_FILES = 100  # of the broker, beside one for each station
_THURSDAY, _WEEK = 3, 7
_SEED = 7
_SPREAD = {True: 10.0, False: MqttSection.model_fields["drain_spread_seconds"].default}


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    figures: list[Figure] = []
    for kind in options.store or _STORES:
        place = directory / kind
        place.mkdir()
        for figure in _measured(kind, place, options, say):
            say(f"  {figure.name.strip()}: {figure.value:,.4g} {figure.unit} {figure.verdict}")
            figures.append(_of(kind, figure))
        shutil.rmtree(place)
    return figures


def _measured(kind: str, place: Path, options: argparse.Namespace, say: Say) -> Iterator[Figure]:
    """One store's figures, in the order in which things happen."""
    count, phases = _stations(options), options.phase or _PHASES
    plan = Plan(
        Address("127.0.0.1", 0), count, _SEED, life=1, day=_a_thursday(),
        quarter=20.0 if options.quick else 120.0, rest=options.rest,
        spread=options.spread if options.spread is not None else _SPREAD[options.quick],
    )  # fmt: skip
    known = [*inventory(city_of(plan)), PROBE]
    say(f"{kind}: {count:,} stations …")
    autosave = 2 if options.quick else 30  # which is what deploy/mosquitto.conf says
    with running_centre(place, kind, known, autosave=autosave) as centre:
        there = Address(centre.broker.host, centre.broker.port)
        with running_city(plan.at(there)) as city:
            weeks = tuple({week_of(plan.day - timedelta(days=back)) for back in range(3)})
            scene = Scene(city, centre, weeks, _seconds(options), options.patience, say)
            yield from connecting(scene)
            if "live" in phases:
                yield from living(scene)
            if "restart" in phases:
                yield from restarting(scene)
            if "outage" in phases:
                yield from draining(scene, Variant.WHOLE)
            if "hard" in phases:
                yield from draining(scene, Variant.SINGLE)
            yield from balancing(scene)


def _of(kind: str, figure: Figure) -> Figure:
    """Figures that stand on their own say which store they are of."""
    name = figure.name if figure.name.startswith(" ") else f"{kind}: {figure.name}"
    return Figure(name, figure.value, figure.unit, figure.goal)


def _stations(options: argparse.Namespace) -> int:
    """As many as were asked for, or as the limit of open files lets the broker take.

    Exits with 2 if there are more than that.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _SPARE_FILES * _A_CITY if hard == resource.RLIM_INFINITY else hard - _SPARE_FILES
    count: int = options.stations or min(_A_CITY, most)
    if count > most:
        say(f"a process may have {hard:,} open files here: {most:,} stations at the most")
        sys.exit(2)
    return count


def _seconds(options: argparse.Namespace) -> float:
    """How long to look at the city live."""
    return float(options.seconds or (20.0 if options.quick else 240.0))


def _a_thursday() -> date:
    """The last one that is over: every kind of station is open then and on the days before."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return yesterday - timedelta(days=(yesterday.weekday() - _THURSDAY) % _WEEK)


def _facts(options: argparse.Namespace) -> Mapping[str, str]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "stations": f"{_stations(options):,}",
        "open files that a process may have": f"{soft:,}, at most {hard:,}",
        "rest of a station after a receipt of the backlog": f"{options.rest:g} times its wait",
    }


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", action="append", choices=_STORES, help="both by default")
    parser.add_argument("--phase", action="append", choices=_PHASES, help="all of them by default")
    parser.add_argument("--stations", type=int, help="in the city")
    parser.add_argument("--seconds", type=float, help="live; 240, or 20 with --quick")
    parser.add_argument("--quick", action="store_true", help="a quarter ends every 20 seconds")
    parser.add_argument(
        "--spread", type=float, metavar="SECONDS",
        help="within which a backlog begins to leave after a connection; as at a real agent",
    )  # fmt: skip
    parser.add_argument(
        "--rest", type=float, default=3.0, help="of a station that drains, in receipt times"
    )
    parser.add_argument(
        "--patience", type=float, default=1200.0, help="seconds until a phase is given up"
    )


BENCHMARK = Benchmark(
    "fleet",
    "A whole city live on this machine: latencies, processor, memory, a restart, an outage.",
    _EXAMPLES,
    _add_options,
    _measure,
    _facts,
)

if __name__ == "__main__":
    alone(BENCHMARK)
