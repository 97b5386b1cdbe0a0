"""What feeds call posts that were there before it was written down."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import text

from service.store.database import Database
from service.store.migrate import _configure, migrate


def test_posts_that_were_there_are_known_by_their_present_address(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'kawaraban.db'}")
    with database.writing() as connection:
        config = _configure()
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for values in (
            ("tag:1", "/a/", "2026-01-01", None, None, 10),
            ("tag:2", "/a/", "2026-01-02", None, None, 300_000),
            ("tag:3", "/a/", "2026-01-03", "2026-02-01", None, 10),
            ("urn:own", "/b/", "2026-01-04", None, "urn:own", 10),
        ):
            connection.execute(INSERT, dict(zip(NAMES, values, strict=True)))
    migrate(database)
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT uid, site_id, url_id, is_full FROM posts ORDER BY post_id")
        ).all()
    # Of three at one address it is the one that feeds show that is known by it.
    assert [tuple(row) for row in rows] == [
        ("tag:1", "", "/a/#1", 1),
        ("tag:2", "", "/a/", 0),
        ("tag:3", "", "/a/#3", 1),
        ("urn:own", "urn:own", "urn:own", 1),
    ]
    database.close()


NAMES = ("uid", "url", "published_at", "gone_at", "explicit_id", "html_size")
INSERT = text(
    "INSERT INTO posts (uid, url, published_at, gone_at, explicit_id, html_size, path, title,"
    " summary, language, published_offset, updated_at, first_seen_at, changed_at, is_known, draft,"
    " in_feeds, mailable, pinned, authors, categories, tags, enclosures, findings, body_digest,"
    " text_digest, hold_note) VALUES (:uid, :url, :published_at, :gone_at, :explicit_id,"
    " :html_size, :uid, 't', 's', 'ja', 0, :published_at, :published_at, :published_at, 0, 0, 1,"
    " 1, 0, '[]', '[]', '[]', '[]', '[]', '', '', '')"
)
