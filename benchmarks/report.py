"""A table of figures, each with its goal, for people and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One result; a `goal` begins with `<=` or `>=`."""

    name: str
    value: float
    unit: str
    goal: str = ""

    @property
    def verdict(self) -> str:
        """Whether the goal was reached; empty without a goal."""
        if not self.goal:
            return ""
        sign, number = self.goal.split()
        reached = self.value <= float(number) if sign == "<=" else self.value >= float(number)
        return "yes" if reached else "NO"


def table(facts: Mapping[str, str], figures: list[Figure]) -> str:
    """Lines for a terminal."""
    width = max((len(figure.name) for figure in figures), default=0)
    lines = [f"{name}: {fact}" for name, fact in facts.items()]
    lines.append("")
    for figure in figures:
        value = f"{figure.value:>12,.3g}" if figure.value < 100 else f"{figure.value:>12,.0f}"
        goal = f"{figure.goal:>10}  {figure.verdict}" if figure.goal else ""
        lines.append(f"{figure.name:<{width}} {value} {figure.unit:<14} {goal}".rstrip())
    return "\n".join(lines)


def write_json(path: Path, facts: Mapping[str, str], figures: list[Figure]) -> None:
    """The same for a program."""
    document = {"machine": dict(facts), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
