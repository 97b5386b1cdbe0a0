"""Outcomes: what one attempt at a batch ended in, recorded for the batch and each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, update

from service.model.delivery import Batch, BatchKind, BatchState, DeliveryState, Refusal, Scope
from service.store.batches import cut_batch, end_attempt, end_batch, is_undecided
from service.store.cancelling import cancel_if_closed
from service.store.happenings import tell_of_unknown
from service.store.refusals import find_refused_since
from service.store.reported import settle_told_batches
from service.store.rows import end_deliveries, list_row_ids, move_rows, row_id_of, rows_of
from service.store.tables import accounts, batches, notices

_IN_FLIGHT = (DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
_FOR_NOW = "refused for now"


def record_outcome(
    connection: Connection,
    batch: Batch,
    *,
    message_ids: Mapping[int, str],
    refusals: Mapping[int, Refusal],
    unsure: Mapping[int, str] = MappingProxyType({}),
    again_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Record that the provider took the batch; False when this attempt is no longer its last.

    Rows refused for good end so; those refused for now, or because of the account, wait in
    batches of their own. Rows in `unsure` stay unknown, and their batch with them; `again_at` is
    when it may be asked again at the earliest, where that can be asked.
    """
    ended = (
        _leave_open(connection, batch, next(iter(unsure.values())), again_at, now)
        if unsure
        else end_batch(connection, batch, now, "accepted", "")
    )
    if not ended:
        return False
    _record_refused_rows(connection, batch, refusals, now)
    _record_taken_rows(connection, batch, list(unsure), message_ids)
    if refusals:
        cancel_if_closed(connection, batch)
    if unsure:
        settle_told_batches(connection, now, among=(batch.batch_id,))
        tell_of_unknown(connection, batch.batch_id, now)
    else:
        _forget_unknown(connection, batch.account)
    return True


def record_batch_refused(
    connection: Connection,
    batch: Batch,
    refusal: Refusal,
    now: datetime,
    *,
    is_given_up: bool = False,
) -> list[int]:
    """Record that the batch as such was refused: halve it, until the bad row stands alone.

    Returns the ids of the halves, none when it was a single row, which ends refused, or when
    all of it is given up.
    """
    if not end_batch(connection, batch, now, "refused", refusal.detail):
        return []
    row_ids = list_row_ids(connection, batch, _IN_FLIGHT)
    if len(row_ids) < 2 or is_given_up:
        _record_refused_rows(connection, batch, dict.fromkeys(row_ids, refusal), now)
        return []
    middle = len(row_ids) // 2
    halves = [
        cut_batch(connection, batch, part, None, now)
        for part in (row_ids[:middle], row_ids[middle:])
    ]
    cancel_if_closed(connection, batch)
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
        .where(*is_undecided(batch))
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
        move_rows(connection, batch, _IN_FLIGHT, DeliveryState.PLANNED)
        end_attempt(connection, batch, "not sent", detail, now)
        cancel_if_closed(connection, batch)


def record_unsure(
    connection: Connection,
    batch: Batch,
    detail: str,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> bool:
    """Record that nobody can say whether the batch was taken; False when that was known before.

    `not_before` is when it may be asked again at the earliest, where that can be asked.
    """
    moved = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch.batch_id,
            batches.c.attempt == batch.attempt,
            batches.c.state == BatchState.CLAIMED,
        )
        # The end of its claim stays: only after it a look-up proves anything.
        .values(state=BatchState.UNKNOWN, detail=detail, not_before=not_before)
    )
    if moved.rowcount == 1:
        move_rows(connection, batch, (DeliveryState.CLAIMED,), DeliveryState.UNKNOWN)
        end_attempt(connection, batch, "unknown", detail, now)
        # Events may have told of every mail before the answer was given up for lost.
        settle_told_batches(connection, now, among=(batch.batch_id,))
        tell_of_unknown(connection, batch.batch_id, now)
    return moved.rowcount == 1


def settle_empty(connection: Connection, batch: Batch, now: datetime) -> None:
    """End a batch all of whose readers left before it was claimed."""
    end_batch(connection, batch, now, "nobody left", "")


