"""What of files and posts may need a person: the rows, for others to judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from service.model.post import Hold, Post, Verdict
from service.store.members import list_members
from service.store.posts import find_posts
from service.store.tables import files, news, posts


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file that cannot be read; `is_kept`: feeds go on showing how it was before."""

    path: str
    line: int | None
    code: str
    message: str
    mtime_ns: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Files of a folder that looks emptied: how many, since when, and the first of them."""

    count: int
    since_at: datetime
    path: str


def list_quarantined(connection: Connection) -> list[Quarantined]:
    """Every file that could not be read at the last scan, by path."""
    shown = and_(
        posts.c.post_id == files.c.post_id,
        posts.c.gone_at.is_(None),
        posts.c.draft.is_(False),
        posts.c.in_feeds.is_(True),
    )
    query = (
        select(
            files.c.path,
            files.c.line,
            files.c.code,
            files.c.message,
            files.c.mtime_ns,
            posts.c.post_id,
        )
        .outerjoin(posts, shown)
        .where(files.c.verdict == Verdict.QUARANTINED)
        .order_by(files.c.path)
    )
    return [
        Quarantined(
            path=row.path,
            line=row.line,
            code=row.code,
            message=row.message,
            mtime_ns=row.mtime_ns,
            is_kept=row.post_id is not None,
        )
        for row in connection.execute(query)
    ]


def find_missing(connection: Connection) -> Missing | None:
    """What is not in the folder while its posts are kept; None when everything is there."""
    query = select(func.count(), func.min(files.c.missing_since_at), func.min(files.c.path)).where(
        files.c.missing_since_at.is_not(None)
    )
    count, since_at, path = connection.execute(query).one()
    return Missing(count, since_at, path) if count else None


def list_posts_kept_back(connection: Connection) -> list[Post]:
    """Posts that came after the first scan and are held, or have become no news; newest first."""
    is_news = exists().where(news.c.post_id == posts.c.post_id)
    query = select(posts.c.post_id).where(
        posts.c.gone_at.is_(None),
        posts.c.is_known.is_(False),
        posts.c.draft.is_(False),
        posts.c.mailable.is_(True),
        posts.c.released_at.is_(None),
        or_(posts.c.hold.in_([Hold.GATE, Hold.MASS]), ~is_news),
    )
    found = find_posts(connection, connection.execute(query).scalars().all())
    return sorted(found.values(), key=lambda post: (post.published_at, post.uid), reverse=True)


def list_used_names(connection: Connection) -> tuple[set[str], set[str]]:
    """The categories and the tags of all posts that are no drafts."""
    are_used = (posts.c.gone_at.is_(None), posts.c.draft.is_(False))
    return (
        list_members(connection, posts, posts.c.categories, *are_used),
        list_members(connection, posts, posts.c.tags, *are_used),
    )
