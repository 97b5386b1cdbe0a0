"""What mailable posts are about: their categories and tags alone, for many posts at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from service.store.tables import posts


@dataclass(frozen=True, slots=True)
class Labels:
    """What one post is about, and since when it can be read."""

    categories: tuple[str, ...]
    tags: tuple[str, ...]
    published_at: datetime


def list_labels(connection: Connection, now: datetime) -> list[Labels]:
    """The labels of every post that may be in mail and can be read by now."""
    query = select(posts.c.categories, posts.c.tags, posts.c.published_at).where(
        posts.c.gone_at.is_(None),
        posts.c.mailable,
        ~posts.c.draft,
        posts.c.hold.is_(None),
        posts.c.published_at <= now,
    )
    return [
        Labels(tuple(row.categories), tuple(row.tags), row.published_at)
        for row in connection.execute(query)
    ]
