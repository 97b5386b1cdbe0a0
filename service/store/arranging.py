"""What an editor did to an edition's posts and words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from service.model.edition import Edition
from service.store.tables import edition_posts, editions


def raise_revision(connection: Connection, edition: Edition) -> bool:
    """Count one more change; False when somebody else changed or moved the edition first."""
    changed = connection.execute(
        update(editions)
        .where(
            editions.c.edition_id == edition.edition_id,
            editions.c.revision == edition.revision,
            editions.c.state == edition.state,
        )
        .values(revision=edition.revision + 1)
    )
    return changed.rowcount == 1


def list_edition_post_ids(connection: Connection, edition_id: int) -> set[int]:
    """Every post that an edition was fixed with or was given since, also those left out."""
    query = select(edition_posts.c.post_id).where(edition_posts.c.edition_id == edition_id)
    return set(connection.execute(query).scalars())


def set_order(connection: Connection, edition_id: int, post_ids: Sequence[int]) -> None:
    """Give these posts their places, and take all others' from them."""
    of_edition = edition_posts.c.edition_id == edition_id
    connection.execute(update(edition_posts).where(of_edition).values(place=None))
    if post_ids:
        connection.execute(
            update(edition_posts)
            .where(of_edition, edition_posts.c.post_id == bindparam("placed_id"))
            .values(place=bindparam("placed_at")),
            [{"placed_id": id_, "placed_at": place} for place, id_ in enumerate(post_ids)],
        )


def leave_out(connection: Connection, edition_id: int, post_id: int, *, is_left_out: bool) -> bool:
    """Leave a post out of an edition, or take it back; False when the edition has it not."""
    done = connection.execute(
        update(edition_posts)
        .where(edition_posts.c.edition_id == edition_id, edition_posts.c.post_id == post_id)
        .values(is_left_out=is_left_out)
    )
    return done.rowcount == 1


def add_post(connection: Connection, edition_id: int, post_id: int, news_no: int | None) -> None:
    """Give an edition one post more, behind all others; it must not have it yet."""
    last = select(func.coalesce(func.max(edition_posts.c.position), -1)).where(
        edition_posts.c.edition_id == edition_id
    )
    connection.execute(
        insert(edition_posts).values(
            edition_id=edition_id,
            post_id=post_id,
            news_no=news_no,
            position=connection.execute(last).scalar_one() + 1,
            is_added=True,
        )
    )


def set_words(connection: Connection, edition_id: int, **words: str) -> None:
    """Write subject, preheader or introduction, those that are given."""
    connection.execute(update(editions).where(editions.c.edition_id == edition_id).values(**words))


def set_freeze_time(connection: Connection, edition_id: int, freeze_at: datetime) -> None:
    """Let an edition be frozen at another time."""
    connection.execute(
        update(editions).where(editions.c.edition_id == edition_id).values(freeze_at=freeze_at)
    )
