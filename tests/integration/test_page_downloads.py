"""The tables of the real API as CSV and as a workbook, handed on by the site."""

import csv
import re
from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from contract.places import DISTRICTS
from dashboard.web.api import IngestApi
from dashboard.web.app import create_app
from dashboard.web.workbook import workbook
from ingest.api import create_app as create_ingest
from tests.fake_ingest import serving
from tests.integration.usage_city import keep, mornings, release, running, sessions

OF_A_PLACE = ("typical-week", "days", "summary", "uptake", "trends")
OF_ALL = ("extremes", "reach", "equity", "venues", "districts")
PLACES = ("area=110000", "area=110105", "area=bank", "station=S0")


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor of the site in front of an ingest with four weeks of use and a release."""
    with running(tmp_path) as service:
        keep(service, mornings("S0", 28, mean=0.5, entries=9))
        service.store.write(sessions(40, date(2026, 2, 18)))
        release(service)
        async with (
            serving(create_ingest(service)) as ingest_url,
            serving(create_app(IngestApi(ingest_url))) as url,
            httpx.AsyncClient(base_url=url, trust_env=False) as client,
        ):
            yield client


def cells(content: bytes) -> dict[str, str]:
    """The cells of a workbook's only sheet: what is a number as it is, text in quotes."""
    with ZipFile(BytesIO(content)) as book:
        shared = book.read("xl/sharedStrings.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    texts = re.findall(r"<si><t[^>]*>(.*?)</t></si>", shared, re.DOTALL)
    found = re.findall(r'<c r="([A-Z]+\d+)"([^>]*)><v>(.*?)</v></c>', sheet)
    return {at: repr(texts[int(value)]) if 't="s"' in kind else value for at, kind, value in found}


async def test_every_table_is_handed_on_in_both_forms(visitor: httpx.AsyncClient) -> None:
    asked = [f"{name}.csv?{place}" for name in OF_A_PLACE for place in PLACES]
    for download in [*asked, *(f"{name}.csv" for name in OF_ALL)]:
        text = await visitor.get(f"/download/{download}")
        assert text.status_code == 200, download
        assert text.content.startswith(b"\xef\xbb\xbf# "), "a spreadsheet would not read Chinese"
        book = await visitor.get(f"/download/{download.replace('.csv', '.xlsx')}")
        first = csv.reader(StringIO(text.content.decode("utf-8-sig")))
        heads = next(row for row in first if not row[0].startswith("# "))
        assert repr(heads[0]) in cells(book.content).values()


async def test_a_download_is_the_same_table_that_the_page_shows(
    visitor: httpx.AsyncClient,
) -> None:
    answer = await visitor.get("/download/days.csv?station=S0&weeks=4&lang=zh")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="days-S0.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[2] == "# S0, 2026-02-04 – 2026-03-03"
    assert lines[3:5] == ["day,entries,windows", "2026-02-04,35,4"]
    assert len(lines) == 4 + 28
    page = (await visitor.get("/stations/S0?weeks=4&lang=zh")).text
    assert page.count("<td>35</td>") == 28


async def test_reach_has_a_line_for_every_district(visitor: httpx.AsyncClient) -> None:
    text = (await visitor.get("/download/reach.csv")).content.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert [line.split(",")[0] for line in lines[1:]] == list(DISTRICTS)
    assert "未采集年龄与性别" in text


async def test_a_station_or_a_week_that_is_not_there_has_no_table(
    visitor: httpx.AsyncClient,
) -> None:
    for download in ("days.csv?station=S9", "trends.xlsx?station=S9"):
        assert (await visitor.get(f"/download/{download}")).status_code == 404


def test_in_a_workbook_numbers_are_numbers_and_nothing_is_a_formula() -> None:
    text = "# 说明\r\n# About\r\na,b,c\r\n110105,-1.5,<8\r\n=1+1,,https://example.org\r\n"
    assert cells(workbook(text)) == {
        "A1": "'说明'",
        "A2": "'About'",
        "A3": "'a'",
        "B3": "'b'",
        "C3": "'c'",
        "A4": "110105",
        "B4": "-1.5",
        "C4": "'&lt;8'",
        "A5": "'=1+1'",
        "C5": "'https://example.org'",
    }
