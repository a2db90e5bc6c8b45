"""The report of the benchmarks: medians of runs, their spread, goals, and nothing left out."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.figures_page import missed, number, page
from benchmarks.parts import PARTS, Part
from benchmarks.report import Figure
from benchmarks.results import Run, load_runs, save_runs, summaries

PART = Part("puts", "A part", "Puts beside a bare loop.", 1, 0.1)
ROOT = Path(__file__).parent.parent.parent


def run_of(*figures: Figure, **machine: str) -> Run:
    facts = {
        "python": "3.11",
        "load before": "0.1",
        "load after": "1.9",
        "taken by its host": "3 %",
    }
    facts |= machine
    return Run("abc123", ("--quick",), "2026-02-06 04:00 UTC", 90.0, facts, figures)


def puts(rate: float, ratio: float = 0.9) -> Run:
    return run_of(
        Figure("puts", rate, "rows/s", ">= 3000"),
        Figure("  ratio", ratio, ""),
        Figure("drain", 100, "rows/s"),
        Figure("  ratio", 0.5, ""),
    )


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_a_figure_is_the_median_of_its_runs_with_the_least_and_the_most() -> None:
    text = page({PART: [puts(2_900), puts(5_000), puts(3_100)]})
    assert (
        "| A part: puts | 3,100 rows/s (2,900 – 5,000) | ≥ 3000 | yes; missed in 1 of 3 runs |"
        in (rows(text))
    )


def test_figures_of_one_name_are_told_apart_by_what_they_belong_to() -> None:
    found = summaries([puts(1, ratio=0.8), puts(2, ratio=1.0)])
    assert [(one.path, one.values) for one in found] == [
        (("puts",), (1, 2)),
        (("puts", "ratio"), (0.8, 1.0)),
        (("drain",), (100, 100)),
        (("drain", "ratio"), (0.5, 0.5)),
    ]


def test_neighbours_of_one_name_stay_two_figures() -> None:
    twice = run_of(Figure("worker", 1, "messages/s"), Figure("worker", 100, "observations/s"))
    assert [one.values for one in summaries([twice, twice])] == [(1, 1), (100, 100)]


def test_a_goal_that_the_median_misses_is_missed_in_the_page_and_for_the_caller() -> None:
    runs = [puts(2_900), puts(5_000), puts(2_000)]
    assert "| A part: puts | 2,900 rows/s (2,000 – 5,000) | ≥ 3000 | NO |" in rows(
        page({PART: runs})
    )
    assert missed(runs)
    assert not missed([puts(3_000)])


def test_a_figure_that_some_runs_lack_says_in_how_many_it_was() -> None:
    slow = run_of(Figure("slowest: a query", 9, "ms"))
    other = run_of(Figure("slowest: another", 8, "ms"))
    text = page({PART: [slow, other, slow]})
    assert "| slowest: a query | 9 ms (9 – 9), in 2 of 3 runs |  |  |" in rows(text)
    assert "| slowest: another | 8 ms, in 1 of 3 runs |  |  |" in rows(text)


def test_every_run_tells_its_commit_date_length_and_load_and_its_command_is_given() -> None:
    text = page({PART: [puts(3_000), run_of(**{"load after": "7.0"})]})
    assert "`python -m benchmarks.puts --quick`" in text
    assert "| 1 | 2026-02-06 04:00 UTC | abc123 | 1.5 | 0.1 | 1.9 | 3 % |" in rows(text)
    assert "| 2 | 2026-02-06 04:00 UTC | abc123 | 1.5 | 0.1 | 7.0 | 3 % |" in rows(text)


def test_what_runs_say_alike_of_the_machine_stands_once_and_the_rest_with_its_part() -> None:
    text = page({PART: [run_of(scale="200 stations")], PARTS["edge"]: [run_of()]})
    assert rows(text).count("| python | 3.11 |") == 1
    assert "\n- scale: 200 stations\n" in text
    assert "- python" not in text


def test_a_part_that_was_never_run_is_left_out() -> None:
    assert PARTS["edge"].title not in page({PARTS["edge"]: [], PART: [puts(1)]})


@pytest.mark.parametrize(
    ("value", "told"), [(123_456.7, "123,457"), (99.95, "100"), (1.234, "1.23"), (0.0004, "0.0004")]
)
def test_numbers_have_three_digits_or_all_before_the_point(value: float, told: str) -> None:
    assert number(value) == told


def test_runs_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "puts.json"
    assert load_runs(file) == []
    save_runs(file, [puts(1), puts(2)])
    assert load_runs(file) == [puts(1), puts(2)]
    assert [one.name for one in tmp_path.iterdir()] == ["puts.json"]


def ask(tmp_path: Path, *arguments: str) -> str:
    """The report of a look at the disk, measured with the runner's own options."""
    report = tmp_path / "figures.md"
    main(("--results", str(tmp_path), "--report", str(report), *arguments))
    return report.read_text(encoding="utf-8")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Part:
    """A part that takes a second: how much one reading writes to the disk."""
    options = ("--part", "disk", "--puts", "50")
    part = Part("edge", "A station", "Writes.", 1, 1, full=options, quick=options)
    monkeypatch.setitem(PARTS, "edge", part)
    return part


