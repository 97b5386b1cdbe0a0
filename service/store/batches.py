"""A batch and its attempts: found, numbered, ended, cut apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, insert, select, update

from service.model.delivery import Batch, BatchKind, BatchState, DeliveryState
from service.model.edition import EditionState
from service.store.parts import split_into_parts
from service.store.rows import row_id_of, rows_of
from service.store.tables import attempts, batches, deliveries, editions, installation, notices

OPEN_EDITIONS = (EditionState.FROZEN, EditionState.SENDING)
"""The states of an edition in which its batches may leave."""


def _count_rows(rows: Table) -> ColumnElement[int]:
    query = select(func.count()).where(rows.c.batch_id == batches.c.batch_id)
    return query.scalar_subquery()


_FIND_BATCH = select(
    batches.c.kind,
    batches.c.edition_id,
    batches.c.variant_id,
    batches.c.account,
    batches.c.state,
    batches.c.attempt,
    batches.c.claimed_until,
    batches.c.not_before,
    # A batch holds rows of one kind only.
    (_count_rows(deliveries) + _count_rows(notices)).label("size"),
).where(batches.c.batch_id == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt at a batch, and what became of it."""

    attempt: int
    claimed_at: datetime
    detail: str


def find_batch(connection: Connection, batch_id: int) -> Batch:
    """One batch with its size."""
    row = connection.execute(_FIND_BATCH, {"wanted": batch_id}).one()
    return Batch(
        batch_id=batch_id,
        kind=BatchKind(row.kind),
        edition_id=row.edition_id,
        variant_id=row.variant_id,
        account=row.account,
        state=BatchState(row.state),
        attempt=row.attempt,
        claimed_until=row.claimed_until,
        not_before=row.not_before,
        size=row.size,
    )


def find_batch_key(connection: Connection, batch_id: int) -> str:
    """The batch's own key."""
    query = select(batches.c.key).where(batches.c.batch_id == batch_id)
    return str(connection.execute(query).scalar_one())


def find_next_ordinal(connection: Connection, edition_id: int | None) -> int:
    """The number the next batch of an edition gets (None: of the notices); nobody else gets it."""
    if edition_id is None:
        connection.execute(select(installation.c.installation_id).with_for_update()).all()
    else:
        chosen = editions.c.edition_id == edition_id
        connection.execute(select(editions.c.edition_id).where(chosen).with_for_update()).all()
    highest = connection.execute(
        select(func.max(batches.c.ordinal)).where(
            batches.c.edition_id.is_not_distinct_from(edition_id)
        )
    ).scalar()
    return 0 if highest is None else int(highest) + 1


def end_batch(
    connection: Connection, batch: Batch, now: datetime, outcome: str, detail: str
) -> bool:
    """End a batch by its attempt number: also a late answer, when the claim had run out."""
    settled = connection.execute(
        update(batches)
        .where(*is_undecided(batch))
        # Nobody replays a settled batch, so the addresses in its envelope need not stay.
        .values(state=BatchState.SETTLED, claimed_until=None, detail=detail, envelope=None)
    )
    if settled.rowcount == 1:
        end_attempt(connection, batch, outcome, detail, now)
    return settled.rowcount == 1


def is_undecided(batch: Batch) -> list[ColumnElement[bool]]:
    """The attempt is the batch's last, and nobody has said yet how it ended."""
    return [
        batches.c.batch_id == batch.batch_id,
        batches.c.attempt == batch.attempt,
        batches.c.state.in_((BatchState.CLAIMED, BatchState.UNKNOWN)),
    ]


def end_attempt(
    connection: Connection, batch: Batch, outcome: str, detail: str, now: datetime
) -> None:
    """Write down how an attempt ended."""
    connection.execute(
        update(attempts)
        .where(attempts.c.batch_id == batch.batch_id, attempts.c.attempt == batch.attempt)
        .values(ended_at=now, outcome=outcome, detail=detail)
    )


def list_attempts(connection: Connection, batch_id: int) -> list[Tried]:
    """Every attempt at a batch, the first first."""
    query = (
        select(attempts.c.attempt, attempts.c.claimed_at, attempts.c.detail)
        .where(attempts.c.batch_id == batch_id)
        .order_by(attempts.c.attempt)
    )
    return [Tried(*row) for row in connection.execute(query)]


def cut_batch(
    connection: Connection,
    batch: Batch,
    row_ids: Sequence[int],
    not_before: datetime | None,
    now: datetime,
    *,
    detail: str = "",
    refused_since_at: datetime | None = None,
) -> int:
    """Move rows into a batch of their own, planned anew; `detail` says why it has to wait.

    `refused_since_at` is when they were first refused for now, if they are.
    """
    ordinal = find_next_ordinal(connection, batch.edition_id)
    source_key = find_batch_key(connection, batch.batch_id)
    number = f"n{ordinal}" if batch.kind is BatchKind.NOTICE else str(ordinal)
    values = {
        "kind": batch.kind,
        "edition_id": batch.edition_id,
        "variant_id": batch.variant_id,
        "ordinal": ordinal,
        "key": f"{source_key.rpartition('-')[0]}-{number}",
        "account": batch.account,
        "state": BatchState.PLANNED,
        "attempt": 0,
        "not_before": not_before,
        "created_at": now,
        "refused_since_at": refused_since_at,
        "body_digest": "",
        "detail": detail,
    }
    statement = insert(batches).values(values).returning(batches.c.batch_id)
    batch_id = int(connection.execute(statement).scalar_one())
    _put_into(connection, batch.kind, row_ids, batch_id)
    return batch_id


def _put_into(
    connection: Connection, kind: BatchKind, row_ids: Sequence[int], batch_id: int
) -> None:
    """Let rows belong to another batch, to be sent with it."""
    for ids in split_into_parts(row_ids):
        connection.execute(
            update(rows_of(kind))
            .where(row_id_of(kind).in_(ids))
            .values(batch_id=batch_id, state=DeliveryState.PLANNED)
        )
