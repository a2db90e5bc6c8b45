"""The four buckets of the production store, and which of them a dashboard may read. Pure."""

RAW, TRENDS, USAGE, FLEET = "kiosk_raw", "kiosk_trends", "kiosk_usage", "kiosk_fleet"

BUCKETS = (RAW, TRENDS, USAGE, FLEET)

SHARD_DAYS = {TRENDS: 182, USAGE: 28, FLEET: 7}
"""How long a time InfluxDB keeps in one piece, which also goes as a whole when it has expired.

By itself it takes a week or, of the fleet, a day. A question looks at each piece, and in each at
every series of its measurement: a year of one station's trends would be fifty pieces.
"""

READABLE = (TRENDS, USAGE, FLEET)
"""Not the raw bucket: it holds single sessions."""


def shard_days(bucket: str, days: int) -> int:
    """The same for a bucket that keeps so many `days`, 0 for ever; 0 is as InfluxDB likes.

    A piece must not be longer than what is kept, and is short beside it.
    """
    wanted = SHARD_DAYS.get(bucket, 0)
    return wanted if not days or wanted * 4 <= days else 0
