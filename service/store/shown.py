"""Which posts feeds have ever shown: each is told of once, whatever becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from service.store.among import is_among
from service.store.tables import posts


def list_unshown(connection: Connection, post_ids: Iterable[int]) -> list[int]:
    """Those of these posts that feeds have never shown so far."""
    never = posts.c.shown_at.is_(None) & posts.c.gone_at.is_(None)
    unshown = set(connection.execute(select(posts.c.post_id).where(never)).scalars())
    return sorted(unshown.intersection(post_ids))


def record_shown(connection: Connection, post_ids: Collection[int], now: datetime) -> list[int]:
    """Note that feeds show these posts; those of them of which nobody had noted it before."""
    first = (
        update(posts)
        .where(is_among(connection, posts.c.post_id, post_ids), posts.c.shown_at.is_(None))
        .values(shown_at=now)
    )
    return sorted(connection.execute(first.returning(posts.c.post_id)).scalars())
