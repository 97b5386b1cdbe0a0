"""Posts kept out of mail, and let go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from service.model.post import Hold
from service.store.among import is_among
from service.store.parts import split_into_parts
from service.store.tables import posts


def lock_posts(connection: Connection, post_ids: Collection[int]) -> None:
    """Keep posts as they are until the transaction ends: what is read of them now stays true."""
    chosen = is_among(connection, posts.c.post_id, post_ids)
    connection.execute(
        select(posts.c.post_id).where(chosen).order_by(posts.c.post_id).with_for_update()
    ).all()


def hold_posts(connection: Connection, post_ids: Sequence[int], hold: Hold, note: str) -> None:
    """Hold many posts for one reason."""
    for ids in split_into_parts(post_ids):
        connection.execute(
            update(posts).where(posts.c.post_id.in_(ids)).values(hold=hold, hold_note=note)
        )


def hold_post(connection: Connection, post_id: int, note: str) -> None:
    """Keep a post out of mail until it is released."""
    connection.execute(
        update(posts)
        .where(posts.c.post_id == post_id)
        .values(hold=Hold.EDITOR, hold_note=note, released_at=None)
    )


def release_post(connection: Connection, post_id: int, note: str, now: datetime) -> None:
    """Let a held or late post become news."""
    connection.execute(
        update(posts)
        .where(posts.c.post_id == post_id)
        .values(hold=None, hold_note=note, released_at=now)
    )
