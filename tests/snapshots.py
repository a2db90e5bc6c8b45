"""Every view of the site with example answers, rendered without a server."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dashboard.web.answers import Comparison, Overview, Trend
from dashboard.web.asking import Asked, asked
from dashboard.web.assets import Asset
from dashboard.web.equity_view import EquitySnapshot
from dashboard.web.overview_view import CitySnapshot
from dashboard.web.phrasebook import Language
from dashboard.web.rendering import Renderer
from dashboard.web.screening_view import ScreeningSnapshot
from dashboard.web.site import VIEWS
from dashboard.web.station_answers import (
    EpochLedger,
    Fleet,
    LedgerSummary,
    Station,
    StationLedger,
    StationList,
)
from dashboard.web.station_view import StationSnapshot
from dashboard.web.stations_view import StationsSnapshot
from dashboard.web.usage_answers import (
    Day,
    EquityRow,
    Reach,
    Summary,
    Table,
    TypicalHour,
    VenueUptake,
)
from dashboard.web.usage_view import UsageSnapshot
from dashboard.web.view import Snapshot
from tests.fake_city import example_overview, example_stations
from tests.fake_fleet import example_fleet, example_ledger
from tests.fake_trends import (
    COMPARED,
    GLUCOSE,
    example_blocks,
    example_comparison,
    example_extremes,
    example_glucose,
    example_trend,
)
from tests.fake_usage import (
    example_days,
    example_equity,
    example_reach,
    example_summary,
    example_uptake,
    example_week,
    table,
)

NO_QUERY: Mapping[str, str] = MappingProxyType({})

STATION = "BJ-CH-020"

RENDERER = Renderer(
    dict.fromkeys(
        ("style.css", "panels.css", "page.js", "plotly.js"), Asset(b"", b"", "text/plain", "0")
    )
)

_NOW = Overview.model_validate(example_overview())
_STATIONS = example_stations()
_HERE: dict[str, Any] = next(one for one in _STATIONS if one["id"] == STATION)
_WEEK = Table[TypicalHour].model_validate(table("110000", example_week()))
_DAYS = Table[Day].model_validate(table("110000", example_days(4)))
_SUMMARY = Table[Summary].model_validate(table("110000", [example_summary()]))
_EPOCH = EpochLedger.model_validate(_HERE["ledger"] | {"epoch": 7, "unaccounted": 0})
_LEDGER = StationLedger(epochs=(_EPOCH,))
_PRESSURE = Trend.model_validate(example_trend())
_CONTEXTS: dict[str, Trend | None] = {
    measure: Trend.model_validate(example_glucose(measure)) for measure in GLUCOSE
}

SNAPSHOTS: dict[str, Snapshot] = {
    "": CitySnapshot(
        _NOW,
        LedgerSummary.model_validate(example_ledger(_STATIONS)),
        _DAYS,
        (Comparison.model_validate(example_comparison(("110000",))),),
    ),
    "usage": UsageSnapshot(_NOW, _SUMMARY, _WEEK, _DAYS),
    "screening": ScreeningSnapshot(
        _NOW, _PRESSURE, Trend.model_validate(example_extremes()), _CONTEXTS
    ),
    "equity": EquitySnapshot(
        _NOW,
        Table[Reach].model_validate(table("110000", example_reach(), 4, COMPARED)),
        Table[EquityRow].model_validate(table("110000", example_equity(), 4, COMPARED)),
        Table[VenueUptake].model_validate(table("110000", example_uptake(), 52)),
        (Comparison.model_validate(example_comparison(("110101", "110102", "110105"))),),
    ),
    "stations": StationsSnapshot(
        _NOW,
        StationList.model_validate({"stations": _STATIONS[:20], "next": STATION, "total": 236}),
        Fleet.model_validate(example_fleet(_STATIONS)),
    ),
    "stations/{station}": StationSnapshot(
        _NOW,
        Station.model_validate(_HERE),
        _LEDGER,
        _SUMMARY,
        _WEEK,
        _DAYS,
        Trend.model_validate(example_blocks()),
    ),
}
"""What each view shows, by its path."""


def rendered(
    path: str, language: Language, query: Mapping[str, str] = NO_QUERY, *, whole: bool = True
) -> str:
    """The HTML of a view."""
    station = STATION if "{station}" in path else ""
    wanted: Asked = asked(path.replace("{station}", station), language, query, station)
    return RENDERER.page(VIEWS[path], SNAPSHOTS[path], wanted, whole=whole)