def began(tmp_path: Path) -> Sequence[float]:
    return [run.seconds for run in load_runs(tmp_path / "edge.json")]


def test_parts_are_measured_kept_and_gone_on_with(tmp_path: Path, tiny: Part) -> None:
    text = ask(tmp_path, "--only", "edge", "--runs", "2")
    assert f"`python -m {tiny.module} --part disk --puts 50`" in text
    assert len(first := began(tmp_path)) == 2
    ask(tmp_path, "--only", "edge", "--runs", "3", "--continue")
    assert began(tmp_path)[:2] == first
    assert len(began(tmp_path)) == 3
    again = ask(tmp_path, "--report-only")
    assert "| 3 |" in again
    machine = load_runs(tmp_path / "edge.json")[0].machine
    assert {"processor", "kernel", "python", "sqlite", "mosquitto", "pydantic"} <= set(machine)


def test_runs_of_another_commit_are_not_gone_on_with(tmp_path: Path, tiny: Part) -> None:
    old = Run("older", tiny.full, "2026-02-06 04:00 UTC", 1.0, {}, (Figure("old", 1, ""),))
    save_runs(tmp_path / "edge.json", [old])
    assert "older" not in ask(tmp_path, "--only", "edge", "--runs", "1", "--continue")


def test_a_part_that_fails_is_named_and_the_others_are_measured(
    tmp_path: Path, tiny: Part, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = Part("ingest", "Ingest", "Broken.", 1, 1, full=("--no-such-option",))
    monkeypatch.setitem(PARTS, "ingest", broken)
    with pytest.raises(SystemExit, match="1"):
        ask(tmp_path, "--only", "ingest", "--only", "edge", "--runs", "1")
    assert "failed: ingest" in capfd.readouterr().err
    assert tiny.title in (tmp_path / "figures.md").read_text(encoding="utf-8")
    assert not (tmp_path / "ingest.json").exists()


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_a_command_that_takes_what_the_runner_gives_it(name: str) -> None:
    done = subprocess.run(
        (sys.executable, "-m", PARTS[name].module, "--help"),
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    for option in ("--json", "--directory", "--strict"):
        assert option in done.stdout
    for option in (*PARTS[name].full, *PARTS[name].quick):
        assert not option.startswith("--") or option in done.stdout


def test_a_benchmark_alone_writes_the_json_that_the_runner_reads(tmp_path: Path) -> None:
    file = tmp_path / "edge.json"
    subprocess.run(
        (
            sys.executable, "-m", "benchmarks.edge", "--part", "disk", "--puts", "50",
            "--json", str(file), "--directory", str(tmp_path),
        ),
        capture_output=True, check=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    document = json.loads(file.read_text(encoding="utf-8"))
    assert next(sorted(one) for one in document["figures"]) == ["goal", "name", "unit", "value"]
    assert document["machine"]["load before"]
