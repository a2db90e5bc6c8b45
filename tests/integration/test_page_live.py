"""The built-in page stays up to date by itself, and leaves its reader alone while it does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from dashboard.web.rendering import REFRESH_SECONDS
from dashboard.web.texts import EN
from tests.fake_ingest import example_overview, example_profile
from tests.fake_trends import GLUCOSE, example_trend
from tests.integration.page import CHARTS, Site, Visit, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The page that all these tests visit, in a browser whose clock they move."""
    async with opened_site() as opened:
        await opened.tab.page.clock.install()
        yield opened


async def pass_seconds(visit: Visit, seconds: int = REFRESH_SECONDS) -> None:
    """Let the page believe that time has passed."""
    await visit.page.clock.fast_forward(1000 * seconds)


async def test_new_numbers_come_without_losing_the_readers_place(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        await page.get_by_label(EN.search).press_sequentially("shunyi")
        await page.locator("#screening summary").click()
        await page.get_by_label(EN.search).focus()
        top = "() => document.getElementById('search').getBoundingClientRect().top"
        place = await page.evaluate(top)
        messages = {"stored": 999_001, "quarantined": 0, "last_stored_at": None}
        site.ingest.overview = example_overview() | {"messages": messages}
        await pass_seconds(visit)
        await expect(page.locator("#tiles")).to_contain_text("999,001")
        await expect(page.locator("#freshness")).to_have_text(EN.no_data_yet)
        await expect(page.get_by_label(EN.search)).to_be_focused()
        await expect(page.get_by_label(EN.search)).to_have_value("shunyi")
        await expect(page.locator("#station-rows tr:visible")).to_have_count(14)
        await expect(page.locator("#screening-rows")).to_be_visible()
        assert await page.evaluate(top) == pytest.approx(place, abs=2)


async def test_rows_that_change_stay_filtered_and_a_link_among_them_keeps_the_focus(
    site: Site,
) -> None:
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        await page.get_by_label(EN.search).fill("BJ-SH-160")
        await page.get_by_role("link", name="Shunyi").focus()
        stations = site.ingest.stations["stations"]
        assert isinstance(stations, list)
        for station in stations:
            station["online"] = True
        await pass_seconds(visit)
        await expect(page.locator("#district-rows li", has_text="Shunyi")).to_contain_text("14/14")
        await expect(page.get_by_role("link", name="Shunyi")).to_be_focused()
        await expect(page.locator("#station-rows tr:visible")).to_have_count(1)


async def test_a_chart_is_drawn_again_when_its_numbers_change(site: Site) -> None:
    trend = example_trend()
    windows = trend["windows"]
    assert isinstance(windows, list)
    site.ingest.trend = {**trend, "windows": windows[:-1]}
    async with site.visit() as visit:
        await visit.open()
        numbers = visit.page.locator("#plot-classes .annotation")
        await expect(numbers.last).to_have_text("1120")
        site.ingest.trend = trend
        await pass_seconds(visit)
        await expect(numbers.last).to_have_text("1255")


async def test_the_first_release_appears_on_a_page_that_waits_for_it(site: Site) -> None:
    site.ingest.trend = nothing = example_trend() | {"windows": []}
    site.ingest.glucose = dict.fromkeys(GLUCOSE, nothing)
    site.ingest.extremes = nothing
    site.ingest.profile = example_profile() | {"cells": []}
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        await expect(page.locator("#screening")).to_contain_text("the first will be on 24 Nov")
        await expect(page.locator("#occupancy")).to_contain_text(EN.no_occupancy_yet)
        await expect(page.locator("#glucose")).to_contain_text(EN.no_glucose_yet)
        await expect(page.locator("#extremes")).to_contain_text(EN.no_extremes_yet)
        await expect(page.locator(".plot")).to_have_count(0)
        site.ingest.reset()
        await pass_seconds(visit)
        for name in CHARTS:
            await expect(page.locator(f"#plot-{name} svg.main-svg").first).to_be_visible()
        await expect(page.locator("#glu_fasting")).to_contain_text("2026-W46")
        await expect(page.locator("#extremes-rows")).to_contain_text("2026-B01x12")
        assert visit.complaints == []


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
