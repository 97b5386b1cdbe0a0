"""What became of one reader's mail, and of batches that nobody can vouch for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.store.tables import batches, deliveries, editions, notices, variants


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """One edition to one reader: what it carried, and how that ended."""

    edition_id: int
    newsletter_id: str
    key: str
    subject: str
    post_ids: tuple[int, ...]
    state: DeliveryState
    reason: str
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnknownBatch:
    """A batch of which nobody can say whether the provider took it; `rows` are its readers."""

    batch_id: int
    kind: BatchKind
    edition_id: int | None
    account: str
    rows: int
    first_claimed_at: datetime
    detail: str


def list_past_deliveries(connection: Connection, subscriber_id: int) -> list[PastDelivery]:
    """Every edition planned for one reader, the newest first."""
    query = (
        select(
            deliveries.c.edition_id,
            editions.c.newsletter_id,
            editions.c.key,
            variants.c.subject,
            variants.c.post_ids,
            deliveries.c.state,
            deliveries.c.reason,
            editions.c.frozen_at,
        )
        .join(editions, editions.c.edition_id == deliveries.c.edition_id)
        .join(variants, variants.c.variant_id == deliveries.c.variant_id)
        .where(
            deliveries.c.subscriber_id == subscriber_id,
            # Said so that the unique index answers.
            deliveries.c.edition_id.in_(select(editions.c.edition_id)),
        )
        .order_by(deliveries.c.delivery_id.desc())
    )
    return [
        PastDelivery(
            **{**row, "state": DeliveryState(row["state"]), "post_ids": tuple(row["post_ids"])}
        )
        for row in connection.execute(query).mappings()
    ]


def list_unvouched(connection: Connection) -> list[UnknownBatch]:
    """Every batch whose end is unknown, of whatever account, the oldest first."""
    query = (
        select(
            batches.c.batch_id,
            batches.c.kind,
            batches.c.edition_id,
            batches.c.account,
            batches.c.first_claimed_at,
            batches.c.detail,
        )
        .where(batches.c.state == BatchState.UNKNOWN)
        .order_by(batches.c.batch_id)
    )
    return [
        UnknownBatch(
            **{**row, "kind": BatchKind(row["kind"])},
            rows=_count_rows(connection, row["batch_id"], BatchKind(row["kind"])),
        )
        for row in connection.execute(query).mappings()
    ]


def _count_rows(connection: Connection, batch_id: int, kind: BatchKind) -> int:
    rows = deliveries if kind is BatchKind.EDITION else notices
    query = (
        select(func.count())
        .select_from(rows)
        .where(rows.c.batch_id == batch_id, rows.c.state == DeliveryState.UNKNOWN)
    )
    return int(connection.execute(query).scalar_one())
