"""How the city, a district or a kind of venue is used."""

import asyncio
from dataclasses import dataclass

from contract.places import DISTRICTS
from dashboard.web import usage_figures, usage_panels, views
from dashboard.web.api import IngestApi
from dashboard.web.asking import SPANS, Asked
from dashboard.web.usage_answers import Day, Summary, Table, TypicalHour
from dashboard.web.view import Choice, Context, Option, Snapshot, View, area_choice, part


@dataclass(frozen=True, slots=True)
class UsageSnapshot(Snapshot):
    """The use of one place over some weeks."""

    summary: Table[Summary] | None
    week: Table[TypicalHour] | None
    days: Table[Day] | None


async def take(api: IngestApi, asked: Asked) -> UsageSnapshot:
    """Read the summary, the typical week and the days of the area."""
    return UsageSnapshot(
        *await asyncio.gather(
            api.overview(),
            part(api.summary(asked.place, asked.weeks)),
            part(api.typical_week(asked.place, asked.weeks)),
            part(api.days(asked.place, asked.weeks)),
        )
    )


def show(seen: UsageSnapshot, asked: Asked) -> Context:
    """Tiles, the heat map and the days."""
    return usage_context(seen.summary, seen.week, seen.days, asked) | {
        "area_name": views.area_name(asked.area, asked.language),
        "district": asked.area if asked.area in DISTRICTS else "",
    }


def usage_context(
    summary: Table[Summary] | None,
    week: Table[TypicalHour] | None,
    days: Table[Day] | None,
    asked: Asked,
) -> dict[str, object]:
    """What the panels of use show, of an area or of a station."""
    texts, language = asked.texts, asked.language
    of = {"station": asked.station} if asked.station else {"area": asked.area}
    return {
        "summary": usage_panels.summary(summary, texts),
        "summary_wording": "" if summary is None else views.worded(summary.wording, language),
        "summary_span": "" if summary is None else usage_panels.span(summary),
        "occupancy": usage_panels.typical_week(week, days, texts, language),
        "busiest_mean": None if week is None else usage_figures.busiest_mean(week.rows),
        "days": usage_panels.entries_by_day(days, texts, language),
        "csv": of | {"weeks": asked.weeks},
    }


def choices(asked: Asked) -> tuple[Choice, ...]:
    """An area and a span."""
    texts = asked.texts
    spans = tuple(Option(str(n), texts.weeks_span.format(n=n)) for n in SPANS)
    return area_choice(asked), Choice("weeks", texts.span, str(asked.weeks), (("", spans),))


USAGE = View("usage", 60, take, show, choices)
