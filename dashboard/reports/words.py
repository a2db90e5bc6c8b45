"""The words of the weekly report, and everything that each language must be able to say."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """The report's words in one language; `{…}` stands for what is filled in."""

    language: Language
    months: tuple[str, ...]
    day: str
    span: str
    title: str
    subtitle: str
    officers: str
    demo: str
    page: str
    made: str
    # Headline numbers.
    stations: str
    stations_reporting: str
    stations_few: str
    entries: str
    entries_note: str
    no_entries: str
    sessions: str
    sessions_per_entry: str
    sessions_note: str
    high: str
    interval: str
    low_precision: str
    joint: str
    # What is not shown.
    hidden: str
    hidden_window: str
    hidden_part: str
    fewer: str
    no_data: str
    # The week beside others.
    beside: str
    before: str
    year_ago: str
    season: str
    city: str
    beside_value: str
    beside_hidden: str
    overlapping: str
    apart: str
    not_comparable: str
    # Screening.
    trend: str
    trend_alt: str
    trend_legend_high: str
    trend_legend_home: str
    trend_legend_band: str
    trend_legend_low: str
    classes: str
    classes_alt: str
    stack: str
    stack_alt: str
    categories: dict[str, str]
    part: str
    count: str
    share: str
    glucose: str
    glucose_line: str
    glucose_hidden: str
    glucose_part_hidden: str
    # Use.
    use: str
    use_span: str
    heat: str
    heat_alt: str
    heat_few: str
    days: str
    days_alt: str
    days_none: str
    date_head: str
    weekday: str
    hour: str
    mean: str
    weekdays: tuple[str, ...]
    stay: str
    stay_value: str
    full: str
    seats: str
    availability: str
    peak: str
    peak_value: str
    peak_note: str
    # Districts.
    districts: str
    districts_alt: str
    district: str
    per_10000: str
    no_age: str
    # Quality.
    quality: str
    hidden_cells: str
    hidden_weeks: str
    late: str
    single: str
    reported: str
    noise: str
    rows_of: str
    # Method.
    method: str
    methods: tuple[str, ...]
    week: str
    sheet_names: dict[str, str]

    def date_of(self, day: date) -> str:
        """A day."""
        return self.day.format(year=day.year, month=self.months[day.month - 1], day=day.day)

    def dates(self, first: date, last: date) -> str:
        """From one day to another."""
        return self.span.format(first=self.date_of(first), last=self.date_of(last))

    def pair(self, name: str, value: str) -> str:
        """A name and its value; the name alone says all if there is no value."""
        if not value:
            return name
        return f"{name}：{value}" if self.language == "zh" else f"{name}: {value}"
