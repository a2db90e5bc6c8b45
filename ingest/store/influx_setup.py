"""Preparing an InfluxDB: the four buckets with their retention, and a token for dashboards."""

from dataclasses import dataclass

from influxdb_client.domain.authorization import Authorization
from influxdb_client.domain.bucket import Bucket
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.permission import Permission
from influxdb_client.domain.permission_resource import PermissionResource

from contract.errors import StoreUnavailable
from ingest.settings import RetentionSection, StoreSection
from ingest.store.influx_buckets import BUCKETS, FLEET, RAW, READABLE, TRENDS, USAGE
from ingest.store.influx_connection import Connection
from ingest.store.influxql import name, text

DASHBOARD_TOKEN = "health-kiosk dashboards: read released data"  # noqa: S105  # its description
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found and made; `token` is None if it was there already or cannot be made."""

    version: str
    buckets: tuple[str, ...]
    token: str | None
    advice: str


def prepare(settings: StoreSection) -> Prepared:
    """Make what is missing and set every retention; running it again changes nothing.

    Raises StoreUnavailable, also if the token may not do so.
    """
    connection = Connection(settings.influx)
    try:
        version = _version(connection)
        if version.removeprefix("v").startswith("1."):
            return _prepare_1(connection, settings.retention, version)
        return _prepare_2(connection, settings, version)
    finally:
        connection.close()


def _version(connection: Connection) -> str:
    with connection.translated():
        return str(connection.client.version())


def _prepare_1(connection: Connection, retention: RetentionSection, version: str) -> Prepared:
    """InfluxDB 1.x: buckets are databases, and it has users in place of tokens."""
    for bucket, days in _days(retention).items():
        duration = f"{days}d" if days else "INF"
        connection.change(f"CREATE DATABASE {name(bucket)}")
        connection.change(f"ALTER RETENTION POLICY autogen ON {name(bucket)} DURATION {duration}")
    grants = "; ".join(f"GRANT READ ON {name(bucket)} TO dashboards" for bucket in READABLE)
    return Prepared(
        version,
        BUCKETS,
        None,
        "InfluxDB 1.x has no tokens: give dashboards a user of their own:"
        f" CREATE USER dashboards WITH PASSWORD {text('…')}; {grants}",
    )


def _prepare_2(connection: Connection, settings: StoreSection, version: str) -> Prepared:
    with connection.translated():
        api = connection.client.buckets_api()
        org_id = _org_id(connection, settings.influx.org)
        listed = api.find_buckets(org=settings.influx.org, limit=100).buckets
        found = {bucket.name: bucket for bucket in listed}
        ids = {}
        for bucket, days in _days(settings.retention).items():
            rules = [BucketRetentionRules(type="expire", every_seconds=days * _DAY_SECONDS)]
            if bucket in found:
                found[bucket].retention_rules = rules
                ids[bucket] = api.update_bucket(found[bucket]).id
            else:
                made = Bucket(name=bucket, org_id=org_id, retention_rules=rules)
                ids[bucket] = api.create_bucket(bucket=made).id
        token = _token(connection, org_id, [ids[bucket] for bucket in READABLE])
    there = "a read-only token for dashboards is there already" if token is None else ""
    return Prepared(version, BUCKETS, token, there)


def _org_id(connection: Connection, org: str) -> str:
    found = connection.client.organizations_api().find_organizations(org=org)
    if not found:
        raise StoreUnavailable(f"InfluxDB at {connection.url}: it has no organisation {org!r}")
    return str(found[0].id)


def _token(connection: Connection, org_id: str, buckets: list[str]) -> str | None:
    api = connection.client.authorizations_api()
    if any(one.description == DASHBOARD_TOKEN for one in api.find_authorizations(org_id=org_id)):
        return None
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
