"""How soon the page is there and follows a hand, with a whole city behind it."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.page_browser import LANGUAGES, Asked, Times, chromium, first_look, look, views_of
from benchmarks.page_city import USAGE_WEEKS, YEAR, Loaded, loaded
from benchmarks.page_serving import served
from benchmarks.report import Figure
from benchmarks.run import Benchmark, Say, alone

_EXAMPLES = """\
examples:
  python -m benchmarks.page                            20,000 stations: loading takes some minutes
  python -m benchmarks.page --directory /var/tmp       what is loaded stays there for the next time
  python -m benchmarks.page --stations 500 --quick     a look, about a minute

Debian's Chromium looks at a real page process over a real ingest with its broker and its store on
disk. A view is measured from the start of its navigation: the first and the largest paint, and
until every chart on the screen is drawn. An interaction is measured from the last event of the hand
until the new view and its charts are painted. Cold is the first view after servers and browser
have started.
"""
_PAINT_MS, _INTERACTION_MS = 1_000, 300
_ROUNDS, _QUICK_ROUNDS = 5, 1
_QUICK_VIEWS = ("overview", "stations")  # looked at cold in a look
_KINDS = {"first": "first paint", "largest": "largest paint", "drawn": "its charts"}


def _measure(options: argparse.Namespace, directory: Path, say: Say) -> list[Figure]:
    city = loaded(options.directory or directory, options.stations, say)
    cold = _cold(city, _QUICK_VIEWS if options.quick else tuple(views_of("")), say)
    rounds = options.rounds or (_QUICK_ROUNDS if options.quick else _ROUNDS)
    with served(city.section, city.now) as url, chromium() as browser:
        asked = Asked(url, city.busy)
        say("warming up …")
        look(browser, asked, 1, say)
        say("all views and interactions …")
        warm = look(browser, asked, rounds, say)
    return [*_paints("cold", cold), *_paints("warm", warm), *_hands(warm)]


def _cold(city: Loaded, views: Sequence[str], say: Say) -> Times:
    """Each view as the first thing that anybody asks of servers that have just started."""
    times = Times()
    for number, name in enumerate(views):
        say(f"{name}, cold …")
        with served(city.section, city.now) as url, chromium() as browser:
            language = LANGUAGES[number % len(LANGUAGES)]
            found = first_look(browser, Asked(url, city.busy), name, language)
        for key, took in found.views.items():
            times.views[key] += took
    return times


def _paints(when: str, times: Times) -> Iterator[Figure]:
    goal = f"<= {_PAINT_MS}"
    for (view, kind), took in times.views.items():
        name = f"{when}: {view}, {_KINDS[kind]}"
        wanted = goal if kind != "drawn" else ""
        if len(took) == 1:
            yield Figure(name, took[0], "ms", wanted)
        else:
            yield Figure(f"{name}, median", median(took), "ms", wanted)
            yield Figure("  slowest", max(took), "ms", wanted)


def _hands(times: Times) -> Iterator[Figure]:
    goal = f"<= {_INTERACTION_MS}"
    for name, took in times.interactions.items():
        yield Figure(f"{name}, median", median(took), "ms", goal)
        yield Figure("  slowest", max(took), "ms", goal)


def _facts(options: argparse.Namespace) -> Mapping[str, str]:
    return {
        "scale": f"{options.stations:,} stations; released cells of {YEAR} weeks, usage of every"
        f" area for a year and of one station in 40 for {USAGE_WEEKS} weeks, the ledger of a year"
    }


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stations", type=int, default=20_000, help="in the whole city")
    parser.add_argument("--rounds", type=int, help=f"through everything; {_ROUNDS}")
    parser.add_argument("--quick", action="store_true", help="one round, and two views cold")


BENCHMARK = Benchmark(
    "page",
    "How soon the built-in page is there, and how soon it follows a hand.",
    _EXAMPLES,
    _add_options,
    _measure,
    _facts,
)

if __name__ == "__main__":
    alone(BENCHMARK)
