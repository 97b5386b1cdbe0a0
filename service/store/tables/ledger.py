"""What is sent to whom, and what became of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text

from service.store.tables.base import Instant, key, metadata, ref

batches = Table(
    "batches",
    metadata,
    key("batch_id"),
    Column("kind", Text, nullable=False),
    ref("edition_id", "editions.edition_id"),
    ref("variant_id", "variants.variant_id"),
    Column("ordinal", Integer, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claimed_until", Instant),
    Column("not_before", Instant),
    Column("created_at", Instant, nullable=False),
    Column("first_claimed_at", Instant),
    Column("refused_since_at", Instant),
    Column("body_digest", Text, nullable=False),
    Column("envelope", JSON(none_as_null=True)),
    Column("detail", Text, nullable=False),
    UniqueConstraint("edition_id", "ordinal"),
    Index("ix_batches_state_not_before", "state", "not_before"),
)

CAME_BACK = "state IN ('bounced', 'complained')"
"""What the partial index is over; a query must say it in these words to be answered by it."""

deliveries = Table(
    "deliveries",
    metadata,
    key("delivery_id"),
    ref("edition_id", "editions.edition_id", nullable=False),
    ref("subscriber_id", "subscribers.subscriber_id", nullable=False),
    ref("subscription_id", "subscriptions.subscription_id", nullable=False),
    ref("variant_id", "variants.variant_id", nullable=False),
    ref("batch_id", "batches.batch_id", nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("served_from", Integer),
    Column("reason", Text, nullable=False),
    Column("provider_message_id", Text, nullable=False),
    UniqueConstraint("edition_id", "subscriber_id"),
    # Few rows are ever in it, so that watching a send of a million costs next to nothing.
    Index(
        "ix_deliveries_came_back",
        "edition_id",
        "state",
        sqlite_where=text(CAME_BACK),
        postgresql_where=text(CAME_BACK),
    ),
)

notices = Table(
    "notices",
    metadata,
    key("notice_id"),
    Column("purpose", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("day", Date, nullable=False),
    ref("batch_id", "batches.batch_id", nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("provider_message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("purpose", "topic", "address", "day"),
)

attempts = Table(
    "attempts",
    metadata,
    ref("batch_id", "batches.batch_id", primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("claimed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("not_before", Instant),
    Column("paused_at", Instant),
    Column("paused_reason", Text, nullable=False),
    Column("unknown_in_a_row", Integer, nullable=False),
    Column("taken_at", Instant),
    Column("free_at", Instant),
)

events_seen = Table(
    "events_seen",
    metadata,
    Column("source", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("seen_at", Instant, nullable=False, index=True),
)

soft_bounces = Table(
    "soft_bounces",
    metadata,
    ref("subscriber_id", "subscribers.subscriber_id", primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
)

told = Table(
    "told",
    metadata,
    Column("condition", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("since_at", Instant, nullable=False),
    Column("told_at", Instant, nullable=False),
)

event_counts = Table(
    "event_counts",
    metadata,
    ref("edition_id", "editions.edition_id", primary_key=True, autoincrement=False),
    Column("hour_at", Instant, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("count", Integer, nullable=False),
)
