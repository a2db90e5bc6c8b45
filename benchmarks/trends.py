"""What trends of a whole city cost: releasing weeks, and answering about them and about usage."""

import argparse
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone
from benchmarks.trends_measures import LONGEST, Scale, measured
from ingest.settings import RetentionSection, StoreSection
from tests.integration.influx import running_influx

_EXAMPLES = """\
examples:
  python -m benchmarks.trends                            20,000 stations, about half an hour
  python -m benchmarks.trends --stations 200             a look, about a minute
  python -m benchmarks.trends --store sqlite --weeks 12  every session that is kept, in one store
  python -m benchmarks.trends --json trends.json

The whole city's sessions are stored for --weeks weeks only; the weeks before them are tallied and
released, without their sessions. Usage is stored of all areas, and of --usage-stations stations.
Absolute figures belong to the machine that is named with them, and to its load.
"""
_A_CITY = 2_000
_WITH_USAGE = 40  # one station in so many
_STORES = ("sqlite", "influx")
_WITHOUT_END = RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0)


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    scale = _scale(options)
    figures: list[Figure] = []
    for kind in _STORES if options.store == "both" else (options.store,):
        place = directory / kind
        place.mkdir()
        with _store(place, kind) as section:
            figures += measured(section, scale, say)
        shutil.rmtree(place)
    return figures


def _facts(options: argparse.Namespace) -> Mapping[str, str]:
    return {"scale": _scale(options).said()}


def _scale(options: argparse.Namespace) -> Scale:
    """As asked for; what was not asked for fits the size of the city."""
    weeks, area_weeks, requests = (4, 52, 200) if options.stations >= _A_CITY else (1, 12, 20)
    return Scale(
        options.stations,
        options.weeks or weeks,
        area_weeks,
        options.usage_stations or max(1, options.stations // _WITH_USAGE),
        options.requests or requests,
    )


@contextmanager
def _store(place: Path, kind: str) -> Iterator[StoreSection]:
    if kind == "influx":
        with running_influx(place) as influx:
            influx.reset()
            yield influx.settings(place, timeout_seconds=60)
    else:
        yield StoreSection(
            path=place / "store.sqlite",
            operations_url=f"sqlite:///{place}/operations.sqlite",
            retention=_WITHOUT_END,
        )


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", choices=(*_STORES, "both"), default="both")
    parser.add_argument("--stations", type=int, default=20_000, help="in the whole city")
    parser.add_argument(
        "--weeks", type=int, choices=range(1, LONGEST + 1), metavar="N",
        help=f"of which all sessions are stored, up to {LONGEST}; 4, or 1 of a small city",
    )  # fmt: skip
    parser.add_argument("--usage-stations", type=int, help="of which usage is stored; one in 40")
    parser.add_argument("--requests", type=int, help="to each route; 200, or 20 of a small city")


BENCHMARK = Benchmark(
    "trends",
    "What trends of a whole city cost: releasing weeks, and answering about them.",
    _EXAMPLES,
    _add_options,
    _measure,
    _facts,
)

if __name__ == "__main__":
    alone(BENCHMARK)
