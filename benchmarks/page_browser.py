"""Chromium looks at every view and uses every control; how long until the screen has changed."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.run import Say

CHROMIUM = "/usr/bin/chromium"
LANGUAGES = ("zh", "en")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
_SIZE = {"width": 1280, "height": 800}
_PATIENCE_MS = 60_000

# The clock of the first script is that of the second: seconds since 1970, not since a navigation.
_LISTEN = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  for (const kind of ['pointerdown', 'input', 'submit', 'keydown'])
    addEventListener(kind, () => sessionStorage.setItem('began', now()), true);
  new PerformanceObserver(list => { window.largest = list.getEntries().at(-1).startTime; })
    .observe({ type: 'largest-contentful-paint', buffered: true });
})();
"""

# Holds when the address is the new one, and every chart on the screen is drawn and painted.
_DRAWN = """
wanted => {
  if (!document.querySelector('#content') || !(location.pathname + location.search).match(wanted))
    return false;
  if (!performance.getEntriesByName('first-contentful-paint').length) return false;
  const plots = [...document.querySelectorAll('.plot')].filter(plot => {
    const { top, bottom } = plot.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  });
  if (!plots.every(plot => plot.querySelector('svg.main-svg'))) return false;
  return new Promise(done => requestAnimationFrame(() => setTimeout(() =>
    done(performance.timeOrigin + performance.now()), 0)));
}
"""
_PAINTS = """
() => ({ first: performance.getEntriesByName('first-contentful-paint')[0].startTime,
         largest: window.largest, origin: performance.timeOrigin })
"""
_COLOUR = "() => getComputedStyle(document.querySelector('.plot .xtick text')).fill"
_BEGAN = "() => Number(sessionStorage.getItem('began'))"
_NOW = "() => performance.timeOrigin + performance.now()"


@dataclass(slots=True)
class Times:
    """Milliseconds by what was done; `first` and `largest` paint, and `drawn` charts, of views."""

    views: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    interactions: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the page is, and which stations are opened, each of them once."""

    url: str
    stations: Sequence[str]


def views_of(station: str) -> dict[str, str]:
    """Every view by its name."""
    return {
        "overview": "",
        "usage": "usage",
        "screening": "screening",
        "glucose": "screening?measure=glucose",
        "equity": "equity",
        "stations": "stations",
        "station": f"stations/{station}",
    }


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, as the page's tests use it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def look(browser: Browser, asked: Asked, rounds: int, say: Say) -> Times:
    """All views and all interactions, `rounds` times in both languages, in one browser's cache."""
    times = Times()
    with _page(browser) as page:
        for number in range(rounds):
            say(f"  round {number + 1} of {rounds}")
            for language in LANGUAGES:
                station = asked.stations[(2 * number + len(language)) % len(asked.stations)]
                for name, path in views_of(station).items():
                    _view(page, asked.url, name, path, language, times)
                _Hand(page, asked, language, station, times).does_everything()
    return times


def first_look(browser: Browser, asked: Asked, name: str, language: str) -> Times:
    """One view in a browser that has nothing in its cache."""
    times = Times()
    path = views_of(asked.stations[0])[name]
    with _page(browser) as page:
        _view(page, asked.url, name, path, language, times)
    return times


@contextmanager
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=_SIZE, accept_downloads=True)  # type: ignore[arg-type]
    context.add_init_script(_LISTEN)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()


def _view(page: Page, url: str, name: str, path: str, language: str, times: Times) -> None:
    page.goto("about:blank")
    page.goto(f"{url}/{path}{'&' if '?' in path else '?'}lang={language}", wait_until="commit")
    shown = drawn(page, f"lang={language}")
    paints = page.evaluate(_PAINTS)
    for kind, moment in (
        ("first", paints["first"]),
        ("largest", paints["largest"] or paints["first"]),
        ("drawn", shown - paints["origin"]),
    ):
        times.views[name, kind].append(moment)


def drawn(page: Page, wanted: str) -> float:
    """When every chart of the wanted address was painted, in milliseconds since 1970."""
    moment: float = page.wait_for_function(_DRAWN, arg=wanted, polling="raf").json_value()
    return moment


class _Hand:
    """Uses the controls of every view."""

    def __init__(self, page: Page, asked: Asked, language: str, station: str, times: Times) -> None:
        self._page = page
        self._asked = asked
        self._language = language
        self._station = station
        self._times = times

    def does_everything(self) -> None:
        """Each interaction once."""
        self._chooses("usage", "district", "area", "110105")
        self._chooses("usage", "kind of venue", "area", "bank")
        self._chooses("usage", "weeks", "weeks", "12")
        self._downloads("usage", "days", "csv")
        self._downloads("usage", "days", "xlsx")
        self._chooses("screening", "district", "area", "110108")
        self._chooses("screening", "measure", "measure", "glucose")
        self._downloads("screening", "trends", "csv")
        self._downloads("screening", "trends", "xlsx")
        self._darkens("screening")
        self._moves()
        self._looks_for_stations()
        self._speaks_another_language()

    def _chooses(self, view: str, what: str, name: str, value: str) -> None:
        self._goes(view)
        self._page.select_option(f"select[name={name}]", value)
        button = self._page.locator("form.choices button")
        self._took(f"{view}: choose {what}", button.click, f"{name}={value}")

    def _moves(self) -> None:
        self._goes("")
        for view in ("usage", "screening", "equity", "stations"):
            link = self._page.locator(f".bar a[href*='{view}?']")
            self._took(f"go to {view}", link.click, f"/{view}\\?")

    def _looks_for_stations(self) -> None:
        page = self._page
        self._goes("stations")
        page.select_option("select[name=district]", "110105")
        button = page.locator("form.choices button")
        self._took("stations: choose district", button.click, "district=110105")
        self._goes("stations")
        following = page.locator("#pages a[rel=next]")
        if following.count():
            self._took("stations: next page", following.click, "after=")
        row = page.locator("#station-rows a").nth(3)
        self._took("stations: open a station", row.click, "/stations/")
        self._goes("stations")
        page.fill("#search", self._station)
        find = page.locator("form.search button")
        self._took("stations: find by id", find.click, self._station)

    def _speaks_another_language(self) -> None:
        other = "en" if self._language == "zh" else "zh"
        for view in ("", "usage", "screening"):
            self._goes(view)
            link = self._page.locator("a.language")
            self._took(f"{view or 'overview'}: other language", link.click, f"lang={other}")

    def _downloads(self, view: str, name: str, form: str) -> None:
        self._goes(view)
        link = self._page.locator(f"a[href*='download/{name}.{form}']").first
        with self._page.expect_download() as download:
            link.click()
        download.value.path()
        ended = self._page.evaluate(_NOW)
        self._times.interactions[f"{view}: download {form}"].append(
            ended - self._page.evaluate(_BEGAN)
        )

    def _darkens(self, view: str) -> None:
        self._goes(view)
        page = self._page
        before = page.evaluate(_COLOUR)
        began = page.evaluate(_NOW)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"before => ({_COLOUR})() !== before", arg=before, polling="raf")
        self._times.interactions["dark mode"].append(page.evaluate(_NOW) - began)
        page.emulate_media(color_scheme="light")

    def _goes(self, view: str) -> None:
        self._page.goto(f"{self._asked.url}/{view}?lang={self._language}", wait_until="commit")
        drawn(self._page, f"lang={self._language}")

    def _took(self, name: str, act: Callable[[], None], wanted: str) -> None:
        act()
        ended = drawn(self._page, wanted)
        self._times.interactions[name].append(ended - self._page.evaluate(_BEGAN))
