"""What screening shows in the city, a district or a kind of venue: released windows only."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from contract.places import CITY_ADCODE
from dashboard.web import glucose_panel, screening_panels, views
from dashboard.web.answers import Overview, Trend
from dashboard.web.api import IngestApi
from dashboard.web.asking import MEASURES, Asked
from dashboard.web.class_figures import CATEGORIES
from dashboard.web.glucose_panel import CUT_OFFS as GLUCOSE
from dashboard.web.view import Choice, Context, Option, Snapshot, View, area_choice, every, part

CUT_OFFS = {
    "normal": "<120/80",
    "high_normal": "120/80–139/89",
    "grade1": "≥140/90",
    "grade2_or_higher": "≥160/100",
}
"""Each category's pressures in mmHg (China 2024), as the legend prints them."""


@dataclass(frozen=True, slots=True)
class ScreeningSnapshot(Snapshot):
    """The trends of one measure; those of the other are empty and not asked for.

    `glucose` is by context, in the order in which they are shown.
    """

    pressure: Trend | None
    extremes: Trend | None
    glucose: Mapping[str, Trend | None]


async def take(api: IngestApi, asked: Asked) -> ScreeningSnapshot:
    """Read blood pressure and its extremes, or the contexts of glucose."""
    if asked.measure == "bp":
        overview, pressure, extremes = await asyncio.gather(
            api.overview(), part(api.trend(asked.place, "bp")), part(api.extremes("bp"))
        )
        return ScreeningSnapshot(overview, pressure, extremes, {})
    contexts = {name: part(api.trend(asked.place, name)) for name in GLUCOSE}
    overview, glucose = await asyncio.gather(api.overview(), every(contexts))
    return ScreeningSnapshot(overview, None, None, glucose)


def show(seen: ScreeningSnapshot, asked: Asked) -> Context:
    """The panels of the measure."""
    texts, language = asked.texts, asked.language
    names = {
        "area_name": views.area_name(asked.area, language),
        "city_name": views.area_name(CITY_ADCODE, language),
        "measure": asked.measure,
        "area": asked.area,
    }
    if asked.measure == "bp":
        extremes = screening_panels.extremes(seen.overview, seen.extremes, texts, language)
        pressure = pressure_context(seen.overview, seen.pressure, asked)
        return names | pressure | {"extremes": extremes}
    found = glucose_panel.glucose(seen.overview, seen.glucose, texts, language)
    return names | {"glucose": found, "hidden_name": views.hidden_name(seen.overview, texts)}


def pressure_context(overview: Overview, trend: Trend | None, asked: Asked) -> dict[str, object]:
    """What the panel of blood pressure shows, of an area or of a station."""
    texts, language = asked.texts, asked.language
    of = {"station": asked.station} if asked.station else {"area": asked.area}
    return {
        "screening": screening_panels.blood_pressure(overview, trend, texts, language),
        "categories": [(key, texts.categories[key], CUT_OFFS[key]) for key in CATEGORIES],
        "trend_csv": of,
    }


def choices(asked: Asked) -> tuple[Choice, ...]:
    """An area and a measure."""
    texts = asked.texts
    measures = tuple(Option(name, texts.measures[name]) for name in MEASURES)
    return area_choice(asked), Choice("measure", texts.measure, asked.measure, (("", measures),))


SCREENING = View("screening", 60, take, show, choices)
