"""One batch on its way: claim, bytes, provider, record."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from service.delivery.attempt import Attempt
from service.delivery.claiming import address_batch, is_key_forgotten, take_batch
from service.delivery.mailbag import Clock, Mailbag
from service.delivery.recording import Ending
from service.store import claims, outcomes
from service.store.database import Database

log = structlog.get_logger(__name__)

Insist = Callable[[Callable[[], Ending]], Ending]
"""Writes down how an attempt ended, and again when the database could not take it."""

_KEY_IS_FORGOTTEN = "it waited so long that the provider may have forgotten its key"


def record_once(record: Callable[[], Ending]) -> Ending:
    """Write down how an attempt ended; what goes wrong with that is raised."""
    return record()


def send_batch(
    database: Database, bag: Mailbag, batch_id: int, clock: Clock, insist: Insist = record_once
) -> Ending:
    """Make one attempt at a batch, if it may leave; every outcome ends up in the ledger.

    What is written down last goes through `insist`: an answer that is lost leaves the batch
    unknown. Raises SendHoldError while the database may be a copy of one that already sent.
    """
    with database.writing() as connection:
        batch = take_batch(connection, bag, batch_id, clock())
        if batch is None:
            return Ending.NOT_CLAIMED
        sent_before = claims.find_envelope(connection, batch_id)
        envelope = sent_before or address_batch(connection, bag, batch, clock())
        if envelope is None:
            return Ending.EMPTY
        claims.record_claimed(connection, batch, envelope)
        if sent_before is not None and is_key_forgotten(connection, bag, batch, clock()):
            outcomes.record_unsure(connection, batch, _KEY_IS_FORGOTTEN, clock())
            return Ending.UNKNOWN
    attempt = Attempt(database, bag, batch, envelope, sent_before is not None, clock)
    ending = insist(attempt.run())
    log.info("batch attempted", batch_id=batch_id, attempt=batch.attempt, ending=ending.value)
    return ending
