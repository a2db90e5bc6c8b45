"""The numbers at the top of the report, each with what it needs to be understood. Pure."""

from dataclasses import dataclass

from dashboard.reports.facts import Facts
from dashboard.reports.words import Words
from dashboard.web.answers import PartState, Window


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline number with its name and what it needs to be understood."""

    name: str
    value: str
    note: str


def tiles(facts: Facts, said: Words) -> tuple[Tile, ...]:
    """The headline numbers."""
    usage, week = facts.usage, facts.week
    reporting = usage.reporting
    uptake = usage.uptake
    percent = uptake.percent if uptake else None
    return (
        Tile(
            said.stations,
            f"{usage.stations:,}",
            said.stations_few if reporting is None
            else said.stations_reporting.format(n=reporting),
        ),
        Tile(
            said.entries,
            band(uptake.entries if uptake else None, said),
            said.entries_note if uptake and uptake.entries else said.no_entries,
        ),
        Tile(
            said.sessions,
            said.hidden if week.n is None else f"{week.n:,}",
            _hidden_window(facts, said) if week.n is None
            else said.sessions_note if percent is None
            else said.sessions_per_entry.format(n=percent),
        ),
        Tile(said.high, *_high(facts, said)),
    )  # fmt: skip


def _high(facts: Facts, said: Words) -> tuple[str, str]:
    week = facts.week
    part = week.shown("high")
    if part is None:
        if week.state_of("high") is PartState.SMALL:
            return said.hidden, said.fewer.format(n=facts.rules.smallest_count)
        note = said.hidden_part if week.is_shown else _hidden_window(facts, said)
        return said.hidden, note
    note = said.interval.format(low=part.low, high=part.high)
    mark = said.joint + said.low_precision if week.low_precision else ""
    return f"{part.share}%", note + mark


def _hidden_window(facts: Facts, said: Words) -> str:
    return said.hidden_window.format(sessions=facts.rules.minimum_sessions)


def band(entries: str | None, said: Words) -> str:
    """A band of entries in words."""
    if entries is None:
        return said.no_data
    if entries.isdecimal():
        return f"{int(entries):,}"
    return said.fewer.format(n=entries.removeprefix("<"))


def beside(facts: Facts, said: Words) -> tuple[str, ...]:
    """The weeks and places to compare with, and whether a difference may be claimed."""
    found = []
    if facts.before is not None:
        found.append(
            _beside(said.before.format(week=facts.before.window), facts.before, facts, said)
        )
    if facts.year_ago is not None:
        name = said.year_ago.format(week=facts.year_ago.window)
        found.append(_beside(name, facts.year_ago, facts, said))
    if facts.city is not None:
        found.append(_beside(said.city, facts.city, facts, said))
    return tuple(found)


def _beside(name: str, other: Window, facts: Facts, said: Words) -> str:
    theirs, ours = other.shown("high"), facts.week.shown("high")
    if theirs is None:
        return said.beside_hidden.format(name=name)
    if ours is None:
        verdict = said.not_comparable
    else:
        apart = (theirs.low or 0) > (ours.high or 0) or (theirs.high or 0) < (ours.low or 0)
        verdict = said.apart if apart else said.overlapping
    return said.beside_value.format(
        name=name,
        share=theirs.share,
        low=theirs.low,
        high=theirs.high,
        n=f"{other.n:,}",
        verdict=verdict,
    )
