"""What the page says, ready to be written into a template: numbers as text, in one language."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contract.places import CITY, CITY_ADCODE, DISTRICTS, VENUES, Name
from dashboard.web.answers import BilingualName, Overview
from dashboard.web.phrasebook import Language, Texts

_QUIET_AFTER = timedelta(minutes=20)
"""Stations report use every 15 minutes, so a silence longer than this means something."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest stored message is; `age_seconds` is None before the first."""

    age_seconds: int | None
    text: str
    fresh: bool


def area_name(adcode: str, language: Language) -> str:
    """The name of the city, a district or a kind of venue; the code itself if it is unknown."""
    if adcode == CITY_ADCODE:
        return spoken(CITY, language)
    district = DISTRICTS.get(adcode)
    if district is not None:
        return spoken(district.name, language)
    return spoken(VENUES[adcode], language) if adcode in VENUES else adcode


def spoken(name: Name, language: Language) -> str:
    """A name in one of its languages."""
    return name.zh if language == "zh" else name.en


def worded(sentence: BilingualName, language: Language) -> str:
    """What must stand with numbers, as the API says it, without its last full stop."""
    return (sentence.zh if language == "zh" else sentence.en).rstrip(".。 ")


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
