"""Preparing an InfluxDB: the four buckets with their retention, and a token for dashboards.

Where single sessions have an InfluxDB of their own, only their bucket is made there, and never a
token or a user for dashboards.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from influxdb_client.domain.authorization import Authorization
from influxdb_client.domain.bucket import Bucket
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.permission import Permission
from influxdb_client.domain.permission_resource import PermissionResource

from contract.errors import StoreUnavailable
from ingest.settings import InfluxSection, RetentionSection, StoreSection
from ingest.store.influx_buckets import (
    BUCKETS,
    FLEET,
    RAW,
    READABLE,
    TRENDS,
    USAGE,
    shard_days,
)
from ingest.store.influx_connection import Connection
from ingest.store.influxql import name, text

DASHBOARD_TOKEN = "health-kiosk dashboards: read released data"  # noqa: S105  # its description
_DAY_SECONDS = 86_400

_GRANTS_TELL = (
    "Grants of InfluxDB 1.x do not hide the names of series: whoever may read one database can ask"
    f" for those of {RAW}, and learns where, by groups of stations, there were sessions in which"
    " week, though no value, class or count of sessions. Set [store.influx] raw_url and raw_token"
    " to an InfluxDB that dashboards cannot reach, and nothing is told."
)
_NO_DEBUG = (
    "Do not let dashboards reach /debug: it is answered without asking who comes, and counts what"
    " is written to each database."
)
_LEFT_BEHIND = (
    f"{RAW} on this server is no longer used, and its series are still told: once its sessions are"
    f" in the other, DROP DATABASE {name(RAW)}"
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found and made; `token` is None if it was there already or cannot be made."""

    version: str
    buckets: tuple[str, ...]
    token: str | None
    advice: str


def prepare(settings: StoreSection, *, new_token: bool = False) -> Prepared:
    """Make what is missing and set every retention; running it again changes nothing.

    With `new_token` the token for dashboards is made anew, and the former is worthless.
    Raises StoreUnavailable, also if the token may not do so.
    """
    days = _days(settings.retention)
    influx = settings.influx
    if not influx.raw_url:
        return _prepare(influx, days, new_token)
    _prepare(influx.of_sessions(), {RAW: days.pop(RAW)}, new_token)
    return _prepare(influx, days, new_token)


def _prepare(influx: InfluxSection, days: Mapping[str, int], new_token: bool) -> Prepared:
    """Prepare one server with these buckets; dashboards read those of them that they may."""
    connection = Connection(influx)
    try:
        version = _version(connection)
        if version.removeprefix("v").startswith("1."):
            return _prepare_1(connection, days, version)
        return _prepare_2(connection, influx.org, days, version, new_token)
    finally:
        connection.close()


def _version(connection: Connection) -> str:
    with connection.translated():
        return str(connection.client.version())


def _prepare_1(connection: Connection, kept: Mapping[str, int], version: str) -> Prepared:
    """InfluxDB 1.x: buckets are databases, and it has users in place of tokens."""
    there = _databases(connection)
    for bucket, days in kept.items():
        for statement in bucket_of_1(bucket, days):
            connection.change(statement)
    advice = [
        "InfluxDB 1.x has no tokens: set auth-enabled in its [http] and give dashboards a user"
        f" of their own: {'; '.join(dashboards_user('…'))}",
        _NO_DEBUG,
    ]
    if RAW in kept:
        advice.append(_GRANTS_TELL)
    elif RAW in there:
        advice.append(_LEFT_BEHIND)
    return Prepared(version, BUCKETS, None, "\n".join(advice))


def _databases(connection: Connection) -> set[str]:
    (found,) = connection.query("", "SHOW DATABASES")
    return {database for series in found for (database,) in series.values}


def bucket_of_1(bucket: str, days: int) -> list[str]:
    """InfluxDB 1.x: the statements that make a bucket, which keeps `days`, 0 for ever."""
    kept = f"{days}d" if days else "INF"
    policy = f"ALTER RETENTION POLICY autogen ON {name(bucket)} DURATION {kept}"
    # 0 is as InfluxDB likes.
    return [
        f"CREATE DATABASE {name(bucket)}",
        f"{policy} SHARD DURATION {shard_days(bucket, days)}d",
    ]


def dashboards_user(password: str) -> list[str]:
    """InfluxDB 1.x: the statements that make a user who may read what is released, no more."""
    grants = (f"GRANT READ ON {name(bucket)} TO dashboards" for bucket in READABLE)
    return [f"CREATE USER dashboards WITH PASSWORD {text(password)}", *grants]


def _prepare_2(
    connection: Connection, org: str, kept: Mapping[str, int], version: str, new_token: bool
) -> Prepared:
    with connection.translated():
        api = connection.client.buckets_api()
        org_id = _org_id(connection, org)
        listed = api.find_buckets(org=org, limit=100).buckets
        found = {bucket.name: bucket for bucket in listed}
        ids = {}
        for bucket, days in kept.items():
            rules = [_rule(bucket, days)]
            if bucket in found:
                found[bucket].retention_rules = rules
                ids[bucket] = api.update_bucket(found[bucket]).id
            else:
                made = Bucket(name=bucket, org_id=org_id, retention_rules=rules)
                ids[bucket] = api.create_bucket(bucket=made).id
        readable = [ids[bucket] for bucket in READABLE if bucket in ids]
        token = _token(connection, org_id, readable, new_token) if readable else None
    there = "a read-only token for dashboards is there already" if token is None else ""
    return Prepared(version, BUCKETS, token, there)


def _rule(bucket: str, days: int) -> BucketRetentionRules:
    shard = shard_days(bucket, days)
    return BucketRetentionRules(
        type="expire",
        every_seconds=days * _DAY_SECONDS,
        shard_group_duration_seconds=shard * _DAY_SECONDS or None,
    )


def _org_id(connection: Connection, org: str) -> str:
    found = connection.client.organizations_api().find_organizations(org=org)
    if not found:
        raise StoreUnavailable(f"InfluxDB at {connection.url}: it has no organisation {org!r}")
    return str(found[0].id)


def _token(connection: Connection, org_id: str, buckets: list[str], new_token: bool) -> str | None:
    api = connection.client.authorizations_api()
    listed = api.find_authorizations(org_id=org_id)
    there = [one for one in listed if one.description == DASHBOARD_TOKEN]
    if there and not new_token:
        return None
    for former in there:
        api.delete_authorization(former)
    permissions = [
        Permission(
            action="read", resource=PermissionResource(type="buckets", id=bucket, org_id=org_id)
        )
        for bucket in buckets
    ]
    wanted = Authorization(org_id=org_id, permissions=permissions, description=DASHBOARD_TOKEN)
    return str(api.create_authorization(authorization=wanted).token)


def _days(retention: RetentionSection) -> dict[str, int]:
    return {
        RAW: retention.raw_days,
        TRENDS: retention.trends_days,
        USAGE: retention.usage_days,
        FLEET: retention.fleet_days,
    }
