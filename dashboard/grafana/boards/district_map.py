"""The districts on a map and in a table: sixteen markers, never one for each station."""

from dataclasses import replace

from grafana_foundation_sdk.builders import common, dashboard, geomap
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import geomap as maps
from grafana_foundation_sdk.models.dashboard import FieldColorModeId, GridPos

from contract.places import DISTRICTS, District, Name
from dashboard.grafana import questions as ask
from dashboard.grafana.board import DISTRICT_NAMES
from dashboard.grafana.columns import DATE, Column, Link, hidden, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, rows
from dashboard.grafana.reshaping import merged
from dashboard.grafana.sources import InfluxTarget, Source, influx
from dashboard.grafana.wording import ENTRIES, FEW, NO_DATA, SEVEN_DAYS, together

_LINKS = (
    Link(Name("该区使用情况", "Usage of this district"), "kiosk-usage", "area"),
    Link(Name("该区筛查趋势", "Screening in this district"), "kiosk-screening", "area"),
)
_TILES = "/public/maps/{z}/{x}/{y}.png"
"""Grafana's own folder: whoever wants streets puts tiles there; no other host is ever asked."""

_CENTRE = (40, 116)
_ZOOM = 8
_SMALLEST, _LARGEST = 6, 28

_DRAWN = f"max(stations) AS stations, {ask.FULL} AS full_percent"
_USED = f"{_DRAWN}, {ask.entries('sum(entries)')} AS entries, {ask.STAY} AS stay"

_DISTRICT = Column("place", Name("区", "District"), words=DISTRICT_NAMES, links=_LINKS)
_STATIONS = Column("stations", Name("站点", "Stations"), decimals=0)
_FULL = Column("full_percent", Name("满座时间", "Time with every seat taken"), "percent", 1)


def district_map(language: Language, place: GridPos) -> Described:
    """A marker for each district: as large as its stations are many, as dark as they are full."""
    about = Name(
        "每区一个标记:大小为有上报的站点数,颜色为满座时间占比;点标记可进入该区。底图可选,不访问外网",
        "One marker for each district: its size is the stations that reported, its colour the time "
        "with every seat taken. A marker leads to its district. Streets are optional: nothing is "
        "loaded from the internet.",
    )
    panel = (
        geomap.Panel()
        .title(language.of(Name("各区地图", "Map of districts")))
        .grid_pos(place)
        .targets([_district(n, one) for n, one in enumerate(DISTRICTS.values())])
        .transformations(merged())
        .view(geomap.MapViewConfig().id("coords").lat(_CENTRE[0]).lon(_CENTRE[1]).zoom(_ZOOM))
        .controls(geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(False))
        .basemap(common.MapLayerOptions().type("xyz").name("tiles").config({"url": _TILES}))
        .layers([_markers(language)])
        .tooltip(geomap.TooltipOptions().mode(maps.TooltipMode.DETAILS))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.CONTINUOUS_BLUES))
        .no_value(language.of(NO_DATA))
        .description(language.of(together(about, ENTRIES, SEVEN_DAYS)))
    )
    positions = (
        Column("latitude", Name("纬度", "Latitude"), decimals=2),
        Column("longitude", Name("经度", "Longitude"), decimals=2),
        Column("Time", Name("起始", "Since"), DATE),
    )
    return with_columns(panel, (_DISTRICT, _STATIONS, _FULL, *positions), language)


def district_table(language: Language, place: GridPos) -> Described:
    """The same as a table, which a screen reader can read."""
    text = _week(_USED, ask.DISTRICTS)
    target = influx(Source.USAGE, "A", text, as_table=True)
    panel = rows(Name("各区使用情况", "Usage by district"), language, place, [target])
    panel.description(language.of(together(ENTRIES, SEVEN_DAYS)))
    columns = (
        _DISTRICT,
        _STATIONS,
        Column("entries", Name("进站人次", "Entries"), decimals=0, words=FEW),
        Column("stay", Name("平均停留(分钟)", "Mean stay (minutes)"), decimals=1),
        replace(_FULL, bar=(0, 100)),
        *hidden("Time"),
    )
    return with_columns(panel, columns, language)


def _district(index: int, district: District) -> InfluxTarget:
    """One row: a constant stands beside the sums, for InfluxDB knows no positions."""
    what = (
        f"{_DRAWN}, max(stations) * 0 + {district.latitude} AS latitude, "
        f"max(stations) * 0 + {district.longitude} AS longitude"
    )
    text = _week(what, district.adcode)
    return influx(Source.USAGE, chr(ord("A") + index), text, as_table=True)


def _week(what: str, place: str) -> str:
    text = ask.usage(what, "area_day", place, ask.SEEN, span=ask.SEVEN_DAYS)
    return f"{text} GROUP BY place"


def _markers(language: Language) -> common.MapLayerOptions:
    style = {
        "color": {"field": "full_percent", "fixed": "dark-blue"},
        "opacity": 0.7,
        "size": {"field": "stations", "fixed": _SMALLEST, "min": _SMALLEST, "max": _LARGEST},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
        "text": {"field": "place", "fixed": "", "mode": "field"},
        "textConfig": {"fontSize": 12, "textAlign": "center", "textBaseline": "middle"},
    }
    return (
        common.MapLayerOptions()
        .type("markers")
        .name(language.of(Name("区", "Districts")))
        .config({"showLegend": True, "style": style})
        .location(
            common.FrameGeometrySource()
            .mode(shapes.FrameGeometrySourceMode.COORDS)
            .latitude("latitude")
            .longitude("longitude")
        )
        .tooltip(True)
    )
