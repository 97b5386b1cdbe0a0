"""The posts of an edition, in the order they were fixed in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from service.model.edition import Candidate
from service.store.posts import find_posts
from service.store.tables import edition_posts, posts


def list_edition_candidates(connection: Connection, edition_id: int) -> list[Candidate]:
    """The edition's posts in the order they were fixed in; none deleted since, or left out."""
    found = list_arranged(connection, edition_id)
    return [candidate for candidate in found if not candidate.is_left_out]


def list_arranged(connection: Connection, edition_id: int) -> list[Candidate]:
    """The edition's posts as `list_edition_candidates`, with those an editor left out."""
    columns = ("post_id", "news_no", "place", "is_added", "is_left_out")
    query = (
        select(*(edition_posts.c[name] for name in columns))
        .join(posts, posts.c.post_id == edition_posts.c.post_id)
        .where(edition_posts.c.edition_id == edition_id, posts.c.gone_at.is_(None))
        .order_by(edition_posts.c.position)
    )
    rows = connection.execute(query).all()
    found = find_posts(connection, [row.post_id for row in rows])
    return [Candidate(found[row.post_id], *row[1:]) for row in rows]


def add_edition_posts(
    connection: Connection, edition_id: int, candidates: Sequence[Candidate]
) -> None:
    """Let an edition carry these as well, behind those it was fixed with."""
    query = select(func.max(edition_posts.c.position)).where(
        edition_posts.c.edition_id == edition_id
    )
    last = connection.execute(query).scalar()
    insert_edition_posts(connection, edition_id, candidates, 0 if last is None else last + 1)


def insert_edition_posts(
    connection: Connection, edition_id: int, candidates: Sequence[Candidate], first: int = 0
) -> None:
    """Write the posts of an edition from a position on."""
    if candidates:
        rows = [
            {
                "edition_id": edition_id,
                "post_id": candidate.post.post_id,
                "news_no": candidate.news_no,
                "position": position,
                "is_added": candidate.is_added,
            }
            for position, candidate in enumerate(candidates, start=first)
        ]
        connection.execute(insert(edition_posts), rows)
