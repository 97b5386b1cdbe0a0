"""A batch claimed for one attempt and addressed, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.delivery.envelope import compose_envelope
from service.delivery.limits import find_turn_length
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import may_replay
from service.model.delivery import Batch
from service.store import claims, outcomes
from service.store.batches import find_batch_key
from service.store.buckets import take_turn
from service.store.editions import find_edition
from service.store.installation import require_no_send_hold, step_mark
from service.store.notices import find_notice_content
from service.store.rows import list_planned_rows


def take_batch(connection: Connection, bag: Mailbag, batch_id: int, now: datetime) -> Batch | None:
    """Take the batch and, where calls are counted, the account's turn: both or neither.

    Raises SendHoldError while the database may be a copy of one that already sent.
    """
    step_mark(connection)
    require_no_send_hold(connection)
    account, rate = bag.provider.account, bag.provider.capabilities.rate
    with connection.begin_nested() as taking:
        batch = claims.claim_batch(
            connection, batch_id, now=now, claimed_until=now + bag.claim_for, account=account
        )
        if batch is None or rate is None:
            return batch
        lasts_for = find_turn_length(rate, batch.size)
        if not take_turn(connection, account, lasts_for=lasts_for, now=now):
            taking.rollback()
            return None
        return batch


def address_batch(
    connection: Connection, bag: Mailbag, batch: Batch, now: datetime
) -> dict[str, Any] | None:
    """Fix who gets the batch, in the claim's own transaction; None when nobody is left.

    Consent and suppression are read here, when the envelope is written; a replay repeats it.
    """
    rows = claims.list_willing_rows(connection, batch)
    if len(rows) < batch.size:
        claims.suppress_rows(connection, batch)
        rows = list_planned_rows(connection, batch)
    if not rows:
        outcomes.settle_empty(connection, batch, now)
        return None
    key = find_batch_key(connection, batch.batch_id)
    return compose_envelope(
        rows,
        kind=batch.kind,
        # What was provably not taken may go out changed, so it goes under another key.
        key=f"{key}-a{batch.attempt}",
        name=_find_name(connection, batch),
        head=bag.head,
        now=now,
    )


def _find_name(connection: Connection, batch: Batch) -> str:
    if batch.edition_id is None:
        return find_notice_content(connection, batch.batch_id)[0]
    return find_edition(connection, batch.edition_id).newsletter_id


def is_key_forgotten(connection: Connection, bag: Mailbag, batch: Batch, now: datetime) -> bool:
    """Whether a replay waited, for its account or for a person, until its key protects nobody."""
    first_claimed_at = claims.find_first_claimed_at(connection, batch.batch_id)
    same_key_for = bag.provider.capabilities.same_key_for
    return first_claimed_at is None or not may_replay(first_claimed_at, same_key_for, now)
