"""What was read, and what was published of it."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, Table, Text, text, true

from service.store.tables.base import Instant, key, metadata, ref

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
    ref("post_id", "posts.post_id"),
    Column("missing_since_at", Instant),
)

posts = Table(
    "posts",
    metadata,
    key("post_id"),
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
    Column("shown_at", Instant),
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
    ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("left_at", Instant, nullable=False),
)

bodies = Table(
    "bodies",
    metadata,
    ref("post_id", "posts.post_id", primary_key=True, autoincrement=False),
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

published_files = Table(
    "published_files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("source_digest", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

# One row for each feed, whatever it is written as: what it holds of the posts that belong to it.
published_feeds = Table(
    "published_feeds",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("newest_at", Instant),
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
