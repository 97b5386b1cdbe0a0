"""Remember how much each feed holds, and find who came and left on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add what is published as feeds, which the next pass writes, and three orders of readers."""
    op.create_table(
        "published_feeds",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_published_feeds")),
    )
    for name in ("consent_at", "confirmed_at"):
        op.create_index(op.f(f"ix_subscriptions_{name}"), "subscriptions", ["newsletter_id", name])
    has_left = sa.text("ended_at IS NOT NULL")
    op.create_index(
        op.f("ix_subscriptions_ended_at"),
        "subscriptions",
        ["newsletter_id", "ended_at"],
        sqlite_where=has_left,
        postgresql_where=has_left,
    )
