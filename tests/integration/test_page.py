"""The built-in page in a real Chromium, over a real server and a hand-written ingest API."""

from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from playwright.async_api import expect

from dashboard.web.api import IngestApi
from dashboard.web.app import create_app
from dashboard.web.phrasebook import Language
from dashboard.web.texts import EN, TEXTS, ZH
from tests.fake_ingest import NOW, example_overview, serving
from tests.fake_trends import WORDING, half_a_year
from tests.integration.page import CHARTS, DESKTOP, PHONE, WALL, Site, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

HIDDEN: dict[Language, str] = {"zh": "隐藏(<8 或 n<20)", "en": "hidden (<8 or n<20)"}


# Pairs of texts of a kind that lie over each other in one chart.
_OVERLAPS = """selector => {
  const boxes = [...document.querySelectorAll(selector)].map(text => text.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The page that all these tests visit."""
    async with opened_site() as opened:
        yield opened


@pytest.mark.parametrize("size", [PHONE, DESKTOP, WALL], ids=["phone", "desktop", "wall"])
@pytest.mark.parametrize("language", TEXTS)
async def test_the_page_is_whole_in_both_languages_on_every_screen(
    site: Site, language: Language, size: tuple[int, int]
) -> None:
    texts = TEXTS[language]
    async with site.visit(size) as visit:
        assert await visit.open(f"?lang={language}") == 200
        page = visit.page
        await expect(page.locator("html")).to_have_attribute("lang", texts.html_lang)
        await expect(page.locator("h1")).to_have_text(texts.title)
        for name in CHARTS:
            await expect(page.locator(f"#plot-{name} svg.main-svg").first).to_be_visible()
        await expect(page.locator("#plot-classes .bars .point")).to_have_count(12 * 5)
        ticks = [f"#plot-{name} .xtick text" for name in ("classes", "high", "pressures")]
        for kind in (*ticks, ".annotation-text"):
            assert await page.evaluate(_OVERLAPS, kind) == 0
        for panel in ("screening", "glucose", "extremes"):
            await expect(page.locator(f"#{panel} strong")).to_have_text(
                WORDING[language].rstrip(".")
            )
        await expect(page.locator("#notices")).to_contain_text(texts.demo)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width == size[0], "the page scrolls sideways"
        assert visit.complaints == []
        assert {urlsplit(asked).hostname for asked in visit.asked} <= {"127.0.0.1", None}


async def test_half_a_year_of_weeks_fits_a_phone(site: Site) -> None:
    site.ingest.trend = half_a_year()
    async with site.visit(PHONE) as visit:
        await visit.open("?lang=en")
        for name in ("classes", "high", "pressures"):
            assert await visit.page.evaluate(_OVERLAPS, f"#plot-{name} .xtick text") == 0
        assert await visit.page.evaluate(_OVERLAPS, "#plot-classes .annotation-text") == 0
        await expect(visit.page.locator("#plot-classes .annotation").last).to_have_text("1880")


@pytest.mark.parametrize("language", TEXTS)
async def test_hidden_numbers_say_so_in_legend_chart_and_table(
    site: Site, language: Language
) -> None:
    async with site.visit() as visit:
        await visit.open(f"?lang={language}")
        page = visit.page
        await expect(page.locator("#screening .legend").first).to_contain_text(HIDDEN[language])
        words = await page.locator("#plot-classes .annotation").all_text_contents()
        assert words.count(TEXTS[language].hidden) == 2
        assert "45*" in words
        assert await page.locator("#plot-classes pattern").count() > 0
        rows = page.locator("#screening-rows tr", has_text=HIDDEN[language])
        assert await rows.locator("th").all_text_contents() == ["2026-W40", "2026-W35"]
        assert await page.locator("#screening-rows").get_by_text("<8", exact=True).count() == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_and_charts_wear_the_colour_scheme(
    site: Site, scheme: Literal["light", "dark"]
) -> None:
    async with site.visit() as visit:
        await visit.page.emulate_media(color_scheme=scheme)
        await visit.open()
        names = ["ink", "muted", "accent", "good", "bad", "surface", "paper", "warn-ink"]
        names += ["warn-paper", "hidden", "bp-normal"]
        read = "names => names.map(n => getComputedStyle(document.body).getPropertyValue('--' + n))"
        colour = dict(zip(names, await visit.page.evaluate(read, names), strict=True))
        for word in ("ink", "muted", "accent", "good", "bad"):
            assert contrast(colour[word], colour["surface"]) >= 4.5, word
            assert contrast(colour[word], colour["paper"]) >= 4.5, word
        assert contrast(colour["warn-ink"], colour["warn-paper"]) >= 4.5
        assert contrast(colour["ink"], colour["hidden"]) >= 4.5
        bar = visit.page.locator("#plot-classes .bars .point path").nth(1)
        fill = await bar.evaluate("bar => getComputedStyle(bar).fill")
        assert fill == "rgb({}, {}, {})".format(*bytes.fromhex(colour["bp-normal"][1:]))


