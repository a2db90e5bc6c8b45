"""How fast a worker empties a broker, beside C programs on the same broker in the same run."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.ingest_load import KINDS, Kind, leave_session, payloads, publish
from benchmarks.ingest_worker import (
    C_SUBSCRIBER,
    WORKER,
    Drained,
    drain_by_worker,
    drain_in_c,
    filters_of_worker,
    relay_in_c,
)
from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone
from contract.topics import topic
from ingest.settings import StoreSection
from tests.integration.broker import running_broker
from tests.integration.influx import running_influx

_EXAMPLES = """\
examples:
  python -m benchmarks.ingest                              everything, about six minutes
  python -m benchmarks.ingest --quick                      a look, about one minute
  python -m benchmarks.ingest --kind usage-1 --kind garbage --store sqlite
  python -m benchmarks.ingest --stations 2000              fewer messages of a station in a batch
  python -m benchmarks.ingest --breakdown                  where the worker's time goes
  python -m benchmarks.ingest --json ingest.json

Absolute figures belong to the machine that is named with them, and to its load; compare ratios.
"""
_STORES = ("sqlite", "influx")
_QUICK = 5
_SINGLE_GOAL, _MANY_GOAL = ">= 0.7", ">= 100000"


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    figures: list[Figure] = []
    for store in options.store or _STORES:
        for kind in options.kind or KINDS:
            figures += _measured(directory, store, kind, options, say)
    return figures


def _measured(
    directory: Path, store: str, kind: str, options: argparse.Namespace, say: Say
) -> Iterator[Figure]:
    """The medians of some turns, each with a broker and databases of its own."""
    shape = KINDS[kind]
    messages = options.batches if shape.observations > 1 else options.messages
    if options.quick:
        messages //= _QUICK
    turns = []
    for turn in range(1 if options.quick else options.turns):
        say(f"measuring: {shape.name} into {store}, {messages} messages, turn {turn + 1} …")
        place = directory / f"{store}-{kind}-{turn}"
        place.mkdir()
        turns.append(_turn(place, store, kind, messages, options.stations))
        shutil.rmtree(place)
    return _figures(f"{shape.name}, {store}", shape, messages, turns, options.breakdown)


class _Turn(NamedTuple):
    """Seconds of the C programs, to drain and to relay, and what the worker did."""

    in_c: float
    relay: float
    worker: Drained


def _turn(place: Path, store: str, kind: str, messages: int, stations: int) -> _Turn:
    log = place / "mosquitto.log"
    with (
        running_broker(place, extra="connection_messages true") as broker,
        _store(place, store) as section,
    ):
        leave_session(broker, C_SUBSCRIBER, [topic("+", KINDS[kind].stream)])
        lines = place / "lines"
        lines.write_bytes(b"".join(one + b"\n" for one in payloads(kind, messages, stations)))
        relay = relay_in_c(broker, log, lines, kind, messages)
        leave_session(broker, WORKER, filters_of_worker())
        publish(broker, kind, messages, stations)
        in_c = drain_in_c(broker, log, kind, messages)
        worker = drain_by_worker(broker, place, section, kind, messages, stations)
        return _Turn(in_c, relay, worker)


@contextmanager
def _store(place: Path, kind: str) -> Iterator[StoreSection]:
    if kind == "influx":
        with running_influx(place) as influx:
            influx.reset()
            yield influx.settings(place)
    else:
        yield StoreSection(
            path=place / "store.sqlite", operations_url=f"sqlite:///{place}/operations.sqlite"
        )


def _figures(
    name: str, kind: Kind, messages: int, turns: list[_Turn], breakdown: bool
) -> Iterator[Figure]:
    workers = [turn.worker for turn in turns]
    rate = median(messages / one.seconds for one in workers)
    each = 1e6 / messages
    share = median(turn.in_c / turn.worker.seconds for turn in turns)
    yield Figure(f"{name}: share of the drain in C", share, "", _goal(kind, single=True))
    share = median(turn.relay / turn.worker.seconds for turn in turns)
    yield Figure("  share of what C programs relay", share, "", _goal(kind, single=True))
    yield Figure("  drain in C", median(messages / turn.in_c for turn in turns), "messages/s")
    relay = median(messages / turn.relay for turn in turns)
    yield Figure("  relayed by C programs", relay, "messages/s")
    yield Figure("  worker", rate, "messages/s")
    if kind.observations:
        goal = _goal(kind, single=False)
        yield Figure("  worker", rate * kind.observations, "observations/s", goal)
    yield Figure("  its processor", median(one.processor for one in workers) * each, "µs/message")
    broker = median(one.broker_processor for one in workers) * each
    yield Figure("  the broker's processor", broker, "µs/message")
    yield Figure("  its memory at most", median(one.memory for one in workers), "MiB")
    if breakdown:
        yield Figure("  messages in a batch", median(one.batch for one in workers), "")
        for stage, seconds in workers[-1].stages.items():
            yield Figure(f"    {stage}", seconds * each, "µs/message")


def _goal(kind: Kind, *, single: bool) -> str:
    if single:
        return _SINGLE_GOAL if kind.observations == 1 else ""
    return _MANY_GOAL if kind.observations > 1 else ""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", action="append", choices=KINDS, help="all of them by default")
    parser.add_argument("--store", action="append", choices=_STORES, help="both by default")
    parser.add_argument("--stations", type=int, default=100, help="who send, in turn")
    parser.add_argument("--messages", type=int, default=40_000, help="of one observation or none")
    parser.add_argument("--batches", type=int, default=5_000, help="messages of 100 observations")
    parser.add_argument("--turns", type=int, default=3, help="of which the median is told")
    parser.add_argument("--quick", action="store_true", help="one turn of a fifth of it")
    parser.add_argument("--breakdown", action="store_true", help="tell the worker's stages")


BENCHMARK = Benchmark(
    "ingest",
    "How fast one ingest worker empties a broker, beside a subscriber in C.",
    _EXAMPLES,
    _add_options,
    _measure,
)

if __name__ == "__main__":
    alone(BENCHMARK)
