"""Readers: what they chose, what they agreed to, and who must not be written to."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from service.store.tables.base import Instant, key, metadata, ref

subscribers = Table(
    "subscribers",
    metadata,
    key("subscriber_id"),
    Column("address", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("erased_at", Instant),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    key("subscription_id"),
    ref("subscriber_id", "subscribers.subscriber_id", nullable=False),
    Column("newsletter_id", Text, ForeignKey("newsletters.newsletter_id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("send_hour", Integer),
    Column("timezone", Text),
    Column("joined_at_mark", Integer, nullable=False),
    Column("served_through", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_at", Instant, nullable=False),
    UniqueConstraint("subscriber_id", "newsletter_id"),
    Index("ix_subscriptions_audience", "newsletter_id", "state", "cadence", "subscription_id"),
    # Who came and left on a day is counted for each day of a plot.
    Index("ix_subscriptions_consent_at", "newsletter_id", "consent_at"),
    Index("ix_subscriptions_confirmed_at", "newsletter_id", "confirmed_at"),
    Index(
        "ix_subscriptions_ended_at",
        "newsletter_id",
        "ended_at",
        sqlite_where=text("ended_at IS NOT NULL"),
        postgresql_where=text("ended_at IS NOT NULL"),
    ),
)

past_consents = Table(
    "past_consents",
    metadata,
    key("past_consent_id"),
    ref("subscription_id", "subscriptions.subscription_id", nullable=False, index=True),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
)

address_changes = Table(
    "address_changes",
    metadata,
    key("address_change_id"),
    ref("subscriber_id", "subscribers.subscriber_id", nullable=False, index=True),
    Column("old_address", Text, nullable=False),
    Column("new_address", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("done_at", Instant),
)

signups = Table(
    "signups",
    metadata,
    key("signup_id"),
    Column("address", Text, nullable=False),
    Column("newsletter_id", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("send_hour", Integer),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("network", Text, nullable=False, index=True),
    Column("domain", Text, nullable=False),
    Column("not_before", Instant),
    UniqueConstraint("address", "newsletter_id"),
)

signup_counts = Table(
    "signup_counts",
    metadata,
    Column("hour_at", Instant, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    key("suppression_id"),
    Column("address", Text, unique=True),
    Column("address_hash", Text, unique=True),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
