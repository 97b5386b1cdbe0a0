"""Posts as the desk lists them: by what is asked, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select

from service.model.post import Hold, Post, Verdict
from service.store.files import FileRow
from service.store.members import list_members
from service.store.post_query import PostQuery, holds, list_conditions, rule_of_each, select_mailed
from service.store.posts import find_posts
from service.store.tables import files, posts


@dataclass(frozen=True, slots=True)
class PostPage:
    """Some posts, newest first; `older` stands for the page after it, "" for the last one.

    `mailed_ids` are those of them that some mail showed, `unread_ids` those whose file cannot
    be read now, so that they are its last good version.
    """

    posts: tuple[Post, ...]
    older: str
    mailed_ids: frozenset[int]
    unread_ids: frozenset[int]


def list_post_page(
    connection: Connection, asked: PostQuery, now: datetime, *, before: str = "", limit: int = 50
) -> PostPage:
    """A page of the posts that are asked for; `before` is the `older` of the page before it."""
    query = select(posts.c.post_id).where(
        posts.c.gone_at.is_(None), *list_conditions(connection, asked, now)
    )
    if before.isdecimal() and len(before) < 19:
        query = query.where(_is_older_than(int(before)))
    ordered = query.order_by(posts.c.published_at.desc(), posts.c.post_id.desc())
    ids = list(connection.execute(ordered.limit(limit + 1)).scalars())
    shown = ids[:limit]
    found = find_posts(connection, shown)
    return PostPage(
        tuple(found[post_id] for post_id in shown),
        str(shown[-1]) if len(ids) > limit else "",
        _find_mailed(connection, shown),
        _find_unread(connection, shown),
    )


def count_posts(connection: Connection, asked: PostQuery, now: datetime) -> int:
    """How many posts are asked for, on all pages."""
    query = select(func.count()).select_from(posts).where(posts.c.gone_at.is_(None))
    conditions = list_conditions(connection, asked, now)
    return int(connection.execute(query.where(*conditions)).scalar_one())


def list_file_page(
    connection: Connection,
    verdict: Verdict,
    search: str = "",
    *,
    after: str = "",
    limit: int = 50,
) -> tuple[list[FileRow], str]:
    """Files with a verdict, by path, and the path that the next page begins after, or ""."""
    columns = [files.c[name] for name in FileRow.__slots__]
    query = select(*columns).where(files.c.verdict == verdict, files.c.path > after)
    if search:
        query = query.where(holds(files.c.path, search))
    rows = connection.execute(query.order_by(files.c.path).limit(limit + 1)).mappings().all()
    found = [FileRow(**{**row, "verdict": Verdict(row["verdict"])}) for row in rows[:limit]]
    return found, found[-1].path if len(rows) > limit else ""


def count_files(connection: Connection, verdict: Verdict, search: str = "") -> int:
    """How many files have a verdict, on all pages."""
    query = select(func.count()).select_from(files).where(files.c.verdict == verdict)
    if search:
        query = query.where(holds(files.c.path, search))
    return int(connection.execute(query).scalar_one())


def count_held(connection: Connection) -> dict[Hold, int]:
    """How many posts each kind of hold keeps out of mail."""
    query = (
        select(posts.c.hold, func.count())
        .where(posts.c.gone_at.is_(None), posts.c.hold.is_not(None))
        .group_by(posts.c.hold)
    )
    return {Hold(hold): count for hold, count in connection.execute(query)}


def list_categories(connection: Connection) -> list[str]:
    """Every category that posts bear, by name."""
    return sorted(list_members(connection, posts, posts.c.categories, posts.c.gone_at.is_(None)))


def list_languages(connection: Connection) -> list[str]:
    """Every language that posts are in."""
    query = select(posts.c.language).where(posts.c.gone_at.is_(None)).distinct()
    return sorted(connection.execute(query).scalars())


def count_rules(connection: Connection) -> dict[str, int]:
    """In how many posts each rule of the gate found something, the most frequent first."""
    rule, beside = rule_of_each(connection)
    count = func.count(posts.c.post_id.distinct())
    query = (
        select(rule, count)
        .select_from(posts.join(beside, literal_column("true")))
        .where(posts.c.gone_at.is_(None))
        .group_by(rule)
        .order_by(count.desc(), rule)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _is_older_than(post_id: int) -> ColumnElement[bool]:
    at = select(posts.c.published_at).where(posts.c.post_id == post_id).scalar_subquery()
    return or_(
        posts.c.published_at < at,
        and_(posts.c.published_at == at, posts.c.post_id < post_id),
    )


def _find_mailed(connection: Connection, post_ids: Sequence[int]) -> frozenset[int]:
    if not post_ids:
        return frozenset()
    query = select(posts.c.post_id).where(
        posts.c.post_id.in_(post_ids), posts.c.post_id.in_(select_mailed(connection, post_ids))
    )
    return frozenset(connection.execute(query).scalars())


def _find_unread(connection: Connection, post_ids: Collection[int]) -> frozenset[int]:
    query = select(files.c.post_id).where(
        files.c.verdict == Verdict.QUARANTINED, files.c.post_id.in_(post_ids)
    )
    return frozenset(connection.execute(query).scalars())
