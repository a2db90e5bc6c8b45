"""What the page says, ready to be written into a template: numbers as text, in one language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from contract.places import CITY, CITY_ADCODE, DISTRICTS, Name
from dashboard.web.answers import Overview, Station
from dashboard.web.phrasebook import Language, Texts

Tone = Literal["plain", "good", "warn"]

_QUIET_AFTER = timedelta(minutes=20)
"""Stations report use every 15 minutes, so a silence longer than this means something."""

_STATIONS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest stored message is; `age_seconds` is None before the first."""

    age_seconds: int | None
    text: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the strip at the top; `part` of a whole, 0 to 1, is drawn as a bar."""

    label: str
    value: str
    note: str
    tone: Tone = "plain"
    part: float | None = None


def area_name(adcode: str, language: Language) -> str:
    """The name of the city or of a district; the code itself if it is not one of Beijing's."""
    if adcode == CITY_ADCODE:
        return spoken(CITY, language)
    district = DISTRICTS.get(adcode)
    return adcode if district is None else spoken(district.name, language)


def spoken(name: Name, language: Language) -> str:
    """A name in one of its languages."""
    return name.zh if language == "zh" else name.en


def month_day(day: date, texts: Texts) -> str:
    """A date without its year, as one says it."""
    return texts.month_day.format(month=texts.months[day.month - 1], day=day.day)


def days(first: date, last: date) -> str:
    """A range of days in digits, the same in both languages."""
    return f"{first.month}/{first.day}–{last.month}/{last.day}"


def clock(moment: datetime | None, now: datetime, texts: Texts) -> str:
    """A past moment in the city's time (that of `now`): the hour if today, else the day too."""
    if moment is None:
        return texts.never_seen
    local = moment.astimezone(now.tzinfo)
    return (
        f"{local:%H:%M}"
        if local.date() == now.date()
        else f"{local.month}/{local.day} {local:%H:%M}"
    )


def ago(seconds: int, texts: Texts) -> str:
    """An age in the largest unit that fits; `page.js` counts on in the same words."""
    if seconds < 60:
        return texts.seconds_ago.format(n=seconds)
    if seconds < 3600:
        return texts.minutes_ago.format(n=seconds // 60)
    if seconds < 86_400:
        return texts.hours_ago.format(n=seconds // 3600)
    return texts.days_ago.format(n=seconds // 86_400)


def freshness(overview: Overview, texts: Texts) -> Freshness:
    """How old the newest stored message is."""
    stored_at = overview.messages.last_stored_at
    if stored_at is None:
        return Freshness(None, texts.no_data_yet, fresh=False)
    age = max(timedelta(0), overview.now - stored_at)
    seconds = int(age.total_seconds())
    return Freshness(seconds, ago(seconds, texts), fresh=age <= _QUIET_AFTER)


def notices(overview: Overview, texts: Texts) -> list[str]:
    """What an officer must know before believing a number."""
    rules = overview.privacy
    found = [texts.demo] if overview.demo else []
    if rules.smallest_min_batch is not None and rules.smallest_min_batch < rules.min_batch:
        found.append(
            texts.reduced_privacy.format(smallest=rules.smallest_min_batch, minimum=rules.min_batch)
        )
    return found


def problems(overview: Overview, texts: Texts) -> list[str]:
    """What is wrong now, each in a sentence."""
    return [
        texts.problems.get(problem.code, texts.problem_unknown).format(
            code=problem.code,
            count="?" if problem.count is None else f"{problem.count:,}",
            since=clock(problem.since, overview.now, texts),
        )
        for problem in overview.problems
    ]


def hidden_name(overview: Overview, texts: Texts) -> str:
    """What stands where a number may not be shown."""
    rules = overview.privacy
    return texts.hidden_long.format(count=rules.smallest_count, sessions=rules.minimum_sessions)


def city_now(
    overview: Overview, stations: tuple[Station, ...] | None, texts: Texts
) -> tuple[Tile, ...]:
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
        _ledger_light(stations, texts),
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


def _ledger_light(stations: Iterable[Station] | None, texts: Texts) -> Tile:
    if stations is None:
        return _unknown(texts.ledger, texts)
    ledgers = {station.id: station.ledger for station in stations if station.ledger is not None}
    wrong = [name for name, ledger in ledgers.items() if not ledger.balanced]
    if not ledgers:
        return Tile(texts.ledger, texts.ledger_silent, texts.ledger_silent_note)
    if wrong:
        names = ", ".join(wrong[:_STATIONS_NAMED]) + (" …" if len(wrong) > _STATIONS_NAMED else "")
        return Tile(texts.ledger, texts.ledger_unbalanced.format(n=len(wrong)), names, "warn")
    note = texts.ledger_balanced_note.format(n=len(ledgers))
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