def end_notice(connection: Connection, batch: Batch, refusal: Refusal) -> None:
    """End a notice that was put back and that no provider will ever take."""
    ended = connection.execute(
        update(batches)
        .where(batches.c.batch_id == batch.batch_id, batches.c.state == BatchState.PLANNED)
        .values(state=BatchState.SETTLED, detail=refusal.detail)
    )
    if ended.rowcount == 1:
        move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.REFUSED)


def _leave_open(
    connection: Connection, batch: Batch, detail: str, again_at: datetime | None, now: datetime
) -> bool:
    # The envelope stays: whoever asks again asks for the whole batch, byte for byte.
    left_open = connection.execute(
        update(batches)
        .where(*is_undecided(batch))
        .values(state=BatchState.UNKNOWN, detail=detail, not_before=again_at)
    )
    if left_open.rowcount == 1:
        end_attempt(connection, batch, "unknown", detail, now)
    return left_open.rowcount == 1


def _record_refused_rows(
    connection: Connection, batch: Batch, refusals: Mapping[int, Refusal], now: datetime
) -> None:
    """End the rows refused for good; cut those that wait into one batch for each time to wait."""
    if not refusals:
        return
    since = find_refused_since(connection, batch.batch_id) or now
    waiting: dict[datetime | None, list[int]] = {}
    # A row that an earlier answer accepted stays so, whatever a replay is told.
    for row_id in list_row_ids(connection, batch, _IN_FLIGHT):
        refusal = refusals.get(row_id)
        if refusal is None:
            continue
        if refusal.scope is Scope.ACCOUNT:
            waiting.setdefault(None, []).append(row_id)
        elif refusal.retry_after is not None:
            waiting.setdefault(now + refusal.retry_after, []).append(row_id)
        else:
            _end_refused_row(connection, batch, row_id, refusal)
    for not_before, row_ids in waiting.items():
        cut_batch(
            connection,
            batch,
            row_ids,
            not_before,
            now,
            detail=_FOR_NOW,
            refused_since_at=since if not_before else None,
        )


def _end_refused_row(connection: Connection, batch: Batch, row_id: int, refusal: Refusal) -> None:
    chosen = row_id_of(batch.kind) == row_id
    if batch.kind is BatchKind.EDITION:
        end_deliveries(connection, chosen, DeliveryState.REFUSED, refusal.code)
        return
    connection.execute(
        update(notices).where(chosen).values(state=DeliveryState.REFUSED, reason=refusal.code)
    )


def _record_taken_rows(
    connection: Connection, batch: Batch, unsure: Sequence[int], message_ids: Mapping[int, str]
) -> None:
    """Mark everybody else as accepted; at once with the id, when there is one for all of them."""
    rows = rows_of(batch.kind)
    distinct = set(message_ids.values())
    shared = {"provider_message_id": distinct.pop()} if len(distinct) == 1 else {}
    connection.execute(
        update(rows)
        .where(
            rows.c.batch_id == batch.batch_id,
            rows.c.state.in_(_IN_FLIGHT),
            row_id_of(batch.kind).not_in(unsure),
        )
        .values(state=DeliveryState.ACCEPTED, **shared)
    )
    if distinct:
        _record_message_ids(connection, batch, message_ids)
    if unsure:
        move_rows(connection, batch, (DeliveryState.CLAIMED,), DeliveryState.UNKNOWN)


def _record_message_ids(
    connection: Connection, batch: Batch, message_ids: Mapping[int, str]
) -> None:
    rows = rows_of(batch.kind)
    connection.execute(
        update(rows)
        .where(row_id_of(batch.kind) == bindparam("owner"))
        .values(provider_message_id=bindparam("message_id")),
        [{"owner": owner, "message_id": id_} for owner, id_ in message_ids.items()],
    )


def _forget_unknown(connection: Connection, account: str) -> None:
    # Written only where there is something to forget: all workers share the account's row.
    connection.execute(
        update(accounts)
        .where(accounts.c.account == account, accounts.c.unknown_in_a_row > 0)
        .values(unknown_in_a_row=0)
    )
