"""The tables of the operational database as they are now, for SQLite and PostgreSQL alike.

They come into being by the steps in `migrations/versions`; a test holds the two together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

stations = Table(
    "stations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name_zh", String(100), nullable=False),
    Column("name_en", String(100), nullable=False),
    Column("district", String(6), nullable=False, index=True),
    Column("venue", String(20), nullable=False),
    Column("seats", Integer, nullable=False),
    Column("place", String(200), nullable=False, server_default=""),
    Column("opening_hours", String(11), nullable=False, server_default="00:00-24:00"),
    Column("devices", String(100), nullable=False, server_default=""),
    Column("retired_at", DateTime(timezone=True)),
)

# One row per numbered message: how it ended. It is written after the store's commit.
ledger = Table(
    "ledger",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("outcome", String(12), nullable=False),
)

# What the rows become after a while: runs of numbers that ended alike.
ledger_spans = Table(
    "ledger_spans",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("outcome", String(12), nullable=False),
)

# The station's side of the ledger, for every epoch that it has ever spoken of.
claims = Table(
    "claims",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("numbered", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
)

# Refused messages, whole. The key is a digest of topic and payload, so a replay adds nothing.
quarantine = Table(
    "quarantine",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, index=True),
    Column("topic", String(200), nullable=False),
    Column("reason", String(32), nullable=False, index=True),
    Column("detail", String(300), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("station", String(32), nullable=False, server_default="", index=True),
)

# Hours of usage to be made anew. A number is never used twice, so that deleting one deletes no
# mark that came later.
dirty_hours = Table(
    "dirty_hours",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("station", String(32), nullable=False),
    Column("start", BigInteger, nullable=False),
    Index("ix_dirty_hours_station_start", "station", "start"),
    sqlite_autoincrement=True,
)

# What the release of `week` has counted of one station: sums of the sessions whose days are in the
# week `own`. Rows add up, so that each may be written when it is known.
tallies = Table(
    "tallies",
    metadata,
    Column(
        "id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("week", String(8), nullable=False),
    Column("own", String(8), nullable=False),
    Column("station", String(32), nullable=False),
    Column("district", String(6), nullable=False),
    Column("venue", String(20), nullable=False),
    Column("measure", String(24), nullable=False),
    Column("sessions", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    # With what is asked of many rows, so that the sums themselves need not be read for it.
    Index("ix_tallies_week", "week", "station", "district", "venue", "measure"),
    Index("ix_tallies_own", "own", "station", "sessions"),
    sqlite_autoincrement=True,
)

# Weeks whose tallies are settled (sealed), and then whose cells are (frozen). The key of their
# noise lives from the one to the other.
released_weeks = Table(
    "released_weeks",
    metadata,
    Column("week", String(8), primary_key=True),
    Column("sealed_at", DateTime(timezone=True), nullable=False),
    Column("frozen_at", DateTime(timezone=True)),
    Column("noise_key", LargeBinary),
)

# The whole city's sessions on each step of a measure's scale, which outlive the tallies.
city_weeks = Table(
    "city_weeks",
    metadata,
    Column("week", String(8), primary_key=True),
    Column("measure", String(24), primary_key=True),
    Column("counts", Text, nullable=False),
)

# What was counted and no longer has a row of its own, and the last round that was gone for all.
counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# The latest status of each station.
statuses = Table(
    "statuses",
    metadata,
    Column("station", String(32), primary_key=True),
    Column("boot", String(16), nullable=False),
    Column("alive", Boolean, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("heartbeat_seconds", Float, nullable=False),
    Column("min_batch", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("version", String(32), nullable=False, server_default=""),
    Column("condition", Text),
)

# Who may ask the API; the key itself is not kept, only what proves it.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)
