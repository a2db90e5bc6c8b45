"""`health-kiosk trends`: release closed weeks, list what is released, explain a cell."""

import argparse
from collections.abc import Iterator
from functools import partial

from contract.places import CITY, CITY_ADCODE, DISTRICTS, VENUES, Name
from health_kiosk.aligned import aligned
from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest import trend_queries
from ingest.centre import opened, system_clock
from ingest.disclosure import RULES, State, explain_name, parse_name
from ingest.disclosure.scales import SCALES
from ingest.operations import Operations
from ingest.release import release_due, rules_of
from ingest.settings import Settings, load
from ingest.store import Store
from ingest.trend_answers import TrendPart, TrendWindow
from ingest.windows import Audience, Level

_HEADINGS = ("window", "first", "last", "area", "sessions", "high", "interval", "")
_NUMBERS = (4, 5)
_AREAS: dict[Level, dict[str, Name]] = {
    Level.CITY: {CITY_ADCODE: CITY},
    Level.DISTRICT: {adcode: district.name for adcode, district in DISTRICTS.items()},
    Level.VENUE: VENUES,
}


def run(options: argparse.Namespace) -> None:
    """Do `options.action` to the trends of the service described by `options.config`."""
    settings = settings_from(load, options.config)
    store, operations = opened(settings.store)
    match options.action:
        case "release":
            _release(settings, store, operations)
        case "list":
            _list(store, operations, options)
        case "explain":
            print(_explained(settings, store, operations, options.cell))


def _release(settings: Settings, store: Store, operations: Operations) -> None:
    weeks = release_due(
        store,
        operations,
        rules_of(settings.release),
        system_clock(),
        settings.release.delay_hours,
        lambda week: print(f"{week} released", flush=True),
        elsewhere=partial(opened, settings.store),
    )
    print(f"{len(weeks)} week(s) released" + (f": {weeks[0]} to {weeks[-1]}" if weeks else ""))


def _list(store: Store, operations: Operations, options: argparse.Namespace) -> None:
    wanted = Level(options.level) if options.level else None
    level, areas = _asked(operations, wanted, options.area)
    asked = trend_queries.Asked(Audience(options.audience), level, options.measure)
    part = SCALES[options.measure].parts[0].name
    smallest = RULES[asked.audience].smallest_count
    rows = [
        row
        for area, name in areas.items()
        for row in _rows(trend_queries.trends(store, asked, area).windows, name, part, smallest)
    ]
    print(f"{options.measure} of each {level}, part {part!r}, as {options.audience} readers see it")
    print("sessions, not persons; screening, not diagnosis")
    if not rows:
        print("no window of this level is released yet")
        return
    for line in aligned([_HEADINGS, *rows], right=_NUMBERS):
        print(line)


def _asked(
    operations: Operations, level: Level | None, area: str | None
) -> tuple[Level, dict[str, str]]:
    """The level and the areas that are meant, with their names."""
    if area is None:
        wanted = level or Level.CITY
        if wanted is Level.STATION:
            raise Failure("which station? give its id: --area BJ-CY-012")
        return wanted, {one: _said(one, name) for one, name in _AREAS[wanted].items()}
    found = trend_queries.level_of(area) or Level.STATION
    if level not in (None, found):
        raise Failure(f"{area} is not a {level}, it is a {found}; leave --level out")
    if found is not Level.STATION:
        return found, {area: _said(area, _AREAS[found][area])}
    station = operations.inventory.get(area)
    if station is None:
        raise Failure(
            f"there is no area {area!r}: use {CITY_ADCODE}, the code of a district such as 110105,"
            f" a venue type ({', '.join(VENUES)}) or the id of a station"
        )
    return found, {area: _said(area, Name(station.name_zh, station.name_en))}


def _said(area: str, name: Name) -> str:
    return f"{area} {name.zh} {name.en}"


def _rows(
    windows: list[TrendWindow], name: str, part: str, smallest: int
) -> Iterator[tuple[str, ...]]:
    for window in windows:
        (cell,) = (one for one in window.parts if one.part == part)
        dates = (window.window, window.first.isoformat(), window.last.isoformat())
        n = "" if window.n is None else str(window.n)
        yield (*dates, name, n, *_shown(cell, smallest), _note(window, cell))


def _shown(cell: TrendPart, smallest: int) -> tuple[str, str]:
    if cell.share is None:
        return (f"<{smallest}" if cell.state is State.SMALL else "hidden"), ""
    return f"{cell.share} %", f"{cell.low}–{cell.high} %"


def _note(window: TrendWindow, cell: TrendPart) -> str:
    notes = []
    if cell.rule:
        notes.append(str(cell.rule))
    if window.see and cell.share is None:
        notes.append(f"see the {window.see}")
    if window.low_precision:
        notes.append("low precision")
    if window.epsilon is not None:
        notes.append(f"with noise, epsilon {window.epsilon:g}")
    return "; ".join(notes)


def _explained(settings: Settings, store: Store, operations: Operations, name: str) -> str:
    """What is said of a cell; its count never is."""
    try:
        named = parse_name(name)
    except ValueError as error:
        raise Failure(str(error)) from error
    if named.level is Level.STATION and operations.inventory.get(named.area) is None:
        raise Failure(f"there is no station {named.area!r} in the inventory")
    window = named.window
    released = store.trends.released_weeks()
    if not released or window.last > released[-1].last:
        due = window.released_from(settings.release.delay_hours)
        raise Failure(f"{window} is not released yet; it is due from {due:%Y-%m-%d %H:%M} on")
    if window.last < released[0].last:
        raise Failure(f"{window} is before the first week that was released, {released[0]}")
    cells = store.trends.cells(named.audience, named.level, named.area, named.measure)
    found = (cell for cell in cells if (cell.window, cell.part) == (window, named.part))
    return f"{name}\n{explain_name(name, next(found, None))}"
