"""What each release of trends has counted, and how far it has come."""

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, String, Text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "tallies",
        Column(
            "id",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        Column("week", String(8), nullable=False),
        Column("own", String(8), nullable=False),
        Column("station", String(32), nullable=False),
        Column("district", String(6), nullable=False),
        Column("venue", String(20), nullable=False),
        Column("measure", String(24), nullable=False),
        Column("sessions", Integer, nullable=False),
        Column("counts", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_tallies_week", "tallies", ["week", "station", "district", "venue", "measure"]
    )
    op.create_index("ix_tallies_own", "tallies", ["own", "station", "sessions"])
    op.create_table(
        "released_weeks",
        Column("week", String(8), primary_key=True),
        Column("sealed_at", DateTime(timezone=True), nullable=False),
        Column("frozen_at", DateTime(timezone=True)),
        Column("noise_key", LargeBinary),
    )
    op.create_table(
        "city_weeks",
        Column("week", String(8), primary_key=True),
        Column("measure", String(24), primary_key=True),
        Column("counts", Text, nullable=False),
    )


def downgrade() -> None:
    """A newer version's rows would be lost."""
    raise NotImplementedError("restore a backup instead")
