"""Who holds the dashboards' credentials tries everything to see a session, or to leave a door open.

He sees the answers of InfluxDB, straight and through the proxy, and knows the names of the buckets
and of what is in them. Bound: nothing; he may read what is released and change nothing at all. One
InfluxDB 1.x does not hold this bound: there, sessions must have a server of their own.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import httpx

RAW, OPEN = "kiosk_raw", "kiosk_trends"

_FROM = (
    "session", "/.*/", "/ses.*/", "kiosk_raw..session", '"kiosk_raw"."autogen"."session"',
    "kiosk_raw.autogen./.*/", "kiosk_raw..session, kiosk_trends..trend",
    "(SELECT * FROM kiosk_raw..session)",
    "(SELECT * FROM (SELECT * FROM kiosk_raw.autogen.session))",
    "(SELECT * FROM kiosk_trends..trend), (SELECT * FROM kiosk_raw..session)",
)  # fmt: skip
READING = (
    *(f"SELECT * FROM {source}" for source in _FROM),  # noqa: S608  # constants only
    *(f"SELECT count(systolic) FROM {source} GROUP BY *" for source in _FROM),  # noqa: S608
    "SELECT * FROM kiosk_trends..trend; SELECT * FROM kiosk_raw..session",
    "SELECT systolic FROM kiosk_raw..session WHERE station =~ /.*/ GROUP BY time(1h), station",
    "EXPLAIN ANALYZE SELECT * FROM kiosk_raw..session",
    *(
        f"SHOW {what} ON kiosk_raw"
        for what in (
            "SERIES", "MEASUREMENTS", "TAG KEYS", "FIELD KEYS", "RETENTION POLICIES",
            "SERIES CARDINALITY", "SERIES EXACT CARDINALITY", "MEASUREMENT CARDINALITY",
            "TAG KEY CARDINALITY", "FIELD KEY CARDINALITY",
        )
    ),
    "SHOW TAG VALUES ON kiosk_raw WITH KEY = station",
    "SHOW TAG VALUES ON kiosk_raw WITH KEY =~ /.*/",
    "SHOW TAG VALUES CARDINALITY ON kiosk_raw WITH KEY = station",
    *(
        f"SHOW {what} FROM kiosk_raw..session"
        for what in (
            "SERIES", "SERIES ON kiosk_trends", "SERIES CARDINALITY", "SERIES EXACT CARDINALITY",
            "TAG KEYS", "TAG KEYS ON kiosk_trends", "FIELD KEYS", "FIELD KEYS ON kiosk_trends",
            "FIELD KEY CARDINALITY", "MEASUREMENT CARDINALITY",
        )
    ),
    "SHOW SERIES FROM kiosk_raw.autogen./.*/ WHERE time > now() - 90d",
    "SHOW SERIES FROM kiosk_raw..session WHERE systolic > 140",
    "SHOW TAG VALUES FROM kiosk_raw..session WITH KEY = station",
    "SHOW TAG VALUES ON kiosk_trends FROM kiosk_raw..session WITH KEY =~ /.*/",
    "SHOW MEASUREMENTS ON kiosk_trends WITH MEASUREMENT = kiosk_raw..session",
    "SHOW SERIES", "SHOW MEASUREMENTS", "SHOW TAG KEYS",
    "SHOW FIELD KEYS", "SHOW TAG VALUES WITH KEY = station", "SHOW DATABASES", "SHOW STATS",
    "SHOW DIAGNOSTICS", "SHOW SHARDS", "SHOW SHARD GROUPS", "SHOW USERS", "SHOW QUERIES",
    "SHOW GRANTS FOR ingest", "SHOW CONTINUOUS QUERIES", "SHOW SUBSCRIPTIONS",
)  # fmt: skip
CHANGING = (
    "SELECT * INTO kiosk_trends..copied FROM kiosk_raw..session",
    "SELECT * INTO kiosk_usage.autogen.copied FROM kiosk_raw.autogen.session GROUP BY *",
    "SELECT * INTO kiosk_fleet.autogen.:MEASUREMENT FROM kiosk_raw.autogen./.*/",
    "SELECT * INTO copied FROM kiosk_raw..session", "SELECT * INTO kiosk_raw..copied FROM trend",
    "CREATE CONTINUOUS QUERY out ON kiosk_trends BEGIN SELECT mean(systolic) INTO"
    " kiosk_trends..copied FROM kiosk_raw..session GROUP BY time(1m) END",
    "CREATE CONTINUOUS QUERY out ON kiosk_raw BEGIN SELECT mean(systolic) INTO"
    " kiosk_trends..copied FROM session GROUP BY time(1m) END",
    "CREATE SUBSCRIPTION out ON kiosk_raw.autogen DESTINATIONS ALL 'udp://127.0.0.1:9'",
    "GRANT READ ON kiosk_raw TO dashboards", "GRANT ALL ON kiosk_raw TO dashboards",
    "GRANT ALL PRIVILEGES TO dashboards", "CREATE USER friend WITH PASSWORD 'f'",
    "CREATE USER friend WITH PASSWORD 'f' WITH ALL PRIVILEGES",
    "SET PASSWORD FOR admin = 'mine'", "SET PASSWORD FOR ingest = 'mine'", "DROP USER ingest",
    "REVOKE ALL ON kiosk_raw FROM ingest",
    "ALTER RETENTION POLICY autogen ON kiosk_raw DURATION INF REPLICATION 1",
    "ALTER RETENTION POLICY autogen ON kiosk_raw DURATION 1h",
    "CREATE RETENTION POLICY longer ON kiosk_raw DURATION INF REPLICATION 1",
    "DROP RETENTION POLICY autogen ON kiosk_raw", "DROP MEASUREMENT session",
    "DELETE FROM session", "DROP SERIES FROM session", "DROP SERIES FROM trend", "DROP SHARD 1",
    "DROP DATABASE kiosk_raw", "DROP DATABASE kiosk_trends", "CREATE DATABASE kiosk_copy",
    "KILL QUERY 1",
)  # fmt: skip
_ASKED = (
    "SELECT count(single) FROM kiosk_raw..session",
    "SHOW SERIES FROM kiosk_raw..session", "SHOW SERIES CARDINALITY FROM kiosk_raw..session",
    "SHOW SERIES EXACT CARDINALITY FROM kiosk_raw..session",
    "SHOW SERIES ON kiosk_raw", "SHOW SERIES EXACT CARDINALITY ON kiosk_raw",
    "SHOW TAG KEYS FROM kiosk_raw..session", "SHOW TAG KEY CARDINALITY ON kiosk_raw",
    "SHOW TAG VALUES FROM kiosk_raw..session WITH KEY = stations",
    "SHOW TAG VALUES EXACT CARDINALITY FROM kiosk_raw..session WITH KEY = systolic",
    "SHOW FIELD KEYS FROM kiosk_raw..session", "SHOW FIELD KEY CARDINALITY ON kiosk_raw",
    "SHOW MEASUREMENT CARDINALITY FROM kiosk_raw..session",
)  # fmt: skip
CONDITIONS = (
    ("category = 'grade2'", "category = 'none'"), ("systolic = 165", "systolic = 999"),
    ("systolic > 140", "systolic > 900"), ("pulse =~ /9/", "pulse =~ /x/"),
    ("single = true", "single = false"), ("station = 'BJ-MY-777'", "station = 'BJ-MY-778'"),
    ("district = '110118'", "district = '110101'"), ("measure = 'bp'", "measure = 'none'"),
    (
        "time >= '2026-02-06' AND time < '2026-02-07'",
        "time >= '2026-02-05' AND time < '2026-02-06'",
    ),
    ("systolic = 165 AND time < '2026-02-09'", "systolic = 999 AND time < '2026-02-09'"),
)  # fmt: skip
"""Of the sessions in the test, the first of each pair is true and the second is not."""
_FLUX = 'from(bucket: "kiosk_raw/autogen") |> range(start: 0)'
_PATHS = (
    "/metrics", "/ping?verbose=true",
    "/api/v2/buckets", "/api/v2/authorizations", "/api/v2/users", "/api/v2/backup/metadata",
    "/api/v1/prom/read?db=kiosk_raw", "/backup", "/health",
)  # fmt: skip
DEBUG = "/debug/vars"


class Door(NamedTuple):
    """One way to InfluxDB: where it is, and with what he comes."""

    url: str
    token: str = ""
    user: str = ""
    password: str = ""

    def client(self) -> httpx.Client:
        """A client that comes with it."""
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        auth = (self.user, self.password) if self.user else None
        return httpx.Client(base_url=self.url, headers=headers, auth=auth, trust_env=False)


class Answer(NamedTuple):
    """What was tried, and what came back."""

    tried: str
    status: int
    text: str


def readings(
    door: Door, statements: Sequence[str] = READING, databases: Sequence[str] = (RAW, OPEN, "")
) -> Iterator[Answer]:
    """Everything that might show a session."""
    with door.client() as client:
        for database in databases:
            for statement in statements:
                yield _asked(client, "GET", statement, database)
                yield _asked(client, "POST", statement, database)
        for path in _PATHS:
            yield _answer(f"GET {path}", client.get(path))
        for language in ("application/vnd.flux", "application/json"):
            body = _FLUX if language.endswith("flux") else f'{{"query": "{READING[0]}"}}'
            found = client.post(
                "/api/v2/query", params={"org": "health-kiosk", "bucket": RAW},
                content=body, headers={"Content-Type": language},
            )  # fmt: skip
            yield _answer(f"POST /api/v2/query {language}", found)


def oracles(door: Door) -> Iterator[tuple[Answer, Answer]]:
    """Questions that a condition on sessions would answer: with it true, and with it untrue."""
    with door.client() as client:
        for statement in _ASKED:
            for pair in CONDITIONS:
                true, untrue = (
                    _asked(client, "POST", f"{statement} WHERE {condition}", OPEN)
                    for condition in pair
                )
                yield true, untrue


def changes(door: Door) -> Iterator[Answer]:
    """Everything that might copy a session, lose one, or open a door for later."""
    with door.client() as client:
        for database in (RAW, OPEN):
            for statement in CHANGING:
                yield _asked(client, "POST", statement, database)
        for bucket in (RAW, OPEN, "kiosk_usage", "kiosk_fleet", f"{RAW}/autogen"):
            for path, name in (("/api/v2/write", "bucket"), ("/write", "db")):
                found = client.post(
                    path, params={name: bucket, "org": "health-kiosk"}, content="copied value=1"
                )
                yield _answer(f"POST {path} {bucket}", found)
        for path in ("/api/v2/delete", "/api/v2/buckets", "/api/v2/authorizations"):
            yield _answer(f"POST {path}", client.post(path, params={"bucket": RAW}, json={}))


def _asked(client: httpx.Client, method: str, statement: str, database: str) -> Answer:
    given = {"db": database, "q": statement}
    found = (
        client.get("/query", params=given)
        if method == "GET"
        else client.post("/query", params={"db": database}, data={"q": statement})
    )
    return _answer(f"{method} {database}: {statement}", found)


def _answer(tried: str, found: httpx.Response) -> Answer:
    return Answer(tried, found.status_code, found.text)


def said(answer: Answer) -> str:
    """An answer without its complaints, which repeat what was asked."""
    try:
        document = json.loads(answer.text)
    except ValueError:
        return answer.text
    return json.dumps(_without_errors(document))


def _without_errors(document: Any) -> Any:
    if isinstance(document, dict):
        return {
            key: _without_errors(value)
            for key, value in document.items()
            if key not in ("error", "message")
        }
    return [_without_errors(one) for one in document] if isinstance(document, list) else document
