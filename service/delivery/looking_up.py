"""Unknown batches looked up in the provider's own log: what that proves, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from service.errors import DeliveryError
from service.model.delivery import DeliveryState
from service.providers.base import Capabilities, Provider
from service.providers.looking_up import LogReader, Sought
from service.store import outcomes, unknowns
from service.store.accounting import finish_editions
from service.store.batches import find_batch
from service.store.claims import find_envelope
from service.store.database import Database
from service.store.rows import list_row_ids
from service.store.unknowns import Unknown

log = structlog.get_logger(__name__)

_AT_A_TIME = 2
"""Look-ups in one go: whoever asks has mail to send as well."""

_TOTAL_FOR = timedelta(seconds=20)
_AGAIN_AFTER = timedelta(minutes=5)
_MARGIN = timedelta(minutes=5)
"""Added to what a provider says of its log, for clocks that differ."""

_NOT_IN_LOG = "the provider's log does not have it"
_PARTLY_IN_LOG = "the provider's log does not have all of it"


def look_up_unknown(database: Database, provider: Provider, now: datetime) -> list[int]:
    """Ask the provider's log about batches whose claim is over; those that are settled now.

    What is found was accepted. What is not found was refused only when the log is complete.
    """
    capabilities = provider.capabilities
    if not (capabilities.looks_up and isinstance(provider, LogReader)):
        return []
    with database.reading() as connection:
        due = unknowns.list_to_look_up(connection, provider.account, now, _AT_A_TIME)
    return [
        one.batch_id
        for one in due
        if _look_up(database, provider, one, now, is_log_complete(capabilities, one, now))
    ]


def is_log_complete(capabilities: Capabilities, one: Unknown, now: datetime) -> bool:
    """Whether what the log does not show was certainly not taken.

    Nothing is under way to it any more, and nothing is forgotten yet.
    """
    lag, kept_for = capabilities.log_complete_after, capabilities.log_kept_for
    if lag is None or kept_for is None:
        return False
    arrived_at = one.claimed_until + lag + _MARGIN
    return arrived_at <= now < one.first_claimed_at + kept_for - _MARGIN


def _look_up(
    database: Database, reader: LogReader, one: Unknown, now: datetime, is_complete: bool
) -> bool:
    with database.writing() as connection:
        if not unknowns.claim_look_up(connection, one, now, now + _AGAIN_AFTER):
            return False
        envelope = find_envelope(connection, one.batch_id)
    if envelope is None:
        return False
    recipients = {row[3]: row[0] for row in envelope["rows"]}
    try:
        found = reader.look_up(
            Sought(envelope["key"], one.first_claimed_at, recipients), total_for=_TOTAL_FOR
        )
    except DeliveryError as error:
        log.warning("a look-up had no answer", batch_id=one.batch_id, reason=str(error))
        return False
    return _record(database, one, found, now, is_complete)


def _record(
    database: Database, one: Unknown, found: Mapping[int, str], now: datetime, is_complete: bool
) -> bool:
    """Settle what the log's answer settles; whether nothing of the batch is unknown any more."""
    with database.writing() as connection:
        batch = find_batch(connection, one.batch_id)
        if batch.attempt != one.attempt:
            return False
        asked = list_row_ids(connection, batch, (DeliveryState.UNKNOWN,))
        missing = dict.fromkeys((id_ for id_ in asked if id_ not in found), _PARTLY_IN_LOG)
        if len(missing) < len(asked):
            outcomes.record_outcome(
                connection,
                batch,
                message_ids={id_: found[id_] for id_ in asked if id_ in found},
                refusals={},
                unsure=missing,
                again_at=now + _AGAIN_AFTER,
                now=now,
            )
        if missing and is_complete:
            outcomes.record_not_sent(
                connection, batch, detail=_NOT_IN_LOG, not_before=None, now=now
            )
        finish_editions(connection, now)
    is_settled = is_complete or not missing
    log.info("batch looked up", batch_id=one.batch_id, found=len(found), settled=is_settled)
    return is_settled
