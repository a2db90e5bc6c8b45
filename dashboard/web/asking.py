"""What a visitor may ask for: places, spans and measures are on lists, or it is not found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import HTTPException

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from dashboard.web.api import Place
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.texts import TEXTS

SPANS = (4, 8, 12)
"""The spans of weeks that use is shown of."""

MEASURES = ("bp", "glucose")

STATES = (
    "attention", "silent", "offline", "never_heard", "backlog", "clock", "storage", "radio",
    "devices", "ledger", "online",
)  # fmt: skip
"""The states by which stations may be chosen, as the API calls them."""

_LONGEST_SEARCH = 64

_STATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A view and what it shall show; `path` is that of the view below the root of the site."""

    path: str
    language: Language
    area: str = CITY_ADCODE
    weeks: int = SPANS[1]
    measure: str = MEASURES[0]
    district: str = ""
    state: str = ""
    find: str = ""
    after: str = ""
    station: str = ""

    @property
    def texts(self) -> Texts:
        """The words in the visitor's language."""
        return TEXTS[self.language]

    @property
    def other_language(self) -> Language:
        """The language that the visitor may change to."""
        return "en" if self.language == "zh" else "zh"

    @property
    def root(self) -> str:
        """The way from the view up to the root of the site; a proxy may put it anywhere."""
        return "../" * self.path.count("/") or "./"

    @property
    def place(self) -> Place:
        """The station or the area that the view is about."""
        return Place("stations", self.station) if self.station else Place("areas", self.area)

    def link(self, path: str, **choices: object) -> str:
        """The address of a view in the same language, with its choices."""
        return f"{self.root}{path}?{urlencode({'lang': self.language, **choices})}"

    def query(self, language: Language) -> str:
        """The query that asks for the same view again, in a language."""
        usual = Asked(self.path, self.language)
        names = ("area", "weeks", "measure", "district", "state", "find", "after")
        chosen = {name: getattr(self, name) for name in names}
        changed = {name: one for name, one in chosen.items() if one != getattr(usual, name)}
        return urlencode({"lang": language, **changed})


def asked(path: str, language: Language, query: Mapping[str, str], station: str = "") -> Asked:
    """What an address asks for; raises HTTPException with the name of a notice."""
    return Asked(
        path,
        language,
        area=_of(query, "area", (CITY_ADCODE, *DISTRICTS, *VENUES), "area_unknown"),
        weeks=int(_of(query, "weeks", [str(n) for n in SPANS], "page_unknown", str(SPANS[1]))),
        measure=_of(query, "measure", MEASURES, "page_unknown"),
        district=_of(query, "district", ("", *DISTRICTS), "area_unknown"),
        state=_of(query, "state", ("", *STATES), "page_unknown"),
        find=query.get("find", "").replace("\0", "").strip()[:_LONGEST_SEARCH],
        after=_station(query.get("after", "")),
        station=_station(station),
    )


def may_be_station(name: str) -> bool:
    """Whether a station may be called that."""
    return _STATION.fullmatch(name) is not None


def _of(
    query: Mapping[str, str],
    name: str,
    offered: tuple[str, ...] | list[str],
    notice: str,
    usual: str | None = None,
) -> str:
    value = query.get(name, offered[0] if usual is None else usual)
    if value not in offered:
        raise HTTPException(404, notice)
    return value


def _station(name: str) -> str:
    if name and not may_be_station(name):
        raise HTTPException(404, "station_unknown")
    return name
