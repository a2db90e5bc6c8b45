"""The only door to ingest's HTTP API: its answers as models, its failures as one error."""

import logging
from datetime import date
from enum import StrEnum
from typing import TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from contract.envelope import TOLERANT
from contract.errors import Unavailable

logger = logging.getLogger(__name__)


class IngestUnavailable(Unavailable):
    """The ingest service cannot be reached, or did not answer as agreed."""


class DatabaseUnavailable(IngestUnavailable):
    """The ingest service answered that its own database does not."""


class _Answer(BaseModel):
    model_config = TOLERANT


class Problem(_Answer):
    """Something that is wrong now; `code` may be one that this version does not know."""

    code: str
    since: AwareDatetime | None = None
    count: int | None = None


class StationCount(_Answer):
    """How many stations are known, and how many are connected now; None if nobody can tell."""

    registered: int | None
    online: int | None


class MessageCount(_Answer):
    """Messages that ingest has answered for, of all kinds; None if nobody can tell."""

    stored: int | None
    quarantined: int | None
    last_stored_at: AwareDatetime | None


class OpenWindow(_Answer):
    """The ISO week that is still filling; `sessions` is rounded, None means too few to say."""

    window: str
    first: date
    last: date
    sessions: int | None
    released_from: AwareDatetime


class PrivacyRules(_Answer):
    """The disclosure rules in force; `smallest_min_batch` is the lowest that a station reports."""

    minimum_sessions: int
    smallest_count: int
    round_to: int
    min_batch: int
    smallest_min_batch: int | None


class Overview(_Answer):
    """The state of the whole city at `now`; `demo` means that the people are simulated."""

    now: AwareDatetime
    stations: StationCount
    messages: MessageCount
    open_window: OpenWindow | None
    privacy: PrivacyRules
    demo: bool
    problems: tuple[Problem, ...] = ()


class BilingualName(_Answer):
    """A station's name in both languages."""

    zh: str
    en: str


class Ledger(_Answer):
    """Where a station's messages are; `balanced` is ingest's verdict on the sum."""

    numbered: int
    stored: int
    quarantined: int
    dropped: int
    pending: int
    balanced: bool


class Station(_Answer):
    """One rest station; `ledger` is None until its first status message."""

    id: str
    name: BilingualName
    district: str
    venue: str
    online: bool
    last_seen: AwareDatetime | None
    ledger: Ledger | None


class StationList(_Answer):
    """Stations in service: all of them, or a page of the list that goes on after `next`."""

    stations: tuple[Station, ...]
    next: str | None = None


class ProfileCell(_Answer):
    """Mean number of people present per station in one hour of the week (ISO, 1 is Monday)."""

    weekday: int = Field(ge=1, le=7)
    hour: int = Field(ge=0, le=23)
    mean: float = Field(ge=0)


class WeekProfile(_Answer):
    """The typical week of an area; an hour that is not in `cells` has no data."""

    area: str
    weeks: int
    stations: int
    cells: tuple[ProfileCell, ...]


class CellState(StrEnum):
    """Whether a count is shown, is too small to be told from zero, or is hidden."""

    SHOWN = "shown"
    SMALL = "small"
    HIDDEN = "hidden"


class Cell(_Answer):
    """A released count, rounded, with its share of the window's sessions in whole percent."""

    state: CellState
    count: int | None = None
    share: int | None = None


class CategoryCell(Cell):
    """The released count of one blood-pressure category."""

    category: str


class WindowState(StrEnum):
    """Whether a closed window is shown at all."""

    RELEASED = "released"
    HIDDEN = "hidden"


class Window(_Answer):
    """One closed ISO week of an area; `n` is the rounded number of sessions."""

    window: str
    first: date
    last: date
    state: WindowState
    n: int | None = None
    low_precision: bool = False
    high: Cell = Cell(state=CellState.HIDDEN)
    cells: tuple[CategoryCell, ...] = ()


class BloodPressureTrend(_Answer):
    """The closed weeks of an area, oldest first."""

    area: str
    windows: tuple[Window, ...]


_UNAVAILABLE = 503
_A = TypeVar("_A", bound=_Answer)


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

    async def blood_pressure_trend(self, area: str) -> BloodPressureTrend:
        """The released weeks of `area`, an adcode."""
        return await self._get(BloodPressureTrend, "/api/v1/trends/bp", area=area)

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
