"""The only door to ingest's HTTP API: its answers as models, its failures as one error."""

import logging
from typing import NamedTuple, TypeVar

import httpx
from pydantic import ValidationError

from contract.errors import Unavailable
from dashboard.web.answers import Answer, Comparison, Overview, Trend
from dashboard.web.station_answers import Fleet, LedgerSummary, Station, StationLedger, StationList
from dashboard.web.usage_answers import (
    Day,
    EquityRow,
    Reach,
    Summary,
    Table,
    TypicalHour,
    VenueUptake,
)

logger = logging.getLogger(__name__)


class IngestUnavailable(Unavailable):
    """The ingest service cannot be reached, or did not answer as agreed."""

    notice = "ingest_unavailable"
    """The text that tells a visitor what to do."""


class DatabaseUnavailable(IngestUnavailable):
    """The ingest service answered that its own database does not."""

    notice = "database_unavailable"


class KeyRefused(IngestUnavailable):
    """The ingest service wants an API key, and not the one that the page has."""

    notice = "key_refused"


class TooManyRequests(IngestUnavailable):
    """The ingest service was asked more often than it allows."""

    notice = "too_many"


_REFUSALS: dict[int, type[IngestUnavailable]] = {
    401: KeyRefused,
    403: KeyRefused,
    429: TooManyRequests,
    503: DatabaseUnavailable,
}
_ABSENT = 404
_A = TypeVar("_A", bound=Answer)


class Place(NamedTuple):
    """What usage and trends are told of: "areas" or "stations", and which of them."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class IngestApi:
    """Reads the ingest service at `base_url`; every method raises IngestUnavailable.

    The environment's proxy settings are ignored: the service is inside, and so must requests be.
    `key` is an API key, for a service that wants one.
    """

    def __init__(
        self, base_url: str, *, key: str | None = None, timeout_seconds: float = 4.0
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=timeout_seconds,
            trust_env=False,
            headers={"Authorization": f"Bearer {key}"} if key else None,
        )

    async def overview(self) -> Overview:
        """The state of the whole city."""
        return await self._get(Overview, "overview")

    async def ledger(self) -> LedgerSummary:
        """The ledger of the whole city, and the stations that do not balance."""
        return await self._get(LedgerSummary, "ledger")

    async def stations(
        self, limit: int, after: str = "", district: str = "", state: str = "", search: str = ""
    ) -> StationList:
        """A page of the stations in service, of those that are asked for if anything is."""
        asked = {"district": district, "state": state, "search": search}
        of = {name: value for name, value in asked.items() if value}
        return await self._get(StationList, "stations", limit=str(limit), after=after, **of)

    async def fleet(self) -> Fleet:
        """How many stations are how, district by district."""
        return await self._get(Fleet, "fleet")

    async def station(self, station: str) -> Station | None:
        """One station in or out of service; None if there is none of this id."""
        return await self._find(Station, f"stations/{station}")

    async def station_ledger(self, station: str) -> StationLedger:
        """Every epoch of one station; there are none if it was never heard of."""
        found = await self._find(StationLedger, f"ledger/{station}")
        return found or StationLedger(epochs=())

    async def typical_week(self, place: Place, weeks: int) -> Table[TypicalHour]:
        """The hours of the week that were observed often enough."""
        path = f"usage/{place}/typical-week"
        return await self._get(Table[TypicalHour], path, weeks=str(weeks))

    async def days(self, place: Place, weeks: int) -> Table[Day]:
        """Entries day by day."""
        return await self._get(Table[Day], f"usage/{place}/days", weeks=str(weeks))

    async def summary(self, place: Place, weeks: int) -> Table[Summary]:
        """One row: how the place was used."""
        return await self._get(Table[Summary], f"usage/{place}/summary", weeks=str(weeks))

    async def venues(self) -> Table[VenueUptake]:
        """Sessions per hundred entries in each kind of venue, in its latest window."""
        return await self._get(Table[VenueUptake], "usage/venues")

    async def reach(self) -> Table[Reach]:
        """What each district has for its residents."""
        return await self._get(Table[Reach], "usage/reach")

    async def equity(self) -> Table[EquityRow]:
        """How evenly the districts are reached."""
        return await self._get(Table[EquityRow], "usage/equity")

    async def trend(self, place: Place, measure: str) -> Trend:
        """The released windows of a place, for officers."""
        return await self._get(Trend, f"trends/{place}", measure=measure, audience="internal")

    async def extremes(self, measure: str) -> Trend:
        """The extremes of the whole city in its long windows, for officers."""
        return await self._get(Trend, "trends/extremes", measure=measure, audience="internal")

    async def latest(self, level: str, measure: str) -> tuple[Comparison, ...]:
        """The last released window of every place of a level; nothing before the first release."""
        path = f"trends/compare/{level}"
        found = await self._find(Comparison, path, measure=measure, audience="internal")
        return () if found is None else (found,)

    async def table(self, path: str, **params: str) -> bytes | None:
        """Any table of the API as CSV, in UTF-8; None if there is no such table."""
        response = await self._ask(path, format="csv", **params)
        return None if response is None else response.content

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _get(self, model: type[_A], path: str, **params: str) -> _A:
        found = await self._find(model, path, **params)
        if found is None:
            raise IngestUnavailable(f"{path}: not found")
        return found

    async def _find(self, model: type[_A], path: str, **params: str) -> _A | None:
        response = await self._ask(path, **params)
        if response is None:
            return None
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            # A proxy's own page, or a newer ingest during an upgrade: both pass.
            logger.warning("%s did not answer as agreed: %s", path, error.errors()[0]["msg"])
            raise IngestUnavailable(f"{path} did not answer as agreed") from error

    async def _ask(self, path: str, **params: str) -> httpx.Response | None:
        try:
            response = await self._client.get(f"/api/v1/{path}", params=params)
            if response.is_success or not _is_problem(response):
                return response.raise_for_status()
        except httpx.HTTPError as error:
            raise IngestUnavailable(f"{path}: {error}") from error
        if response.status_code == _ABSENT:
            return None
        refusal = _REFUSALS.get(response.status_code, IngestUnavailable)
        raise refusal(f"{path}: status {response.status_code}")


def _is_problem(response: httpx.Response) -> bool:
    """Whether ingest itself says so, and not a proxy before it."""
    media_type: str = response.headers.get("content-type", "")
    return media_type.startswith("application/problem+json")
