"""One line of words for each station of the list."""

from dataclasses import dataclass

from contract.places import VENUES
from dashboard.web.answers import Overview
from dashboard.web.phrasebook import Language, Texts
from dashboard.web.station_answers import Condition, Ledger, Station
from dashboard.web.views import area_name, clock, spoken

SOUND = {"clock": ("synchronised", "kept"), "storage": ("sound",), "radio": ("hearing", "unused")}
"""The words of a station's condition that need no attention."""


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station as text; `found_by` is what the search box looks through.

    `troubles` are what it says is wrong with itself.
    """

    id: str
    name: str
    place: str
    found_by: str
    online: bool
    last_seen: str
    ledger: Ledger | None
    troubles: tuple[str, ...]


def station_rows(
    stations: tuple[Station, ...], overview: Overview, texts: Texts, language: Language
) -> list[StationRow]:
    """The stations of a page; those that need attention come first."""
    return [
        _station_row(station, overview, texts, language)
        for station in sorted(stations, key=lambda s: (not needs_attention(s), s.id))
    ]


def needs_attention(station: Station) -> bool:
    """Whether a station is offline, its ledger does not balance, or it says it has a trouble."""
    ledger, condition = station.ledger, station.condition
    unbalanced = ledger is not None and not ledger.balanced
    return not station.online or unbalanced or bool(unsound(condition))


def unsound(condition: Condition | None) -> dict[str, str]:
    """What is wrong with a station by its own account: the thing, and the word it has for it."""
    if condition is None:
        return {}
    told = {name: getattr(condition, name) for name in SOUND}
    return {name: word for name, word in told.items() if word not in SOUND[name]}


def place_name(station: Station, language: Language) -> str:
    """District and kind of venue."""
    venue = VENUES.get(station.venue)
    kind = station.venue if venue is None else spoken(venue, language)
    return f"{area_name(station.district, language)} · {kind}"


def _station_row(
    station: Station, overview: Overview, texts: Texts, language: Language
) -> StationRow:
    place = place_name(station, language)
    wrong = unsound(station.condition).items()
    return StationRow(
        id=station.id,
        name=station.name.zh if language == "zh" else station.name.en,
        place=place,
        found_by=f"{station.id} {station.name.zh} {station.name.en} {place}".lower(),
        online=station.online,
        last_seen=clock(station.last_seen, overview.now, texts),
        ledger=station.ledger,
        troubles=tuple(f"{texts.conditions[name]}: {word_of(word, texts)}" for name, word in wrong),
    )


def word_of(word: str, texts: Texts) -> str:
    """What a station says of itself, in a language; the code itself if it is a newer one."""
    return texts.states.get(word, word)
