"""The only door to influxdb-client: committed lines, answered queries, and what each error means.

Writes are synchronous: the library's own batching gives up in the background. Lines are compressed
here, for the library's level 9 costs nine times the processor time of level 1.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, NamedTuple

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from influxdb_client.service.write_service import WriteService
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from contract.errors import Reason, StoreUnavailable
from ingest.settings import InfluxSection
from ingest.store import influxql
from ingest.store.influxql import Series

Precision = Literal["ns", "s"]

_GZIP_LEVEL = 1
_LONGEST_DETAIL = 200
# 400: cannot be parsed, or another type than the field has; InfluxDB 2 says 422 for the latter.
_ABOUT_POINTS = (400, 422)
_TOO_LARGE = 413
_ADVICE = {
    401: "the token is refused; set [store.influx] token",
    403: "the token may not do this; set [store.influx] token to one that may write and read",
    404: "it has no such bucket or organisation; run: health-kiosk ingest init",
    429: "it asks for fewer writes",
}


class RefusedLine(NamedTuple):
    """A line that the database will never take: where it stood, and why, without its values."""

    position: int
    reason: Reason
    detail: str


class _Refused(Exception):
    """Something in one request's body is refused for good."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Connection:
    """A connection pool to one InfluxDB; threads may share it."""

    def __init__(self, settings: InfluxSection) -> None:
        self._settings = settings
        self._client = InfluxDBClient(
            settings.url,
            settings.token.get_secret_value(),
            org=settings.org,
            timeout=round(settings.timeout_seconds * 1000),
        )
        self._writing = WriteService(self._client.api_client)

    @property
    def client(self) -> InfluxDBClient:
        """The library's client, for administration."""
        return self._client

    @property
    def url(self) -> str:
        """Where InfluxDB is."""
        return self._settings.url

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def write(self, bucket: str, precision: Precision, lines: Sequence[str]) -> list[RefusedLine]:
        """Commit `lines` in slices and return those that were refused for good.

        Raises StoreUnavailable; some slices may be committed then, and writing them again is safe.
        """
        size = self._settings.lines_per_write
        return [
            refused
            for start in range(0, len(lines), size)
            for refused in self._commit(bucket, precision, lines[start : start + size], start)
        ]

    def query(self, database: str, *statements: str) -> list[list[Series]]:
        """What each statement selects from `database`; raises StoreUnavailable."""
        return self._ask("GET", [("db", database), ("epoch", "ns"), ("q", ";".join(statements))])

    def change(self, statement: str) -> None:
        """Execute a statement that changes databases; raises StoreUnavailable."""
        self._ask("POST", [("q", statement)])

    def _ask(
        self, method: Literal["GET", "POST"], parameters: list[tuple[str, str]]
    ) -> list[list[Series]]:
        with self.translated():
            response = self._client.api_client.call_api(
                "/query",
                method,
                query_params=parameters,
                header_params={"Accept": "application/json"},
                response_type=None,
                _preload_content=False,
                _return_http_data_only=True,
            )
            document = json.loads(response.data)
        try:
            return influxql.answers(document)
        except influxql.QueryFailed as error:
            raise self._unavailable(str(error)) from error

    def _commit(
        self, bucket: str, precision: Precision, lines: Sequence[str], start: int
    ) -> Iterator[RefusedLine]:
        """Post `lines`; halve what is refused until the points at fault stand alone.

        InfluxDB may have stored the good lines of a refused request; they are written again.
        """
        try:
            self._post(bucket, precision, lines)
        except _Refused as refused:
            if len(lines) == 1:
                yield RefusedLine(start, refused.reason, str(refused))
                return
            half = len(lines) // 2
            yield from self._commit(bucket, precision, lines[:half], start)
            yield from self._commit(bucket, precision, lines[half:], start + half)

    def _post(self, bucket: str, precision: Precision, lines: Sequence[str]) -> None:
        with self.translated():
            self._writing.post_write(
                self._settings.org,
                bucket,
                gzip.compress("\n".join(lines).encode(), _GZIP_LEVEL),
                precision=precision,
                content_encoding="gzip",
                content_type="text/plain; charset=utf-8",
            )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except ApiException as error:
            message = _message(error)
            if error.status == _TOO_LARGE:
                raise _Refused(Reason.STORE_REFUSED, "larger than the database takes") from error
            # A proxy says 400 too, but not about points; only InfluxDB answers in JSON.
            if error.status in _ABOUT_POINTS and message is not None:
                raise _refusal(message) from error
            advice = _ADVICE.get(error.status or 0) or message or error.reason or "no reason given"
            raise self._unavailable(f"HTTP {error.status}: {advice}") from error
        except NewConnectionError as error:  # which urllib3 counts among the timeouts
            raise self._unavailable("the connection is refused") from error
        except TimeoutError as error:
            problem = f"no answer within {self._settings.timeout_seconds:g} s"
            raise self._unavailable(problem) from error
        except HTTPError as error:
            raise self._unavailable(f"the connection broke ({type(error).__name__})") from error

    def _unavailable(self, problem: str) -> StoreUnavailable:
        return StoreUnavailable(f"InfluxDB at {self._settings.url}: {problem[:_LONGEST_DETAIL]}")


def _message(error: ApiException) -> str | None:
    """What InfluxDB says of an error; None if something else answered."""
    body = error.body.decode(errors="replace") if isinstance(error.body, bytes) else error.body
    try:
        document = json.loads(body or "")
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    said = document.get("message") or document.get("error")
    return said if isinstance(said, str) else None


def _refusal(message: str) -> _Refused:
    """The refusal in our own words: InfluxDB quotes the line, which holds a person's values."""
    if "retention policy" in message:
        return _Refused(Reason.EXPIRED, "older than the database keeps")
    if "limit exceeded" in message:
        return _Refused(Reason.STORE_REFUSED, "a limit on series in the database is reached")
    if "type conflict" in message:
        return _Refused(Reason.STORE_REFUSED, "a field has another type in the database")
    if "unable to parse" in message:
        return _Refused(Reason.STORE_REFUSED, "the database cannot hold one of its values")
    return _Refused(Reason.STORE_REFUSED, "the database refuses it")
