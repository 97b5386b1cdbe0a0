"""Posts as the desk lists them: by what is asked, a page at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from service.model.edition import EditionState
from service.model.post import Hold, Post, Verdict
from service.store.files import FileRow
from service.store.posts import find_posts
from service.store.tables import editions, files, news, posts, variants

_LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class PostQuery:
    """What posts are asked for; an empty field asks for nothing.

    `search` looks into title and path, without regard to case and Unicode form as far as the
    database knows letters. `is_held` True: whatever holds it; `hold` only that. `newsletter_id`:
    it is, or was, news there. `is_mailed`: some mail that was sent showed it.
    """

    search: str = ""
    verdict: Verdict | None = None
    is_held: bool = False
    hold: Hold | None = None
    has_findings: bool = False
    category: str = ""
    newsletter_id: str = ""
    is_mailed: bool | None = None


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
        posts.c.gone_at.is_(None), *_list_conditions(connection, asked, now)
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
        query = query.where(_holds(files.c.path, search))
    rows = connection.execute(query.order_by(files.c.path).limit(limit + 1)).mappings().all()
    found = [FileRow(**{**row, "verdict": Verdict(row["verdict"])}) for row in rows[:limit]]
    return found, found[-1].path if len(rows) > limit else ""


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
    value = _each_of(connection, posts.c.categories)
    beside = posts.join(value.table, literal_column("true"))
    query = select(value).select_from(beside).where(posts.c.gone_at.is_(None)).distinct()
    return sorted(connection.execute(query).scalars())


def _list_conditions(
    connection: Connection, asked: PostQuery, now: datetime
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.search:
        conditions.append(
            or_(_holds(posts.c.title, asked.search), _holds(posts.c.path, asked.search))
        )
    if asked.verdict is not None:
        conditions.append(_has_verdict(asked.verdict, now))
    if asked.is_held:
        conditions.append(posts.c.hold.is_not(None))
    if asked.hold is not None:
        conditions.append(posts.c.hold == asked.hold)
    if asked.has_findings:
        conditions.append(func.json_array_length(posts.c.findings) > 0)
    if asked.category:
        conditions.append(_has_category(connection, asked.category))
    if asked.newsletter_id:
        conditions.append(_is_news(asked.newsletter_id))
    if asked.is_mailed is not None:
        mailed = posts.c.post_id.in_(_select_mailed(connection))
        conditions.append(mailed if asked.is_mailed else ~mailed)
    return conditions


def _holds(column: ColumnElement[str], search: str) -> ColumnElement[bool]:
    """Whether the text is in it as typed, or as its characters are composed."""
    typed = search[:_LONGEST_SEARCH]
    forms = {typed, unicodedata.normalize("NFC", typed), unicodedata.normalize("NFD", typed)}
    return or_(*(column.icontains(form, autoescape=True) for form in sorted(forms)))


def _has_verdict(verdict: Verdict, now: datetime) -> ColumnElement[bool]:
    match verdict:
        case Verdict.DRAFT:
            return posts.c.draft.is_(True)
        case Verdict.SCHEDULED:
            return and_(posts.c.draft.is_(False), posts.c.published_at > now)
        case _:
            return and_(posts.c.draft.is_(False), posts.c.published_at <= now)


def _has_category(connection: Connection, category: str) -> ColumnElement[bool]:
    value = _each_of(connection, posts.c.categories)
    return exists(select(1).where(value == category).select_from(value.table).correlate(posts))


def _is_news(newsletter_id: str) -> ColumnElement[bool]:
    return exists().where(news.c.newsletter_id == newsletter_id, news.c.post_id == posts.c.post_id)


def _is_older_than(post_id: int) -> ColumnElement[bool]:
    at = select(posts.c.published_at).where(posts.c.post_id == post_id).scalar_subquery()
    return or_(
        posts.c.published_at < at,
        and_(posts.c.published_at == at, posts.c.post_id < post_id),
    )


def _select_mailed(connection: Connection) -> Select[Any]:
    """The posts that mail of any edition showed which has left, or is leaving."""
    value = _each_of(connection, variants.c.post_ids)
    return (
        select(value.cast(posts.c.post_id.type))
        .select_from(variants)
        .join(editions, editions.c.edition_id == variants.c.edition_id)
        .join(value.table, literal_column("true"))
        .where(editions.c.frozen_at.is_not(None), editions.c.state != EditionState.CANCELLED)
    )


def _each_of(connection: Connection, column: ColumnElement[Any]) -> Any:  # noqa: ANN401
    """The members of a column that holds a list, as a column of a table beside it."""
    if connection.dialect.name == "postgresql":
        name, split = "value", func.json_array_elements_text(column)
    else:
        name, split = "value", func.json_each(column)
    return split.table_valued(name).c[name]


def _find_mailed(connection: Connection, post_ids: Sequence[int]) -> frozenset[int]:
    if not post_ids:
        return frozenset()
    query = select(posts.c.post_id).where(
        posts.c.post_id.in_(post_ids), posts.c.post_id.in_(_select_mailed(connection))
    )
    return frozenset(connection.execute(query).scalars())


def _find_unread(connection: Connection, post_ids: Collection[int]) -> frozenset[int]:
    query = select(files.c.post_id).where(
        files.c.verdict == Verdict.QUARANTINED, files.c.post_id.in_(post_ids)
    )
    return frozenset(connection.execute(query).scalars())
