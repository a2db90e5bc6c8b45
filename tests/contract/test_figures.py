"""What the README says was measured, against the report of what was measured.

A number with a unit of measurement is quoted: it stands in docs/figures.md, character by character.
Of the README's section "Figures" every line with a digit stands there as a whole.
"""

import re
from pathlib import Path

import pytest

from benchmarks.figures_page import page
from benchmarks.parts import PARTS
from benchmarks.results import load_runs

ROOT = Path(__file__).parent.parent.parent
REPORT = ROOT / "docs" / "figures.md"
RESULTS = ROOT / "docs" / "figures"

_UNITS = (
    "ms", "µs", "s", "seconds", "minutes", "min", "hours", "MiB", "GiB", "MB", "GB", "kB", "bytes",
    "%", "times", r"messages/s", r"observations/s", r"sessions/s", r"frames/s", r"rows/s",
    "messages a second", "sessions a second", "windows a second", "MiB of memory", "% of a core",
)  # fmt: skip
_MEASURED = re.compile(rf"(?<![\w.,/-])(\d[\d,.]*\s?(?:{'|'.join(_UNITS)}))(?![\w/])")
_NOT_PROSE = re.compile(r"<[^>]*>|^```.*?^```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL | re.MULTILINE)


def section(text: str, name: str) -> str:
    """What stands below a heading, up to the next one of its kind."""
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(name, "")


def unfounded(readme: str, report: str) -> list[str]:
    """What the README says and the report does not."""
    quoted = section(readme, "Figures")
    lines = [line.strip() for line in quoted.splitlines() if re.search(r"\d", line)]
    known = {line.strip() for line in report.splitlines()}
    rest = _NOT_PROSE.sub(" ", readme.replace(quoted, "") if quoted else readme)
    numbers = [found[1] for found in _MEASURED.finditer(rest)]
    return [
        *(line for line in lines if line not in known),
        *(one for one in numbers if one not in report),
    ]


def test_the_readme_quotes_nothing_that_was_not_measured() -> None:
    report = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    assert unfounded((ROOT / "README.md").read_text(encoding="utf-8"), report) == []


def test_the_report_is_what_the_runs_say_and_nobodys_writing() -> None:
    runs = {part: load_runs(RESULTS / f"{part.name}.json") for part in PARTS.values()}
    if any(runs.values()) or REPORT.exists():
        assert REPORT.read_text(encoding="utf-8") == page(runs)


@pytest.mark.parametrize(
    ("readme", "wrong"),
    [
        ("Drains 2,000 messages/s.", ["2,000 messages/s"]),
        ("Drains 1,337 messages/s.", []),
        ("In at most 5 s, with 40 MiB.", ["5 s", "40 MiB"]),
        ("Twelve weeks of 240 stations, at least 20 sessions, `--every 10 s`.", []),
        ('<img width="74%">', []),
        ("## Figures\n\n| drain | 1,337 messages/s |\n", []),
        ("## Figures\n\n| drain | 1,338 messages/s |\n", ["| drain | 1,338 messages/s |"]),
        ("## Figures\n\nAbout 90 in a hundred.\n", ["About 90 in a hundred."]),
        ("## Figures\n\nMeasured by one command.\n\n## Else\n\n9 ms", ["9 ms"]),
    ],
)
def test_a_line_is_founded_only_if_the_report_has_it(readme: str, wrong: list[str]) -> None:
    assert unfounded(readme, "# Figures\n\n| drain | 1,337 messages/s |\n") == wrong
