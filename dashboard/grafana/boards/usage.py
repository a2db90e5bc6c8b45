"""Station usage: when an area is used, for how long, how full, and by which stations most."""

from grafana_foundation_sdk.builders import dashboard

from contract.places import Name
from dashboard.grafana import questions as ask
from dashboard.grafana.board import (
    AREAS,
    EIGHT_WEEKS,
    LAST_MIDNIGHT,
    VENUE_NAMES,
    board,
    choice,
    filled,
)
from dashboard.grafana.boards import use
from dashboard.grafana.columns import DATE, Column, Link, hidden, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import Described, at, rows
from dashboard.grafana.sources import Source, influx
from dashboard.grafana.wording import ENTRIES, FEW, WHOLE_DAYS, together

UID = "kiosk-usage"
TITLE = Name("驿站使用", "Station usage")

_AREA = use.Of("area", "$area", (ask.SEEN,))
_NOT_KNOWN = {"-1": Name("–", "–")}
_STATION = Link(Name("该站点", "This station"), "kiosk-station", "station")


def usage(language: Language) -> dashboard.Dashboard:
    """The board in one language."""
    made = board(UID, TITLE, language, EIGHT_WEEKS, fixed=True, until=LAST_MIDNIGHT)
    places = {**AREAS, **VENUE_NAMES}
    made.with_variable(choice("area", Name("地区或类型", "Area or venue type"), places, language))
    return filled(
        made,
        language,
        {
            **use.panels(_AREA),
            9: _venues,
            10: _ranking,
        },
    )


def _venues(language: Language) -> Described:
    what = (
        f"max(stations) AS stations, {ask.entries('sum(entries)')} AS entries, {ask.STAY} AS stay,"
        f" {ask.FULL} AS full_percent, {ask.SEATED} AS seat_percent"
    )
    either = " OR ".join(f"place = '{code}'" for code in VENUE_NAMES)
    text = f"{ask.usage(what, 'area_day', f'({either})', ask.SEEN)} GROUP BY place"
    target = influx(Source.USAGE, "A", text, as_table=True)
    title = Name("各类站点的使用情况(全市)", "Usage by venue type, whole city")
    panel = rows(title, language, at(0, 32, 12, 12), [target])
    panel.description(language.of(together(ENTRIES, WHOLE_DAYS)))
    columns = (
        Column("place", Name("类型", "Venue type"), words=VENUE_NAMES),
        Column("stations", Name("站点", "Stations"), decimals=0),
        Column("entries", Name("进站人次", "Entries"), decimals=0, words=FEW),
        Column("stay", Name("停留(分钟)", "Stay (minutes)"), decimals=1),
        Column("full_percent", Name("满座", "Full"), "percent", 0),
        Column("seat_percent", Name("座位利用", "Seats taken"), "percent", 0),
    )
    return with_columns(panel, (*columns, *hidden("Time")), language)


def _ranking(language: Language) -> Described:
    """Rows made once a day: adding up 20,000 stations takes InfluxDB many seconds."""
    # A rank that no station has today has an empty name.
    text = (
        "SELECT station, entries, stay, full_percent FROM ("
        "SELECT last(station) AS station, entries, stay, full_percent FROM ranking"
        " WHERE area = '$area' AND time >= now() - 3d GROUP BY rank"
        ") WHERE station <> '' GROUP BY rank"
    )
    target = influx(Source.USAGE, "A", text, as_table=True)
    title = Name("进站人次最多的站点(近四周)", "Stations with the most entries, four weeks")
    none = Name("尚无排名:每日生成一次", "no ranking yet: it is made once a day")
    panel = rows(title, language, at(12, 32, 12, 12), [target]).no_value(language.of(none))
    about = Name(
        "所选地区或类型中进站人次最多的站点,每日更新;点站点名查看该站",
        "Of the area or venue type chosen, made anew every day. A station's name leads to it.",
    )
    panel.description(language.of(together(about, ENTRIES)))
    columns = (
        Column("rank", Name("名次", "Rank")),
        Column("station", Name("站点", "Station"), links=(_STATION,)),
        Column("entries", Name("进站人次", "Entries"), decimals=0),
        Column("stay", Name("停留(分钟)", "Stay (minutes)"), decimals=1, words=_NOT_KNOWN),
        Column("full_percent", Name("满座", "Full"), "percent", 0, words=_NOT_KNOWN),
        Column("Time", Name("截至", "Made on"), DATE),
    )
    return with_columns(panel, columns, language)
