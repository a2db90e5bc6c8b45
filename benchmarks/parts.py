"""The parts of the whole report, in their order: what each is about, and how long it takes."""

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Part:
    """A benchmark as a part of the report; `minutes` are those of one run, on two cores.

    `full` and `quick` are its options for the report and for a look. `about` says in the report
    what is measured against what.
    """

    name: str
    title: str
    about: str
    minutes: float
    quick_minutes: float
    full: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """What to run: `python -m` and this."""
        return f"benchmarks.{self.name}"


_ALL = (
    Part(
        "edge", "A station",
        "The real agent as a process of its own with a virtual radio, a real broker, and its file"
        " on disk. Durable puts stand beside a bare SQLite loop on the same disk, in turns.",
        2, 0.4, quick=("--seconds", "5", "--queued", "1000", "--puts", "500", "--drained", "1000"),
    ),
    Part(
        "ingest", "Ingest",
        "One worker, started with a full broker, until the last receipt. Its peers, on the same"
        " broker in the same run: `mosquitto_sub` draining the same messages, and"
        " `mosquitto_pub` with `mosquitto_sub` relaying them.",
        2, 1, full=("--turns", "1"), quick=("--quick",),
    ),
    Part(
        "fleet", "The city, live",
        "A simulated city in one process, a real mosquitto, a real ingest and its embedded store,"
        " all on this machine; `python -m benchmarks.fleet --store influx` measures the other"
        " store. A latency runs from the moment a station publishes a numbered message."
        " Live is denser than life: a quarter of an hour ends every two minutes, and every station"
        " tells its window within the minute after it.",
        12, 3,
        full=("--store", "sqlite", "--phase", "live", "--phase", "restart", "--phase", "hard"),
        quick=("--stations", "500", "--quick"),
    ),
    Part(
        "trends", "Trends",
        "A year of a whole city in the embedded store: the real job releases weeks in a process of"
        " its own, and the real API is asked. The empty answer of the same server is the ceiling."
        " `python -m benchmarks.trends --store influx` measures the other store.",
        6, 1.5, full=("--store", "sqlite", "--weeks", "1", "--usage-stations", "100"),
        quick=("--stations", "200"),
    ),
    Part(
        "grafana", "Grafana's queries",
        "Every query of every board, asked of InfluxDB with a whole city behind it.",
        3, 3, quick=("--stations", "200"),
    ),
    Part(
        "page", "The built-in page",
        "The page in a real Chromium, with a whole city behind it. The first run loads the city,"
        " which takes six minutes and stays there.",
        5, 3, full=("--directory", "build/page-city"), quick=("--stations", "200", "--quick"),
    ),
)  # fmt: skip

PARTS = {part.name: part for part in _ALL if find_spec(part.module)}
"""Every part that there is, by its name."""
