"""The word of an editor on posts: what waits for mail, and what need not wait any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from service.errors import NotAllowedError
from service.model.editor import Actor
from service.model.post import Hold, Post
from service.store.audit import record_action
from service.store.database import Database
from service.store.holds import hold_post, release_post
from service.store.post_history import find_gone_at
from service.store.posts import find_posts, list_held

HELD_NOTE = "held by an editor"
RELEASED_NOTE = "released by an editor"


def hold_posts_by_hand(
    database: Database, post_ids: Collection[int], now: datetime, note: str = "", *, by: Actor
) -> list[Post]:
    """Keep these posts out of mail until they are released; returns them as they were.

    Raises NotAllowedError when there is no such post, or its file is gone.
    """
    with database.writing() as connection:
        chosen = _find(connection, post_ids)
        for post in chosen:
            hold_one(connection, post, note, now, by)
    return chosen


def release_posts(
    database: Database, post_ids: Collection[int], now: datetime, note: str = "", *, by: Actor
) -> list[Post]:
    """Let held or late posts become news with the next pass; returns them as they were.

    Raises NotAllowedError when there is no such post, or its file is gone.
    """
    with database.writing() as connection:
        chosen = _find(connection, post_ids)
        for post in chosen:
            release_one(connection, post, note, now, by)
    return chosen


def release_mass(
    database: Database,
    now: datetime,
    note: str = "",
    *,
    seen_at: datetime | None = None,
    by: Actor,
) -> list[Post]:
    """Let every post go that is held because many came at once; returns them as they were.

    `seen_at`: only those that came together then.
    """
    with database.writing() as connection:
        chosen = [
            post
            for post in list_held(connection, Hold.MASS)
            if seen_at is None or post.first_seen_at == seen_at
        ]
        for post in chosen:
            release_post(connection, post.post_id, note or RELEASED_NOTE, now)
        seen = seen_at.isoformat() if seen_at else ""
        detail = {"count": len(chosen), "seen": seen, "note": note}
        if chosen:
            record_action(connection, by, "post.release_mass", "posts", detail, now)
    return chosen


def hold_one(connection: Connection, post: Post, note: str, now: datetime, by: Actor) -> None:
    """Keep a post out of mail; without a note it says who did."""
    hold_post(connection, post.post_id, note or HELD_NOTE)
    record_action(connection, by, "post.hold", f"post:{post.post_id}", {"note": note}, now)


def release_one(connection: Connection, post: Post, note: str, now: datetime, by: Actor) -> None:
    """Let a post become news; without a note it says who did."""
    release_post(connection, post.post_id, note or RELEASED_NOTE, now)
    record_action(connection, by, "post.release", f"post:{post.post_id}", {"note": note}, now)


def _find(connection: Connection, post_ids: Collection[int]) -> list[Post]:
    found = find_posts(connection, post_ids)
    for post_id in post_ids:
        if post_id not in found:
            raise NotAllowedError("there is no post {post}", post=post_id)
        if find_gone_at(connection, post_id) is not None:
            raise NotAllowedError(
                "the file of '{path}' is gone: no mail shows it", path=found[post_id].path
            )
    return [found[post_id] for post_id in post_ids]
