"""A publication with years behind it, for the desk to look at: written straight into its tables."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, case, insert, literal, select, text, true, update

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.model.edition import EditionState, Trigger
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.publishing import publish_feeds
from service.scanning import scan_posts
from service.store.copying import copy_database
from service.store.database import Database
from service.store.migrate import migrate
from service.store.news import open_newsletter
from service.store.tables import (
    batches,
    bodies,
    deliveries,
    edition_posts,
    editions,
    installation,
    mailed_texts,
    posts,
    subscribers,
    subscriptions,
    variants,
)
from tests.fakes.house import House

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
FILES = 2_600
READERS = 100_000
EDITIONS = 500
LARGE = 10
"""So many of the editions, the last ones, went to every reader of the first newsletter."""

SMALL_READERS = 2_000
_POSTS_IN_EACH = 10
_DAYS = 180
_CHUNK = 5_000
_SHARES = {"weekly": 1, "daily": 3, "ai": 10}
"""Of so many readers one has each newsletter."""

NEWSLETTERS = """cadences = ["weekly"]
weekday = "mon"
send_at = "08:00"
[[newsletters]]
id = "daily"
title = "デイリー"
cadences = ["daily"]
send_at = "07:00"
[[newsletters]]
id = "ai"
title = "AIだより"
cadences = ["each"]
tags = ["Google", "NVIDIA"]
"""


def build_house(folder: Path, sources: list[Path]) -> House:
    """A house on SQLite that has read and published its posts, and sent nothing."""
    (folder / "posts").mkdir(parents=True)
    for number in range(FILES - 2):
        _lay(sources[number % len(sources)], folder / "posts" / f"{number}.md", days=30)
    database = Database(f"sqlite:///{folder}/var/kawaraban.db")
    migrate(database)
    database.close()
    house = House(folder, NEWSLETTERS)
    house.clock.now = NOW
    works = house.app.works
    scan_posts(works.database, works.scan, NOW - timedelta(days=7))
    for number in range(2):
        _lay(sources[number], folder / "posts" / f"new{number}.md", days=6)
    scan_posts(works.database, works.scan, NOW - timedelta(days=5))
    publish_feeds(works.database, works.feeds, NOW)
    return house


def move_house(house: House, url: str) -> House:
    """The same house with its database on a server."""
    database = Database(url)
    migrate(database)
    copy_database(house.app.works.database, database, lambda *_: None)
    for one in (house.app.works.database, database):
        with one.writing() as connection:
            connection.execute(update(installation).values(is_send_held=False))
    database.close()
    moved = House(house.site, NEWSLETTERS, {"DATABASE_URL": url, "KAWARABAN_SECRET_KEY": "b" * 64})
    moved.clock.now = NOW
    return moved


def fill_house(database: Database) -> None:
    """Readers who came day by day, and editions that went to them."""
    with database.writing() as connection:
        for newsletter_id in _SHARES:
            open_newsletter(connection, newsletter_id, NOW - timedelta(days=_DAYS))
        _insert(connection, subscribers, map(_describe_reader, range(1, READERS + 1)))
        _insert(connection, subscriptions, _describe_subscriptions())
    with database.writing() as connection:
        _insert(connection, editions, map(_describe_edition, range(1, EDITIONS + 1)))
        _insert(connection, variants, map(_describe_variant, range(1, EDITIONS + 1)))
        _fill_editions(connection)
        _insert(connection, batches, map(_describe_batch, range(1, EDITIONS + 1)))
        _deliver(connection, EDITIONS - LARGE, 0, SMALL_READERS)
        _deliver(connection, EDITIONS, EDITIONS - LARGE, READERS)
        if not database.is_sqlite:
            for table in (editions, variants, batches, subscribers, subscriptions, deliveries):
                name = next(iter(table.primary_key.columns)).name
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{name}'), "  # noqa: S608
                         f"(SELECT max({name}) FROM {table.name}))")
                )  # fmt: skip
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
            # As the server does by itself for rows that did not all come in one minute.
            server.execute(text("VACUUM ANALYZE"))


def _lay(source: Path, target: Path, days: int) -> None:
    shutil.copy(source, target)
    written = (NOW - timedelta(days=days)).timestamp()
    os.utime(target, (written, written))


def _insert(connection: Connection, table: Table, rows: Iterator[Mapping[str, Any]]) -> None:
    while part := list(islice(rows, _CHUNK)):
        connection.execute(insert(table), part)


def _describe_reader(number: int) -> dict[str, object]:
    return {
        "subscriber_id": number,
        "address": f"reader{number}@bench.example",
        "name": "",
        "created_at": _find_day(number),
    }


def _describe_subscriptions() -> Iterator[dict[str, object]]:
    for newsletter_id, share in _SHARES.items():
        for number in range(share, READERS + 1, share):
            at = _find_day(number)
            has_left = number % 9 == 0
            yield {
                "subscriber_id": number,
                "newsletter_id": newsletter_id,
                "state": SubscriptionState.UNSUBSCRIBED if has_left else SubscriptionState.ACTIVE,
                "cadence": {"daily": Cadence.DAILY, "ai": Cadence.EACH}.get(
                    newsletter_id, Cadence.WEEKLY
                ),
                "topics": "",
                "language": "ja",
                "joined_at_mark": 0,
                "served_through": 0,
                "created_at": at,
                "confirmed_at": at + timedelta(minutes=5),
                "ended_at": at + (NOW - at) / 2 if has_left else None,
                "consent_source": "bench",
                "consent_text": "",
                "consent_at": at,
            }


def _find_day(number: int) -> datetime:
    return NOW - timedelta(seconds=number * 7919 % (_DAYS * 86_400))


def _find_slot(number: int) -> datetime:
    return NOW - timedelta(hours=12 * (EDITIONS - number) + 6)


def _describe_edition(number: int) -> dict[str, object]:
    slot_at = _find_slot(number)
    return {
        "edition_id": number,
        "newsletter_id": "weekly",
        "cadence": Cadence.WEEKLY,
        "key": f"bench-{number}",
        "trigger": Trigger.SCHEDULE,
        "state": EditionState.FINISHED,
        "slot_at": slot_at,
        "freeze_at": slot_at,
        "mark": 0,
        "subject": "",
        "intro": "",
        "audience": {"cadences": [], "topics": [], "names_posts": False},
        "reason": "",
        "frozen_through": READERS,
        "created_at": slot_at,
        "frozen_at": slot_at,
        "finished_at": slot_at + timedelta(minutes=20),
        "readers": _count_readers(number),
    }


def _describe_variant(number: int) -> dict[str, object]:
    return {
        "variant_id": number,
        "edition_id": number,
        "key": "bench",
        "language": "ja",
        "subject": f"今週のまとめ 第{number}号",
        "preheader": "",
        "html": "<p>今週の記事をお届けします。</p>" * 1_000,
        "text": "今週の記事をお届けします。\n" * 500,
        "post_ids": _list_posts(number),
    }


def _describe_batch(number: int) -> dict[str, object]:
    return {
        "batch_id": number,
        "kind": BatchKind.EDITION,
        "edition_id": number,
        "variant_id": number,
        "ordinal": 1,
        "key": f"bench-{number}",
        "account": "bench",
        "state": BatchState.SETTLED,
        "attempt": 1,
        "created_at": _find_slot(number),
        "first_claimed_at": _find_slot(number),
        "body_digest": "",
        "detail": "",
    }


def _list_posts(number: int) -> list[int]:
    return [(number * 5 + one) % (FILES - 2) + 1 for one in range(_POSTS_IN_EACH)]


def _count_readers(number: int) -> int:
    return READERS if number > EDITIONS - LARGE else SMALL_READERS


def _fill_editions(connection: Connection) -> None:
    """The posts of each edition, and what they said."""
    rows = (
        {"edition_id": number, "post_id": post_id, "position": position}
        for number in range(1, EDITIONS + 1)
        for position, post_id in enumerate(_list_posts(number))
    )
    _insert(connection, edition_posts, rows)
    names = ["edition_id", "post_id", "title", "summary", "text", "mailed_at"]
    said = (
        select(
            edition_posts.c.edition_id,
            posts.c.post_id,
            posts.c.title,
            posts.c.summary,
            bodies.c.text,
            editions.c.frozen_at,
        )
        .join(posts, posts.c.post_id == edition_posts.c.post_id)
        .join(bodies, bodies.c.post_id == edition_posts.c.post_id)
        .join(editions, editions.c.edition_id == edition_posts.c.edition_id)
    )
    connection.execute(insert(mailed_texts).from_select(names, said))


def _deliver(connection: Connection, through: int, above: int, readers: int) -> None:
    """The first so many readers had each of these editions; one mail in fifty came back."""
    comes_back = (subscriptions.c.subscriber_id + editions.c.edition_id) % 50 == 0
    rows = (
        select(
            editions.c.edition_id,
            subscriptions.c.subscriber_id,
            subscriptions.c.subscription_id,
            editions.c.edition_id,
            editions.c.edition_id,
            case(
                (comes_back, literal(DeliveryState.BOUNCED.value)),
                else_=literal(DeliveryState.ACCEPTED.value),
            ),
            literal(""),
            literal(""),
        )
        .select_from(editions.join(subscriptions, true()))
        .where(
            subscriptions.c.newsletter_id == "weekly",
            subscriptions.c.subscriber_id <= readers,
            editions.c.edition_id > above,
            editions.c.edition_id <= through,
        )
        # The rows of an edition lie together, as a freeze writes them.
        .order_by(editions.c.edition_id)
    )
    names = ["edition_id", "subscriber_id", "subscription_id", "variant_id", "batch_id", "state",
             "reason", "provider_message_id"]  # fmt: skip
    connection.execute(insert(deliveries).from_select(names, rows))
