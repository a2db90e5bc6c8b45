"""`health-kiosk usage remake`: make hours and days anew from the windows that are stored."""

import argparse
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from health_kiosk.configuration import settings_from
from health_kiosk.failure import Failure
from ingest.calendar import ZONE
from ingest.centre import opened, system_clock
from ingest.settings import load
from ingest.usage_upkeep import work_off

_HOURS_AT_A_TIME = 10_000
"""How many hours are asked for before they are made: the queue stays short and progress shows."""


def run(options: argparse.Namespace) -> None:
    """Ask for the hours of `options.station`, or of all, and make them, some days at a time."""
    settings = settings_from(load, options.config)
    store, operations = opened(settings.store)
    stations = [one.id for one in operations.inventory.all(retired=True)]
    if options.station is not None:
        if options.station not in stations:
            raise Failure(f"there is no station {options.station!r} in the inventory")
        stations = [options.station]
    until = system_clock()
    today = until.astimezone(ZONE).date()
    if options.since > today:
        raise Failure(f"{options.since} is yet to come")
    hours = 0
    for first, last in _spans(options.since, today, len(stations)):
        end = min(_midnight(last + timedelta(days=1)), int(until.timestamp()))
        hours += operations.dirty.remake(stations, _midnight(first), end)
        while work_off(operations, store):  # beside the service, which does the same
            continue
        print(f"{first} to {last}: made anew", flush=True)
    print(f"{len(stations)} station(s), {hours} hour(s) from {options.since} on looked through")


def _spans(since: date, until: date, stations: int) -> Iterator[tuple[date, date]]:
    """First and last days, so many together that there are not too many hours."""
    days = max(1, _HOURS_AT_A_TIME // (24 * max(1, stations)))
    while since <= until:
        last = min(until, since + timedelta(days=days - 1))
        yield since, last
        since = last + timedelta(days=1)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, ZONE).timestamp())
