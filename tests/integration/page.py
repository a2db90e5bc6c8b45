"""The built-in page as a visitor meets it: Debian's Chromium in front, a fake ingest behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, Page, async_playwright

from dashboard.web.api import IngestApi
from dashboard.web.app import create_app
from tests.fake_ingest import FakeIngest, serving

PHONE, DESKTOP, WALL = (390, 844), (1280, 800), (1920, 1080)

STATION = "BJ-CH-020"

CHARTS = {
    "": ("days",),
    "usage": ("occupancy", "days"),
    "screening": ("classes", "high", "pressures"),
    "screening?measure=glucose": ("glu_casual", "glu_fasting"),
    "equity": ("reach-stations", "reach-entries", "reach-sessions", "high", "uptake"),
    "stations": (),
    f"stations/{STATION}": ("occupancy", "days", "classes", "high", "pressures"),
}
"""Every view by its address, and the charts it draws."""

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
]


@dataclass
class Visit:
    """A page that is open, what it complained of, and every address it asked for."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Write down from now on what the page complains of and asks for."""
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    async def open(self, view: str = "", language: str = "en") -> int:
        """Go to a view and wait until it is quiet; gives the HTTP status."""
        query = f"{'&' if '?' in view else '?'}lang={language}" if language else ""
        response = await self.page.goto(f"{self.url}/{view}{query}", wait_until="networkidle")
        return 0 if response is None else response.status


@dataclass
class Site:
    """The page, which reads `ingest`, and an English visitor's only tab."""

    ingest: FakeIngest
    browser: Browser
    tab: Visit

    @asynccontextmanager
    async def visit(self, size: tuple[int, int] = DESKTOP) -> AsyncIterator[Visit]:
        """The tab, empty at first; afterwards `ingest` says what it said in the beginning."""
        page = self.tab.page
        self.tab.complaints.clear()
        self.tab.asked.clear()
        try:
            async with asyncio.timeout(60):
                await page.emulate_media(color_scheme="light")
                await page.set_viewport_size({"width": size[0], "height": size[1]})
                yield self.tab
                await page.goto("about:blank")
        finally:
            self.ingest.reset()


@asynccontextmanager
async def opened_site() -> AsyncIterator[Site]:
    """A site and a tab that many tests share, for Plotly is slow to read the first time."""
    ingest = FakeIngest()
    async with (
        serving(ingest.app()) as ingest_url,
        serving(create_app(IngestApi(ingest_url))) as url,
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=_ARGUMENTS
        ) as browser,
        await browser.new_context(locale="en-GB") as context,
    ):
        tab = Visit(await context.new_page(), url)
        tab.listen()
        yield Site(ingest, browser, tab)
