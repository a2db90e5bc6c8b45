"""The built-in page in a real Chromium, over a real server and a hand-written ingest API."""

from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.web.phrasebook import Language
from dashboard.web.texts import TEXTS
from tests.fake_trends import half_a_year
from tests.integration.page import CHARTS, DESKTOP, PHONE, WALL, Site, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

HIDDEN: dict[Language, str] = {"zh": "隐藏(<8 或 n<20)", "en": "hidden (<8 or n<20)"}


# Whether no two texts of a kind lie over each other in one chart; it is drawn soon after a resize.
_NO_OVERLAPS = """selector => {
  const boxes = [...document.querySelectorAll(selector)].map(text => text.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length === 0;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The page that all these tests visit."""
    async with opened_site() as opened:
        yield opened


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("view", CHARTS)
async def test_every_view_is_whole_in_both_languages_on_every_screen(
    site: Site, view: str, language: Language
) -> None:
    texts = TEXTS[language]
    async with site.visit(PHONE) as visit:
        assert await visit.open(view, language) == 200
        page = visit.page
        await expect(page.locator("html")).to_have_attribute("lang", texts.html_lang)
        await expect(page.locator("h1")).to_have_count(1)
        await expect(page.get_by_role("link", name=texts.title)).to_be_visible()
        await expect(page.locator("#notices")).to_contain_text(texts.demo)
        for width, height in (PHONE, DESKTOP, WALL):
            await page.set_viewport_size({"width": width, "height": height})
            for name in CHARTS[view]:
                drawing = page.locator(f"#plot-{name} svg.main-svg").first
                await expect(drawing).to_be_visible()
                for text in ("xtick text", "ytick text", "annotation-text", "textpoint text"):
                    await page.wait_for_function(_NO_OVERLAPS, arg=f"#plot-{name} .{text}")
            broad = await page.evaluate("document.documentElement.scrollWidth")
            assert broad == width, "the page scrolls sideways"
        assert visit.complaints == []
        assert {urlsplit(asked).hostname for asked in visit.asked} <= {"127.0.0.1", None}


async def test_a_view_asks_only_for_what_it_shows_and_for_each_thing_once(site: Site) -> None:
    needed = {
        "": {"ledger", "usage/areas/110000/days", "trends/compare/city"},
        "usage": {f"usage/areas/110000/{t}" for t in ("summary", "typical-week", "days")},
        "screening": {"trends/areas/110000", "trends/extremes"},
        "stations": {"stations", "fleet"},
    }
    async with httpx.AsyncClient(base_url=site.tab.url, trust_env=False) as client:
        for view, wanted in needed.items():
            site.ingest.asked.clear()
            assert (await client.get(f"/{view}")).status_code == 200
            assert sorted(site.ingest.asked) == sorted({"overview", *wanted})


async def test_half_a_year_of_weeks_fits_a_phone(site: Site) -> None:
    site.ingest.trend = half_a_year()
    async with site.visit(PHONE) as visit:
        await visit.open("screening")
        for name in ("classes", "high", "pressures"):
            assert await visit.page.evaluate(_NO_OVERLAPS, f"#plot-{name} .xtick text")
        numbers = visit.page.locator("#plot-classes .textpoint")
        assert await visit.page.evaluate(_NO_OVERLAPS, "#plot-classes .textpoint text")
        await expect(numbers.last).to_have_text("1,880")
        assert 4 <= await numbers.count() < 13


@pytest.mark.parametrize("width", [360, 390, 414, 800, 1280])
async def test_a_million_sessions_a_week_lie_over_no_word_at_the_axis(
    site: Site, width: int
) -> None:
    site.ingest.trend = half_a_year(more=1_100_000)
    async with site.visit((width, 844)) as visit:
        await visit.open("screening")
        await expect(visit.page.locator("#plot-classes .textpoint").last).to_have_text("1,101,880")
        words = "#plot-classes :is(.textpoint, .ytick) text"
        assert await visit.page.evaluate(_NO_OVERLAPS, words)


async def test_where_bars_are_thin_no_mark_of_low_precision_is_left_out(site: Site) -> None:
    site.ingest.trend = half_a_year(low_precision=(3, 4, 5))
    async with site.visit(PHONE) as visit:
        await visit.open("screening")
        numbers = await visit.page.locator("#plot-classes .textpoint").all_text_contents()
        assert sum(text.endswith("*") for text in numbers) == 3
        assert "*" in numbers


@pytest.mark.parametrize("language", TEXTS)
async def test_hidden_numbers_say_so_in_legend_chart_and_table(
    site: Site, language: Language
) -> None:
    async with site.visit() as visit:
        await visit.open("screening", language)
        page = visit.page
        await expect(page.locator("#screening .legend").first).to_contain_text(HIDDEN[language])
        words = await page.locator("#plot-classes .annotation").all_text_contents()
        assert words.count(TEXTS[language].hidden) == 2
        numbers = await page.locator("#plot-classes .textpoint").all_text_contents()
        assert "45*" in numbers
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
        await visit.open("screening")
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
        await visit.open("screening")
        tick = visit.page.locator("#plot-classes .xtick text").first
        before = await tick.evaluate("text => getComputedStyle(text).fill")
        await visit.page.emulate_media(color_scheme="dark")
        await expect(tick).not_to_have_css("fill", before)


async def test_a_stations_name_is_text_and_never_markup(site: Site) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    station = {"id": "S1", "name": {"zh": name, "en": name}, "district": name, "venue": name}
    site.ingest.stations = [station | {"online": True, "last_seen": None, "ledger": None}]
    async with site.visit() as visit:
        await visit.open("stations")
        await expect(visit.page.locator("#station-rows th")).to_contain_text(name)
        assert await visit.page.locator("img").count() == 0
        assert visit.complaints == []


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
