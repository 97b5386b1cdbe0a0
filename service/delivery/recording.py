"""How an attempt at a batch ended, written down by what it proves."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from service.delivery.limits import find_wait, weigh_refusal
from service.delivery.mailbag import Clock
from service.model.delivery import Batch, Refusal, Scope
from service.model.edition import EditionState
from service.model.wording import word
from service.providers.base import Outcome
from service.store import accounts, outcomes
from service.store.database import Database
from service.store.editions import find_edition, move_edition
from service.store.refusals import find_refused_since, note_refused

log = structlog.get_logger(__name__)

_UNKNOWN_LIMIT = 3
"""So many calls in a row that nobody can vouch for, and the account waits for a person."""


class Ending(StrEnum):
    """How one attempt at a batch ended."""

    NOT_CLAIMED = "not claimed"
    EMPTY = "empty"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


class Record:
    """Writes down how one attempt ended: one of its ways, again when the database was away."""

    def __init__(self, database: Database, batch: Batch, clock: Clock, *, is_replay: bool) -> None:
        self._database = database
        self._batch = batch
        self._clock = clock
        self._is_replay = is_replay

    def record_accepted(self, outcome: Outcome) -> Ending:
        """Row by row: taken, refused, or nobody can tell."""
        now = self._clock()
        with self._database.writing() as connection:
            since = find_refused_since(connection, self._batch.batch_id)
            outcomes.record_outcome(
                connection,
                self._batch,
                message_ids=outcome.message_ids,
                refusals={
                    row_id: weigh_refusal(refusal, since, now)
                    for row_id, refusal in outcome.refusals.items()
                },
                unsure=outcome.unsure,
                again_at=now + find_wait(self._batch.attempt),
                now=now,
            )
            for refusal in _list_account_refusals(outcome):
                self._hold_account(connection, refusal, now)
            if outcome.unsure:
                self._count_unknown(connection, next(iter(outcome.unsure.values())), now)
        return Ending.UNKNOWN if outcome.unsure else Ending.ACCEPTED

    def record_refused(self, refusal: Refusal) -> Ending:
        """Nobody got it: the batch ends, or waits, or the account does."""
        now = self._clock()
        with self._database.writing() as connection:
            if refusal.scope is Scope.ACCOUNT:
                self._record_account_refused(connection, refusal, now)
            elif self._is_replay:
                wait = refusal.retry_after or find_wait(self._batch.attempt)
                self._put_back(connection, refusal.detail, now + wait)
            elif refusal.retry_after is not None:
                self._record_refused_for_now(connection, refusal, now)
            else:
                outcomes.record_batch_refused(connection, self._batch, refusal, now)
        return Ending.REFUSED

    def record_not_sent(self, detail: str) -> Ending:
        """Nothing left: the batch waits a little, and goes again."""
        with self._database.writing() as connection:
            self._put_back(connection, detail, self._clock() + find_wait(self._batch.attempt))
        return Ending.NOT_SENT

    def record_unsure(self, detail: str) -> Ending:
        """Nobody can vouch for it: it is unknown until somebody can."""
        now = self._clock()
        with self._database.writing() as connection:
            again_at = now + find_wait(self._batch.attempt)
            if outcomes.record_unsure(connection, self._batch, detail, now, not_before=again_at):
                self._count_unknown(connection, detail, now)
        return Ending.UNKNOWN

    def stop_edition(self, detail: str) -> Ending:
        """Put the batch back and wait for a person: sending it again would fail again."""
        with self._database.writing() as connection:
            self._put_back(connection, detail, None)
            if self._batch.edition_id is None:
                refusal = Refusal(Scope.BATCH, "unsupported", detail)
                outcomes.end_notice(connection, self._batch, refusal)
            else:
                edition = find_edition(connection, self._batch.edition_id)
                if edition.state in (EditionState.FROZEN, EditionState.SENDING):
                    move_edition(connection, edition, EditionState.PAUSED, reason=detail)
        log.error("batch cannot be sent", batch_id=self._batch.batch_id, detail=detail)
        return Ending.NOT_SENT

    def _record_account_refused(
        self, connection: Connection, refusal: Refusal, now: datetime
    ) -> None:
        self._put_back(connection, refusal.detail, None)
        self._hold_account(connection, refusal, now)

    def _record_refused_for_now(
        self, connection: Connection, refusal: Refusal, now: datetime
    ) -> None:
        since = find_refused_since(connection, self._batch.batch_id)
        weighed = weigh_refusal(refusal, since, now)
        if weighed.retry_after is None:
            outcomes.record_batch_refused(connection, self._batch, weighed, now, is_given_up=True)
            return
        self._put_back(connection, refusal.detail, now + weighed.retry_after)
        note_refused(connection, self._batch.batch_id, now)

    def _hold_account(self, connection: Connection, refusal: Refusal, now: datetime) -> None:
        account = self._batch.account
        if refusal.retry_after is not None:
            accounts.delay_account(connection, account, now + refusal.retry_after)
            return
        accounts.pause_account(connection, account, refusal.detail, now)
        log.error("account paused", account=account, code=refusal.code)

    def _count_unknown(self, connection: Connection, detail: str, now: datetime) -> None:
        if accounts.count_unknown(connection, self._batch.account) >= _UNKNOWN_LIMIT:
            reason = word(
                "{count} calls in a row had no clear answer: {detail}",
                count=str(_UNKNOWN_LIMIT),
                detail=detail,
            )
            accounts.pause_account(connection, self._batch.account, reason, now)
            log.error("account paused", account=self._batch.account, code="unclear")

    def _put_back(self, connection: Connection, detail: str, not_before: datetime | None) -> None:
        now = self._clock()
        if self._is_replay:
            # That this attempt was not taken says nothing about the one before it.
            again_at = not_before or now + find_wait(self._batch.attempt)
            outcomes.record_unsure(connection, self._batch, detail, now, not_before=again_at)
            return
        outcomes.record_not_sent(
            connection, self._batch, detail=detail, not_before=not_before, now=now
        )


def _list_account_refusals(outcome: Outcome) -> list[Refusal]:
    """What was said of the account, once each, the longest wait last."""
    said = {refusal for refusal in outcome.refusals.values() if refusal.scope is Scope.ACCOUNT}
    return sorted(said, key=lambda refusal: refusal.retry_after or timedelta.max)
