"""The rows that a provider's event is about: found by what was sent along, moved, settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, null, or_, select, update

from service.model.delivery import UNSETTLED, BatchKind, BatchState, DeliveryState
from service.store.batches import end_batch, find_batch
from service.store.parts import split_into_parts
from service.store.rows import row_id_of, rows_of
from service.store.tables import batches, deliveries, notices, subscribers

_EVENTS = "its provider's events tell of every mail in it"

_IS_REPLAY = and_(batches.c.state == BatchState.PLANNED, batches.c.first_claimed_at.is_not(None))


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A batch that was claimed at least once, as an event names it."""

    batch_id: int
    key: str
    kind: BatchKind
    edition_id: int | None
    account: str


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A delivery or notice an event may be about. `subscriber_id` None: nobody has its address.

    `address` None: its reader was erased.
    """

    row_id: int
    kind: BatchKind
    batch_id: int
    edition_id: int | None
    subscriber_id: int | None
    address: str | None
    message_id: str


def find_sent_batches(connection: Connection, keys: Collection[str]) -> dict[str, SentBatch]:
    """Those of these keys under which a batch of ours ever left."""
    columns = (batches.c.batch_id, batches.c.key, batches.c.kind)
    found: dict[str, SentBatch] = {}
    for part in split_into_parts(sorted(keys)):
        query = select(*columns, batches.c.edition_id, batches.c.account).where(
            batches.c.key.in_(part), batches.c.attempt > 0
        )
        for row in connection.execute(query).mappings():
            found[row["key"]] = SentBatch(**{**row, "kind": BatchKind(row["kind"])})
    return found


def list_reported_rows(
    connection: Connection, kind: BatchKind, row_ids: Collection[int]
) -> list[ReportedRow]:
    """The rows of these ids, in whichever batch they are now."""
    id_, found = row_id_of(kind), []
    for part in split_into_parts(sorted(row_ids)):
        found += _read_rows(connection, kind, _select_rows(kind).where(id_.in_(part)))
    return found


def list_batch_rows(connection: Connection, batch: SentBatch) -> list[ReportedRow]:
    """All rows of a batch, for an event that does not say which of them it means."""
    rows = rows_of(batch.kind)
    query = _select_rows(batch.kind).where(rows.c.batch_id == batch.batch_id)
    return _read_rows(connection, batch.kind, query)


def lock_batches(
    connection: Connection, row_ids: Mapping[BatchKind, Collection[int]]
) -> frozenset[int]:
    """Make whoever claims or records these rows wait: they take the batch first, then its rows.

    The ids of the batches in which the rows are; a batch may be cut apart while it is waited for.
    """
    locked: frozenset[int] = frozenset()
    while found := _find_batch_ids(connection, row_ids) - locked:
        for part in split_into_parts(sorted(found)):
            query = select(batches.c.batch_id).where(batches.c.batch_id.in_(part))
            connection.execute(query.order_by(batches.c.batch_id).with_for_update()).all()
        locked |= found
    return locked


def lock_readers(connection: Connection, subscriber_ids: Collection[int]) -> dict[int, str | None]:
    """The addresses of readers, None of those erased since; nobody is erased until we are done."""
    found: dict[int, str | None] = {}
    for part in split_into_parts(sorted(subscriber_ids)):
        query = select(subscribers.c.subscriber_id, subscribers.c.address).where(
            subscribers.c.subscriber_id.in_(part)
        )
        ordered = query.order_by(subscribers.c.subscriber_id)
        rows = connection.execute(ordered.with_for_update(key_share=True))
        found |= {row.subscriber_id: row.address for row in rows}
    return found


def settle_rows(connection: Connection, kind: BatchKind, row_ids: Collection[int]) -> int:
    """Record that the provider has rows of which nobody knew it; how many those were."""
    rows, settled = rows_of(kind), 0
    for part in split_into_parts(sorted(row_ids)):
        settled += connection.execute(
            update(rows)
            .where(row_id_of(kind).in_(part), rows.c.state.in_(UNSETTLED))
            .values(state=DeliveryState.ACCEPTED, reason="")
        ).rowcount
    return settled


def settle_told_batches(
    connection: Connection, now: datetime, among: Collection[int] | None = None
) -> list[int]:
    """End every unknown batch of which no row is unknown any more; their ids.

    Also one that waits to be asked again under its key: its edition may be over by then. Only
    those `among` a few, where these are named.
    """
    is_open = [
        exists().where(rows.c.batch_id == batches.c.batch_id, rows.c.state.in_(UNSETTLED))
        for rows in (deliveries, notices)
    ]
    query = select(batches.c.batch_id).where(
        or_(batches.c.state == BatchState.UNKNOWN, _IS_REPLAY), *(~one for one in is_open)
    )
    if among is not None:
        query = query.where(batches.c.batch_id.in_(sorted(among)))
    told = list(connection.execute(query.order_by(batches.c.batch_id)).scalars())
    for batch_id in told:
        connection.execute(
            update(batches)
            .where(batches.c.batch_id == batch_id, _IS_REPLAY)
            .values(state=BatchState.UNKNOWN)
        )
        end_batch(connection, find_batch(connection, batch_id), now, "accepted", _EVENTS)
    return told


def _find_batch_ids(
    connection: Connection, row_ids: Mapping[BatchKind, Collection[int]]
) -> frozenset[int]:
    found: set[int] = set()
    for kind, ids in row_ids.items():
        for part in split_into_parts(sorted(ids)):
            query = select(rows_of(kind).c.batch_id).where(row_id_of(kind).in_(part))
            found.update(connection.execute(query).scalars())
    return frozenset(found)


def _select_rows(kind: BatchKind) -> Select[Any]:
    if kind is BatchKind.EDITION:
        return select(
            deliveries.c.delivery_id.label("row_id"),
            deliveries.c.batch_id,
            deliveries.c.edition_id,
            deliveries.c.subscriber_id,
            subscribers.c.address,
            deliveries.c.provider_message_id.label("message_id"),
        ).join(subscribers, subscribers.c.subscriber_id == deliveries.c.subscriber_id)
    return select(
        notices.c.notice_id.label("row_id"),
        notices.c.batch_id,
        null().label("edition_id"),
        subscribers.c.subscriber_id,
        notices.c.address,
        notices.c.provider_message_id.label("message_id"),
    ).outerjoin(subscribers, subscribers.c.address == notices.c.address)


def _read_rows(connection: Connection, kind: BatchKind, query: Select[Any]) -> list[ReportedRow]:
    return [ReportedRow(kind=kind, **row) for row in connection.execute(query).mappings()]
