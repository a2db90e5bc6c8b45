"""`health-kiosk trends`: releasing, listing and explaining, as an operator sees it."""

from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from health_kiosk.aligned import aligned, width
from health_kiosk.cli import main
from ingest.calendar import week_of
from ingest.centre import system_clock
from ingest.disclosure import RULES
from ingest.operations import Station
from ingest.release import last_due
from tests.integration.releasing import BANK, CHAOYANG, LAST, WEEKS, due, filled, release

HERE = Station(BANK.station, "朝阳区银行", "Chaoyang bank", BANK.district, BANK.venue, 3)


def configured(directory: Path) -> str:
    """Settings of a centre in a directory that keeps everything for ever."""
    file = directory / "ingest.toml"
    file.write_text(
        f'[store]\npath = "{directory}/store.sqlite"\n'
        f'operations_url = "sqlite:///{directory}/operations.sqlite"\n'
        "[store.retention]\nraw_days = 0\ntrends_days = 0\n",
        encoding="utf-8",
    )
    return str(file)


@pytest.fixture(scope="module")
def twelve_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre whose city sent twelve weeks, which are released and no more."""
    directory = tmp_path_factory.mktemp("twelve-weeks")
    centre = filled(directory)
    centre.operations.inventory.register([HERE])
    release(centre, due(LAST), rules=RULES)
    centre.operations.close()
    return directory


@pytest.fixture
def config(twelve_weeks: Path, tmp_path: Path) -> str:
    return configured(Path(copytree(twelve_weeks, tmp_path / "copy")))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    main(("trends", *arguments))
    return capsys.readouterr().out.splitlines()


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(("trends", *arguments))
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_each_week_is_told_as_it_is_released(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    due_now = last_due(system_clock(), 24)
    weeks = [week_of(due_now.first - timedelta(weeks=1)), due_now]
    filled(tmp_path, [*weeks, due_now.following]).operations.close()
    config = configured(tmp_path)
    assert said(capsys, "release", "--config", config) == [
        *(f"{week} released" for week in weeks),
        f"2 week(s) released: {weeks[0]} to {weeks[1]}",
    ]
    assert said(capsys, "release", "--config", config) == ["0 week(s) released"]


def test_windows_are_listed_with_what_may_be_shown(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    title, wording, heading, *rows = said(capsys, "list", "--config", config)
    assert title == "bp of each city, part 'high', as internal readers see it"
    assert wording == "sessions, not persons; screening, not diagnosis"
    assert heading.split() == ["window", "first", "last", "area", "sessions", "high", "interval"]
    assert [row.split()[0] for row in rows] == [str(week) for week in WEEKS]
    assert rows[4].split()[:6] == [
        "2026-W05", "2026-01-26", "2026-02-01", "110000", "北京市", "Beijing",
    ]  # fmt: skip
    assert rows[4].split()[6] == "130"


def test_hidden_windows_are_listed_without_a_number(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, first = said(
        capsys, "list", "--area", "pharmacy", "--audience", "public", "--config", config
    )
    assert first.endswith("hidden            few_sessions; see the city")


def test_a_small_part_is_a_band(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    glucose = ("--area", CHAOYANG, "--measure", "glu_casual", "--config", config)
    internal = {row.split()[7] for row in said(capsys, "list", *glucose)[3:]}
    assert internal == {"<8", "40"}
    convenience = ("--area", "convenience", "--audience", "public", "--config", config)
    public = {row.split()[8] for row in said(capsys, "list", *convenience)[3:]}
    assert public == {"<11", "hidden"}


def test_the_columns_of_districts_stay_straight_under_chinese_names(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, heading, *rows = said(capsys, "list", "--level", "district", "--config", config)
    assert len(rows) == 16 * 12
    high = width(heading[: heading.index("high")]) + len("high")
    ends = {width(row[: row.index(" %") + 2]) for row in rows if " %" in row}
    assert ends == {high}


def test_a_table_may_hold_both_scripts() -> None:
    assert aligned([("a", "北京", "1"), ("城市", "x", "10")], right=(2,)) == [
        "a     北京   1",
        "城市  x     10",
    ]


def test_a_station_is_listed_in_its_own_windows(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ("--area", BANK.station, "--config", config)
    assert [row.split()[0] for row in said(capsys, "list", *here)[3:]] == [
        "2026-B01x4", "2026-B02x4", "2026-B03x4",
    ]  # fmt: skip
    (public,) = said(capsys, "list", *here, "--audience", "public")[3:]
    assert public.split()[:8] == [
        "2026-B01x12", "2025-12-29", "2026-03-22", BANK.station, "朝阳区银行", "Chaoyang", "bank",
        "480",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("internal:station:BJ-CY-001:2026-B01x4:bp:high", "shown: no rule hides it"),
        ("internal:station:BJ-CY-001:2026-B01x4:bp:grade3", "city in blocks of 12 weeks"),
        ("internal:venue:pharmacy:2026-W05:bp:high", "R1: there are too few sessions"),
        ("internal:district:110105:2026-W05:bp:late", "R2: the part is in the smallest band"),
    ],
)
def test_a_cell_is_explained_by_its_rule(
    cell: str, why: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, explanation = said(capsys, "explain", cell, "--config", config)
    assert name == cell
    assert why in explanation


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("explain", "bp"), "a cell is named audience:level:area:window:measure:part"),
        (("explain", "internal:station:BJ-CY-001:2026-W05:bp:high"), "have 4 weeks"),
        (("explain", "internal:station:BJ-CY-999:2026-B01x4:bp:high"), "in the inventory"),
        (
            ("explain", "internal:station:BJ-CY-001:2026-B04x4:bp:high"),
            "2026-B04x4 is not released yet; it is due from 2026-04-21 00:00 on",
        ),
        (("explain", "internal:city:110000:2025-W50:bp:high"), "before the first week"),
        (("list", "--area", "nowhere"), "use 110000, the code of a district such as 110105"),
        (("list", "--level", "station"), "give its id: --area BJ-CY-012"),
        (("list", "--level", "city", "--area", "110105"), "is not a city, it is a district"),
    ],
)
def test_what_cannot_be_is_refused_with_an_instruction(
    arguments: tuple[str, ...], advice: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advice in complaint(capsys, *arguments, "--config", config)
