"""The ledger: batches claimed, sent, recorded; every row counted at every commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from service.model.delivery import (
    Accounting,
    Batch,
    BatchKind,
    BatchState,
    DeliveryState,
    Refusal,
)
from service.model.edition import EditionState
from service.model.subscriber import SubscriptionState
from service.store.tables import (
    accounts,
    attempts,
    batches,
    deliveries,
    editions,
    installation,
    notices,
    subscribers,
    subscriptions,
    suppressions,
)

_OPEN_EDITIONS = (EditionState.FROZEN, EditionState.SENDING)
_IN_FLIGHT = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Row:
    """One delivery or notice of a batch, with where it goes."""

    row_id: int
    subscriber_id: int
    subscription_id: int
    address: str


def list_due_batches(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Batches that may be claimed now, oldest first."""
    query = (
        select(batches.c.batch_id)
        .where(*_is_claimable(now))
        .order_by(batches.c.not_before, batches.c.batch_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def find_next_batch_at(connection: Connection, now: datetime) -> datetime | None:
    """When the next batch that has to wait may leave; None when none waits for a time."""
    query = select(func.min(batches.c.not_before)).where(
        batches.c.state == BatchState.PLANNED, batches.c.not_before > now
    )
    return connection.execute(query).scalar()


def find_batch(connection: Connection, batch_id: int) -> Batch:
    """One batch with its size."""
    row = connection.execute(select(batches).where(batches.c.batch_id == batch_id)).mappings().one()
    rows = _rows_of(BatchKind(row["kind"]))
    size = connection.execute(
        select(func.count()).select_from(rows).where(rows.c.batch_id == batch_id)
    ).scalar_one()
    return Batch(
        batch_id=batch_id,
        kind=BatchKind(row["kind"]),
        edition_id=row["edition_id"],
        variant_id=row["variant_id"],
        account=row["account"],
        state=BatchState(row["state"]),
        attempt=row["attempt"],
        claimed_until=row["claimed_until"],
        not_before=row["not_before"],
        size=size,
    )


def claim_batch(
    connection: Connection,
    batch_id: int,
    *,
    now: datetime,
    claimed_until: datetime,
    account: str | None = None,
) -> Batch | None:
    """Take a batch for one attempt; None when another worker has it or it may not leave.

    `account` is whom it is to be sent through. A batch that another account may have taken
    already is not claimed for it: the key that would protect it is known only there.
    """
    may_have_it = or_(batches.c.account == account, batches.c.first_claimed_at.is_(None))
    claimed = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch_id,
            *_is_claimable(now),
            *([] if account is None else [may_have_it]),
        )
        .values(
            state=BatchState.CLAIMED,
            attempt=batches.c.attempt + 1,
            claimed_until=claimed_until,
            first_claimed_at=func.coalesce(batches.c.first_claimed_at, now),
        )
    )
    if claimed.rowcount != 1:
        return None
    batch = find_batch(connection, batch_id)
    connection.execute(
        insert(attempts).values(
            batch_id=batch_id, attempt=batch.attempt, claimed_at=now, outcome="", detail=""
        )
    )
    if batch.edition_id is not None:
        connection.execute(
            update(editions)
            .where(
                editions.c.edition_id == batch.edition_id,
                editions.c.state == EditionState.FROZEN,
            )
            .values(state=EditionState.SENDING)
        )
    return batch


def find_envelope(connection: Connection, batch_id: int) -> dict[str, Any] | None:
    """Exactly what was sent to whom at the first attempt; None before there was one."""
    query = select(batches.c.envelope).where(batches.c.batch_id == batch_id)
    found: dict[str, Any] | None = connection.execute(query).scalar_one()
    return found


def find_body_digest(connection: Connection, batch_id: int) -> str:
    """The hash of the bytes that were sent; empty before anything was."""
    query = select(batches.c.body_digest).where(batches.c.batch_id == batch_id)
    return str(connection.execute(query).scalar_one())


def find_batch_key(connection: Connection, batch_id: int) -> tuple[str, datetime]:
    """The batch's own key, and when it was planned."""
    query = select(batches.c.key, batches.c.created_at).where(batches.c.batch_id == batch_id)
    row = connection.execute(query).one()
    return row.key, row.created_at


