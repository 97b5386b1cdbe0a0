"""Readers whom an edition did not reach: found, and planned again where that is not twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, update

from service.model.delivery import BatchState, DeliveryState
from service.model.edition import Edition
from service.model.subscriber import SubscriptionState
from service.store.tables import (
    batches,
    deliveries,
    edition_posts,
    editions,
    subscribers,
    subscriptions,
    suppressions,
)

_NOT_HAD = (DeliveryState.REFUSED, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED)
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Missed:
    """A refused delivery whose reader still wants it and has had its posts from nowhere else."""

    delivery_id: int
    batch_id: int
    variant_id: int


def list_missed(connection: Connection, edition: Edition) -> list[Missed]:
    """Refused deliveries of an edition that may be tried again, by variant.

    Not those of readers who left or are suppressed, nor of those whom anything later moved on
    or brought one of its posts.
    """
    query = (
        select(deliveries.c.delivery_id, deliveries.c.batch_id, deliveries.c.variant_id)
        .join(
            subscriptions,
            subscriptions.c.subscription_id == deliveries.c.subscription_id,
        )
        .join(subscribers, subscribers.c.subscriber_id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition.edition_id,
            deliveries.c.state == DeliveryState.REFUSED,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscribers.c.address.is_not(None),
            ~exists().where(suppressions.c.address == subscribers.c.address),
            or_(
                deliveries.c.served_from.is_(None),
                deliveries.c.served_from == subscriptions.c.served_through,
            ),
            ~_had_since(edition),
        )
        .order_by(deliveries.c.variant_id, deliveries.c.delivery_id)
    )
    return [Missed(**row) for row in connection.execute(query).mappings()]


def plan_missed(connection: Connection, edition: Edition, missed: Sequence[Missed]) -> None:
    """Forget why these were refused, and move their readers to the edition's mark once more."""
    for start in range(0, len(missed), _AT_A_TIME):
        ids = [one.delivery_id for one in missed[start : start + _AT_A_TIME]]
        chosen = deliveries.c.delivery_id.in_(ids)
        connection.execute(
            update(deliveries).where(chosen).values(reason="", provider_message_id="")
        )
        moved = select(deliveries.c.subscription_id).where(
            chosen, deliveries.c.served_from.is_not(None)
        )
        connection.execute(
            update(subscriptions)
            .where(
                subscriptions.c.subscription_id.in_(moved),
                subscriptions.c.served_through < edition.mark,
            )
            .values(served_through=edition.mark)
        )


def hurry_batches(connection: Connection, edition_id: int) -> list[int]:
    """Let batches leave at once that wait because they were refused for now; which they are."""
    hurried = connection.execute(
        update(batches)
        .where(
            batches.c.edition_id == edition_id,
            batches.c.state == BatchState.PLANNED,
            batches.c.first_claimed_at.is_(None),
            batches.c.not_before.is_not(None),
            # Those that wait for their readers' own hour were never tried and have nothing here.
            batches.c.detail != "",
        )
        .values(not_before=None, refused_since_at=None)
        .returning(batches.c.batch_id)
    )
    return sorted(hurried.scalars())


def _had_since(edition: Edition) -> ColumnElement[bool]:
    """Something planned later carries one of the edition's posts to the same reader."""
    later = deliveries.alias("later")
    its_posts = select(edition_posts.c.post_id).where(
        edition_posts.c.edition_id == edition.edition_id,
        edition_posts.c.is_left_out.is_(False),
    )
    carrying = (
        select(edition_posts.c.edition_id)
        .join(editions, editions.c.edition_id == edition_posts.c.edition_id)
        .where(
            editions.c.newsletter_id == edition.newsletter_id,
            edition_posts.c.post_id.in_(its_posts),
        )
    )
    return exists().where(
        and_(
            later.c.subscriber_id == deliveries.c.subscriber_id,
            later.c.delivery_id > deliveries.c.delivery_id,
            later.c.state.not_in(_NOT_HAD),
            later.c.edition_id.in_(carrying),
        )
    )