async def test_a_change_of_colour_scheme_redraws_the_charts(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        tick = visit.page.locator("#plot-classes .xtick text").first
        before = await tick.evaluate("text => getComputedStyle(text).fill")
        await visit.page.emulate_media(color_scheme="dark")
        await expect(tick).not_to_have_css("fill", before)


async def test_language_and_area_are_remembered_by_the_links(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("")
        page = visit.page
        await expect(page.locator("h1")).to_have_text(EN.title)  # the browser asked for English
        await page.get_by_label(EN.area).select_option("110105")
        await page.get_by_role("button", name=EN.choose).click()
        await expect(page).to_have_url(f"{visit.url}/?lang=en&area=110105")
        assert site.ingest.areas[-1] == "110105"
        await page.get_by_role("link", name=EN.other_language).click()
        await expect(page).to_have_url(f"{visit.url}/?lang=zh&area=110105")
        await expect(page.locator("#stations-heading")).to_contain_text("朝阳区")
        await expect(page.locator("#station-rows tr")).to_have_count(38)
        await page.get_by_role("link", name="海淀区").click()
        await expect(page).to_have_url(f"{visit.url}/?lang=zh&area=110108")


async def test_the_keyboard_reaches_the_content_first(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        await visit.page.keyboard.press("Tab")
        await expect(visit.page.get_by_role("link", name=EN.skip)).to_be_focused()
        await visit.page.keyboard.press("Enter")
        await expect(visit.page.get_by_role("main")).to_be_focused()


async def test_without_scripts_every_number_is_in_a_table(site: Site) -> None:
    async with await site.browser.new_context(
        java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}
    ) as context:
        page = await context.new_page()
        await page.goto(f"{site.tab.url}/?lang=zh")
        await expect(page.locator("#plot-classes")).to_be_hidden()
        await page.locator("#screening summary").click()
        await expect(page.locator("#screening-rows")).to_contain_text("395 · 31% (28–35%)")
        await expect(page.locator("#glu_fasting")).to_contain_text("5.1–6.9")
        await expect(page.locator("#extremes-rows")).to_contain_text("9,310")
        await expect(page.locator("#search")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


async def test_a_stations_name_is_text_and_never_markup(site: Site) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    station = {"id": "S1", "name": {"zh": name, "en": name}, "district": name, "venue": name}
    site.ingest.stations = {
        "stations": [station | {"online": True, "last_seen": None, "ledger": None}]
    }
    async with site.visit() as visit:
        await visit.open()
        await expect(visit.page.locator("#station-rows th")).to_contain_text(name)
        assert await visit.page.locator("img").count() == 0
        assert visit.complaints == []


async def test_one_part_that_cannot_be_read_leaves_the_others(site: Site) -> None:
    site.ingest.failing = {"trend", "glucose", "extremes", "stations"}
    async with site.visit() as visit:
        assert await visit.open() == 200
        page = visit.page
        for panel in ("screening", "glucose", "extremes"):
            await expect(page.locator(f"#{panel}")).to_contain_text(EN.section_unavailable)
            await expect(page.locator(f"#{panel} strong")).to_have_text(EN.caution)
        await expect(page.locator("#stations")).to_contain_text(EN.section_unavailable)
        await expect(page.locator("#plot-occupancy svg.main-svg").first).to_be_visible()


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_page_says_what_is_wrong_while_it_lasts(
    site: Site, language: Language, size: tuple[int, int]
) -> None:
    texts = TEXTS[language]
    wrong = [{"code": code, "since": NOW, "count": 3} for code in texts.problems]
    site.ingest.overview = example_overview() | {"problems": wrong}
    async with site.visit(size) as visit:
        await visit.open(f"?lang={language}")
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
        await expect(page.locator("h1")).to_have_text(EN.title, timeout=20_000)


async def test_an_ingest_whose_database_is_away_is_not_taken_for_absent() -> None:
    ingest = FastAPI(openapi_url=None)

    @ingest.get("/api/v1/overview")
    async def away() -> JSONResponse:
        return JSONResponse({}, 503, media_type="application/problem+json")

    async with (
        serving(ingest) as ingest_url,
        serving(create_app(IngestApi(ingest_url))) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        response = await client.get("/", params={"lang": "en"})
        assert response.status_code == 503
        assert EN.database_unavailable in response.text
        assert ZH.database_unavailable in response.text
        assert EN.ingest_unavailable not in response.text


async def test_nobody_at_the_ingest_address_is_unavailable_and_not_an_error() -> None:
    async with (
        serving(create_app(IngestApi("http://127.0.0.1:9"))) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        for path in ("/", "/fragment"):
            response = await client.get(path, headers={"accept-language": "zh-CN"})
            assert response.status_code == 503
            assert response.headers["retry-after"] == "5"
            assert ZH.ingest_unavailable in response.text
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        unknown = await client.get("/", params={"area": "110103", "lang": "en"})
        assert (unknown.status_code, EN.area_unknown in unknown.text) == (404, True)


async def test_static_files_are_packed_and_kept(site: Site) -> None:
    async with site.visit() as visit, httpx.AsyncClient() as client:
        await visit.open()
        (plotly,) = [asked for asked in visit.asked if "plotly.js" in asked]
        first = await client.get(plotly)
        assert first.headers["content-encoding"] == "gzip"
        assert "immutable" in first.headers["cache-control"]
        assert b"Plotly, Inc." in first.content[:200]
        again = await client.get(plotly, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        old = await client.get(plotly.partition("?")[0])
        assert old.headers["cache-control"] == "no-cache"
        assert (await client.get(f"{visit.url}/static/app.py")).status_code == 404


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours written `#rrggbb`."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (value / 255 for value in bytes.fromhex(colour.strip()[1:]))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
