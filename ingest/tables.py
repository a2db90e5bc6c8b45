"""The tables of the operational database, for SQLite and PostgreSQL alike."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
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

# Refused messages, whole. The key is a digest of topic and payload, so a replay adds nothing.
quarantine = Table(
    "quarantine",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("topic", String(200), nullable=False),
    Column("reason", String(32), nullable=False, index=True),
    Column("detail", String(300), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

# The latest status of each station; what it says of the ledger is its own side of it.
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
    Column("numbered", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
)
