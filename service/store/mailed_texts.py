"""What posts said when they were mailed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, literal, select

from service.store.tables import Instant, bodies, mailed_texts, posts


@dataclass(frozen=True, slots=True)
class MailedText:
    """A post as it was when an edition with it was frozen."""

    edition_id: int
    post_id: int
    title: str
    summary: str
    text: str
    mailed_at: datetime


def record_mailed_texts(
    connection: Connection, edition_id: int, post_ids: Collection[int], now: datetime
) -> None:
    """Keep what these posts say now, all in one statement; once for an edition."""
    names = ["edition_id", "post_id", "title", "summary", "text", "mailed_at"]
    columns = (
        literal(edition_id),
        posts.c.post_id,
        posts.c.title,
        posts.c.summary,
        func.coalesce(bodies.c.text, ""),
        literal(now, Instant),
    )
    rows = select(*columns).select_from(
        posts.outerjoin(bodies, bodies.c.post_id == posts.c.post_id)
    )
    chosen = rows.where(posts.c.post_id.in_(sorted(post_ids)))
    connection.execute(insert(mailed_texts).from_select(names, chosen))


def find_last_mailed_text(connection: Connection, post_id: int) -> MailedText | None:
    """The post as it was mailed last; None when it never was."""
    query = (
        select(mailed_texts)
        .where(mailed_texts.c.post_id == post_id)
        .order_by(mailed_texts.c.mailed_at.desc(), mailed_texts.c.edition_id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return MailedText(**row) if row else None
