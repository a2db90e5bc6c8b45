"""The report of all benchmarks as Markdown: goals first, then every figure with its spread."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.parts import Part
from benchmarks.results import Run, Summary, summaries

_OPENING = """\
# Figures

Written by `make bench`; every single run is in `docs/figures/`. Nobody edits this file.

A figure is the median of its runs, with the least and the most of them behind it. Absolute figures
belong to the machine that is named below, and to its load; ratios travel further. What a virtual
machine's host took is the part of the processor time that was wanted and went to other machines.
A goal that was missed says so.
"""
_EVERY_RUN = "load before", "load after", "taken by its host"


def page(measured: Mapping[Part, Sequence[Run]]) -> str:
    """The whole document; a part without runs is left out."""
    found = {part: runs for part, runs in measured.items() if runs}
    shared = _shared([run.machine for runs in found.values() for run in runs])
    lines = [_OPENING, *_machine(shared), *_goals(found)]
    for part, runs in found.items():
        lines += _part(part, runs, shared)
    return "\n".join(lines).rstrip() + "\n"


def _shared(machines: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What all runs say alike of the machine."""
    first, *others = machines or [{}]
    return {
        name: fact
        for name, fact in first.items()
        if name not in _EVERY_RUN and all(one.get(name) == fact for one in others)
    }


def _machine(shared: Mapping[str, str]) -> Iterator[str]:
    yield "## Machine and versions\n"
    yield from _rows("what", "is")
    for name, fact in shared.items():
        yield f"| {name} | {_cell(fact)} |"
    yield ""


def _goals(found: Mapping[Part, Sequence[Run]]) -> Iterator[str]:
    yield "## Goals\n"
    yield from _rows("figure", "median (least – most)", "goal", "met")
    for part, runs in found.items():
        for one in summaries(runs):
            if one.goal:
                name = _cell(": ".join((part.title, *one.path)))
                yield f"| {name} | {_value(one)} | {_goal(one)} | {_met(one)} |"
    yield ""


def _part(part: Part, runs: Sequence[Run], shared: Mapping[str, str]) -> Iterator[str]:
    yield f"## {part.title}\n"
    yield f"{part.about}\n"
    options = "".join(f" {one}" for one in runs[0].options)
    yield f"`python -m {part.module}{options}`\n"
    yield from _rows("run", "began", "commit", "minutes", *_EVERY_RUN)
    for number, run in enumerate(runs, start=1):
        load = " | ".join(run.machine.get(name, "") for name in _EVERY_RUN)
        minutes = f"{run.seconds / 60:.1f}"
        yield f"| {number} | {run.began} | {run.commit} | {minutes} | {load} |"
    yield ""
    for name, fact in runs[0].machine.items():
        if name not in shared and name not in _EVERY_RUN:
            yield f"- {name}: {fact}"
    yield ""
    yield from _rows("figure", "median (least – most)", "goal", "met")
    for one in summaries(runs):
        name = "· " * (len(one.path) - 1) + one.path[-1]
        yield f"| {_cell(name)} | {_value(one)} | {_goal(one)} | {_met(one)} |"
    yield ""


def _rows(*heads: str) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"


def _value(one: Summary) -> str:
    unit = f" {one.unit}" if one.unit else ""
    told = f"{number(one.figure.value)}{unit}"
    if len(one.values) > 1:
        told += f" ({number(min(one.values))} – {number(max(one.values))})"
    if len(one.values) < one.runs:
        told += f", in {len(one.values)} of {one.runs} runs"
    return told


def number(value: float) -> str:
    """Three digits, as everywhere in the report; all of them beyond a thousand."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _goal(one: Summary) -> str:
    return one.goal.replace("<=", "≤").replace(">=", "≥")


def _met(one: Summary) -> str:
    verdict = one.figure.verdict
    if one.missed and verdict == "yes":
        return f"yes; missed in {one.missed} of {len(one.values)} runs"
    return verdict


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def missed(runs: Iterable[Run]) -> bool:
    """Whether the median of any figure misses its goal."""
    return any(one.figure.verdict == "NO" for one in summaries(list(runs)))
