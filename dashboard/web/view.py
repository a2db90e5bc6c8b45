"""What a view of the site is: what it reads from ingest, and what its template gets of that."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from contract.places import CITY_ADCODE, DISTRICTS, VENUES
from dashboard.web.answers import Overview
from dashboard.web.api import IngestApi, IngestUnavailable
from dashboard.web.asking import Asked
from dashboard.web.views import area_name

_T = TypeVar("_T")
S = TypeVar("S", bound="Snapshot")

Context = Mapping[str, object]
"""What a template gets, by name."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What ingest says at one moment; a part that could not be read is None."""

    overview: Overview


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a list to choose from."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose from, in groups; the name of a group may be empty."""

    name: str
    label: str
    selected: str
    groups: tuple[tuple[str, tuple[Option, ...]], ...]


@dataclass(frozen=True, slots=True)
class View(Generic[S]):
    """A page: how it reads, what its template shows, and how often an open one reads again.

    `choices` are the lists above it; `has_charts` whether it needs Plotly.
    """

    name: str
    refresh_seconds: int
    take: Callable[[IngestApi, Asked], Awaitable[S]]
    show: Callable[[S, Asked], Context]
    choices: Callable[[Asked], tuple[Choice, ...]] = lambda _: ()
    has_charts: bool = True

    @property
    def template(self) -> str:
        """The file of its live parts."""
        return f"{self.name}.html"


async def part(answer: Awaitable[_T]) -> _T | None:
    """An answer, or None if it cannot be read: the rest of the page is shown nevertheless."""
    try:
        return await answer
    except IngestUnavailable:
        return None


async def every(answers: Mapping[str, Awaitable[_T]]) -> dict[str, _T]:
    """Many answers by name, read in parallel."""
    found = await asyncio.gather(*answers.values())
    return dict(zip(answers, found, strict=True))


def area_choice(asked: Asked) -> Choice:
    """The city, a district or a kind of venue."""
    texts = asked.texts
    return Choice(
        "area",
        texts.area,
        asked.area,
        (
            ("", _places((CITY_ADCODE,), asked)),
            (texts.district, _places(DISTRICTS, asked)),
            (texts.venue, _places(VENUES, asked)),
        ),
    )


def district_choice(asked: Asked) -> Choice:
    """One district, or all."""
    everywhere = (Option("", area_name(CITY_ADCODE, asked.language)),)
    groups = (("", everywhere), ("", _places(DISTRICTS, asked)))
    return Choice("district", asked.texts.district, asked.district, groups)


def _places(names: Mapping[str, object] | tuple[str, ...], asked: Asked) -> tuple[Option, ...]:
    return tuple(Option(name, area_name(name, asked.language)) for name in names)