def suppress_rows(connection: Connection, batch: Batch) -> int:
    """End the rows of readers who left, or must not be written to, since they were planned."""
    if batch.kind is BatchKind.NOTICE:
        return _suppress_notices(connection, batch.batch_id)
    left = 0
    for reason, condition in (
        ("suppressed", _is_suppressed()),
        ("unsubscribed", _has_left()),
    ):
        ended = and_(
            deliveries.c.batch_id == batch.batch_id,
            deliveries.c.state == DeliveryState.PLANNED,
            condition,
        )
        if connection.execute(select(deliveries.c.delivery_id).where(ended).limit(1)).first():
            left += _end_deliveries(connection, ended, DeliveryState.SUPPRESSED, reason)
    return left


def list_planned_rows(connection: Connection, batch: Batch) -> list[Row]:
    """The rows of a batch that are still to be sent, with their addresses."""
    if batch.kind is BatchKind.NOTICE:
        query = select(notices.c.notice_id, notices.c.address).where(
            notices.c.batch_id == batch.batch_id, notices.c.state == DeliveryState.PLANNED
        )
        return [Row(row.notice_id, 0, 0, row.address) for row in connection.execute(query)]
    query = (
        select(
            deliveries.c.delivery_id,
            deliveries.c.subscriber_id,
            deliveries.c.subscription_id,
            subscribers.c.address,
        )
        .join(subscribers, subscribers.c.subscriber_id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.batch_id == batch.batch_id,
            deliveries.c.state == DeliveryState.PLANNED,
        )
        .order_by(deliveries.c.delivery_id)
    )
    return [Row(*row) for row in connection.execute(query)]


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


def record_claimed(connection: Connection, batch: Batch, envelope: Mapping[str, Any]) -> None:
    """Store what will be sent, and mark the rows as in a worker's hands."""
    chosen = batches.c.batch_id == batch.batch_id
    connection.execute(update(batches).where(chosen).values(envelope=dict(envelope)))
    _move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.CLAIMED)


def record_body_digest(connection: Connection, batch: Batch, digest: str) -> bool:
    """Store the hash of the request's bytes while the claim still holds; False when it does not."""
    stored = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch.batch_id,
            batches.c.attempt == batch.attempt,
            batches.c.state == BatchState.CLAIMED,
        )
        .values(body_digest=digest)
    )
    return stored.rowcount == 1


def holds_claim(connection: Connection, batch: Batch, now: datetime) -> bool:
    """Whether this attempt is still the batch's own, with time left."""
    query = select(batches.c.batch_id).where(
        batches.c.batch_id == batch.batch_id,
        batches.c.attempt == batch.attempt,
        batches.c.state == BatchState.CLAIMED,
        batches.c.claimed_until > now,
    )
    return connection.execute(query).first() is not None


def record_outcome(
    connection: Connection,
    batch: Batch,
    *,
    message_ids: Mapping[int, str],
    refusals: Mapping[int, Refusal],
    now: datetime,
) -> bool:
    """Record that the provider took the batch; False when this attempt is no longer its last.

    Rows refused for good end so; rows refused for now wait in a batch of their own.
    """
    if not _settle(connection, batch, now, "accepted", ""):
        return False
    for row_id, refusal in refusals.items():
        _record_refused_row(connection, batch, row_id, refusal, now)
    _move_rows(connection, batch, _IN_FLIGHT, DeliveryState.ACCEPTED)
    _record_message_ids(connection, batch, message_ids)
    _cancel_if_closed(connection, batch)
    connection.execute(
        update(accounts).where(accounts.c.account == batch.account).values(unknown_in_a_row=0)
    )
    return True


def record_batch_refused(
    connection: Connection, batch: Batch, refusal: Refusal, now: datetime
) -> list[int]:
    """Record that the batch as such was refused: halve it, until the bad row stands alone.

    Returns the ids of the halves, none when it was a single row, which ends refused.
    """
    if not _settle(connection, batch, now, "refused", refusal.detail):
        return []
    row_ids = _list_row_ids(connection, batch, _IN_FLIGHT)
    if len(row_ids) < 2:
        for row_id in row_ids:
            _record_refused_row(connection, batch, row_id, refusal, now)
        return []
    middle = len(row_ids) // 2
    halves = [
        _cut_batch(connection, batch, part, None, now)
        for part in (row_ids[:middle], row_ids[middle:])
    ]
    _cancel_if_closed(connection, batch)
    return halves


def record_not_sent(
    connection: Connection,
    batch: Batch,
    *,
    detail: str,
    not_before: datetime | None,
    now: datetime,
) -> None:
    """Put a batch back that provably was not taken; its next attempt reads consent anew.

    Does nothing when this attempt is no longer the batch's last.
    """
    put_back = connection.execute(
        update(batches)
        .where(*_is_undecided(batch))
        .values(
            state=BatchState.PLANNED,
            claimed_until=None,
            first_claimed_at=None,
            not_before=not_before,
            envelope=None,
            body_digest="",
            detail=detail,
        )
    )
    if put_back.rowcount == 1:
        _move_rows(connection, batch, _IN_FLIGHT, DeliveryState.PLANNED)
        _end_attempt(connection, batch, "not sent", detail, now)
        _cancel_if_closed(connection, batch)


