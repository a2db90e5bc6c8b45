"""What charts cost and leave behind in a real Chromium: room, listeners, redraws, first looks."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, expect

from dashboard.web.api import IngestApi
from dashboard.web.app import create_app
from dashboard.web.texts import EN
from tests.fake_ingest import FakeIngest, serving
from tests.integration.page import CHARTS, DESKTOP, PHONE, Site, opened_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

_ROUND = ("usage", "screening", "equity")

# Whether every word at an axis or above a bar stands inside its own chart.
_WORDS_FIT = """() => [...document.querySelectorAll('.plot')].every(plot => {
  const room = plot.getBoundingClientRect();
  const words = '.xtick text, .ytick text, .annotation-text, .textpoint text';
  return [...plot.querySelectorAll(words)].every(text => {
    const box = text.getBoundingClientRect();
    return !box.width || box.left >= room.left - 1 && box.right <= room.right + 1
      && box.top >= room.top - 1 && box.bottom <= room.bottom + 1;
  });
})"""

_ALL_DRAWN = """() => [...document.querySelectorAll('.plot')].every(plot =>
  plot.querySelector('svg.main-svg'))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """The site that all these tests visit."""
    async with opened_site() as opened:
        yield opened


async def _in_use(devtools: CDPSession) -> dict[str, int]:
    """Documents, nodes and listeners that nobody could throw away."""
    await devtools.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = await devtools.send("Performance.getMetrics")
    all_of = {one["name"]: int(one["value"]) for one in found["metrics"]}
    return {name: all_of[name] for name in ("Documents", "Nodes", "JSEventListeners")}


async def _goes_round(page: Page) -> None:
    """Three views one after another, each with all of its charts."""
    for view in _ROUND:
        await page.get_by_role("link", name=EN.views[view], exact=True).click()
        await expect(page.locator("h1")).to_contain_text(EN.views[view])
        for name in CHARTS[view]:
            await expect(page.locator(f"#plot-{name} svg.main-svg").first).to_be_visible()


async def test_thirty_views_one_after_another_leave_nothing_behind(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open()
        page = visit.page
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        await _goes_round(page)
        before = await _in_use(devtools)
        for _ in range(10):
            await _goes_round(page)
        after = await _in_use(devtools)
        await devtools.detach()
        assert after["Documents"] == before["Documents"]
        assert after["JSEventListeners"] == before["JSEventListeners"]
        assert after["Nodes"] <= 1.1 * before["Nodes"]
        assert await page.locator(".js-plotly-plot").count() == len(CHARTS["equity"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
async def test_the_words_of_a_chart_have_room_in_it(
    site: Site, size: tuple[int, int], language: str
) -> None:
    async with site.visit(size) as visit:
        for view in CHARTS:
            await visit.open(view, language)
            await visit.page.wait_for_function(_ALL_DRAWN)
            assert await visit.page.evaluate(_WORDS_FIT), view


async def test_a_narrower_window_gets_narrower_charts(site: Site) -> None:
    async with site.visit() as visit:
        await visit.open("screening")
        chart = visit.page.locator("#plot-classes")
        await expect(chart.locator("svg.main-svg").first).to_be_visible()
        await visit.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await visit.page.wait_for_function(
            """() => { const plot = document.querySelector('#plot-classes');
              return plot.querySelector('svg.main-svg').clientWidth === plot.clientWidth; }"""
        )


async def test_the_first_visitor_waits_for_no_template_and_no_first_read() -> None:
    ingest = FakeIngest()
    async with (
        serving(ingest.app()) as url,
        serving(create_app(IngestApi(url), warmed=True)) as page_url,
        httpx.AsyncClient(base_url=page_url, trust_env=False) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        asked = set(ingest.asked)
    assert asked >= {"overview", "fleet", "trends/areas/110000", "usage/reach", "ledger"}


async def test_a_page_whose_centre_is_away_starts_nevertheless() -> None:
    app = create_app(IngestApi("http://127.0.0.1:9"), warmed=True)
    async with (
        serving(app) as page_url,
        httpx.AsyncClient(base_url=page_url, trust_env=False) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/")).status_code == 503
