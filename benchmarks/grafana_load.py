"""A whole city for the boards: what a small one has released and told, many times over."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice, product

from benchmarks.trends_city import City, city, hours_of_areas, hours_of_stations
from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from ingest.calendar import ZONE, week_of
from ingest.disclosure.scales import SCALES
from ingest.fleet import COUNTED, FLEET, STATION, State
from ingest.ranking import Standing, ranking_points
from ingest.silent import SilentList
from ingest.store import Store
from ingest.store.expiry import midnight
from ingest.store.fleet import Point, Value
from ingest.store.influx_buckets import FLEET as FLEET_BUCKET
from ingest.store.influx_buckets import TRENDS, USAGE
from ingest.store.influx_fleet import line
from ingest.store.line_protocol import hour_line
from ingest.store.populations import Population, populations
from ingest.store.trend_lines import trend_line
from ingest.usage import DAY_SECONDS, Kind
from ingest.windows import Audience, Block, Level, block_of, weeks_of
from simulators.population import seeded
from tests.integration.grafana_city import DISTRICT, NOW
from tests.integration.grafana_city import STATION as TEMPLATE

_YEAR_WEEKS, _USE_WEEKS, _FLEET_DAYS = 52, 8, 30
_WITH_HOURS = 200
_WITH_ALL_CELLS = 200
_METER = 5  # one station in so many measures glucose
_FLEET_MINUTES = 5
_SILENT = 20  # one station in so many
_TEMPLATES = {
    Level.CITY: CITY_ADCODE, Level.DISTRICT: DISTRICT, Level.VENUE: "bank",
    Level.STATION: TEMPLATE,
}  # fmt: skip


def lines_of_a_city(
    store: Store, stations: int, *, whole: bool = False
) -> Iterator[tuple[str, Iterable[str]]]:
    """Points of each bucket, by seconds, beside what a small city of `store` has there already.

    If not `whole`, most stations' windows have only the cell of one part.
    """
    found = city(stations, seeded(11))
    yield TRENDS, _trends(store, found, whole=whole)
    yield USAGE, _usage(found)
    yield FLEET_BUCKET, _fleet(found)


def _trends(store: Store, found: City, *, whole: bool) -> Iterator[str]:
    areas = {
        Level.CITY: {CITY_ADCODE: ""}, Level.DISTRICT: dict.fromkeys(DISTRICTS, ""),
        Level.VENUE: dict.fromkeys(VENUES, ""),
        Level.STATION: {one.station.id: one.station.district for one in found.places},
    }  # fmt: skip
    with_meter = dict(islice(areas[Level.STATION].items(), 0, None, _METER))
    for (level, homes), measure, audience in product(areas.items(), SCALES, Audience):
        cells = store.trends.cells(audience, level, _TEMPLATES[level], measure)
        weeks = weeks_of(level, audience)
        drawn = list(populations(cells, {TEMPLATE: DISTRICT}))
        (one, *_) = [each for each in drawn if each.name.window.weeks == weeks]
        if level is not Level.STATION:
            yield from _copies(one, weeks, homes)
            continue
        some = list((homes if measure == "bp" else with_meter).items())
        first = len(some) if whole else _WITH_ALL_CELLS
        yield from _copies(one, weeks, dict(some[:first]))
        few = replace(one, told=one.told[:1])
        yield from _copies(few, weeks, dict(some[first:]))


def _copies(one: Population, weeks: int, homes: dict[str, str]) -> Iterator[str]:
    """The same cells in every window of a year, of each place."""
    last = block_of(week_of(NOW.date() - timedelta(days=9)), weeks).ordinal
    mark = "THE-PLACE"
    for ordinal in range(last - _YEAR_WEEKS // weeks, last + 1):
        name = one.name._replace(area=mark, window=Block(weeks, ordinal))
        written = trend_line(replace(one, name=name, district="000000"))
        text = f"{written.rpartition(' ')[0]} {midnight(name.window.first)}"
        for place, district in homes.items():
            home = f",district={district}" if district else ""
            yield text.replace(mark, place, 1).replace(",district=000000", home, 1)


def _usage(found: City) -> Iterator[str]:
    until = midnight(NOW.astimezone(ZONE).date())
    since = until - 7 * _USE_WEEKS * DAY_SECONDS
    year = until - 7 * _YEAR_WEEKS * DAY_SECONDS
    yield from map(hour_line, hours_of_areas(year, until, seeded(12)))
    drawn = hours_of_stations(found.places[:_WITH_HOURS], since, until, seeded(13))
    for hour in drawn:
        yield hour_line(hour)
    (day, *_) = [
        one for one in hours_of_stations(found.places[:1], until - DAY_SECONDS, until, seeded(13))
        if one.kind is Kind.STATION_DAY
    ]  # fmt: skip
    for place in found.places[_WITH_HOURS:]:
        for start in range(since, until, DAY_SECONDS):
            yield hour_line(day._replace(place=place.station.id, start=start))
        for noon in range(since + DAY_SECONDS // 2, until, 7 * DAY_SECONDS):
            yield hour_line(day._replace(kind=Kind.STATION, place=place.station.id, start=noon))
    yield from _ranking(found, until)


def _ranking(found: City, day: int) -> Iterator[str]:
    standings = (
        Standing(one.id, (CITY_ADCODE, one.district, one.venue), 1_000, 20.5, 7)
        for one in (place.station for place in found.places)
    )
    yield from map(line, ranking_points(standings, day))


def _fleet(found: City) -> Iterator[str]:
    now = int(NOW.timestamp()) // 60 * 60
    for district in (CITY_ADCODE, *DISTRICTS):
        for start in range(now - DAY_SECONDS, now, _FLEET_MINUTES * 60):
            yield line(Point(FLEET, {"district": district}, dict.fromkeys(COUNTED, 7), start))
    today = midnight(NOW.astimezone(ZONE).date())
    told: dict[str, Value] = {
        "online": 1, "backlog_messages": 1, "backlog_oldest_hours": 1, "ledger_gap": 1,
        "devices_low_battery": 1, "devices_silent": 1, "last_seen": now, "version": "1.0.0",
        "clock": "synchronised", "storage": "sound", "radio": "hearing",
    }  # fmt: skip
    stations = (place.station for place in found.places[::_SILENT])
    quiet = [State(one.id, one.district, now, "1.0.0", None, {"silent": 1}) for one in stations]
    yield from map(line, SilentList().of(quiet, NOW))
    for number, place in enumerate(found.places):
        tags = {"district": place.station.district, "station": place.station.id}
        for back in range(_FLEET_DAYS):
            silent = {"silent": int(number % _SILENT == 0)}
            yield line(Point(STATION, tags, told | silent, today - back * DAY_SECONDS))