def record_unsure(
    connection: Connection,
    batch: Batch,
    detail: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> None:
    """Record that nobody can say whether the batch was taken.

    `not_before` is when it may be asked again at the earliest, where that can be asked.
    """
    moved = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch.batch_id,
            batches.c.attempt == batch.attempt,
            batches.c.state == BatchState.CLAIMED,
        )
        .values(state=BatchState.UNKNOWN, claimed_until=None, detail=detail, not_before=not_before)
    )
    if moved.rowcount == 1:
        _move_rows(connection, batch, (DeliveryState.CLAIMED,), DeliveryState.UNKNOWN)
        _end_attempt(connection, batch, "unknown", detail, now)


def expire_claims(connection: Connection, now: datetime) -> list[int]:
    """Make claims that ran out unknown: their worker may have died before or after the wire."""
    query = select(batches.c.batch_id).where(
        batches.c.state == BatchState.CLAIMED, batches.c.claimed_until <= now
    )
    expired = list(connection.execute(query).scalars())
    for batch_id in expired:
        batch = find_batch(connection, batch_id)
        record_unsure(connection, batch, "the claim ran out before an answer was recorded", now)
    return expired


def list_unknown_batches(connection: Connection, account: str) -> list[tuple[int, datetime]]:
    """Unknown batches of an account whose edition goes on, with when each was first claimed."""
    query = (
        select(batches.c.batch_id, batches.c.first_claimed_at)
        .where(
            batches.c.state == BatchState.UNKNOWN,
            batches.c.account == account,
            or_(batches.c.edition_id.is_(None), _has_open_edition()),
        )
        .order_by(batches.c.batch_id)
    )
    return [(row.batch_id, row.first_claimed_at) for row in connection.execute(query)]


def plan_replay(connection: Connection, batch_id: int) -> None:
    """Put an unknown batch back to be sent again exactly as it was, under the same key."""
    batch = find_batch(connection, batch_id)
    connection.execute(
        update(batches)
        .where(batches.c.batch_id == batch_id, batches.c.state == BatchState.UNKNOWN)
        .values(state=BatchState.PLANNED)
    )
    _move_rows(connection, batch, (DeliveryState.UNKNOWN,), DeliveryState.PLANNED)


def settle_empty(connection: Connection, batch: Batch, now: datetime) -> None:
    """End a batch all of whose readers left before it was claimed."""
    _settle(connection, batch, now, "nobody left", "")


def end_notice(connection: Connection, batch: Batch, refusal: Refusal) -> None:
    """End a notice that was put back and that no provider will ever take."""
    ended = connection.execute(
        update(batches)
        .where(batches.c.batch_id == batch.batch_id, batches.c.state == BatchState.PLANNED)
        .values(state=BatchState.SETTLED, detail=refusal.detail)
    )
    if ended.rowcount == 1:
        _move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.REFUSED)


def lock_planned_batches(connection: Connection, edition_id: int) -> None:
    """Keep workers from claiming the edition's batches until the transaction ends."""
    connection.execute(
        select(batches.c.batch_id)
        .where(batches.c.edition_id == edition_id, batches.c.state == BatchState.PLANNED)
        .order_by(batches.c.batch_id)
        .with_for_update()
    ).all()


def cancel_rows(connection: Connection, edition_id: int) -> int:
    """End every row of an edition that no worker has taken yet; how many there were.

    A batch that waits to be asked again under its key may have been taken: it is unknown.
    """
    lock_planned_batches(connection, edition_id)
    _withdraw_replays(connection, edition_id)
    planned = and_(
        deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.PLANNED
    )
    cancelled = _end_deliveries(connection, planned, DeliveryState.CANCELLED, "cancelled")
    connection.execute(
        update(batches)
        .where(batches.c.edition_id == edition_id, batches.c.state == BatchState.PLANNED)
        .values(state=BatchState.SETTLED, detail="cancelled")
    )
    return cancelled


