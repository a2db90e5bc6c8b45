"""The ways through the site in a real Chromium: links, lists, keys, and no scripts at all."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from dashboard.web.phrasebook import Language
from dashboard.web.texts import EN, TEXTS, ZH
from tests.integration.page import CHARTS, PHONE, STATION, Site, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The site that all these tests visit."""
    async with opened_site() as opened:
        yield opened


async def test_language_and_choices_are_kept_from_view_to_view(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("", language="")
        page = visit.page
        await expect(page.locator("h1")).to_have_text(EN.views["overview"])  # the browser's choice
        await page.get_by_role("link", name=EN.views["usage"], exact=True).click()
        await page.get_by_label(EN.area).select_option("110105")
        await page.get_by_label(EN.span).select_option("12")
        await page.get_by_role("button", name=EN.choose).click()
        await expect(page).to_have_url(f"{visit.url}/usage?lang=en&area=110105&weeks=12")
        assert "usage/areas/110105/days" in site.ingest.asked
        await page.get_by_role("link", name=EN.other_language).click()
        await expect(page).to_have_url(f"{visit.url}/usage?lang=zh&area=110105&weeks=12")
        await expect(page.locator("h1")).to_contain_text("朝阳区")
        await page.get_by_role("link", name=ZH.stations_of).click()
        await expect(page).to_have_url(f"{visit.url}/stations?lang=zh&district=110105")
        await expect(page.locator("#station-rows tr")).to_have_count(38)
        await page.get_by_role("link", name="朝阳区超市22号驿站").click()
        await expect(page.locator("h1")).to_have_text("朝阳区超市22号驿站")
        await page.get_by_role("link", name=ZH.views["screening"], exact=True).click()
        await expect(page).to_have_url(f"{visit.url}/screening?lang=zh")
        await expect(page.locator('[aria-current="page"]')).to_have_text(ZH.views["screening"])


async def test_the_list_of_stations_is_read_in_pages(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("stations")
        page, names = visit.page, set()
        for count in (100, 100, 36):
            rows = page.locator("#station-rows tr")
            await expect(rows).to_have_count(count)
            names |= set(await rows.locator("th a").all_text_contents())
            if count == 100:
                await page.get_by_role("link", name=EN.next_page).click()
        assert len(names) == 236
        await expect(page.get_by_role("link", name=EN.next_page)).to_have_count(0)
        await page.get_by_role("link", name=EN.first_page).click()
        await expect(page.locator("#station-rows tr")).to_have_count(100)


async def test_a_station_is_found_by_its_number_and_one_that_is_not_there_is_not(
    site: Site,
) -> None:
    async with site.visit() as visit:
        await visit.open("stations")
        page = visit.page
        await page.get_by_label(EN.search).fill("BJ-SH-160")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{visit.url}/stations/BJ-SH-160?lang=en")
        await expect(page.locator("#ledger-rows")).to_contain_text(EN.unbalanced)
        assert await visit.open("stations/BJ-XX-1") == 404
        await expect(page.locator("h1")).to_have_text(EN.station_unknown)
        await page.get_by_role("link", name=EN.home).click()
        await expect(page.locator("h1")).to_have_text(EN.views["overview"])


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
        for view, charts in CHARTS.items():
            sign = "&" if "?" in view else "?"
            await page.goto(f"{site.tab.url}/{view}{sign}lang=zh")
            for name in charts:
                around = page.locator("section, [role=group]")
                panel = around.filter(has=page.locator(f"#plot-{name}")).last
                await expect(page.locator(f"#plot-{name}")).to_be_hidden()
                table = panel.locator("table").first
                if not await table.is_visible():
                    await panel.locator("summary").click()
                await expect(table).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
        await page.goto(f"{site.tab.url}/stations?lang=zh")
        await page.get_by_label(ZH.search).fill(STATION)
        await page.get_by_role("button", name=ZH.find).click()
        await expect(page.locator("#facts-list")).to_contain_text(STATION)


async def test_another_view_comes_without_starting_anew_and_the_way_back_works(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("screening")
        page = visit.page
        await page.evaluate("() => { window.same = true; }")
        await page.get_by_label(EN.area).select_option("110105")
        await page.get_by_role("button", name=EN.choose).click()
        await expect(page.locator("h1")).to_contain_text("Chaoyang")
        await expect(page.locator("#plot-classes svg.main-svg").first).to_be_visible()
        await page.get_by_role("link", name=EN.views["usage"], exact=True).click()
        await expect(page.locator("#plot-occupancy svg.main-svg").first).to_be_visible()
        await expect(page).to_have_url(f"{visit.url}/usage?lang=en")
        await expect(page).to_have_title(f"{EN.views['usage']} · Beijing · {EN.title}")
        await page.go_back()
        await expect(page.locator("h1")).to_contain_text("Chaoyang")
        await page.get_by_role("link", name="中文").click()
        await expect(page.locator("html")).to_have_attribute("lang", ZH.html_lang)
        await expect(page.locator("#plot-classes svg.main-svg").first).to_be_visible()
        assert await page.evaluate("window.same")
        assert len([one for one in visit.asked if "plotly.js" in one]) <= 1
        assert visit.complaints == []


async def test_a_view_that_cannot_be_had_is_left_to_the_browser(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        site.ingest.status = 503
        await visit.page.get_by_role("link", name=EN.views["usage"], exact=True).click()
        await expect(visit.page.locator("h1")).to_have_text(EN.database_unavailable)


async def test_stations_are_chosen_by_state_and_found_by_a_part_of_their_name(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("stations")
        page = visit.page
        await expect(page.locator("#stations-total")).to_have_text("236 in all.")
        await page.get_by_label(EN.state, exact=True).select_option("offline")
        await page.get_by_role("button", name=EN.choose).click()
        rows = page.locator("#station-rows tr")
        await expect(rows).to_have_count(2)
        await page.get_by_label(EN.state, exact=True).select_option("clock")
        await page.get_by_role("button", name=EN.choose).click()
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("-100")
        await visit.open("stations?district=110113")
        await page.get_by_label(EN.search).fill("pharmacy")
        await page.get_by_role("button", name=EN.find).click()
        await expect(page.locator("#stations h2")).to_contain_text("Shunyi")
        await expect(page).to_have_url(re.compile("find=pharmacy"))
        assert "district=110113" in page.url
        await expect(rows.first).to_contain_text("Shunyi pharmacy")
        await page.get_by_label(EN.search).fill("no such place")
        await page.keyboard.press("Enter")
        await expect(page.locator("#stations .lead")).to_have_text(EN.none_like_that)


@pytest.mark.parametrize("language", TEXTS)
async def test_the_fleet_stands_in_numbers_in_words_and_in_a_table(
    site: Site, language: Language
) -> None:
    texts = TEXTS[language]
    async with site.visit() as visit:
        await visit.open("stations", language)
        page = visit.page

        def tile(name: str) -> Locator:
            return page.locator("#fleet-tiles .tile", has_text=name)

        await expect(tile(texts.stations_online)).to_contain_text("234")
        await expect(tile(texts.fleet["clock"]).locator(".value")).to_have_text("⚠ 1")
        await expect(tile(texts.fleet["silent"]).locator(".value")).to_have_text("0")
        await expect(page.locator("#fleet-versions")).to_contain_text("0.1.0 (235) · 0.0.9 (1)")
        await page.locator("#fleet summary").click()
        await expect(page.locator("#fleet-rows tr")).to_have_count(17)
        await expect(page.locator("#fleet-rows tr").first).to_contain_text("236")
