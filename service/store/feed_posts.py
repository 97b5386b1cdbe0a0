"""Of the posts that feeds show as much as lists of feeds need: a part of it, and quickly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from service.model.post import Author, Post
from service.store.members import list_members
from service.store.posts import find_posts
from service.store.tables import posts


@dataclass(frozen=True, slots=True)
class ShownLabels:
    """By what feeds choose a post."""

    language: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[Author, ...]


def list_shown_labels(
    connection: Connection, now: datetime, *, shows_future: bool
) -> list[ShownLabels]:
    """What each post that feeds show at `now` is chosen by."""
    query = select(posts.c.language, posts.c.categories, posts.c.tags, posts.c.authors)
    return [
        ShownLabels(
            row.language,
            tuple(row.categories),
            tuple(row.tags),
            tuple(Author(**author) for author in row.authors),
        )
        for row in connection.execute(query.where(*_are_shown(now, shows_future=shows_future)))
    ]


@dataclass(frozen=True, slots=True)
class ShownPost:
    """As much of a post as tells which feeds have it, and at which place."""

    post_id: int
    uid: str
    url: str
    published_at: datetime
    summary: str
    html_size: int
    is_full: bool
    language: str
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    authors: tuple[Author, ...]


def list_shown_posts(
    connection: Connection, now: datetime, *, shows_future: bool
) -> list[ShownPost]:
    """The posts that feeds show at `now`, in no order."""
    query = select(*(posts.c[name] for name in ShownPost.__slots__))
    rows = connection.execute(query.where(*_are_shown(now, shows_future=shows_future))).mappings()
    return [
        ShownPost(
            **{
                **row,
                "categories": tuple(row["categories"]),
                "tags": tuple(row["tags"]),
                "authors": tuple(Author(**author) for author in row["authors"]),
            }
        )
        for row in rows
    ]


def list_shown_names(
    connection: Connection, now: datetime, *, shows_future: bool
) -> tuple[set[str], set[str]]:
    """The categories and the tags of the posts that feeds show at `now`."""
    are_shown = _are_shown(now, shows_future=shows_future)
    return (
        list_members(connection, posts, posts.c.categories, *are_shown),
        list_members(connection, posts, posts.c.tags, *are_shown),
    )


def list_twins(connection: Connection, now: datetime, *, shows_future: bool) -> list[Post]:
    """Those of the posts that feeds may show at `now` whose address another one has, newest first.

    Feeds show one of each.
    """
    are_shown = _are_shown(now, shows_future=shows_future)
    shared = select(posts.c.url).where(*are_shown).group_by(posts.c.url).having(func.count() > 1)
    query = select(posts.c.post_id).where(*are_shown, posts.c.url.in_(shared))
    found = find_posts(connection, connection.execute(query).scalars())
    return sorted(found.values(), key=lambda post: (post.published_at, post.uid), reverse=True)


def _are_shown(now: datetime, *, shows_future: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        posts.c.gone_at.is_(None),
        posts.c.draft.is_(False),
        posts.c.in_feeds.is_(True),
        or_(posts.c.expires_at.is_(None), posts.c.expires_at > now),
    ]
    return conditions if shows_future else [*conditions, posts.c.published_at <= now]
