"""Numbers in large type: the strip of the city now, and what the tiles of every view share."""

from dataclasses import dataclass
from typing import Literal

from dashboard.web.answers import Overview
from dashboard.web.phrasebook import Texts
from dashboard.web.station_answers import LedgerSummary
from dashboard.web.views import month_day

Tone = Literal["plain", "good", "warn"]

_STATIONS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the strip at the top; `part` of a whole, 0 to 1, is drawn as a bar."""

    label: str
    value: str
    note: str
    tone: Tone = "plain"
    part: float | None = None


def city_now(overview: Overview, ledger: LedgerSummary | None, texts: Texts) -> tuple[Tile, ...]:
    """The strip at the top, always of the whole city."""
    count, messages = overview.stations, overview.messages
    return (
        _online(count.online, count.registered, texts),
        _unknown(texts.messages_stored, texts)
        if messages.stored is None
        else Tile(texts.messages_stored, f"{messages.stored:,}", texts.messages_stored_note),
        _unknown(texts.quarantined, texts)
        if messages.quarantined is None
        else Tile(
            texts.quarantined,
            f"{messages.quarantined:,}",
            texts.quarantined_some if messages.quarantined else texts.quarantined_none,
            "warn" if messages.quarantined else "plain",
        ),
        _ledger_light(ledger, texts),
        _open_week(overview, texts),
    )


def _unknown(label: str, texts: Texts) -> Tile:
    return Tile(label, "–", texts.section_unavailable)


def _online(online: int | None, registered: int | None, texts: Texts) -> Tile:
    if online is None or registered is None:
        return _unknown(texts.stations_online, texts)
    return Tile(
        texts.stations_online,
        f"{online:,}",
        texts.of_registered.format(n=f"{registered:,}"),
        part=online / registered if registered else None,
    )


def _ledger_light(ledger: LedgerSummary | None, texts: Texts) -> Tile:
    if ledger is None:
        return _unknown(texts.ledger, texts)
    if not ledger.stations:
        return Tile(texts.ledger, texts.ledger_silent, texts.ledger_silent_note)
    wrong = sorted({one.station for one in ledger.unbalanced})
    if wrong:
        names = ", ".join(wrong[:_STATIONS_NAMED]) + (" …" if len(wrong) > _STATIONS_NAMED else "")
        return Tile(texts.ledger, texts.ledger_unbalanced.format(n=len(wrong)), names, "warn")
    note = texts.ledger_balanced_note.format(n=f"{ledger.stations:,}")
    return Tile(texts.ledger, texts.ledger_balanced, note, "good")


def _open_week(overview: Overview, texts: Texts) -> Tile:
    week = overview.open_window
    if week is None:
        return _unknown(texts.open_week, texts)
    if week.sessions is None:
        value = texts.open_week_few.format(n=overview.privacy.minimum_sessions)
    else:
        value = f"≈ {week.sessions:,}"
    released = month_day(week.released_from.astimezone(overview.now.tzinfo).date(), texts)
    note = texts.open_week_note.format(window=week.window, date=released)
    return Tile(texts.open_week, value, note)
