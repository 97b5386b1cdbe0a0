"""What is news of each newsletter: numbered once, in the order it became news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.model.edition import Candidate
from service.model.post import Post
from service.store.posts import find_posts
from service.store.tables import news, newsletters, posts


def open_newsletter(connection: Connection, newsletter_id: str, now: datetime) -> None:
    """Make sure the newsletter has a row; its schedule begins when it is first seen.

    That is the earliest instant any pass was made as of, whatever the machine's clock says.
    """
    known = select(newsletters.c.newsletter_id).where(newsletters.c.newsletter_id == newsletter_id)
    if connection.execute(known).first() is None:
        # Another process may see it first in the same moment.
        is_server = connection.dialect.name == "postgresql"
        new = (postgresql.insert if is_server else sqlite.insert)(newsletters)
        values = {"newsletter_id": newsletter_id, "news_mark": 0, "since_at": now}
        connection.execute(new.values(values).on_conflict_do_nothing())
    connection.execute(
        update(newsletters)
        .where(newsletters.c.newsletter_id == newsletter_id, newsletters.c.since_at > now)
        .values(since_at=now)
    )


def lock_newsletter(connection: Connection, newsletter_id: str) -> int:
    """Hold the newsletter's row until the transaction ends; return its highest news number.

    Who only refers to it, as every new subscription does, need not wait.
    """
    row = newsletters.c.newsletter_id == newsletter_id
    query = select(newsletters.c.news_mark).where(row).with_for_update(key_share=True)
    return int(connection.execute(query).scalar_one())


def find_newsletter_start(connection: Connection, newsletter_id: str) -> datetime | None:
    """Since when the newsletter exists here; None before the first pass of the clock."""
    query = select(newsletters.c.since_at).where(newsletters.c.newsletter_id == newsletter_id)
    return connection.execute(query).scalar()


def find_mark(connection: Connection, newsletter_id: str) -> int:
    """The newsletter's highest news number, 0 when nothing was ever news."""
    query = select(newsletters.c.news_mark).where(newsletters.c.newsletter_id == newsletter_id)
    return int(connection.execute(query).scalar() or 0)


def list_news_post_ids(connection: Connection, newsletter_id: str) -> set[int]:
    """Posts that already are, or were, news of this newsletter."""
    query = select(news.c.post_id).where(news.c.newsletter_id == newsletter_id)
    return set(connection.execute(query).scalars())


def list_fresh_posts(connection: Connection, newsletter_id: str) -> list[Post]:
    """Posts that are no news of this newsletter and may become some, now or ever."""
    is_news = exists().where(
        news.c.newsletter_id == newsletter_id, news.c.post_id == posts.c.post_id
    )
    query = select(posts.c.post_id).where(
        posts.c.gone_at.is_(None),
        posts.c.is_known.is_(False),
        posts.c.draft.is_(False),
        posts.c.mailable.is_(True),
        ~is_news,
    )
    return list(find_posts(connection, connection.execute(query).scalars().all()).values())


def record_news(
    connection: Connection, newsletter_id: str, post_ids: Sequence[int], now: datetime
) -> int:
    """Number these posts on, in the order given; return the new mark."""
    mark = lock_newsletter(connection, newsletter_id)
    if not post_ids:
        return mark
    rows = [
        {"newsletter_id": newsletter_id, "news_no": mark + step, "post_id": id_, "became_at": now}
        for step, id_ in enumerate(post_ids, start=1)
    ]
    connection.execute(insert(news), rows)
    mark += len(rows)
    row = newsletters.c.newsletter_id == newsletter_id
    connection.execute(update(newsletters).where(row).values(news_mark=mark))
    return mark


def forget_news(connection: Connection, newsletter_id: str, post_ids: Sequence[int]) -> None:
    """Take these posts' numbers away, so that they may become news once more."""
    connection.execute(
        delete(news).where(
            news.c.newsletter_id == newsletter_id, news.c.post_id == bindparam("gone_id")
        ),
        [{"gone_id": post_id} for post_id in post_ids],
    )


def list_candidates(
    connection: Connection, newsletter_id: str, *, above: int, through: int
) -> list[Candidate]:
    """News with a number above one mark and up to another, in that order, but none deleted."""
    query = (
        select(news.c.news_no, news.c.post_id)
        .join(posts, posts.c.post_id == news.c.post_id)
        .where(
            posts.c.gone_at.is_(None),
            news.c.newsletter_id == newsletter_id,
            news.c.news_no > above,
            news.c.news_no <= through,
        )
        .order_by(news.c.news_no)
    )
    rows = connection.execute(query).all()
    found = find_posts(connection, [row.post_id for row in rows])
    return [Candidate(found[row.post_id], row.news_no) for row in rows]


def list_held_news(connection: Connection, newsletter_id: str) -> dict[int, int]:
    """The numbers of news that is held now, by post."""
    query = (
        select(news.c.post_id, news.c.news_no)
        .join(posts, posts.c.post_id == news.c.post_id)
        .where(news.c.newsletter_id == newsletter_id, posts.c.hold.is_not(None))
    )
    return {row.post_id: row.news_no for row in connection.execute(query)}


def find_became_at(connection: Connection, newsletter_id: str, news_no: int) -> datetime | None:
    """When a number was given out."""
    query = select(news.c.became_at).where(
        news.c.newsletter_id == newsletter_id, news.c.news_no == news_no
    )
    return connection.execute(query).scalar()


def find_news_numbers(
    connection: Connection, newsletter_id: str, post_ids: Sequence[int]
) -> dict[int, int]:
    """The news number of each of these posts that has one."""
    query = select(news.c.post_id, news.c.news_no).where(
        news.c.newsletter_id == newsletter_id, news.c.post_id.in_(post_ids)
    )
    return {row.post_id: row.news_no for row in connection.execute(query)}
