"""Know editors and what they did, keep what was mailed, and tell other services."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_WAITS = "told_at IS NULL AND given_up_at IS NULL"


def upgrade() -> None:
    """Add the desk's tables, and an editor's arrangement of an edition."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "api_tokens",
        sa.Column("api_token_id", key, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("api_token_id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", key, autoincrement=True, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"])
    op.create_table(
        "editors",
        sa.Column("editor_id", key, autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("editor_id", name=op.f("pk_editors")),
        sa.UniqueConstraint("address", name=op.f("uq_editors_address")),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", key, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("newsletter_id", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("mistakes", sa.JSON(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", key, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("former_salt", sa.Text(), nullable=False),
        sa.Column("former_key_id", sa.Text(), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("failing_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_for", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "api_answers",
        sa.Column("api_token_id", key, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_token_id"],
            ["api_tokens.api_token_id"],
            name=op.f("fk_api_answers_api_token_id"),
        ),
        sa.PrimaryKeyConstraint("api_token_id", "key", name=op.f("pk_api_answers")),
    )
    op.create_index(op.f("ix_api_answers_asked_at"), "api_answers", ["asked_at"])
    op.create_table(
        "sessions",
        sa.Column("session_id", key, autoincrement=True, nullable=False),
        sa.Column("editor_id", key, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.editor_id"], name=op.f("fk_sessions_editor_id")
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
    )
    op.create_index(op.f("ix_sessions_editor_id"), "sessions", ["editor_id"])
    op.create_table(
        "sign_ins",
        sa.Column("sign_in_id", key, autoincrement=True, nullable=False),
        sa.Column("editor_id", key, nullable=False),
        sa.Column("browser_digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.editor_id"], name=op.f("fk_sign_ins_editor_id")
        ),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_editor_id"), "sign_ins", ["editor_id"])
    op.create_table(
        "webhook_messages",
        sa.Column("webhook_message_id", key, autoincrement=True, nullable=False),
        sa.Column("webhook_id", key, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.webhook_id"], name=op.f("fk_webhook_messages_webhook_id")
        ),
        sa.PrimaryKeyConstraint("webhook_message_id", name=op.f("pk_webhook_messages")),
        sa.UniqueConstraint("uid", name=op.f("uq_webhook_messages_uid")),
    )
    op.create_index(
        "ix_webhook_messages_waiting",
        "webhook_messages",
        ["not_before"],
        sqlite_where=sa.text(_WAITS),
        postgresql_where=sa.text(_WAITS),
    )
    op.create_index(op.f("ix_webhook_messages_webhook_id"), "webhook_messages", ["webhook_id"])
    op.create_table(
        "approvals",
        sa.Column("approval_id", key, autoincrement=True, nullable=False),
        sa.Column("edition_id", key, nullable=False),
        sa.Column("editor_id", key, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.edition_id"], name=op.f("fk_approvals_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.editor_id"], name=op.f("fk_approvals_editor_id")
        ),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_edition_id"), "approvals", ["edition_id"])
    op.create_table(
        "corrections",
        sa.Column("correction_id", key, autoincrement=True, nullable=False),
        sa.Column("newsletter_id", sa.Text(), nullable=False),
        sa.Column("about_edition_id", key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("edition_id", key, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["about_edition_id"],
            ["editions.edition_id"],
            name=op.f("fk_corrections_about_edition_id"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.edition_id"], name=op.f("fk_corrections_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["newsletter_id"],
            ["newsletters.newsletter_id"],
            name=op.f("fk_corrections_newsletter_id"),
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_newsletter_id", "corrections", ["newsletter_id"])
    op.create_table(
        "event_counts",
        sa.Column("edition_id", key, autoincrement=False, nullable=False),
        sa.Column("hour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.edition_id"], name=op.f("fk_event_counts_edition_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "hour_at", "kind", name=op.f("pk_event_counts")),
    )
    op.create_table(
        "mailed_texts",
        sa.Column("edition_id", key, autoincrement=False, nullable=False),
        sa.Column("post_id", key, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.edition_id"], name=op.f("fk_mailed_texts_edition_id")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.post_id"], name=op.f("fk_mailed_texts_post_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "post_id", name=op.f("pk_mailed_texts")),
    )
    op.create_index(op.f("ix_mailed_texts_post_id"), "mailed_texts", ["post_id"])
    op.add_column("edition_posts", sa.Column("place", sa.Integer(), nullable=True))
    op.add_column(
        "edition_posts",
        sa.Column("is_left_out", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "edition_posts",
        sa.Column("is_added", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("editions", sa.Column("preheader", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "editions", sa.Column("revision", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("posts", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    # What feeds show already is no news to a service that is told of posts from now on.
    op.execute(
        "UPDATE posts SET shown_at = first_seen_at WHERE published_at <= CURRENT_TIMESTAMP "
        "AND in_feeds AND NOT draft"
    )
