"""Remember files that are published no more, hubs to be told, and readers that others count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add removed files, pings and their hubs, and what aggregators say of their readers."""
    op.create_table(
        "removed_files",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_removed_files")),
    )
    op.create_table(
        "pings",
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "topic", name=op.f("pk_pings")),
    )
    op.create_table(
        "hubs",
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hub", name=op.f("pk_hubs")),
    )
    op.create_table(
        "stated_readers",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("aggregator", sa.Text(), nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", "aggregator", name=op.f("pk_stated_readers")),
    )