def count_deliveries(connection: Connection, edition_id: int) -> Accounting:
    """The accounting of one edition, from its rows."""
    query = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    counts = {DeliveryState(state): count for state, count in connection.execute(query)}
    return Accounting(
        frozen=sum(counts.values()),
        accepted=counts.get(DeliveryState.ACCEPTED, 0),
        refused=counts.get(DeliveryState.REFUSED, 0),
        suppressed=counts.get(DeliveryState.SUPPRESSED, 0),
        cancelled=counts.get(DeliveryState.CANCELLED, 0),
        unknown=counts.get(DeliveryState.UNKNOWN, 0),
        waiting=counts.get(DeliveryState.PLANNED, 0) + counts.get(DeliveryState.CLAIMED, 0),
    )


def finish_editions(connection: Connection, now: datetime) -> list[int]:
    """Finish every frozen or sending edition with nothing waiting and nothing unknown."""
    unsettled = exists().where(
        deliveries.c.edition_id == editions.c.edition_id,
        deliveries.c.state.in_(
            (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
        ),
    )
    query = select(editions.c.edition_id).where(editions.c.state.in_(_OPEN_EDITIONS), ~unsettled)
    finished = list(connection.execute(query).scalars())
    if finished:
        connection.execute(
            update(editions)
            .where(editions.c.edition_id.in_(finished))
            .values(state=EditionState.FINISHED, finished_at=now)
        )
    return finished


def _withdraw_replays(connection: Connection, edition_id: int) -> None:
    waiting = select(batches.c.batch_id).where(
        batches.c.edition_id == edition_id,
        batches.c.state == BatchState.PLANNED,
        batches.c.first_claimed_at.is_not(None),
    )
    for batch_id in connection.execute(waiting).scalars().all():
        batch = find_batch(connection, batch_id)
        connection.execute(
            update(batches).where(batches.c.batch_id == batch_id).values(state=BatchState.UNKNOWN)
        )
        _move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.UNKNOWN)


def _cancel_if_closed(connection: Connection, batch: Batch) -> None:
    """End what comes back to an edition that was cancelled while it was under way."""
    query = select(editions.c.state).where(editions.c.edition_id == batch.edition_id)
    if connection.execute(query).scalar() == EditionState.CANCELLED and batch.edition_id:
        cancel_rows(connection, batch.edition_id)


def _has_open_edition() -> ColumnElement[bool]:
    return exists().where(
        editions.c.edition_id == batches.c.edition_id,
        editions.c.state != EditionState.CANCELLED,
    )


def _is_undecided(batch: Batch) -> list[ColumnElement[bool]]:
    """The attempt is the batch's last, and nobody has said yet how it ended."""
    return [
        batches.c.batch_id == batch.batch_id,
        batches.c.attempt == batch.attempt,
        batches.c.state.in_((BatchState.CLAIMED, BatchState.UNKNOWN)),
    ]


def _is_claimable(now: datetime) -> list[ColumnElement[bool]]:
    edition_is_open = exists().where(
        editions.c.edition_id == batches.c.edition_id, editions.c.state.in_(_OPEN_EDITIONS)
    )
    account_waits = exists().where(
        accounts.c.account == batches.c.account,
        or_(accounts.c.paused_at.is_not(None), accounts.c.not_before > now),
    )
    return [
        batches.c.state == BatchState.PLANNED,
        or_(batches.c.not_before.is_(None), batches.c.not_before <= now),
        or_(batches.c.edition_id.is_(None), edition_is_open),
        ~account_waits,
    ]


def _rows_of(kind: BatchKind) -> Table:
    return deliveries if kind is BatchKind.EDITION else notices


def _row_id(kind: BatchKind) -> ColumnElement[int]:
    return deliveries.c.delivery_id if kind is BatchKind.EDITION else notices.c.notice_id


def _is_suppressed() -> ColumnElement[bool]:
    return exists().where(
        subscribers.c.subscriber_id == deliveries.c.subscriber_id,
        or_(
            subscribers.c.address.is_(None),
            exists().where(suppressions.c.address == subscribers.c.address),
        ),
    )


def _has_left() -> ColumnElement[bool]:
    return exists().where(
        subscriptions.c.subscription_id == deliveries.c.subscription_id,
        subscriptions.c.state != SubscriptionState.ACTIVE,
    )


def _suppress_notices(connection: Connection, batch_id: int) -> int:
    suppressed = exists().where(suppressions.c.address == notices.c.address)
    return connection.execute(
        update(notices)
        .where(
            notices.c.batch_id == batch_id,
            notices.c.state == DeliveryState.PLANNED,
            suppressed,
        )
        .values(state=DeliveryState.SUPPRESSED, reason="suppressed")
    ).rowcount


