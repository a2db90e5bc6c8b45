"""The headline of screening: the last released week of the whole city, in three numbers."""

from dataclasses import dataclass

from dashboard.web.answers import ComparedRow, Comparison, Overview, PartState
from dashboard.web.line_figures import SERIES, with_interval
from dashboard.web.panels import Shape
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.tiles import Tile
from dashboard.web.views import days, hidden_name, month_day, worded
from dashboard.web.weeks import LOW_PRECISION_MARK


@dataclass(frozen=True, slots=True)
class Headline:
    """A sentence, the words that always go with it, and its numbers when `shape` is "charts"."""

    shape: Shape
    lead: str
    wording: str
    tiles: tuple[Tile, ...] = ()


def headline(
    overview: Overview, latest: tuple[Comparison, ...] | None, texts: Texts, language: Language
) -> Headline:
    """The last week; empty before the first release, None if it cannot be read."""
    if latest is None:
        return Headline("unavailable", texts.section_unavailable, texts.caution)
    if not latest:
        return Headline("empty", first_release(overview, texts), texts.caution)
    (week,) = latest
    when = {"window": week.window, "dates": days(week.first, week.last)}
    wording = worded(week.wording, language) or texts.caution
    rows = {row.part: row for row in week.rows}
    whole = next(iter(rows.values()), None)
    if whole is None or whole.n is None:
        lead = texts.latest_hidden.format(**when, hidden=hidden_name(overview, texts))
        return Headline("empty", lead, wording)
    n = f"{whole.n:,}{LOW_PRECISION_MARK if whole.low_precision else ''}"
    tiles = [Tile(texts.sessions, n, texts.low_precision if whole.low_precision else "")]
    tiles += [_tile(rows.get(name), texts.series[name], overview, texts) for name in SERIES]
    return Headline("charts", texts.latest.format(**when), wording, tuple(tiles))


def first_release(overview: Overview, texts: Texts) -> str:
    """When there will be something to show for the first time."""
    week = overview.open_window
    if week is None:
        return texts.section_unavailable
    first = week.released_from.astimezone(overview.now.tzinfo).date()
    return texts.no_week_yet.format(date=month_day(first, texts))


def _tile(row: ComparedRow | None, label: str, overview: Overview, texts: Texts) -> Tile:
    if row is None or row.state is PartState.HIDDEN:
        return Tile(label, texts.hidden, hidden_name(overview, texts))
    if not row.is_shown:
        return Tile(label, f"<{overview.privacy.smallest_count}", texts.count)
    share, _, interval = with_interval(row).partition(" ")
    note = texts.interval.format(interval=interval.strip("()")) if interval else ""
    return Tile(label, share, note)
