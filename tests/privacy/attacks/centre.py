"""A real centre that is polled over HTTP: SQLite, the release job and the API, on a clock of ours.

`Polled` is what its attacker sees, and it is a `View`: the programs that attack released cells
attack the answers of the API as well.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import groupby, product
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from contract.topics import Stream, topic
from ingest.api import Service, create_app
from ingest.calendar import week_of
from ingest.disclosure import RULES, Cell, Rules, State, release, tallied
from ingest.operations import Station
from ingest.pipeline import Delivery
from ingest.release import release_due, rules_of
from ingest.service import assemble
from ingest.settings import HttpSection, RetentionSection, Settings, StoreSection
from ingest.windows import Audience, Level, block_of, closing_with, parse_block
from tests.privacy.attacks.view import CARELESS, START, Visit
from tests.trends_city import Site

_FOREVER = RetentionSection(raw_days=0, trends_days=0, usage_days=0, fleet_days=0)
_ABOUT_HEALTH = ("/trends/", "uptake", "venues", "reach", "equity", "overview")
_STATE_OF_MACHINES = ("now", "problems", "stations", "messages")

Answers = Mapping[str, Any]


class Centre:
    """A centre whose clock goes when it is told, and which publishes as its rules want.

    With `careless` it publishes, after every batch, exact counts of the weeks that are not over.
    """

    def __init__(self, directory: Path, sites: Sequence[Site], *, careless: bool) -> None:
        self.now = START
        self.sites = sites
        self.rules = CARELESS if careless else RULES[Audience.INTERNAL]
        self.careless = careless
        self._numbers = self._told = 0
        section = StoreSection(
            path=directory / "store.sqlite",
            operations_url=f"sqlite:///{directory}/operations.sqlite",
            retention=_FOREVER,
        )
        http = HttpSection(requests_per_minute=10**9)
        self.service: Service = assemble(Settings(store=section, http=http), lambda: self.now)
        self.service.operations.inventory.register(
            [Station(one.station, "站", "Site", one.district, one.venue, 2) for one in sites]
        )

    def take(self, visits: Iterable[Visit], measure: str = "bp") -> None:
        """One batch of each station and day, through the pipeline."""
        deliveries = []
        for (station, day), found in groupby(sorted(visits, key=_of_batch), key=_of_batch):
            self._numbers += 1
            rows = [one.row.model_dump(exclude_none=True) for one in found]
            message = {
                "v": 1, "station": station, "epoch": 7, "seq": self._numbers, "measure": measure,
                "from": str(day), "to": str(day), "rows": rows, "rejects": {},
            }  # fmt: skip
            payload = json.dumps(message).encode()
            deliveries.append(Delivery(topic(station, Stream.SCREENING), payload, 1))
        for answer in self.service.pipeline.settle(deliveries):
            assert "stored" in answer.payload

    def publish(self) -> None:
        """What the release job does when it looks, or what somebody careless would do."""
        if self.careless:
            if self._told != self._numbers:
                self._publish_at_once()
            self._told = self._numbers
            return
        section, service = self.service.settings.release, self.service
        release_due(
            service.store, service.operations, rules_of(section), self.now, section.delay_hours
        )

    def _publish_at_once(self) -> None:
        """The four weeks that are not over, exactly as they are now, and those before."""
        careless: dict[Audience, Rules] = dict.fromkeys(Audience, CARELESS)
        trends = self.service.store.trends
        names = [one.station for one in self.sites]
        homes = {one.station: one.district for one in self.sites}
        last = block_of(week_of(self.now.date()), 4)
        block = block_of(week_of(START.date()), 4)
        while block <= last:
            for audience, closing in closing_with(block.members()[-1]):
                sessions = (
                    tally
                    for week in closing.members()
                    for tally in tallied(trends.sessions(week, names), week)
                )
                trends.publish(release(sessions, audience, closing, Random(0), (), careless), homes)
            for week in block.members():
                trends.mark_released(week)
            block = block.following

    @contextmanager
    def open(self) -> Iterator["Centre"]:
        """The same, closed at the end."""
        try:
            yield self
        finally:
            self.service.operations.close()


def _of_batch(visit: Visit) -> tuple[str, date]:
    return visit.site.station, visit.moment.date()


class Polled:
    """Who asks every question about health, at moments of his choice; a `View` of the answers."""

    def __init__(self, centre: Centre, measure: str = "bp") -> None:
        self.rules = centre.rules
        self._centre = centre
        self._kept = create_app(centre.service)
        self._questions = _questions(self._kept.openapi(), centre.sites, measure)
        self.moments: list[datetime] = []
        self._cells: list[list[Cell]] = []
        self.answers: list[Answers] = []

    async def poll(self, moment: datetime) -> Answers:
        """Ask everything at this moment."""
        self._centre.now = moment
        async with AsyncClient(
            transport=ASGITransport(self._app()), base_url="http://ingest"
        ) as client:
            answers = {}
            for question in self._questions:
                answer = await client.get(question)
                assert answer.status_code in (200, 404), answer.text
                answers[question] = _of_health(question, answer.json())
        self.moments.append(moment)
        self.answers.append(answers)
        self._cells.append([cell for one in answers.values() for cell in cells_of(one)])
        return answers

    def _app(self) -> FastAPI:
        """The one that is polled; it keeps answers until a week is released.

        Somebody careless keeps none.
        """
        return create_app(self._centre.service) if self._centre.careless else self._kept

    def cells(self, now: datetime) -> Sequence[Cell]:
        """See `View.cells`: as they were when he last asked."""
        asked = bisect_right(self.moments, now)
        return self._cells[asked - 1] if asked else []


def cells_of(answer: Any) -> list[Cell]:
    """The cells of parts in an answer about the trends of a place."""
    if not isinstance(answer, dict) or not isinstance(answer.get("windows"), list):
        return []
    return [
        Cell(
            Audience(answer["audience"]), Level(answer["level"]), answer["place"],
            parse_block(window["window"]), answer["measure"], part["part"], State(part["state"]),
            n=window["n"], count=part["count"],
        )
        for window in answer["windows"]
        for part in window.get("parts", ())
    ]  # fmt: skip


def _questions(document: Answers, sites: Sequence[Site], measure: str) -> list[str]:
    """Every question about health that the API takes, with all that its lists allow."""
    stations = [one.station for one in sites]
    district, venue = sites[0].district, sites[0].venue
    lists: dict[str, Sequence[str]] = {
        "area": ("110000", district, venue), "station": stations, "measure": (measure,),
        "level": ("city", "district", "venue"), "audience": tuple(Audience),
        "name": (f"internal:station:{stations[0]}:2026-B01x4:{measure}:late",),
    }  # fmt: skip
    found = [f"/api/v1/trends/compare/station?district={district}&measure={measure}"]
    for path, methods in sorted(document["paths"].items()):
        if not any(word in path for word in _ABOUT_HEALTH):
            continue
        parameters = [
            one for one in methods["get"].get("parameters", ())
            if one["name"] in lists or one.get("required")
        ]  # fmt: skip
        # A parameter that is on no list here raises KeyError: give it one.
        choices = [
            lists[one["name"]] if "/trends/" in path else lists[one["name"]][:3]
            for one in parameters
        ]
        for values in product(*choices):
            address, asked = path, {}
            for one, value in zip(parameters, values, strict=True):
                address = address.replace(f"{{{one['name']}}}", value)
                if one["in"] == "query":
                    asked[one["name"]] = value
            found.append(f"{address}?{urlencode(asked)}" if asked else address)
    return found


def _of_health(question: str, told: Any) -> Any:
    if question.endswith("/overview"):
        return {key: value for key, value in told.items() if key not in _STATE_OF_MACHINES}
    return told
