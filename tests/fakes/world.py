"""A small publication in a database: posts, readers and editions with fixed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from service.delivery.drafted import Drafted, Freezing, ReadHtml
from service.delivery.freeze import freeze_edition
from service.model.edition import (
    Audience,
    Candidate,
    Edition,
    EditionState,
    Rendered,
    Trigger,
)
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Body, Post
from service.model.subscriber import Consent, SubscriptionState
from service.store import editions, news, posts
from service.store.database import Database
from service.store.new_subscriptions import NewSubscription, add_subscriptions
from service.store.wake import Wake

NOON = datetime(2025, 10, 13, 12, tzinfo=UTC)
WEEKLY = Newsletter("weekly", "ウィークリー", "ja", cadences=tuple(Cadence))
CONSENT = Consent("form", "毎週月曜に届きます", NOON)


@dataclass
class HandClock:
    """A clock that only a test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def describe_post(number: int) -> Post:
    """A published post that is news."""
    return Post(
        post_id=0,
        uid=f"tag:example.jp,2025:post/{number}",
        path=f"_posts/{number}.md",
        title=f"記事{number}",
        url=f"https://example.jp/{number}",
        summary=f"要約{number}",
        language="ja",
        published_at=NOON - timedelta(hours=1),
        updated_at=NOON - timedelta(hours=1),
        first_seen_at=NOON,
        changed_at=NOON,
        seen_after_at=NOON,
        is_known=False,
        categories=("odd" if number % 2 else "even",),
    )


def add_news(database: Database, *numbers: int, newsletter_id: str = "weekly") -> list[int]:
    """Write posts of these numbers, each a piece of news; their post ids."""
    with database.writing() as connection:
        news.open_newsletter(connection, newsletter_id, NOON)
        ids = [
            posts.insert_post(connection, describe_post(number), Body("<p>本文</p>", "本文"))
            for number in numbers
        ]
        news.record_news(connection, newsletter_id, ids, NOON)
    return ids


def subscribe(
    address: str,
    cadence: Cadence = Cadence.WEEKLY,
    *,
    topics: tuple[str, ...] = (),
    language: str = "ja",
    send_hour: int | None = None,
    state: SubscriptionState = SubscriptionState.ACTIVE,
) -> NewSubscription:
    return NewSubscription(
        address=address,
        name="",
        newsletter_id="weekly",
        state=state,
        cadence=cadence,
        language=language,
        consent=CONSENT,
        topics=topics,
        send_hour=send_hour,
    )


def add_readers(database: Database, wanted: Sequence[NewSubscription]) -> list[int]:
    """Subscribe these; their subscription ids."""
    with database.writing() as connection:
        news.open_newsletter(connection, "weekly", NOON)
        return add_subscriptions(connection, wanted, NOON)[0]


def number_readers(count: int) -> list[NewSubscription]:
    return [subscribe(f"reader{number}@example.jp") for number in range(count)]


def describe_edition(key: str, mark: int, cadence: Cadence | None = Cadence.WEEKLY) -> Edition:
    return Edition(
        edition_id=0,
        newsletter_id="weekly",
        cadence=cadence,
        key=key,
        trigger=Trigger.MANUAL if cadence is None else Trigger.SCHEDULE,
        state=EditionState.WAITING,
        slot_at=NOON,
        freeze_at=NOON,
        mark=mark,
        subject="",
        intro="",
        audience=Audience(names_posts=cadence is None),
        reason="",
        created_at=NOON,
        approved_at=NOON,
    )


def open_edition(
    database: Database, key: str, cadence: Cadence | None = Cadence.WEEKLY, above: int = 0
) -> Edition:
    """An edition with all the news above a number."""
    with database.writing() as connection:
        mark = news.find_mark(connection, "weekly")
        candidates = news.list_candidates(connection, "weekly", above=above, through=mark)
        opened = editions.insert_edition(
            connection, describe_edition(key, mark, cadence), candidates
        )
    assert opened is not None
    return opened


def draft_plainly(
    edition: Edition,
    candidates: Sequence[Candidate],
    language: str,
    _read_html: ReadHtml | None = None,
) -> Drafted:
    """A mail that names its posts."""
    titles = "、".join(candidate.post.title for candidate in candidates)
    rendered = Rendered(titles or edition.intro, "", f"<p>{titles}</p>", titles)
    return Drafted(rendered, language, tuple(candidate.post.post_id for candidate in candidates))


def leave_at_hour(edition: Edition, hour: int | None, zone: str | None) -> datetime | None:
    return None if hour is None else edition.freeze_at.replace(hour=hour)


def wake_nobody(connection: Connection, batch_ids: Sequence[int]) -> None:
    """Tests look at the ledger themselves."""


def freeze_with(
    batch_size: int = 100,
    wake: Wake = wake_nobody,
) -> Freezing:
    return Freezing(
        draft=draft_plainly,
        leaves_at=leave_at_hour,
        batch_size=lambda _: batch_size,
        account="fake",
        key_prefix="kb-test",
        wake=wake,
    )


def freeze(
    database: Database, edition: Edition, batch_size: int = 100, now: datetime = NOON
) -> Edition:
    return freeze_edition(database, edition, WEEKLY, freeze_with(batch_size), now)


def freeze_news(database: Database, readers: int, batch_size: int = 100) -> Edition:
    """One piece of news, so many readers, frozen."""
    add_readers(database, number_readers(readers))
    add_news(database, 1)
    return freeze(database, open_edition(database, "2025-10-13"), batch_size)


def with_intro(edition: Edition, intro: str) -> Edition:
    return replace(edition, intro=intro)
