"""The mails of an edition without their bytes: what they show, and for how many."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from service.model.newsletter import Cadence
from service.store.tables import deliveries, subscriptions, variants


@dataclass(frozen=True, slots=True)
class Carried:
    """Readers who were sent one variant, and choose alike now; `topics` as they are stored."""

    variant_id: int
    cadence: Cadence
    topics: str
    readers: int


def list_carried(connection: Connection, edition_id: int) -> list[Carried]:
    """Deliveries of an edition by variant and by what their readers choose now.

    Whatever became of them; what was chosen at the freeze is not kept.
    """
    alike = (deliveries.c.variant_id, subscriptions.c.cadence, subscriptions.c.topics)
    query = (
        select(*alike, func.count().label("readers"))
        .join(subscriptions, subscriptions.c.subscription_id == deliveries.c.subscription_id)
        .where(deliveries.c.edition_id == edition_id)
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Carried(row.variant_id, Cadence(row.cadence), row.topics, row.readers)
        for row in connection.execute(query)
    ]


def has_variants(connection: Connection, edition_id: int) -> bool:
    """Whether any mail of the edition was made already."""
    query = select(variants.c.variant_id).where(variants.c.edition_id == edition_id)
    return connection.execute(query.limit(1)).first() is not None


def list_shown_post_ids(connection: Connection, edition_id: int) -> set[int]:
    """Every post that some mail of the edition shows."""
    query = select(variants.c.post_ids).where(variants.c.edition_id == edition_id)
    return {post_id for shown in connection.execute(query).scalars() for post_id in shown}
