"""The only door to ingest's HTTP API: its answers as models, its failures as one error."""

import logging
from typing import TypeVar

import httpx
from pydantic import ValidationError

from contract.errors import Unavailable
from dashboard.web.answers import Answer, Overview, Station, StationList, Trend, WeekProfile

logger = logging.getLogger(__name__)


class IngestUnavailable(Unavailable):
    """The ingest service cannot be reached, or did not answer as agreed."""


class DatabaseUnavailable(IngestUnavailable):
    """The ingest service answered that its own database does not."""


_UNAVAILABLE = 503
_A = TypeVar("_A", bound=Answer)


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
        return await self._get(Overview, "/api/v1/overview")

    async def stations(self) -> StationList:
        """Every registered station with its ledger."""
        found: list[Station] = []
        after: str | None = ""
        while after is not None:
            page = await self._get(StationList, "/api/v1/stations", after=after)
            found += page.stations
            after = page.next
        return StationList(stations=tuple(found))

    async def week_profile(self, area: str) -> WeekProfile:
        """The typical week of `area`, an adcode."""
        return await self._get(WeekProfile, "/api/v1/usage/week-profile", area=area)

    async def trend(self, area: str, measure: str) -> Trend:
        """The released windows of `area`, an adcode, for officers."""
        path = f"/api/v1/trends/areas/{area}"
        return await self._get(Trend, path, measure=measure, audience="internal")

    async def extremes(self, measure: str) -> Trend:
        """The extremes of the whole city in its long windows, for officers."""
        path = "/api/v1/trends/extremes"
        return await self._get(Trend, path, measure=measure, audience="internal")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _get(self, model: type[_A], path: str, **params: str) -> _A:
        try:
            response = await self._client.get(path, params=params)
            if response.status_code == _UNAVAILABLE and _is_problem(response):
                raise DatabaseUnavailable(f"{path}: its database does not answer")
            response.raise_for_status()
            return model.model_validate_json(response.content)
        except httpx.HTTPError as error:
            raise IngestUnavailable(f"{path}: {error}") from error
        except ValidationError as error:
            # A proxy's own page, or a newer ingest during an upgrade: both pass.
            logger.warning("%s did not answer as agreed: %s", path, error.errors()[0]["msg"])
            raise IngestUnavailable(f"{path} did not answer as agreed") from error


def _is_problem(response: httpx.Response) -> bool:
    """Whether ingest itself says so, and not a proxy before it."""
    media_type: str = response.headers.get("content-type", "")
    return media_type.startswith("application/problem+json")
