"""What the site says if something is wrong, refused, or not there at all."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.web.api import IngestApi
from dashboard.web.app import create_app
from dashboard.web.phrasebook import Language
from dashboard.web.texts import EN, TEXTS, ZH
from tests.fake_city import NOW, example_overview
from tests.fake_ingest import serving
from tests.integration.page import CHARTS, DESKTOP, PHONE, STATION, Site, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The site that all these tests visit."""
    async with opened_site() as opened:
        yield opened


def asking(site: Site) -> httpx.AsyncClient:
    """A visitor without a browser, who reads English."""
    headers = {"accept-language": "en"}
    return httpx.AsyncClient(base_url=site.tab.url, trust_env=False, headers=headers)


async def test_one_part_that_cannot_be_read_leaves_the_others(site: Site) -> None:
    site.ingest.failing = {"days"}
    async with site.visit() as visit:
        await visit.open("usage")
        await expect(visit.page.locator("#days")).to_contain_text(EN.section_unavailable)
        await expect(visit.page.locator("#plot-occupancy svg.main-svg").first).to_be_visible()


@pytest.mark.parametrize("view", CHARTS)
async def test_parts_that_cannot_be_read_say_so_and_leave_the_page(site: Site, view: str) -> None:
    site.ingest.failing = {
        *("trend", "glucose", "extremes", "stations", "ledger", "station-ledger", "latest"),
        *("days", "summary", "typical-week", "venues", "reach", "equity"),
    }
    async with site.visit(), asking(site) as client:
        html = (await client.get(f"/{view}")).text
    panels = re.findall(r"<section.*?</section>", html, re.DOTALL)
    unread = [panel for panel in panels if 'data-shape="unavailable"' in panel]
    assert unread
    for panel in unread:
        assert EN.section_unavailable in panel
        if re.search('id="(screening|glucose|extremes|high)"', panel):
            assert f"<strong>{EN.caution}</strong>" in panel
    assert 'class="plot"' not in html


@pytest.mark.parametrize(
    ("status", "notice"),
    [
        (401, "key_refused"),
        (403, "key_refused"),
        (429, "too_many"),
        (503, "database_unavailable"),
        (500, "ingest_unavailable"),
    ],
)
@pytest.mark.parametrize("view", ["", "equity", f"stations/{STATION}", "download/reach.csv"])
async def test_what_ingest_refuses_is_said_with_what_to_do(
    site: Site, view: str, status: int, notice: str
) -> None:
    site.ingest.status = status
    async with site.visit(), asking(site) as client:
        answer = await client.get(f"/{view}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    for texts in (EN, ZH):
        assert getattr(texts, notice) in unescape(answer.text)
        assert getattr(texts, f"{notice}_note") in unescape(answer.text)


async def test_a_notice_far_from_the_root_finds_its_style_and_the_way_home(site: Site) -> None:
    async with site.visit() as visit:
        assert await visit.open("stations/BJ-XX-1") == 404
        style = "getComputedStyle(document.body).display"
        assert await visit.page.evaluate(style) == "grid"
        assert not [one for one in visit.complaints if "404" not in one]


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_page_says_what_is_wrong_while_it_lasts(
    site: Site, language: Language, size: tuple[int, int]
) -> None:
    texts = TEXTS[language]
    wrong = [{"code": code, "since": NOW, "count": 3} for code in texts.problems]
    site.ingest.overview = example_overview() | {"problems": wrong}
    async with site.visit(size) as visit:
        await visit.open("", language)
        told = visit.page.locator("#problems li")
        sentences = [one.format(since="12:00", count=3) for one in texts.problems.values()]
        await expect(told).to_have_text([f"⚠ {sentence}" for sentence in sentences])
        await expect(visit.page.get_by_role("list", name=texts.problems_heading)).to_be_visible()
        width = await visit.page.evaluate("document.documentElement.scrollWidth")
        assert width == size[0], "the page scrolls sideways"
        site.ingest.reset()
        await expect(told).to_have_count(0, timeout=20_000)


async def test_without_ingest_the_page_says_so_in_both_languages_and_comes_back(
    site: Site,
) -> None:
    site.ingest.failing = {"all"}
    async with site.visit(PHONE) as visit:
        assert await visit.open() == 503
        page = visit.page
        await expect(page.locator("main")).to_contain_text(EN.ingest_unavailable)
        await expect(page.locator("main")).to_contain_text(ZH.ingest_unavailable)
        site.ingest.failing.clear()
        await expect(page.locator("h1")).to_have_text(EN.views["overview"], timeout=20_000)


async def test_nobody_at_the_ingest_address_is_unavailable_and_not_an_error() -> None:
    async with (
        serving(create_app(IngestApi("http://127.0.0.1:9"))) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        for path in ("/", "/usage", "/equity?part=live", "/stations/BJ-1", "/download/reach.csv"):
            response = await client.get(path, headers={"accept-language": "zh-CN"})
            assert response.status_code == 503
            assert response.headers["retry-after"] == "5"
            assert ZH.ingest_unavailable in response.text
        assert (await client.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "notice"),
    [
        ("usage?area=110103", "area_unknown"),
        ("screening?area=<b>", "area_unknown"),
        ("stations?district=110000", "area_unknown"),
        ("usage?weeks=5", "page_unknown"),
        ("screening?measure=weight", "page_unknown"),
        ("stations?after=../x", "station_unknown"),
        ("stations/a%2Fb", "page_unknown"),
        ("nowhere", "page_unknown"),
        ("nowhere/at/all", "page_unknown"),
        ("download/days.pdf", "page_unknown"),
        ("download/secrets.csv", "page_unknown"),
        ("download/trends.csv?of=weight", "page_unknown"),
    ],
)
async def test_what_is_not_on_a_list_is_not_found(site: Site, path: str, notice: str) -> None:
    site.ingest.asked.clear()
    async with httpx.AsyncClient(base_url=site.tab.url, trust_env=False) as client:
        answer = await client.get(f"/{path}", headers={"accept-language": "zh"})
        assert answer.status_code == 404
        assert getattr(ZH, notice) in unescape(answer.text)
        assert getattr(EN, f"{notice}_note") in unescape(answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert site.ingest.asked == []
