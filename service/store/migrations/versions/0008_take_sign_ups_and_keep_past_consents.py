"""Take sign-ups from forms, count what they make us write, and keep consents that were renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add sign-ups that wait, their counters by the hour, and consents of before."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "past_consents",
        sa.Column("past_consent_id", key, autoincrement=True, nullable=False),
        sa.Column("subscription_id", key, nullable=False),
        sa.Column("consent_source", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.subscription_id"],
            name=op.f("fk_past_consents_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("past_consent_id", name=op.f("pk_past_consents")),
    )
    op.create_index(op.f("ix_past_consents_subscription_id"), "past_consents", ["subscription_id"])
    op.create_table(
        "signups",
        sa.Column("signup_id", key, autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("newsletter_id", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("send_hour", sa.Integer(), nullable=True),
        sa.Column("consent_source", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("signup_id", name=op.f("pk_signups")),
        sa.UniqueConstraint(
            "address", "newsletter_id", name=op.f("uq_signups_address_newsletter_id")
        ),
    )
    op.create_index(op.f("ix_signups_network"), "signups", ["network"])
    op.create_table(
        "signup_counts",
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour_at", "kind", "name", name=op.f("pk_signup_counts")),
    )
