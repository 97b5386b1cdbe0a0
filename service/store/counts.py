"""How much there is of everything: read only, for those who watch over the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, func, select

from service.model.delivery import BatchState, DeliveryState
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.post import Verdict
from service.model.subscriber import SubscriptionState
from service.store.tables import (
    batches,
    deliveries,
    editions,
    files,
    newsletters,
    notices,
    published_files,
    subscriptions,
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows by state; a state that no row is in counts 0."""

    editions: Mapping[str, int]
    deliveries: Mapping[str, int]
    notices: Mapping[str, int]
    batches: Mapping[str, int]
    subscriptions: Mapping[str, int]
    files: Mapping[str, int]
    published_files: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Readers of all newsletters: how many there are, came and left since a moment."""

    active: int
    came: int
    left: int


def count_everything(connection: Connection) -> Counts:
    """Count as of one moment."""
    return Counts(
        editions=_count(connection, editions.c.state, EditionState),
        deliveries=_count(connection, deliveries.c.state, DeliveryState),
        notices=_count(connection, notices.c.state, DeliveryState),
        batches=_count(connection, batches.c.state, BatchState),
        subscriptions=_count(connection, subscriptions.c.state, SubscriptionState),
        files=_count(connection, files.c.verdict, Verdict),
        published_files=connection.scalar(select(func.count()).select_from(published_files)) or 0,
    )


def count_active(connection: Connection, newsletter_id: str, cadence: Cadence) -> int:
    """How many readers take a newsletter at this cadence."""
    query = select(func.count()).where(
        subscriptions.c.newsletter_id == newsletter_id,
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.cadence == cadence,
    )
    return int(connection.execute(query).scalar_one())


def count_growth(connection: Connection, since: datetime) -> Growth:
    """Count subscriptions; one person with two newsletters counts twice."""
    is_active = subscriptions.c.state == SubscriptionState.ACTIVE
    confirmed_at, created_at = subscriptions.c.confirmed_at, subscriptions.c.created_at
    # Newsletter by newsletter, as the indexes have them side by side.
    is_any = subscriptions.c.newsletter_id.in_(select(newsletters.c.newsletter_id))
    came = (
        (confirmed_at > since,),
        (confirmed_at.is_(None), created_at > since),
    )
    has_left = subscriptions.c.state == SubscriptionState.UNSUBSCRIBED
    return Growth(
        active=_count_where(connection, is_any, is_active),
        came=sum(_count_where(connection, is_any, is_active, *each) for each in came),
        left=_count_where(connection, is_any, has_left, subscriptions.c.ended_at > since),
    )


def _count_where(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(subscriptions).where(*conditions)
    return int(connection.execute(query).scalar_one())


def _count(
    connection: Connection,
    column: Column[str],
    states: type[EditionState | DeliveryState | BatchState | SubscriptionState | Verdict],
) -> dict[str, int]:
    counts = {state.value: 0 for state in states}
    query = select(column, func.count()).group_by(column)
    return counts | {str(state): count for state, count in connection.execute(query)}
