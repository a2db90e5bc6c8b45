"""The built-in page in front of the real ingest API, over a real store with released cells."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random

import httpx
import pytest

from contract.places import CITY_ADCODE
from dashboard.web.answers import PartState, Trend
from dashboard.web.api import IngestApi, Place
from dashboard.web.app import create_app as create_page
from dashboard.web.site import VIEWS
from dashboard.web.texts import TEXTS
from ingest.api import create_app as create_ingest
from ingest.calendar import ZONE, Week
from ingest.disclosure import CityWeek, release, release_extremes
from ingest.operations import Station
from ingest.service import assemble
from ingest.settings import Settings, StoreSection
from ingest.store import Store
from ingest.windows import Audience, block_of
from tests.fake_ingest import serving
from tests.trends_city import Site, counted, of_category, weekly

WEEKS = [Week(2026, number) for number in range(1, 13)]
QUIET = WEEKS[4]
CITY = Place("areas", CITY_ADCODE)
NOW = datetime(2026, 3, 24, 12, 0, tzinfo=ZONE)

SITE = Site("BJ-CY-012", "110105", "bank")
SHARES = {"normal": 60, "high_normal": 50, "grade1": 40, "grade2": 20, "grade3": 10}


def publish(store: Store) -> None:
    """Twelve weeks of 180 sessions at one station, but one week with nobody."""
    rng = Random(7)
    sums = []
    for week in WEEKS:
        people = {} if week == QUIET else SHARES
        rows = [of_category(category) for category, n in people.items() for _ in range(n)]
        tallies = counted(weekly(SITE, week, row) for row in rows)
        sums += [CityWeek(week, one.measure, one.steps) for one in tallies]
        store.trends.publish(release(tallies, Audience.INTERNAL, block_of(week, 1), rng), {})
        store.trends.mark_released(week)
    block = block_of(WEEKS[-1], 12)
    store.trends.publish(release_extremes(sums, Audience.INTERNAL, block, rng), {})


@pytest.fixture
async def ingest_url(tmp_path: Path) -> AsyncIterator[str]:
    """The address of an ingest service that has released a season."""
    section = StoreSection(
        path=tmp_path / "store.sqlite", operations_url=f"sqlite:///{tmp_path}/operations.sqlite"
    )
    service = assemble(Settings(store=section), lambda: NOW)
    with closing(service.operations):
        publish(service.store)
        service.operations.inventory.register(
            [Station(SITE.station, "站", "station", SITE.district, SITE.venue, 3)]
        )
        async with serving(create_ingest(service)) as url:
            yield url


async def test_the_page_reads_every_released_and_every_hidden_week(ingest_url: str) -> None:
    api = IngestApi(ingest_url)
    trend: Trend = await api.trend(CITY, "bp")
    assert [window.window for window in trend.windows] == [str(week) for week in WEEKS]
    assert [not window.is_shown for window in trend.windows] == [w == QUIET for w in WEEKS]
    last = trend.windows[-1]
    high = last.shown("high")
    assert high is not None
    assert (last.n, high.count, high.share) == (180, 70, 39)
    assert high.low is not None
    assert high.high is not None
    assert high.low < 39 < high.high
    assert last.percentile("systolic", 50) is not None
    assert last.state_of("late") is PartState.SMALL
    (block,) = (await api.extremes("bp")).windows
    extreme = block.shown("grade3")
    assert extreme is not None
    assert (block.n, extreme.count, extreme.per_thousand) == (1980, 110, 56)
    assert [w.is_shown for w in (await api.trend(CITY, "glu_casual")).windows] == [False] * 12
    await api.close()


@pytest.mark.parametrize("language", TEXTS)
async def test_the_page_shows_what_ingest_released(ingest_url: str, language: str) -> None:
    async with (
        serving(create_page(IngestApi(ingest_url))) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, params={"lang": language}) as client,
    ):
        pages = {view: (await client.get(f"/{view}")).text for view in VIEWS if "{" not in view}
        district = {"area": "110105", "lang": language}
        pages["district"] = (await client.get("/screening", params=district)).text
        station = await client.get(f"/stations/{SITE.station}")
        pages["station"] = station.text
    texts = TEXTS["en" if language == "en" else "zh"]
    for view, page in pages.items():
        assert texts.section_unavailable not in page, view
    assert pages["district"].count("70 · 39% (") == 11
    assert texts.see["city"] in pages["district"]  # its hidden week
    assert "<td>56</td>" in pages["screening"]
    assert '<dd class="value">39%</dd>' in pages[""]
    assert "39% (" in pages["equity"]
    assert texts.no_usage_yet in pages["usage"]
    assert SITE.station in pages["stations"]
    assert texts.no_ledger_yet in pages["station"]
    assert texts.no_condition_yet in pages["station"]
