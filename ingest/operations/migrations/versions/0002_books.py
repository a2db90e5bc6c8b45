"""Spans and claims of the ledger, conditions, API keys, and more about stations."""

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create and widen; what stations claimed moves into a table of its own."""
    _widen()
    op.create_table(
        "ledger_spans",
        Column("station", String(32), primary_key=True),
        Column("epoch", BigInteger, primary_key=True),
        Column("first", BigInteger, primary_key=True),
        Column("last", BigInteger, nullable=False),
        Column("outcome", String(12), nullable=False),
    )
    op.create_table(
        "claims",
        Column("station", String(32), primary_key=True),
        Column("epoch", BigInteger, primary_key=True),
        Column("numbered", BigInteger, nullable=False),
        Column("pending", BigInteger, nullable=False),
        Column("dropped", BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO claims (station, epoch, numbered, pending, dropped)"
        " SELECT station, epoch, numbered, pending, dropped FROM statuses"
    )
    with op.batch_alter_table("statuses") as statuses:
        for gone in ("numbered", "pending", "dropped"):
            statuses.drop_column(gone)
    op.create_table(
        "counters",
        Column("name", String(64), primary_key=True),
        Column("value", BigInteger, nullable=False),
    )
    op.create_table(
        "api_keys",
        Column("id", String(16), primary_key=True),
        Column("name", String(100), nullable=False),
        Column("scope", String(16), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("revoked_at", DateTime(timezone=True)),
    )


def _widen() -> None:
    def text(name: str, length: int) -> Column[str]:
        return Column(name, String(length), nullable=False, server_default="")

    op.add_column("stations", text("place", 200))
    op.add_column(
        "stations",
        Column("opening_hours", String(11), nullable=False, server_default="00:00-24:00"),
    )
    op.add_column("stations", text("devices", 100))
    op.add_column("stations", Column("retired_at", DateTime(timezone=True)))
    op.add_column("quarantine", text("station", 32))
    op.create_index("ix_quarantine_station", "quarantine", ["station"])
    op.create_index("ix_quarantine_received_at", "quarantine", ["received_at"])
    op.add_column("statuses", text("version", 32))
    op.add_column("statuses", Column("condition", Text))


def downgrade() -> None:
    """A newer version's rows would be lost."""
    raise NotImplementedError("restore a backup instead")
