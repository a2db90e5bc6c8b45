"""The documents' door to ingest's HTTP API: released answers, or one sentence that says why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
from pydantic import ValidationError

from dashboard.reports import answers
from dashboard.web.answers import Answer, Comparison, Overview, Trend
from dashboard.web.usage_answers import Day, Reach, Summary, Table, TypicalHour, Uptake

A = TypeVar("A", bound=Answer)

_UNAUTHORIZED, _FORBIDDEN, _UNAVAILABLE = 401, 403, 503


class DocumentError(Exception):
    """No document can be made: a sentence in both languages that says why, and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class ReleasedApi:
    """Asks one ingest; every method raises DocumentError if there is no answer."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def overview(self) -> Overview:
        """The state of the programme: its rules, and whether it is a demonstration."""
        return self._get(Overview, "/overview")

    def windows(self) -> answers.Windows:
        """Every released window."""
        return self._get(answers.Windows, "/trends/windows")

    def trend(self, area: str, measure: str, audience: str) -> Trend:
        """The released windows of an area."""
        path = f"/trends/areas/{area}"
        return self._get(Trend, path, measure=measure, audience=audience)

    def districts(self, window: str, measure: str) -> Comparison:
        """All districts in one window, for officers."""
        return self._get(Comparison, "/trends/compare/district", window=window, measure=measure)

    def days(self, area: str, weeks: int) -> Table[Day]:
        """Entries day by day."""
        path = f"/usage/areas/{area}/days"
        return self._get(Table[Day], path, weeks=str(weeks))

    def public_days(self, area: str, weeks: int) -> Table[answers.PublicDay]:
        """How many stations reported, day by day."""
        path = f"/usage/public/areas/{area}/days"
        return self._get(Table[answers.PublicDay], path, weeks=str(weeks))

    def typical_week(self, area: str, weeks: int) -> Table[TypicalHour]:
        """Mean occupancy by weekday and hour, up to the last midnight."""
        path = f"/usage/areas/{area}/typical-week"
        return self._get(Table[TypicalHour], path, weeks=str(weeks))

    def summary(self, area: str, weeks: int) -> Table[Summary]:
        """Stay, full share and peak, up to the last midnight."""
        path = f"/usage/areas/{area}/summary"
        return self._get(Table[Summary], path, weeks=str(weeks))

    def uptake(self, area: str, *, public: bool) -> Table[Uptake]:
        """Entries and sessions of each released window."""
        path = f"/usage/{'public/' if public else ''}areas/{area}/uptake"
        return self._get(Table[Uptake], path)

    def reach(self) -> Table[Reach]:
        """What each district has for its residents."""
        return self._get(Table[Reach], "/usage/reach")

    def _get(self, model: type[A], path: str, **params: str) -> A:
        try:
            response = self._client.get(f"/api/v1{path}", params=params)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise self._refused(response)
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise DocumentError(
                zh=f"{self._client.base_url} 的回答不是本系统的格式，请检查 --ingest-url",
                en=f"{self._client.base_url} does not answer as an ingest does; check --ingest-url",
            ) from error

    def _unreachable(self, error: Exception) -> DocumentError:
        url = self._client.base_url
        return DocumentError(
            zh=f"连接不上数据服务 {url}，请检查 --ingest-url 以及服务是否在运行",
            en=f"no ingest answers at {url} ({type(error).__name__}); check --ingest-url and that"
            " it runs",
        )

    def _refused(self, response: httpx.Response) -> DocumentError:
        detail = _detail(response)
        if response.status_code in (_UNAUTHORIZED, _FORBIDDEN):
            return DocumentError(
                zh="数据服务不接受 API 密钥：请把干部密钥放进环境变量 HEALTH_KIOSK_API_KEY",
                en=f"ingest refuses: {detail}; put an officer's API key into the environment"
                " variable HEALTH_KIOSK_API_KEY",
            )
        if response.status_code == _UNAVAILABLE:
            return DocumentError(
                zh="数据服务的数据库没有响应，请稍后再试",
                en="the database of ingest does not answer; try again later",
            )
        return DocumentError(
            zh=f"数据服务拒绝了请求（{response.status_code}）：{detail}",
            en=f"ingest refuses with {response.status_code}: {detail}",
        )


@contextmanager
def connected(url: str, key: str | None) -> Iterator[ReleasedApi]:
    """An ingest at `url`, asked with an API key if it wants one; proxies are passed over."""
    headers = {"Authorization": f"Bearer {key}"} if key else None
    try:
        client = httpx.Client(base_url=url, timeout=30, trust_env=False, headers=headers)
    except (httpx.InvalidURL, UnicodeEncodeError) as error:
        raise DocumentError(
            zh="--ingest-url 或 HEALTH_KIOSK_API_KEY 的格式不对",
            en="--ingest-url or HEALTH_KIOSK_API_KEY is malformed",
        ) from error
    with client:
        yield ReleasedApi(client)


def _detail(response: httpx.Response) -> str:
    """What a problem says of itself, in one line."""
    try:
        found = response.json()
    except ValueError:
        return response.reason_phrase
    detail = found.get("detail") if isinstance(found, dict) else None
    return detail if isinstance(detail, str) else response.reason_phrase
