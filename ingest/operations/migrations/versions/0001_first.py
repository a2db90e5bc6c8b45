"""The first tables: stations, ledger, quarantine, statuses."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Float, Integer, LargeBinary, String

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "stations",
        Column("id", String(32), primary_key=True),
        Column("name_zh", String(100), nullable=False),
        Column("name_en", String(100), nullable=False),
        Column("district", String(6), nullable=False, index=True),
        Column("venue", String(20), nullable=False),
        Column("seats", Integer, nullable=False),
    )
    op.create_table(
        "ledger",
        Column("station", String(32), primary_key=True),
        Column("epoch", BigInteger, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("outcome", String(12), nullable=False),
    )
    op.create_table(
        "quarantine",
        Column("digest", String(32), primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False),
        Column("topic", String(200), nullable=False),
        Column("reason", String(32), nullable=False, index=True),
        Column("detail", String(300), nullable=False),
        Column("payload", LargeBinary, nullable=False),
    )
    op.create_table(
        "statuses",
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


def downgrade() -> None:
    """There is nothing before the first."""
    raise NotImplementedError("restore a backup instead")