def _end_deliveries(
    connection: Connection, chosen: ColumnElement[bool], state: DeliveryState, reason: str
) -> int:
    """End rows short of acceptance, giving back to their readers what they did not get."""
    _give_back(connection, chosen)
    return connection.execute(
        update(deliveries).where(chosen).values(state=state, reason=reason)
    ).rowcount


def _give_back(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Move readers back to where the edition found them, unless something later moved them."""
    served_from = (
        select(deliveries.c.served_from)
        .join(editions, editions.c.edition_id == deliveries.c.edition_id)
        .where(
            chosen,
            deliveries.c.served_from.is_not(None),
            deliveries.c.subscription_id == subscriptions.c.subscription_id,
            editions.c.mark == subscriptions.c.served_through,
        )
        .correlate(subscriptions)
    )
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscription_id.in_(select(deliveries.c.subscription_id).where(chosen)),
            served_from.exists(),
        )
        .values(served_through=served_from.scalar_subquery())
    )


def _move_rows(
    connection: Connection,
    batch: Batch,
    states: Sequence[DeliveryState],
    state: DeliveryState,
) -> None:
    rows = _rows_of(batch.kind)
    connection.execute(
        update(rows)
        .where(rows.c.batch_id == batch.batch_id, rows.c.state.in_(states))
        .values(state=state)
    )


def _list_row_ids(
    connection: Connection, batch: Batch, states: Collection[DeliveryState]
) -> list[int]:
    rows, row_id = _rows_of(batch.kind), _row_id(batch.kind)
    query = (
        select(row_id)
        .where(rows.c.batch_id == batch.batch_id, rows.c.state.in_(list(states)))
        .order_by(row_id)
    )
    return list(connection.execute(query).scalars())


def _settle(connection: Connection, batch: Batch, now: datetime, outcome: str, detail: str) -> bool:
    """End a batch by its attempt number: also a late answer, when the claim had run out."""
    settled = connection.execute(
        update(batches)
        .where(*_is_undecided(batch))
        # Nobody replays a settled batch, so the addresses in its envelope need not stay.
        .values(state=BatchState.SETTLED, claimed_until=None, detail=detail, envelope=None)
    )
    if settled.rowcount == 1:
        _end_attempt(connection, batch, outcome, detail, now)
    return settled.rowcount == 1


def _end_attempt(
    connection: Connection, batch: Batch, outcome: str, detail: str, now: datetime
) -> None:
    connection.execute(
        update(attempts)
        .where(attempts.c.batch_id == batch.batch_id, attempts.c.attempt == batch.attempt)
        .values(ended_at=now, outcome=outcome, detail=detail)
    )


def _record_refused_row(
    connection: Connection, batch: Batch, row_id: int, refusal: Refusal, now: datetime
) -> None:
    if refusal.retry_after is not None:
        _cut_batch(connection, batch, [row_id], now + refusal.retry_after, now)
        return
    chosen = _row_id(batch.kind) == row_id
    if batch.kind is BatchKind.EDITION:
        _end_deliveries(connection, chosen, DeliveryState.REFUSED, refusal.code)
        return
    connection.execute(
        update(notices).where(chosen).values(state=DeliveryState.REFUSED, reason=refusal.code)
    )


def _cut_batch(
    connection: Connection,
    batch: Batch,
    row_ids: Sequence[int],
    not_before: datetime | None,
    now: datetime,
) -> int:
    """Move rows into a batch of their own, planned anew."""
    ordinal = find_next_ordinal(connection, batch.edition_id)
    source_key, _ = find_batch_key(connection, batch.batch_id)
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
        "body_digest": "",
        "detail": "",
    }
    statement = insert(batches).values(values).returning(batches.c.batch_id)
    batch_id = int(connection.execute(statement).scalar_one())
    rows = _rows_of(batch.kind)
    for start in range(0, len(row_ids), 500):
        connection.execute(
            update(rows)
            .where(_row_id(batch.kind).in_(row_ids[start : start + 500]))
            .values(batch_id=batch_id, state=DeliveryState.PLANNED)
        )
    return batch_id


def _record_message_ids(
    connection: Connection, batch: Batch, message_ids: Mapping[int, str]
) -> None:
    """Store the provider's own ids; one statement when it has one for the whole batch."""
    rows, row_id = _rows_of(batch.kind), _row_id(batch.kind)
    distinct = set(message_ids.values())
    for message_id in distinct:
        chosen = rows.c.batch_id == batch.batch_id
        if len(distinct) > 1:
            owners = [id_ for id_, value in message_ids.items() if value == message_id]
            chosen = row_id.in_(owners)
        connection.execute(update(rows).where(chosen).values(provider_message_id=message_id))
