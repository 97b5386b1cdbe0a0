"""Newsletters with their news, editions with their variants."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from service.store.tables.base import Instant, Key, key, metadata, ref

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
    ref("post_id", "posts.post_id", nullable=False),
    Column("became_at", Instant, nullable=False),
    UniqueConstraint("newsletter_id", "post_id"),
)

editions = Table(
    "editions",
    metadata,
    key("edition_id"),
    Column("newsletter_id", Text, ForeignKey("newsletters.newsletter_id"), nullable=False),
    Column("cadence", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("slot_at", Instant, nullable=False),
    Column("freeze_at", Instant, nullable=False),
    Column("mark", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False, server_default=""),
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
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("newsletter_id", "cadence", "key"),
)

edition_posts = Table(
    "edition_posts",
    metadata,
    ref("edition_id", "editions.edition_id", primary_key=True, autoincrement=False),
    ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
    Column("news_no", Integer),
    Column("position", Integer, nullable=False),
    Column("place", Integer),
    Column("is_left_out", Boolean, nullable=False, server_default=false()),
    Column("is_added", Boolean, nullable=False, server_default=false()),
)

mailed_texts = Table(
    "mailed_texts",
    metadata,
    ref("edition_id", "editions.edition_id", primary_key=True, autoincrement=False),
    ref("post_id", "posts.post_id", primary_key=True, autoincrement=False, index=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("mailed_at", Instant, nullable=False),
)

variants = Table(
    "variants",
    metadata,
    key("variant_id"),
    ref("edition_id", "editions.edition_id", nullable=False),
    Column("key", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("post_ids", JSON, nullable=False),
    UniqueConstraint("edition_id", "key"),
)
