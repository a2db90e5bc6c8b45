"""How quickly InfluxDB answers the queries of the Grafana boards, with a whole city behind them."""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.grafana_load import lines_of_a_city
from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone
from contract.errors import StoreUnavailable
from ingest.store.influx_connection import Connection, RefusedLine
from tests.integration.grafana_asking import answered
from tests.integration.grafana_city import filled
from tests.integration.grafana_questions import METRICS, Question, all_questions
from tests.integration.influx import Influx, running_influx

_EXAMPLES = """\
examples:
  python -m benchmarks.grafana                   20,000 stations: filling takes long
  python -m benchmarks.grafana --stations 200    a look, some minutes

Of every station: a year of released windows for officers and the public, eight weeks of days of
use and an hour of each week, thirty days of its state; of every fifth station glucose as well. Of
every area: a year of released weeks and of hours. All hours, and all parts of released windows, are
there of 200 stations (--whole: all parts of all stations), for a board asks for one station: what
counts is how many there are. Grafana and the network are not in the figures.
"""
_GOAL_MS = 300
_AT_A_TIME = 50_000
_PAUSES = (5, 15, 30)  # seconds
_LINES_AT_A_TIME = 1_000  # a line of trends is long, and influxd gives up after ten seconds
_CHOSEN: tuple[Mapping[str, str], ...] = (
    {"area": "110000", "district": "110105", "station": "BJ-CY-001", "part": "high"},
    {"area": "110105", "district": "110101", "station": "BJ-DC-001", "part": "grade1"},
)


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    places = [directory / one for one in ("influx", "ingest")]
    for place in places:
        place.mkdir()
    with running_influx(places[0], auth=True) as influx, filled(influx, places[1]) as service:
        section = influx.settings(places[1], timeout_seconds=120, lines_per_write=_LINES_AT_A_TIME)
        connection = Connection(section.influx)
        city = lines_of_a_city(service.store, options.stations, whole=options.whole)
        for bucket, lines in city:
            _write(connection, bucket, lines, say)
        connection.close()
        return measured(influx, all_questions("en"), options.requests)


def measured(influx: Influx, questions: Iterable[Question], requests: int) -> list[Figure]:
    """The 95th percentile of each board's answers, and of its slowest query."""
    taken: defaultdict[str, dict[str, list[float]]] = defaultdict(dict)
    for one in questions:
        if one.source != METRICS:
            mine = taken[one.board].setdefault(one.name, [])
            for number in range(requests):
                began = perf_counter()
                answered(influx, one, **_CHOSEN[number % len(_CHOSEN)])
                mine.append(1_000 * (perf_counter() - began))
    return list(_figures(taken))


def _figures(taken: Mapping[str, Mapping[str, list[float]]]) -> Iterator[Figure]:
    for board, names in sorted(taken.items()):
        every = [one for times in names.values() for one in times]
        yield Figure(f"{board}, p95 of all", _p95(every), "ms", f"<= {_GOAL_MS}")
        slowest = max(names, key=lambda name: _p95(names[name]))
        yield Figure(f"  slowest: {slowest}, p95", _p95(names[slowest]), "ms", f"<= {_GOAL_MS}")


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]


def _write(connection: Connection, bucket: str, lines: Iterable[str], say: Say) -> None:
    """Commit lines whose times are seconds."""
    rest, written = iter(lines), 0
    while some := list(islice(rest, _AT_A_TIME)):
        if refused := _patiently(connection, bucket, some, say):
            raise RuntimeError(f"InfluxDB refuses what is loaded: {refused[0].detail}")
        written += len(some)
        say(f"  {written:,} points in {bucket}")


def _patiently(
    connection: Connection, bucket: str, lines: Sequence[str], say: Say
) -> list[RefusedLine]:
    """Write what InfluxDB may be too busy to take at once: it gives up after ten seconds."""
    for pause in _PAUSES:
        try:
            return connection.write(bucket, "s", lines)
        except StoreUnavailable as error:
            say(f"  {error}; trying again")
            sleep(pause)
    return connection.write(bucket, "s", lines)


def _facts(options: argparse.Namespace) -> Mapping[str, str]:
    return {"stations": f"{options.stations:,}"}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stations", type=int, default=20_000, help="in the whole city")
    parser.add_argument("--whole", action="store_true", help="all cells of every station")
    parser.add_argument("--requests", type=int, default=10, help="of each query")


BENCHMARK = Benchmark(
    "grafana",
    "How quickly InfluxDB answers the queries of the Grafana boards.",
    _EXAMPLES,
    _add_options,
    _measure,
    _facts,
)

if __name__ == "__main__":
    alone(BENCHMARK)
