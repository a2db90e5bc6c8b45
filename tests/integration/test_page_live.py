"""The built-in page stays up to date by itself, and leaves its reader alone while it does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.web.site import VIEWS
from dashboard.web.texts import EN
from tests.fake_city import example_overview
from tests.fake_trends import GLUCOSE, example_trend
from tests.fake_usage import example_days
from tests.integration.page import CHARTS, STATION, Site, Visit, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLOWEST = max(view.refresh_seconds for view in VIEWS.values())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The page that all these tests visit, in a browser whose clock they move."""
    async with opened_site() as opened:
        await opened.tab.page.clock.install()
        yield opened


async def pass_seconds(visit: Visit, seconds: int = SLOWEST) -> None:
    """Let the page believe that time has passed; by default so much that any view reads again."""
    await visit.page.clock.fast_forward(1000 * seconds)


async def test_new_numbers_come_without_losing_the_readers_place(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        await page.locator("#days summary").click()
        await page.locator("#days summary").focus()
        top = "() => document.querySelector('#days summary').getBoundingClientRect().top"
        place = await page.evaluate(top)
        messages = {"stored": 999_001, "quarantined": 0, "last_stored_at": None}
        site.ingest.overview = example_overview() | {"messages": messages}
        await pass_seconds(visit)
        await expect(page.locator("#tiles")).to_contain_text("999,001")
        await expect(page.locator("#freshness")).to_have_text(EN.no_data_yet)
        await expect(page.locator("#days summary")).to_be_focused()
        await expect(page.locator("#days-rows")).to_be_visible()
        assert await page.evaluate(top) == pytest.approx(place, abs=2)


async def test_rows_that_change_stay_filtered_and_a_link_among_them_keeps_the_focus(
    site: Site,
) -> None:
    async with site.visit() as visit:
        await visit.open("stations?district=110113")
        page = visit.page
        await page.get_by_label(EN.search).press_sequentially("BJ-SH-160")
        link = page.get_by_role("link", name="Shunyi pharmacy no. 160")
        await link.focus()
        row = page.locator("#station-rows tr:visible")
        await expect(row).to_contain_text(EN.offline)
        for station in site.ingest.stations:
            station["online"] = True
        await pass_seconds(visit)
        await expect(row).to_contain_text(EN.online)
        await expect(row).to_have_count(1)
        await expect(link).to_be_focused()
        await expect(page.get_by_label(EN.search)).to_have_value("BJ-SH-160")


@pytest.mark.parametrize("view", CHARTS)
async def test_an_open_view_reads_itself_again_without_a_complaint(site: Site, view: str) -> None:
    async with site.visit() as visit:
        await visit.open(view)
        stored = {"stored": 1, "quarantined": 0, "last_stored_at": None}
        site.ingest.overview = example_overview() | {"messages": stored}
        await pass_seconds(visit)
        await expect(visit.page.locator("#freshness")).to_have_text(EN.no_data_yet)
        assert visit.complaints == []


async def test_a_list_that_grows_gets_another_page(site: Site) -> None:
    everybody = site.ingest.stations
    site.ingest.stations = everybody[:99]
    async with site.visit() as visit:
        await visit.open("stations")
        await expect(visit.page.locator("#station-rows tr")).to_have_count(99)
        await expect(visit.page.get_by_role("link", name=EN.next_page)).to_have_count(0)
        site.ingest.stations = everybody
        await pass_seconds(visit)
        await expect(visit.page.get_by_role("link", name=EN.next_page)).to_be_visible()


async def test_a_chart_is_drawn_again_when_its_numbers_change(site: Site) -> None:
    trend = example_trend()
    windows = trend["windows"]
    assert isinstance(windows, list)
    site.ingest.trend = {**trend, "windows": windows[:-1]}
    async with site.visit() as visit:
        await visit.open("screening")
        numbers = visit.page.locator("#plot-classes .textpoint")
        await expect(numbers.last).to_have_text("1,120")
        site.ingest.trend = trend
        await pass_seconds(visit)
        await expect(numbers.last).to_have_text("1,255")


async def test_the_first_release_appears_on_a_page_that_waits_for_it(site: Site) -> None:
    first = {"": "#screening", "screening": "#screening", "equity": "#high"}
    for view, panel in first.items():
        site.ingest.trend = nothing = example_trend() | {"windows": []}
        site.ingest.extremes, site.ingest.released = nothing, False
        async with site.visit() as visit:
            await visit.open(view)
            page = visit.page
            await expect(page.locator(panel)).to_contain_text("the first will be on 24 Nov")
            if view == "screening":
                await expect(page.locator("#extremes")).to_contain_text(EN.no_extremes_yet)
            site.ingest.reset()
            await pass_seconds(visit)
            for name in CHARTS[view]:
                await expect(page.locator(f"#plot-{name} svg.main-svg").first).to_be_visible()
            await expect(page.locator(panel)).to_contain_text("31%")
            assert visit.complaints == []


async def test_glucose_appears_when_anything_of_it_is_released(site: Site) -> None:
    site.ingest.glucose = dict.fromkeys(GLUCOSE, example_trend() | {"windows": []})
    async with site.visit() as visit:
        await visit.open("screening?measure=glucose")
        page = visit.page
        await expect(page.locator("#glucose")).to_contain_text(EN.no_glucose_yet)
        site.ingest.reset()
        await pass_seconds(visit)
        await expect(page.locator("#glu_fasting")).to_contain_text("2026-W46")


@pytest.mark.parametrize("view", ["usage", f"stations/{STATION}"])
async def test_use_that_is_too_young_for_a_typical_week_says_so(site: Site, view: str) -> None:
    site.ingest.week, site.ingest.days = [], example_days(1)
    async with site.visit() as visit:
        await visit.open(view)
        page = visit.page
        await expect(page.locator("#occupancy")).to_contain_text("there are 7 days so far")
        await expect(page.locator("#plot-days svg.main-svg").first).to_be_visible()
        site.ingest.reset()
        await pass_seconds(visit)
        await expect(page.locator("#plot-occupancy svg.main-svg").first).to_be_visible()
        await expect(page.locator("#occupancy-lead")).to_contain_text("Busiest: Fri 12:00")


async def test_the_age_of_the_data_counts_on_between_refreshes(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        age = visit.page.locator("#freshness .age")
        await expect(age).to_have_text("2 s ago")
        site.ingest.failing = {"all"}
        await pass_seconds(visit, 120)
        await expect(age).to_have_text("2 min ago")


async def test_a_page_that_loses_ingest_keeps_its_numbers_says_so_and_comes_back(
    site: Site,
) -> None:
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        status = page.get_by_role("status")
        await expect(status).to_be_empty()
        site.ingest.failing = {"all"}
        await pass_seconds(visit)
        await expect(status).to_have_text(EN.connection_lost.format(time="12:00"))
        await expect(page.locator("#tiles")).to_contain_text("128,345")
        site.ingest.failing.clear()
        await pass_seconds(visit)
        await expect(status).to_be_empty()
