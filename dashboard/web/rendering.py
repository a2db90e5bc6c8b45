"""From what ingest answered to a page of HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from contract.places import CITY_ADCODE, DISTRICTS
from dashboard.web import figures, glucose_panel, panels, screening_panels, views
from dashboard.web.answers import Overview, StationList, Trend, WeekProfile
from dashboard.web.assets import Asset
from dashboard.web.class_figures import CATEGORIES
from dashboard.web.phrasebook import Language
from dashboard.web.texts import TEXTS

REFRESH_SECONDS = 5
"""How often an open page asks again, and how soon one that could not be shown does."""

CUT_OFFS = {
    "normal": "<120/80",
    "high_normal": "120/80–139/89",
    "grade1": "≥140/90",
    "grade2_or_higher": "≥160/100",
}
"""Each category's pressures in mmHg (China 2024), as the legend prints them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What ingest says at one moment; None for a part that could not be read.

    `glucose` is by measure, in the order in which they are shown.
    """

    overview: Overview
    stations: StationList | None
    profile: WeekProfile | None
    blood_pressure: Trend | None
    glucose: Mapping[str, Trend | None]
    extremes: Trend | None


class Renderer:
    """The templates, with the versions of the static files they refer to."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._environment = Environment(
            loader=PackageLoader("dashboard.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = {
            name: f"static/{name}?v={asset.version}" for name, asset in assets.items()
        }
        self._environment.globals["refresh_seconds"] = REFRESH_SECONDS

    def page(self, snapshot: Snapshot, area: str, language: Language, *, whole: bool) -> str:
        """The page, or with `whole=False` only the parts that change."""
        template = self._environment.get_template("page.html" if whole else "live.html")
        return template.render(_context(snapshot, area, language))

    def notice(self, key: str, language: Language, *, retry: bool) -> str:
        """A page that says in both languages, `language` first, why there is nothing to show."""
        other: Language = "en" if language == "zh" else "zh"
        words = [
            (text.html_lang, getattr(text, key), getattr(text, f"{key}_note"), text.home)
            for text in (TEXTS[language], TEXTS[other])
        ]
        return self._environment.get_template("notice.html").render(
            t=TEXTS[language], words=words, retry=retry
        )


def _context(snapshot: Snapshot, area: str, language: Language) -> dict[str, object]:
    texts, overview = TEXTS[language], snapshot.overview
    stations = None if snapshot.stations is None else snapshot.stations.stations
    return _screening(snapshot, language) | {
        "t": texts,
        "lang": language,
        "other_lang": "en" if language == "zh" else "zh",
        "area": area,
        "area_name": views.area_name(area, language),
        "city_name": views.area_name(CITY_ADCODE, language),
        "areas": [(code, views.area_name(code, language)) for code in (CITY_ADCODE, *DISTRICTS)],
        "now": views.clock(overview.now, overview.now, texts),
        "freshness": views.freshness(overview, texts),
        "problems": views.problems(overview, texts),
        "notices": views.notices(overview, texts),
        "hidden_name": views.hidden_name(overview, texts),
        "tiles": views.city_now(overview, stations, texts),
        "profile": snapshot.profile,
        "busiest_mean": None
        if snapshot.profile is None
        else figures.busiest_mean(snapshot.profile),
        "occupancy": panels.occupancy(snapshot.profile, texts),
        "districts": None if stations is None else panels.district_rows(stations, language),
        "stations": None
        if stations is None
        else panels.station_rows(stations, area, overview, texts, language),
    }


def _screening(snapshot: Snapshot, language: Language) -> dict[str, object]:
    """The panels of health."""
    texts, overview = TEXTS[language], snapshot.overview
    return {
        "categories": [(key, texts.categories[key], CUT_OFFS[key]) for key in CATEGORIES],
        "screening": screening_panels.blood_pressure(
            overview, snapshot.blood_pressure, texts, language
        ),
        "glucose": glucose_panel.glucose(overview, snapshot.glucose, texts, language),
        "extremes": screening_panels.extremes(overview, snapshot.extremes, texts, language),
    }
