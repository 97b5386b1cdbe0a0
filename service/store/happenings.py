"""What webhooks are told of each thing that happens, recorded in the transaction it happens in.

Addresses are not written down a second time: what says whose a subscription is, is looked up when
a message leaves, so that nothing of an erased reader is left in any.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from service.model.delivery import Accounting, BatchKind, BatchState, DeliveryState
from service.model.edition import Candidate, Edition, EditionState
from service.model.subscriber import SubscriptionState
from service.model.webhook import LeftFor, WebhookEvent, WebhookMessage
from service.store.among import is_among
from service.store.rows import rows_of
from service.store.tables import attempts, batches, editions, posts, subscribers, subscriptions
from service.store.webhook_messages import (
    record_event,
    record_events,
    write_body,
    write_moment,
)
from service.store.webhooks import list_wanting

_AT_A_TIME = 1000
_MOST_POSTS = 100
"""Posts that a message names; how many there are it says apart."""

_TOPIC_SEPARATOR = "\n"
_DRAFTED = (EditionState.DRAFT, EditionState.WAITING, EditionState.HELD)
_OF_READERS = (WebhookEvent.SUBSCRIBER_CONFIRMED, WebhookEvent.SUBSCRIBER_LEFT)


def tell_of_published(connection: Connection, post_ids: Collection[int], now: datetime) -> None:
    """Feeds show these posts from now on; those that were there before us are not told."""
    record_events(
        connection, WebhookEvent.POST_PUBLISHED, _describe_posts(connection, post_ids), now
    )


def tell_of_drafted(
    connection: Connection, edition: Edition, candidates: Sequence[Candidate]
) -> None:
    """An edition was opened, and an editor may look at it; what is empty or merged is none."""
    if edition.state in _DRAFTED:
        data = {
            **_name_edition(edition),
            "state": edition.state.value,
            "leaves_at": write_moment(edition.freeze_at),
            "needs_approval": edition.approved_at is None,
            "post_count": len(candidates),
            "posts": [
                {"post_id": one.post_id, "title": one.title, "url": one.url}
                for one in (candidate.post for candidate in candidates[:_MOST_POSTS])
            ],
        }
        record_event(connection, WebhookEvent.EDITION_DRAFTED, data, edition.created_at)


def tell_of_sent(
    connection: Connection, edition: Edition, accounting: Accounting, now: datetime
) -> None:
    """An edition is finished; once more after a person retried what was missing of it."""
    counts = {name: getattr(accounting, name) for name in Accounting.__slots__}
    data = {**_name_edition(edition), "finished_at": write_moment(now), "readers": counts}
    record_event(connection, WebhookEvent.EDITION_SENT, data, now)


def tell_of_confirmed(
    connection: Connection, subscription_ids: Collection[int], now: datetime
) -> None:
    """Readers said themselves that they want these; who was brought in by others did not."""
    chosen = subscriptions.c.subscription_id.in_(subscription_ids)
    happened = _describe_subscriptions(connection, chosen, {})
    record_events(connection, WebhookEvent.SUBSCRIBER_CONFIRMED, happened, now)


def tell_of_left(
    connection: Connection, chosen: ColumnElement[bool], reason: LeftFor, now: datetime
) -> None:
    """Those of these subscriptions that are active end in a moment, or need not be served now.

    For an erased reader also those that ended before: whoever keeps a copy is to erase it too.
    """
    is_active = subscriptions.c.state == SubscriptionState.ACTIVE
    was_active = subscriptions.c.confirmed_at.is_not(None)
    counts = is_active | was_active if reason is LeftFor.ERASED else is_active
    happened = _describe_subscriptions(connection, chosen & counts, {"reason": reason.value})
    record_events(connection, WebhookEvent.SUBSCRIBER_LEFT, happened, now)


def tell_of_complaint(connection: Connection, subscriber_id: int, now: datetime) -> None:
    """A reader called our mail spam: they are written to no more, and should be by nobody else."""
    chosen = subscriptions.c.subscriber_id == subscriber_id
    tell_of_left(connection, chosen, LeftFor.COMPLAINT, now)


def tell_of_unknown(connection: Connection, batch_id: int, now: datetime) -> None:
    """Nobody can say whether a batch was taken; told once of each, however often it is tried."""
    if not list_wanting(connection, WebhookEvent.DELIVERY_UNKNOWN):
        return
    tries = select(func.count()).where(
        attempts.c.batch_id == batch_id, attempts.c.outcome == "unknown"
    )
    if connection.execute(tries).scalar() != 1:
        return
    query = (
        select(batches, editions.c.newsletter_id)
        .outerjoin(editions, editions.c.edition_id == batches.c.edition_id)
        .where(batches.c.batch_id == batch_id, batches.c.state == BatchState.UNKNOWN)
    )
    row = connection.execute(query).mappings().first()
    if row is not None:
        data = {
            "batch_id": batch_id,
            "edition_id": row["edition_id"],
            "newsletter": row["newsletter_id"],
            "account": row["account"],
            "mails": _count_unknown(connection, batch_id, BatchKind(row["kind"])),
            "detail": row["detail"],
        }
        record_event(connection, WebhookEvent.DELIVERY_UNKNOWN, data, now)


def complete_body(connection: Connection, message: WebhookMessage) -> str:
    """The body of a message as it leaves: with whose subscription it is, unless they are erased."""
    if message.event not in _OF_READERS:
        return message.body
    body = json.loads(message.body)
    body["data"] |= _describe_reader(connection, body["data"]["subscription_id"])
    return write_body(body)


def _count_unknown(connection: Connection, batch_id: int, kind: BatchKind) -> int:
    rows = rows_of(kind)
    query = select(func.count()).where(
        rows.c.batch_id == batch_id, rows.c.state == DeliveryState.UNKNOWN
    )
    return int(connection.execute(query).scalar_one())


def _describe_posts(
    connection: Connection, post_ids: Collection[int]
) -> Iterator[dict[str, object]]:
    ordered = sorted(post_ids)
    for start in range(0, len(ordered), _AT_A_TIME):
        query = (
            select(posts)
            .where(
                is_among(connection, posts.c.post_id, ordered[start : start + _AT_A_TIME]),
                posts.c.is_known.is_(False),
            )
            .order_by(posts.c.published_at, posts.c.post_id)
        )
        for row in connection.execute(query).mappings():
            yield {
                "post_id": row["post_id"],
                "guid": row["uid"],
                "title": row["title"],
                "url": row["url"],
                "summary": row["summary"],
                "language": row["language"],
                "published_at": write_moment(row["published_at"]),
                "categories": row["categories"],
                "tags": row["tags"],
            }


def _name_edition(edition: Edition) -> dict[str, object]:
    return {
        "edition_id": edition.edition_id,
        "newsletter": edition.newsletter_id,
        "cadence": edition.cadence and edition.cadence.value,
        "trigger": edition.trigger.value,
        "subject": edition.subject,
    }


def _describe_subscriptions(
    connection: Connection, chosen: ColumnElement[bool], more: dict[str, object]
) -> Iterator[dict[str, object]]:
    query = select(
        subscriptions.c.subscription_id,
        subscriptions.c.subscriber_id,
        subscriptions.c.newsletter_id.label("newsletter"),
    ).where(chosen)
    # Who presses twice at once has left once: the second waits here, and finds it ended.
    query = query.with_for_update(key_share=True)
    rows = connection.execute(query.order_by(subscriptions.c.subscription_id)).mappings()
    for row in rows.all():
        yield {**row, **more}


def _describe_reader(connection: Connection, subscription_id: int) -> dict[str, Any]:
    query = (
        select(subscriptions, subscribers.c.address, subscribers.c.erased_at)
        .join(subscribers, subscribers.c.subscriber_id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.subscription_id == subscription_id)
    )
    row = connection.execute(query).mappings().first()
    if row is None or row["erased_at"] is not None or row["address"] is None:
        return {"address": None}
    return {
        "address": row["address"],
        "language": row["language"],
        "cadence": row["cadence"],
        "topics": row["topics"].split(_TOPIC_SEPARATOR) if row["topics"] else [],
        "confirmed_at": row["confirmed_at"] and write_moment(row["confirmed_at"]),
        "consent": {"source": row["consent_source"], "given_at": write_moment(row["consent_at"])},
    }
