"""The schema, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class _QuickDateTime(sqlite.DATETIME):
    """What SQLAlchemy writes into a file, written by the standard library: a third of the time."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:  # noqa: ARG002
        """Give the driver text, as SQLAlchemy would."""
        return lambda moment: None if moment is None else moment.isoformat(" ", "microseconds")


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is a mistake of ours and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column as this database has it."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_QuickDateTime())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the driver UTC; SQLite's knows no zones."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = BigInteger().with_variant(Integer, "sqlite")


def _key(name: str) -> Column[int]:
    return Column(name, Key, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, **options: Any) -> Column[int]:  # noqa: ANN401
    return Column(name, Key, ForeignKey(target), **options)


installation = Table(
    "installation",
    metadata,
    Column("installation_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("is_send_held", Boolean, nullable=False),
    Column("first_scan_at", Instant),
    Column("last_scan_at", Instant),
    Column("published_version", Integer, nullable=False),
    Column("mark", Text, nullable=False, server_default=""),
    Column("mark_no", BigInteger, nullable=False, server_default="0"),
)

files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("rules_digest", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("line", Integer),
    _ref("post_id", "posts.post_id"),
    Column("missing_since_at", Instant),
)

posts = Table(
    "posts",
    metadata,
    _key("post_id"),
    Column("uid", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False),
    Column("explicit_id", Text),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_offset", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("seen_after_at", Instant),
    Column("gone_at", Instant),
    Column("is_known", Boolean, nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("in_feeds", Boolean, nullable=False),
    Column("mailable", Boolean, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("image", JSON(none_as_null=True)),
    Column("enclosures", JSON, nullable=False),
    Column("former_urls", JSON, nullable=False, server_default="[]"),
    Column("date_source", Text, nullable=False, server_default="front matter"),
    Column("site_id", Text, nullable=False, server_default=""),
    Column("url_id", Text, nullable=False, server_default=""),
    Column("is_full", Boolean, nullable=False, server_default=true()),
    Column("findings", JSON, nullable=False),
    Column("html_size", Integer, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("text_digest", Text, nullable=False),
    Column("hold", Text),
    Column("hold_note", Text, nullable=False),
    Column("released_at", Instant),
    Index(
        "uq_posts_live_path",
        "path",
        unique=True,
        sqlite_where=text("gone_at IS NULL"),
        postgresql_where=text("gone_at IS NULL"),
    ),
    Index("ix_posts_published_at", "published_at"),
)

former_paths = Table(
    "former_paths",
    metadata,
    _ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("left_at", Instant, nullable=False),
)

bodies = Table(
    "bodies",
    metadata,
    _ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
)

pulls = Table(
    "pulls",
    metadata,
    Column("source", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("pulled_at", Instant),
    Column("tried_at", Instant),
    Column("asked_at", Instant),
    Column("failing_since_at", Instant),
    Column("failure", Text, nullable=False),
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

published_files = Table(
    "published_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("source_digest", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

removed_files = Table(
    "removed_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("removed_at", Instant, nullable=False),
)

pings = Table(
    "pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("published_version", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
)

hubs = Table(
    "hubs",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("not_before", Instant),
    Column("failures", Integer, nullable=False),
    Column("failing_since_at", Instant),
    Column("failure", Text, nullable=False),
    Column("taken_at", Instant),
)

stated_readers = Table(
    "stated_readers",
    metadata,
    Column("path", Text, primary_key=True),
    Column("aggregator", Text, primary_key=True),
    Column("readers", Integer, nullable=False),
    Column("stated_at", Instant, nullable=False),
)

newsletters = Table(
    "newsletters",
    metadata,
    Column("newsletter_id", Text, primary_key=True),
    Column("news_mark", Integer, nullable=False),
    Column("since_at", Instant, nullable=False),
)

news = Table(
    "news",
    metadata,
    Column("newsletter_id", Text, ForeignKey("newsletters.newsletter_id"), primary_key=True),
    Column("news_no", Integer, primary_key=True, autoincrement=False),
    _ref("post_id", "posts.post_id", nullable=False),
    Column("became_at", Instant, nullable=False),
    UniqueConstraint("newsletter_id", "post_id"),
)

subscribers = Table(
    "subscribers",
    metadata,
    _key("subscriber_id"),
    Column("address", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("erased_at", Instant),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _key("subscription_id"),
    _ref("subscriber_id", "subscribers.subscriber_id", nullable=False),
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
)

past_consents = Table(
    "past_consents",
    metadata,
    _key("past_consent_id"),
    _ref("subscription_id", "subscriptions.subscription_id", nullable=False, index=True),
    Column("consent_source", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("consent_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("ended_at", Instant),
)

address_changes = Table(
    "address_changes",
    metadata,
    _key("address_change_id"),
    _ref("subscriber_id", "subscribers.subscriber_id", nullable=False, index=True),
    Column("old_address", Text, nullable=False),
    Column("new_address", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("done_at", Instant),
)

signups = Table(
    "signups",
    metadata,
    _key("signup_id"),
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
    _key("suppression_id"),
    Column("address", Text, unique=True),
    Column("address_hash", Text, unique=True),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    _key("edition_id"),
    Column("newsletter_id", Text, ForeignKey("newsletters.newsletter_id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("slot_at", Instant, nullable=False),
    Column("freeze_at", Instant, nullable=False),
    Column("mark", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("intro", Text, nullable=False),
    Column("audience", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("frozen_through", Key, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("approved_at", Instant),
    Column("frozen_at", Instant),
    Column("finished_at", Instant),
    Column("readers", Integer),
    Column("excused", JSON(none_as_null=True)),
    UniqueConstraint("newsletter_id", "cadence", "key"),
)

edition_posts = Table(
    "edition_posts",
    metadata,
    _ref("edition_id", "editions.edition_id", primary_key=True, autoincrement=False),
    _ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
    Column("news_no", Integer),
    Column("position", Integer, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    _key("variant_id"),
    _ref("edition_id", "editions.edition_id", nullable=False),
    Column("key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("post_ids", JSON, nullable=False),
    UniqueConstraint("edition_id", "key"),
)

batches = Table(
    "batches",
    metadata,
    _key("batch_id"),
    Column("kind", Text, nullable=False),
    _ref("edition_id", "editions.edition_id"),
    _ref("variant_id", "variants.variant_id"),
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
    _key("delivery_id"),
    _ref("edition_id", "editions.edition_id", nullable=False),
    _ref("subscriber_id", "subscribers.subscriber_id", nullable=False),
    _ref("subscription_id", "subscriptions.subscription_id", nullable=False),
    _ref("variant_id", "variants.variant_id", nullable=False),
    _ref("batch_id", "batches.batch_id", nullable=False, index=True),
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
    _key("notice_id"),
    Column("purpose", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("day", Date, nullable=False),
    _ref("batch_id", "batches.batch_id", nullable=False, index=True),
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
    _ref("batch_id", "batches.batch_id", primary_key=True, autoincrement=False),
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
    _ref("subscriber_id", "subscribers.subscriber_id", primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
)
