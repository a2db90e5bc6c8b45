"""A weekly report in one language: every sentence and picture of its two pages. Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime

from contract.places import CITY, CITY_ADCODE, DISTRICTS
from dashboard.reports import screening_charts, stack_chart, trend_chart, usage_charts
from dashboard.reports.facts import Facts
from dashboard.reports.headline import Tile, beside, tiles
from dashboard.reports.quality import percent, quality
from dashboard.reports.words import Words


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG, its heading, and what it is for somebody who cannot see it."""

    heading: str
    alt: str
    svg: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the two pages."""

    language: str
    title: str
    subtitle: str
    officers: str
    demo: str
    caution: str
    made: str
    page: str
    tiles: tuple[Tile, ...]
    beside_heading: str
    beside: tuple[str, ...]
    pictures: dict[str, Picture]
    glucose_heading: str
    glucose: str
    notes: dict[str, str]
    use_heading: str
    use_tiles: tuple[Tile, ...]
    quality_heading: str
    quality: tuple[str, ...]
    method_heading: str
    methods: tuple[str, ...]

    def plain(self) -> dict[str, object]:
        """As dictionaries and lists."""
        return asdict(self)


def area_name(area: str, said: Words) -> str:
    """The name of the city or of a district."""
    name = CITY if area == CITY_ADCODE else DISTRICTS[area].name
    return name.zh if said.language == "zh" else name.en


def paper(facts: Facts, said: Words, now: datetime) -> Paper:
    """The report; `now` is when it is made, in local time."""
    week = facts.week
    typical = facts.usage.typical
    span = said.use_span.format(dates=said.dates(typical.first, typical.last))
    return Paper(
        language=said.language,
        title=said.title,
        subtitle=said.subtitle.format(
            area=area_name(facts.area, said),
            week=week.window,
            dates=said.dates(week.first, week.last),
        ),
        officers=said.officers,
        demo=said.demo if facts.demo else "",
        caution=facts.wording.zh if said.language == "zh" else facts.wording.en,
        made=said.made.format(date=said.date_of(now.date())),
        page=said.page,
        tiles=tiles(facts, said),
        beside_heading=said.beside,
        beside=beside(facts, said),
        pictures=_pictures(facts, said),
        glucose_heading=said.glucose,
        glucose=_glucose(facts, said),
        notes={
            "trend": said.season,
            "heat": span if typical.rows else said.heat_few,
            "days": "" if facts.usage.days else said.days_none,
            "districts": said.no_age,
        },
        use_heading=said.use,
        use_tiles=_use_tiles(facts, said),
        quality_heading=said.quality,
        quality=tuple(said.pair(name, value) for name, value in quality(facts, said)),
        method_heading=said.method,
        methods=methods(facts, said),
    )


def _pictures(facts: Facts, said: Words) -> dict[str, Picture]:
    week, usage = facts.week, facts.usage
    smallest = facts.rules.smallest_count
    return {
        "trend": Picture(
            said.trend.format(weeks=len(facts.windows)), said.trend_alt,
            trend_chart.trend(facts.windows, said),
        ),
        "classes": Picture(
            said.classes, said.classes_alt, screening_charts.classes(week, said, smallest)
        ),
        "stack": Picture(
            said.stack.format(weeks=len(facts.windows)), said.stack_alt,
            stack_chart.stack(facts.windows, said),
        ),
        "districts": Picture(
            said.districts, said.districts_alt,
            screening_charts.districts(facts.compared, usage.reach, facts.area, said, smallest),
        ),
        "heat": Picture(said.heat, said.heat_alt, usage_charts.heat(usage.typical.rows, said)),
        "days": Picture(
            said.days, said.days_alt, usage_charts.days(usage.days, week.first, week.last, said)
        ),
    }  # fmt: skip


def _glucose(facts: Facts, said: Words) -> str:
    window = facts.glucose
    if window is None or not window.is_shown:
        return said.glucose_hidden.format(sessions=facts.rules.minimum_sessions)
    part = window.shown("high_or_higher")
    if part is None:
        word = screening_charts.not_shown(
            window, "high_or_higher", said, facts.rules.smallest_count
        )
        return said.glucose_part_hidden.format(n=window.n, word=word)
    mark = said.joint + said.low_precision if window.low_precision else ""
    return said.glucose_line.format(
        n=window.n, count=part.count, share=part.share, low=part.low, high=part.high, mark=mark
    )


def _use_tiles(facts: Facts, said: Words) -> tuple[Tile, ...]:
    (row,) = facts.usage.summary.rows
    peak, note = said.no_data, ""
    if row.peak_weekday is not None and row.peak_hour is not None:
        peak = said.peak_value.format(
            weekday=said.weekdays[row.peak_weekday - 1], hour=row.peak_hour
        )
        note = said.peak_note.format(mean=row.peak_mean)
    stay = said.no_data if row.stay_minutes is None else said.stay_value.format(n=row.stay_minutes)
    return (
        Tile(said.stay, stay, ""),
        Tile(said.full, percent(row.full_percent, said), ""),
        Tile(said.seats, percent(row.seat_percent, said), ""),
        Tile(said.peak, peak, note),
    )


def methods(facts: Facts, said: Words) -> tuple[str, ...]:
    """What is counted, and how."""
    rules = facts.rules
    return tuple(
        one.format(round_to=rules.round_to, count=rules.smallest_count) for one in said.methods
    )
