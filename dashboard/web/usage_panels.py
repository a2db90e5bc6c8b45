"""What stands in the panels of use: tiles, figures, and the same numbers as text."""

from dashboard.web import usage_figures
from dashboard.web.panels import Panel
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.tiles import Tile
from dashboard.web.usage_answers import Day, Summary, Table, TypicalHour
from dashboard.web.usage_figures import number_of
from dashboard.web.views import days, worded

WEEKS_NEEDED = 4
"""An hour of the week is told after it was seen on so many days."""


def typical_week(
    table: Table[TypicalHour] | None, history: Table[Day] | None, texts: Texts, language: Language
) -> Panel:
    """The typical week of a place, its rows by hour; `history` says why there is none yet."""
    if table is None:
        return Panel("unavailable", texts.section_unavailable, {})
    if not table.rows:
        seen = () if history is None else history.rows
        lead = texts.week_too_short.format(weeks=WEEKS_NEEDED, days=len(seen))
        return Panel("empty", lead if seen else texts.no_usage_yet, {})
    busiest = max(table.rows, key=lambda cell: cell.mean)
    lead = texts.busiest.format(
        weekday=texts.weekdays[busiest.weekday - 1],
        hour=busiest.hour,
        next=busiest.hour + 1,
        mean=f"{busiest.mean:.1f}",
    )
    means = {(cell.weekday, cell.hour): f"{cell.mean:.2f}" for cell in table.rows}
    rows = tuple(
        (f"{hour}:00", *(means.get((weekday, hour), "–") for weekday in range(1, 8)))
        for hour in range(24)
    )
    charts = {"occupancy": usage_figures.typical_week(table.rows, texts)}
    return Panel("charts", lead, charts, rows, worded(table.wording, language), span(table))


def entries_by_day(table: Table[Day] | None, texts: Texts, language: Language) -> Panel:
    """Entries day by day, newest first in the table."""
    if table is None:
        return Panel("unavailable", texts.section_unavailable, {})
    if not any(day.entries for day in table.rows):
        return Panel("empty", texts.no_usage_yet, {})
    last = next(day for day in reversed(table.rows) if day.entries)
    lead = texts.last_day.format(
        day=f"{last.day.month}/{last.day.day}",
        weekday=texts.weekdays[last.day.weekday()],
        entries=grouped(last.entries),
    )
    rows = tuple(
        (
            day.day.isoformat(),
            texts.weekdays[day.day.weekday()],
            texts.no_data if day.entries is None else grouped(day.entries),
        )
        for day in reversed(table.rows)
    )
    charts = {"days": usage_figures.entries(table.rows, texts)}
    return Panel("charts", lead, charts, rows, worded(table.wording, language), span(table))


def summary(table: Table[Summary] | None, texts: Texts) -> tuple[Tile, ...]:
    """How a place was used, in tiles; none if it cannot be read."""
    if table is None or not table.rows:
        return ()
    row = table.rows[0]
    peak = "–"
    if row.peak_weekday is not None and row.peak_hour is not None:
        peak = f"{texts.weekdays[row.peak_weekday - 1]} {row.peak_hour}:00"
    stay = "–" if row.stay_minutes is None else texts.minutes.format(n=f"{row.stay_minutes:g}")
    mean = "" if row.peak_mean is None else texts.peak_note.format(mean=f"{row.peak_mean:.1f}")
    available = row.availability_percent
    return (
        Tile(texts.entries, grouped(row.entries), texts.days_seen.format(n=row.days)),
        Tile(texts.stay, stay, texts.stay_note),
        Tile(texts.full, _percent(row.full_percent), texts.full_note, part=_part(row.full_percent)),
        Tile(texts.seats_taken, _percent(row.seat_percent), texts.seats_taken_note,
             part=_part(row.seat_percent)),
        Tile(texts.availability, _percent(available), texts.availability_note,
             part=_part(available)),
        Tile(texts.peak, peak, mean),
    )  # fmt: skip


def grouped(band: str | None) -> str:
    """A count as people read it: `12,345`, `<8`, or a dash if no sensor told."""
    number = number_of(band)
    return (band or "–") if number is None else f"{number:,}"


def span(table: Table[Day] | Table[TypicalHour] | Table[Summary]) -> str:
    """The days that a table is of."""
    return days(table.first, table.last)


def _percent(value: int | None) -> str:
    return "–" if value is None else f"{value}%"


def _part(value: int | None) -> float | None:
    return None if value is None else min(value, 100) / 100
