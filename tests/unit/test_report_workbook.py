"""The workbook has the report's tables as numbers and words, and never a formula."""

import re
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

from dashboard.reports.chinese import ZH
from dashboard.reports.english import EN
from dashboard.reports.facts import Facts
from dashboard.reports.paper import paper
from dashboard.reports.tables import Grid, grids
from dashboard.reports.words import Words
from dashboard.reports.workbook import workbook
from ingest.calendar import ZONE
from tests.report_facts import facts

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=ZONE)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def made(found: Facts, said: Words = EN) -> bytes:
    page = paper(found, said, NOW)
    return workbook(page, grids(found, page, said), NOW)


def sheets(content: bytes) -> dict[str, list[list[str | float]]]:
    """The cells of every sheet, row by row, as a reader of the format finds them."""
    with ZipFile(BytesIO(content)) as file:
        read = {name: file.read(name) for name in file.namelist()}
    words = [_words(one) for one in fromstring(read["xl/sharedStrings.xml"])]  # noqa: S314
    names = re.findall(r'<sheet name="([^"]+)"', read["xl/workbook.xml"].decode())
    found: dict[str, list[list[str | float]]] = {}
    for number, name in enumerate(names, start=1):
        content = read[f"xl/worksheets/sheet{number}.xml"]
        assert b"<f>" not in content
        rows = fromstring(content).iter(f"{SHEET}row")  # noqa: S314
        found[name] = [[_cell(cell, words) for cell in row] for row in rows]
    return found


def _words(shared: Element) -> str:
    return "".join(one.text or "" for one in shared.iter(f"{SHEET}t"))


def _cell(cell: Element, words: list[str]) -> str | float:
    value = cell.findtext(f"{SHEET}v") or ""
    return words[int(value)] if cell.get("t") == "s" else float(value)


def test_every_sheet_says_what_the_numbers_are() -> None:
    found = sheets(made(facts()))
    assert list(found) == [
        "Summary", "Trend", "Categories", "Districts", "Entries per day", "Typical week",
        "Quality and method",
    ]  # fmt: skip
    for rows in found.values():
        assert rows[0] == ["Rest-station health screening: weekly report"]
        assert rows[1] == ["Chaoyang · 2026-W16 (13 April 2026 to 19 April 2026)"]
        assert rows[2] == ["Voluntary self-measurement, not diagnosis."]


def test_numbers_are_numbers_and_hidden_ones_are_words() -> None:
    found = sheets(made(facts()))
    districts = {row[0]: row for row in found["Districts"] if len(row) == 10}
    assert districts["110105"] == [
        "110105", "Chaoyang", 200, 44, 22, 18, 26, "", "995", 2.88,
    ]  # fmt: skip
    assert districts["110118"][2:7] == [20, *["fewer than 8"] * 4]
    assert districts["110119"][2:7] == ["hidden"] * 5
    days = [row for row in found["Entries per day"] if str(row[0]).startswith("2026-")]
    assert days[:3] == [
        ["2026-03-23", "fewer than 8"], ["2026-03-24", "no data"], ["2026-03-25", 35],
    ]  # fmt: skip
    trend = [row for row in found["Trend"] if row[0] == "2026-W15"]
    assert len(trend) == 6
    assert {str(row[3]) for row in trend} == {"hidden"}
    assert {str(cell) for row in trend for cell in row[5:9]} == {"hidden"}


def test_chinese_names_its_own_sheets() -> None:
    found = sheets(made(facts(), ZH))
    assert list(found)[:3] == ["概要", "趋势", "类别"]
    assert [row[1] for row in found["各区"] if row[0] == "110115"] == ["大兴区"]


def test_what_looks_like_a_formula_is_text() -> None:
    page = paper(replace(facts(), demo=True), EN, NOW)
    grid = Grid("cells", ("=1+1",), (('=HYPERLINK("http://x")',), ("+1",), ("@x",), (1.5,)))
    rows = sheets(workbook(page, [grid], NOW))["cells"]
    assert rows[-5:] == [["=1+1"], ['=HYPERLINK("http://x")'], ["+1"], ["@x"], [1.5]]
    assert rows[4][0] == EN.demo


def test_the_same_facts_are_the_same_file() -> None:
    assert made(facts()) == made(facts())
    assert made(facts()) != made(facts("110101"))
