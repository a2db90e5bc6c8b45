"""Panels about how a place is used, for an area and for a station alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from grafana_foundation_sdk.builders import barchart, common, dashboard
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    GridPos,
    ValueMap,
    ValueMappingResult,
)

from contract.places import Name
from dashboard.grafana import questions as ask
from dashboard.grafana import reshaping
from dashboard.grafana.columns import Column, with_columns
from dashboard.grafana.languages import Language
from dashboard.grafana.panels import BLUE, Described, at, bars, named, number, rows
from dashboard.grafana.sources import InfluxTarget, Source, influx
from dashboard.grafana.wording import (
    ENTRIES,
    FEW,
    FEW_NOT_DRAWN,
    NO_DATA,
    WEEKDAYS,
    WHOLE_DAYS,
    together,
)

_BUSIEST = 10
_FEW = {value: ValueMappingResult(text=text.zh) for value, text in FEW.items()}
_HOURS = [f"{hour:02d}" for hour in range(24)]
_PER_STATION = Name("每站平均在站人数", "People present per station, on average")
_SEEN = Name("只显示至少观测到四次的时段", "Only hours that were seen four times or more")


@dataclass(frozen=True, slots=True)
class Of:
    """Whose use it is: what has hours and days, the variable that names it, which days count."""

    what: str
    place: str
    seen: tuple[str, ...] = ()

    def hours(self) -> InfluxTarget:
        """What means of hours are made of."""
        return influx(
            Source.USAGE, "A", ask.presence(f"{self.what}_hour", self.place), as_table=True
        )

    @property
    def day(self) -> str:
        """Where its days are."""
        return f"{self.what}_day"

    def days(self, what: str) -> InfluxTarget:
        """One number of the whole range."""
        text = ask.usage(what, self.day, self.place, *self.seen)
        return influx(Source.USAGE, "A", text)


def panels(of: Of) -> Mapping[int, Callable[[Language], Described]]:
    """The first eight panels of a board about use, by their numbers."""
    return {
        1: partial(_entries, of, place=at(0, 0, 6, 4)),
        2: partial(_stay, of, place=at(6, 0, 6, 4)),
        3: partial(_full, of, place=at(12, 0, 6, 4)),
        4: partial(_seated, of, place=at(18, 0, 6, 4)),
        5: partial(_typical_week, of, place=at(0, 4, 24, 10)),
        6: partial(_hours_of_day, of, place=at(0, 14, 14, 10)),
        7: partial(_busiest_hours, of, place=at(14, 14, 10, 10)),
        8: partial(_entries_by_day, of, place=at(0, 24, 24, 8)),
    }


def _typical_week(of: Of, language: Language, place: GridPos) -> Described:
    """A heat map of weekdays and hours: cells of a table, shaded and with their numbers."""
    title = Name("典型一周:平均在站人数", "Typical week: people present")
    panel = rows(title, language, place, [of.hours()]).transformations(reshaping.week_matrix())
    (
        panel.decimals(2)
        .min(0)
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.CONTINUOUS_BLUES))
        .cell_options(
            shapes.TableColoredBackgroundCellOptions(
                mode=shapes.TableCellBackgroundDisplayMode.BASIC
            )
        )
        .min_width(44)
        .align(shapes.FieldTextAlignment.CENTER)
        .description(language.of(together(_PER_STATION, _SEEN, WHOLE_DAYS)))
    )
    plain = DynamicConfigValue(id_val="custom.cellOptions", value={"type": "auto"})
    corner = Column(reshaping.CORNER, Name("星期 \\ 小时", "Weekday \\ hour"), words=WEEKDAYS)
    return panel.override_by_name(corner.key, [*corner.properties(language), plain])


def _busiest_hours(of: Of, language: Language, place: GridPos) -> Described:
    """The hours of the week with the most people."""
    title = Name("高峰时段", "Peak hours")
    panel = rows(title, language, place, [of.hours()])
    panel.transformations(reshaping.busiest(_BUSIEST))
    panel.description(language.of(together(_PER_STATION, _SEEN, WHOLE_DAYS)))
    columns = (
        Column(reshaping.WEEKDAY, Name("星期", "Weekday"), words=WEEKDAYS),
        Column(reshaping.HOUR, Name("小时(起)", "Hour, from")),
        Column(reshaping.MEAN, Name("在站人数", "People present"), decimals=2),
    )
    return with_columns(panel, columns, language)


def _hours_of_day(of: Of, language: Language, place: GridPos) -> Described:
    """People present by the hour of the day, whatever the weekday."""
    return (
        barchart.Panel()
        .title(language.of(Name("一天中的在站人数", "People present through the day")))
        .grid_pos(place)
        .targets([of.hours()])
        .transformations(reshaping.day_profile())
        .x_field(reshaping.HOUR)
        .orientation(shapes.VizOrientation.VERTICAL)
        .legend(common.VizLegendOptions().show_legend(False))
        .show_value(shapes.VisibilityMode.NEVER)
        .decimals(2)
        .min(0)
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.FIXED).fixed_color(BLUE))
        .no_value(language.of(NO_DATA))
        .override_by_name(
            reshaping.MEAN,
            [DynamicConfigValue(id_val="displayName", value=language.of(_PER_STATION))],
        )
        .description(language.of(together(_PER_STATION, WHOLE_DAYS)))
    )


def _entries_by_day(of: Of, language: Language, place: GridPos) -> Described:
    """Entries of each day."""
    text = ask.shown_days(of.day, of.place)
    target = influx(Source.USAGE, "A", text, "$col")
    panel = bars(Name("每日进站人次", "Entries by day"), language, place, [target]).decimals(0)
    named(panel, [("entries", language.of(Name("人次", "entries")), BLUE)])
    return panel.description(language.of(together(ENTRIES, FEW_NOT_DRAWN, WHOLE_DAYS)))


def _entries(of: Of, language: Language, place: GridPos) -> Described:
    """Entries of the whole range."""
    what = f"{ask.entries('sum(entries)')} AS entries"
    panel = number(Name("八周进站人次", "Entries in eight weeks"), language, place, [of.days(what)])
    panel.decimals(0).mappings([ValueMap(_FEW)])
    return panel.description(language.of(together(ENTRIES, WHOLE_DAYS)))


def _stay(of: Of, language: Language, place: GridPos) -> Described:
    """How long people stay."""
    title = Name("平均停留", "Mean stay")
    text = ask.mean_stay(of.day, of.place)
    panel = number(title, language, place, [influx(Source.USAGE, "A", text)]).decimals(1)
    about = Name(
        "由利特尔法则得出:平均在站人数除以每分钟进站人次,不跟踪任何人",
        "By Little's law: mean occupancy over arrivals per minute. Nobody is tracked.",
    )
    minutes = language.of(Name("分钟", "min"))
    return panel.unit(f"suffix: {minutes}").description(language.of(together(about, WHOLE_DAYS)))


def _full(of: Of, language: Language, place: GridPos) -> Described:
    """How often every seat is taken."""
    title = Name("满座时间占比", "Time with every seat taken")
    panel = number(title, language, place, [of.days(f"{ask.FULL} AS full_percent")])
    about = Name(
        "营业时间内的十五分钟窗口中,座位全满的占比",
        "Share of quarters of an hour in opening hours with every seat taken.",
    )
    return panel.unit("percent").decimals(0).description(language.of(together(about, WHOLE_DAYS)))


def _seated(of: Of, language: Language, place: GridPos) -> Described:
    """How much of the seats' time is taken."""
    title = Name("座位利用率", "Seat utilisation")
    panel = number(title, language, place, [of.days(f"{ask.SEATED} AS seat_percent")])
    about = Name(
        "营业时间内的座位分钟中被占用的比例;假定在站的人都坐下,因为只数人不数座",
        "Open minutes of seats that were taken, if whoever was there sat: people are counted, "
        "not seats.",
    )
    return panel.unit("percent").decimals(0).description(language.of(together(about, WHOLE_DAYS)))
