"""The queue of hours of usage that must be made anew."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create it; its numbers are never used twice."""
    op.create_table(
        "dirty_hours",
        Column(
            "id",
            BigInteger().with_variant(Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        Column("station", String(32), nullable=False),
        Column("start", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_dirty_hours_station_start", "dirty_hours", ["station", "start"])


def downgrade() -> None:
    """A newer version's rows would be lost."""
    raise NotImplementedError("restore a backup instead")
