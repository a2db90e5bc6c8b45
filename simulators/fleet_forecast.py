"""How many messages the history of a fleet will have, before all of it is written."""

from collections.abc import Iterable

from simulators.city import CityStation
from simulators.fleet_station import FleetStation


def expected_messages(stations: Iterable[FleetStation], days: int, min_batch: int) -> int:
    """An estimate of all messages; exact for stations that have written their last one."""
    return sum(
        station.logbook.numbered
        if not station.loading
        else max(station.logbook.numbered, _guess(station.logbook.station, days, min_batch))
        for station in stations
    )


def _guess(station: CityStation, days: int, min_batch: int) -> int:
    sessions_a_day = station.mean_visits * station.uptake * sum(station.weekdays) / 7
    # A batch leaves at a day's end, on average half a day's sessions larger than it must be.
    days_a_batch = max(1.0, min_batch / sessions_a_day + 0.5)
    return round(days / days_a_batch + days / 7)
