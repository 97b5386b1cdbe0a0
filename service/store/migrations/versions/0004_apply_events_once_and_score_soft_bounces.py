"""Apply each event of a provider once, and remember on which days mail came back for now."""

import sqlalchemy as sa
from alembic import op

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the events that were seen, and the days of each reader's soft bounces."""
    op.create_table(
        "events_seen",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "digest", name=op.f("pk_events_seen")),
    )
    op.create_index("ix_events_seen_seen_at", "events_seen", ["seen_at"])
    op.create_table(
        "soft_bounces",
        sa.Column("subscriber_id", Key, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.subscriber_id"],
            name=op.f("fk_soft_bounces_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "day", name=op.f("pk_soft_bounces")),
    )
