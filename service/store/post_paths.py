"""Where the files of posts lay, and what their identities go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.store.parts import split_into_parts
from service.store.tables import former_paths, news, posts


@dataclass(frozen=True, slots=True)
class PostTrace:
    """Of a post, gone or there, what its identity goes by.

    `path` is "" for one that turned out to be another post: its uid is given to nobody else.
    `is_news` posts have a number in some newsletter. `site_id` and `url_id` as Post has them.
    """

    post_id: int
    uid: str
    path: str
    title: str
    published_at: datetime
    text_digest: str
    explicit_id: str | None
    first_seen_at: datetime
    gone_at: datetime | None
    site_id: str
    url_id: str
    is_news: bool


@dataclass(frozen=True, slots=True)
class FormerPath:
    """Where the file of a post once lay, and when it was missed there."""

    path: str
    left_at: datetime


def list_traces(connection: Connection) -> list[PostTrace]:
    """Every post there ever was, in the order they were first written."""
    columns = [posts.c[name] for name in PostTrace.__slots__ if name != "is_news"]
    numbered = set(connection.execute(select(news.c.post_id).distinct()).scalars())
    rows = connection.execute(select(*columns).order_by(posts.c.post_id)).mappings()
    return [PostTrace(**row, is_news=row["post_id"] in numbered) for row in rows]


def list_former_paths(connection: Connection, post_id: int) -> list[FormerPath]:
    """Where the post lay before, the latest first."""
    query = (
        select(former_paths.c.path, former_paths.c.left_at)
        .where(former_paths.c.post_id == post_id)
        .order_by(former_paths.c.left_at.desc(), former_paths.c.path)
    )
    return [FormerPath(*row) for row in connection.execute(query)]


def record_moves(
    connection: Connection, moves: Mapping[int, tuple[str, str]], now: datetime
) -> None:
    """Remember of each post, by its id, the path it left; second is the one it has now."""
    if not moves:
        return
    pairs = [(post_id, path) for post_id, paths in moves.items() for path in paths]
    connection.execute(
        delete(former_paths).where(
            former_paths.c.post_id == bindparam("at_post"),
            former_paths.c.path == bindparam("at_path"),
        ),
        [{"at_post": post_id, "at_path": path} for post_id, path in pairs],
    )
    connection.execute(
        insert(former_paths),
        [{"post_id": id_, "path": left, "left_at": now} for id_, (left, _) in moves.items()],
    )


def retire_posts(connection: Connection, post_ids: Sequence[int]) -> None:
    """Note that these gone posts never were posts of their own; only their uids stay taken."""
    for ids in split_into_parts(post_ids):
        connection.execute(
            update(posts).where(posts.c.post_id.in_(ids)).values(path="", explicit_id=None)
        )
