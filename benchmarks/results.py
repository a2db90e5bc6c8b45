"""What runs of the parts have measured, kept as files, and what several runs come down to."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.report import Figure

_INDENT = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one part: of which commit, with which options, when, how long, what it found."""

    commit: str
    options: tuple[str, ...]
    began: str
    seconds: float
    machine: Mapping[str, str]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure over several runs; `path` leads to it from the figure it belongs to.

    `values` are those of the runs that have it, of `runs` in all.
    """

    path: tuple[str, ...]
    values: tuple[float, ...]
    runs: int
    unit: str
    goal: str

    @property
    def figure(self) -> Figure:
        """The median, beside its goal."""
        return Figure(self.path[-1], median(self.values), self.unit, self.goal)

    @property
    def missed(self) -> int:
        """In how many runs the goal was missed."""
        figures = [Figure("", value, self.unit, self.goal) for value in self.values]
        return sum(one.verdict == "NO" for one in figures)


def load_runs(file: Path) -> list[Run]:
    """The runs in a file; none if there is no such file."""
    if not file.exists():
        return []
    return [
        Run(
            one["commit"],
            tuple(one["options"]),
            one["began"],
            one["seconds"],
            one["machine"],
            tuple(Figure(**figure) for figure in one["figures"]),
        )
        for one in json.loads(file.read_text(encoding="utf-8"))["runs"]
    ]


def save_runs(file: Path, runs: Sequence[Run]) -> None:
    """Write them, whole or not at all."""
    document = {"runs": [asdict(run) for run in runs]}
    written = file.with_suffix(".new")
    written.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(file)


def read_figures(file: Path) -> tuple[dict[str, str], tuple[Figure, ...]]:
    """What a benchmark has written with `--json`: its machine, its figures."""
    document = json.loads(file.read_text(encoding="utf-8"))
    return document["machine"], tuple(Figure(**figure) for figure in document["figures"])


def summaries(runs: Sequence[Run]) -> list[Summary]:
    """Every figure that any of the runs has, in the order of the first run that has it."""
    found: dict[tuple[tuple[str, ...], int], list[Figure]] = {}
    for run in runs:
        for key, figure in _placed(run.figures):
            found.setdefault(key, []).append(figure)
    return [
        Summary(
            path,
            tuple(one.value for one in figures),
            len(runs),
            figures[0].unit,
            next((one.goal for one in figures if one.goal), ""),
        )
        for (path, _), figures in found.items()
    ]


def _placed(figures: Sequence[Figure]) -> Iterator[tuple[tuple[tuple[str, ...], int], Figure]]:
    """Each figure with the way to it: spaces before its name say to which one it belongs.

    The number tells figures of one name apart that stand one after the other.
    """
    way: list[str] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for figure in figures:
        name = figure.name.lstrip()
        depth = (len(figure.name) - len(name)) // _INDENT
        way = [*way[:depth], name]
        seen[tuple(way)] += 1
        yield (tuple(way), seen[tuple(way)]), figure
