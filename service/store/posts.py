"""Posts and their bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, or_, select, update

from service.model.post import Author, Body, Enclosure, Finding, Hold, Image, Level, Outline, Post
from service.store.parts import split_into_parts
from service.store.tables import bodies, posts


def list_posts(connection: Connection) -> list[Post]:
    """Every post whose file is there, newest first."""
    return _read(connection, select(posts).where(posts.c.gone_at.is_(None)))


def list_feed_posts(connection: Connection) -> list[Post]:
    """Posts that feeds may show once their time has come, newest first."""
    query = select(posts).where(
        posts.c.gone_at.is_(None), posts.c.draft.is_(False), posts.c.in_feeds.is_(True)
    )
    return _read(connection, query)


def list_held(connection: Connection, hold: Hold) -> list[Post]:
    """Posts that this holds and whose file is there, newest first."""
    return _read(connection, select(posts).where(posts.c.gone_at.is_(None), posts.c.hold == hold))


def list_outlines(connection: Connection) -> list[Outline]:
    """Every post whose file is there, as far as others are compared with it."""
    columns = [posts.c[name] for name in Outline.__slots__]
    rows = connection.execute(select(*columns).where(posts.c.gone_at.is_(None))).mappings()
    return [Outline(**{**row, "former_urls": tuple(row["former_urls"])}) for row in rows]


def list_first_seen(connection: Connection, since: datetime) -> list[Post]:
    """Posts first seen after a moment whose file is there, newest first."""
    query = select(posts).where(posts.c.gone_at.is_(None), posts.c.first_seen_at > since)
    return _read(connection, query)


def find_posts(connection: Connection, post_ids: Iterable[int]) -> dict[int, Post]:
    """Posts by id, also those whose file is gone."""
    found: dict[int, Post] = {}
    for ids in split_into_parts(sorted(set(post_ids))):
        for post in _read(connection, select(posts).where(posts.c.post_id.in_(ids))):
            found[post.post_id] = post
    return found


def find_post(connection: Connection, name: str) -> Post | None:
    """The post with this path, path ending or uid; None when there is none or more than one."""
    exact = select(posts).where(
        posts.c.gone_at.is_(None), or_(posts.c.path == name, posts.c.uid == name)
    )
    if found := _read(connection, exact):
        return found[0]
    ending = select(posts).where(
        posts.c.gone_at.is_(None), posts.c.path.endswith("/" + name, autoescape=True)
    )
    found = _read(connection, ending)
    return found[0] if len(found) == 1 else None


def load_bodies(connection: Connection, post_ids: Iterable[int]) -> dict[int, Body]:
    """Rendered bodies by post id."""
    found: dict[int, Body] = {}
    for ids in split_into_parts(sorted(set(post_ids))):
        query = select(bodies).where(bodies.c.post_id.in_(ids))
        for row in connection.execute(query):
            found[row.post_id] = Body(row.html, row.text)
    return found


def find_html(connection: Connection, post_id: int) -> str:
    """The rendered body of one post, "" when there is none."""
    query = select(bodies.c.html).where(bodies.c.post_id == post_id)
    return connection.execute(query).scalar_one_or_none() or ""


def insert_post(connection: Connection, post: Post, body: Body) -> int:
    """Write a new post with its body; `post.post_id` is ignored, the new id returned."""
    # Parameters instead of values(): the statement is compiled once for all posts.
    statement = insert(posts).returning(posts.c.post_id)
    post_id = int(connection.execute(statement, _to_row(post)).scalar_one())
    row = {"post_id": post_id, "html": body.html, "text": body.text}
    connection.execute(insert(bodies), row)
    return post_id


def update_post(connection: Connection, post: Post, body: Body | None) -> None:
    """Write a changed post whose file is there; with None its body stays as it is."""
    chosen = posts.c.post_id == post.post_id
    connection.execute(update(posts).where(chosen).values(_to_row(post) | {"gone_at": None}))
    if body is not None:
        connection.execute(
            update(bodies)
            .where(bodies.c.post_id == post.post_id)
            .values(html=body.html, text=body.text)
        )


def record_gone(connection: Connection, paths: Sequence[str], now: datetime) -> int:
    """Note that no post has its file at these paths any more; how many posts had."""
    gone = 0
    for part in split_into_parts(paths):
        gone += connection.execute(
            update(posts)
            .where(posts.c.path.in_(part), posts.c.gone_at.is_(None))
            .values(gone_at=now)
        ).rowcount
    return gone


def _read(connection: Connection, query: Select[Any]) -> list[Post]:
    ordered = query.order_by(posts.c.published_at.desc(), posts.c.uid)
    return [_to_post(row) for row in connection.execute(ordered).mappings()]


def _to_post(row: RowMapping) -> Post:
    offset = timezone(timedelta(minutes=row["published_offset"]))
    image = row["image"]
    return Post(
        **{name: row[name] for name in _PLAIN},
        published_at=_at_offset(row["published_at"], offset),
        hold=Hold(row["hold"]) if row["hold"] else None,
        authors=tuple(Author(**author) for author in row["authors"]),
        categories=tuple(row["categories"]),
        tags=tuple(row["tags"]),
        former_urls=tuple(row["former_urls"]),
        image=Image(**image) if image else None,
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row["enclosures"]),
        findings=tuple(
            Finding(**{**finding, "level": Level(finding["level"])}) for finding in row["findings"]
        ),
    )


def _at_offset(moment: datetime, offset: timezone) -> datetime:
    try:
        return moment.astimezone(offset)
    except OverflowError:  # the first or last day there is, seen from further west or east
        return moment


def _to_row(post: Post) -> dict[str, Any]:
    offset = post.published_at.utcoffset() or timedelta(0)
    row: dict[str, Any] = {name: getattr(post, name) for name in _PLAIN if name != "post_id"}
    row.update(
        published_at=post.published_at,
        published_offset=int(offset.total_seconds() // 60),
        hold=post.hold,
        authors=[asdict(author) for author in post.authors],
        categories=list(post.categories),
        tags=list(post.tags),
        former_urls=list(post.former_urls),
        image=asdict(post.image) if post.image else None,
        enclosures=[asdict(enclosure) for enclosure in post.enclosures],
        findings=[asdict(finding) for finding in post.findings],
    )
    return row


_PLAIN = (
    "post_id",
    "uid",
    "path",
    "title",
    "url",
    "summary",
    "language",
    "updated_at",
    "expires_at",
    "first_seen_at",
    "changed_at",
    "seen_after_at",
    "is_known",
    "draft",
    "in_feeds",
    "mailable",
    "pinned",
    "html_size",
    "body_digest",
    "text_digest",
    "explicit_id",
    "hold_note",
    "released_at",
    "date_source",
    "site_id",
    "url_id",
    "is_full",
)
