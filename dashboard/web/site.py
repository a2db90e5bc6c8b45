"""The views of the site by their paths, and the order of its navigation bar."""

from typing import Any

from dashboard.web.equity_view import EQUITY
from dashboard.web.overview_view import OVERVIEW
from dashboard.web.screening_view import SCREENING
from dashboard.web.station_view import STATION
from dashboard.web.stations_view import STATIONS
from dashboard.web.usage_view import USAGE
from dashboard.web.view import View

VIEWS: dict[str, View[Any]] = {
    "": OVERVIEW,
    "usage": USAGE,
    "screening": SCREENING,
    "equity": EQUITY,
    "stations": STATIONS,
    "stations/{station}": STATION,
}

BAR = ("", "usage", "screening", "equity", "stations")
"""The paths of the navigation bar, in order."""
