"""Editors, what they did, and the services they have told of it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from service.store.tables.base import Instant, key, metadata, ref

editors = Table(
    "editors",
    metadata,
    key("editor_id"),
    Column("address", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    key("sign_in_id"),
    ref("editor_id", "editors.editor_id", nullable=False, index=True),
    Column("browser_digest", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    key("session_id"),
    ref("editor_id", "editors.editor_id", nullable=False, index=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("device", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    key("api_token_id"),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("used_at", Instant),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

api_answers = Table(
    "api_answers",
    metadata,
    ref("api_token_id", "api_tokens.api_token_id", primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("answer", Text),
    Column("asked_at", Instant, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    key("audit_id"),
    Column("done_at", Instant, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", BigInteger),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("detail", JSON, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    key("approval_id"),
    ref("edition_id", "editions.edition_id", nullable=False, index=True),
    ref("editor_id", "editors.editor_id", nullable=False),
    Column("revision", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("answer", Text, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    key("correction_id"),
    Column("newsletter_id", Text, ForeignKey("newsletters.newsletter_id"), nullable=False),
    ref("about_edition_id", "editions.edition_id", nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    ref("edition_id", "editions.edition_id"),
    Column("withdrawn_at", Instant),
    Index("ix_corrections_newsletter_id", "newsletter_id"),
)

webhooks = Table(
    "webhooks",
    metadata,
    key("webhook_id"),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("is_private", Boolean, nullable=False),
    Column("salt", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("former_salt", Text, nullable=False),
    Column("former_key_id", Text, nullable=False),
    Column("rotated_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("failing_since_at", Instant),
    Column("stopped_at", Instant),
    Column("stopped_for", Text, nullable=False),
    Column("removed_at", Instant),
)

WAITS_TO_BE_TOLD = "told_at IS NULL AND given_up_at IS NULL"
"""What the partial index is over; a query must say it in these words to be answered by it."""

webhook_messages = Table(
    "webhook_messages",
    metadata,
    key("webhook_message_id"),
    ref("webhook_id", "webhooks.webhook_id", nullable=False, index=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("event", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("claimed_until", Instant),
    Column("told_at", Instant),
    Column("given_up_at", Instant),
    Column("status", Integer),
    Column("failure", Text, nullable=False),
    Index(
        "ix_webhook_messages_waiting",
        "not_before",
        sqlite_where=text(WAITS_TO_BE_TOLD),
        postgresql_where=text(WAITS_TO_BE_TOLD),
    ),
)

imports = Table(
    "imports",
    metadata,
    key("import_id"),
    Column("name", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("newsletter_id", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_rehearsal", Boolean, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("bytes_read", BigInteger, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("mistakes", JSON, nullable=False),
    Column("failure", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("claimed_until", Instant),
    Column("ended_at", Instant),
)
