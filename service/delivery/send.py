"""One batch on its way: claim, bytes, provider, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from service.delivery.envelope import Letterhead, compose_envelope, open_envelope
from service.delivery.limits import find_turn_length, weigh_refusal
from service.delivery.reconcile import may_replay
from service.errors import (
    DeliveryError,
    NotAllowedError,
    NotSentError,
    RefusedError,
    UnsupportedError,
    UnsureError,
)
from service.model.delivery import Batch, BatchKind, Refusal, Scope
from service.model.edition import EditionState, Rendered
from service.model.message import OutgoingBatch
from service.providers.base import Outcome, Provider
from service.store import accounts, claims, outcomes
from service.store.batches import find_batch_key
from service.store.buckets import take_turn
from service.store.database import Database
from service.store.editions import find_edition, find_variant, move_edition
from service.store.installation import require_no_send_hold, step_mark
from service.store.notices import find_notice_content
from service.store.refusals import find_refused_since, note_refused
from service.store.rows import list_planned_rows

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

Insist = Callable[[Callable[[], "Ending"]], "Ending"]
"""Writes down how an attempt ended, and again when the database could not take it."""

_UNKNOWN_LIMIT = 3
"""So many calls in a row that nobody can vouch for, and the account waits for a person."""

_KEY_IS_FORGOTTEN = "it waited so long that the provider may have forgotten its key"

_DATABASE_WAS_AWAY = "the database did not answer before the first byte"

_BACK_OFF = timedelta(seconds=5)
_LONGEST_BACK_OFF = timedelta(minutes=10)


class Ending(StrEnum):
    """How one attempt at a batch ended."""

    NOT_CLAIMED = "not claimed"
    EMPTY = "empty"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mailbag:
    """How mail leaves here: through whom, under which letterhead, and within which times.

    `claim_for` is longer than `total_for`, our own total deadline for the call: else
    ValueError is raised.
    """

    provider: Provider
    head: Letterhead
    total_for: timedelta = timedelta(seconds=60)
    claim_for: timedelta = timedelta(seconds=150)

    def __post_init__(self) -> None:
        if self.claim_for <= self.total_for:
            raise ValueError("a claim must last longer than the call it is for")


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
        batch = _claim(connection, bag, batch_id, clock())
        if batch is None:
            return Ending.NOT_CLAIMED
        sent_before = claims.find_envelope(connection, batch_id)
        envelope = sent_before or _address(connection, bag, batch, clock())
        if envelope is None:
            return Ending.EMPTY
        claims.record_claimed(connection, batch, envelope)
        if sent_before is not None and _is_key_forgotten(connection, bag, batch, clock()):
            outcomes.record_unsure(connection, batch, _KEY_IS_FORGOTTEN, clock())
            return Ending.UNKNOWN
    attempt = _Attempt(
        database, bag, batch, clock, envelope=envelope, is_replay=sent_before is not None
    )
    ending = insist(attempt.run())
    log.info("batch attempted", batch_id=batch_id, attempt=batch.attempt, ending=ending.value)
    return ending


def _claim(connection: Connection, bag: Mailbag, batch_id: int, now: datetime) -> Batch | None:
    """Take the batch and, where calls are counted, the account's turn: both or neither."""
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


def _is_key_forgotten(connection: Connection, bag: Mailbag, batch: Batch, now: datetime) -> bool:
    """Whether a replay waited, for its account or for a person, until its key protects nobody."""
    first_claimed_at = claims.find_first_claimed_at(connection, batch.batch_id)
    same_key_for = bag.provider.capabilities.same_key_for
    return first_claimed_at is None or not may_replay(first_claimed_at, same_key_for, now)


def _address(
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


def find_wait(attempt: int) -> timedelta:
    """How long a batch waits after an attempt that failed: twice as long each time, to a limit."""
    doublings = min(attempt - 1, 10)
    return min(_BACK_OFF * (1 << doublings), _LONGEST_BACK_OFF)


class _Attempt:
    """One claimed batch between the claim and the record."""

    def __init__(
        self,
        database: Database,
        bag: Mailbag,
        batch: Batch,
        clock: Clock,
        *,
        envelope: Mapping[str, Any],
        is_replay: bool,
    ) -> None:
        self._database = database
        self._bag = bag
        self._batch = batch
        self._clock = clock
        self._envelope = envelope
        self._is_replay = is_replay

    def run(self) -> Callable[[], Ending]:
        """Send; what is returned records the end, by what it proves, and may be called again."""
        try:
            outcome = self._send()
        except RefusedError as error:
            return partial(self._record_refused, error.refusal)
        except UnsupportedError as error:
            return partial(self._stop_edition, str(error))
        except NotSentError as error:
            return partial(self._record_not_sent, str(error))
        except _ClaimLostError as error:
            return partial(self._record_not_sent, str(error))
        except UnsureError as error:
            return partial(self._record_unsure, str(error))
        except DeliveryError as error:
            return partial(self._stop_edition, str(error))
        except (OperationalError, InterfaceError):
            # A provider has no database: it was asked for what to send, or for the claim.
            return partial(self._record_not_sent, _DATABASE_WAS_AWAY)
        return partial(self._record_accepted, outcome)

    def _send(self) -> Outcome:
        prepared = self._bag.provider.prepare(self._open())
        ready = partial(self._record_digest, prepared.digest)
        return self._bag.provider.send(prepared, total_for=self._bag.total_for, ready=ready)

    def _open(self) -> OutgoingBatch:
        with self._database.reading() as connection:
            content = self._find_content(connection)
        ring = self._bag.head.key_ring
        return open_envelope(self._envelope, self._batch.edition_id, content, ring)

    def _find_content(self, connection: Connection) -> Rendered:
        if self._batch.kind is BatchKind.NOTICE:
            return find_notice_content(connection, self._batch.batch_id)[1]
        if self._batch.variant_id is None:
            raise DeliveryError(f"batch {self._batch.batch_id} has no variant")
        return find_variant(connection, self._batch.variant_id).rendered

    def _record_digest(self, digest: str) -> None:
        """Write down, right before the first byte, what is sent; a replay must be the same bytes.

        A claim that was lost, or would run out before the call does, sends nothing.
        """
        with self._database.writing() as connection:
            until = self._clock() + self._bag.total_for
            if claims.record_body_digest(connection, self._batch, digest, until):
                return
            sent_before = claims.find_body_digest(connection, self._batch.batch_id)
        if sent_before not in ("", digest):
            raise DeliveryError("the replay would differ from what was sent: settle it by hand")
        raise _ClaimLostError

    def _record_accepted(self, outcome: Outcome) -> Ending:
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

    def _record_refused(self, refusal: Refusal) -> Ending:
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

    def _record_account_refused(
        self, connection: Connection, refusal: Refusal, now: datetime
    ) -> None:
        self._put_back(connection, refusal.detail, None)
        self._hold_account(connection, refusal, now)

    def _hold_account(self, connection: Connection, refusal: Refusal, now: datetime) -> None:
        account = self._batch.account
        if refusal.retry_after is not None:
            accounts.delay_account(connection, account, now + refusal.retry_after)
            return
        accounts.pause_account(connection, account, refusal.detail, now)
        log.error("account paused", account=account, code=refusal.code)

    def _record_not_sent(self, detail: str) -> Ending:
        with self._database.writing() as connection:
            self._put_back(connection, detail, self._clock() + find_wait(self._batch.attempt))
        return Ending.NOT_SENT

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

    def _record_unsure(self, detail: str) -> Ending:
        now = self._clock()
        with self._database.writing() as connection:
            again_at = now + find_wait(self._batch.attempt)
            if outcomes.record_unsure(connection, self._batch, detail, now, not_before=again_at):
                self._count_unknown(connection, detail, now)
        return Ending.UNKNOWN

    def _count_unknown(self, connection: Connection, detail: str, now: datetime) -> None:
        if accounts.count_unknown(connection, self._batch.account) >= _UNKNOWN_LIMIT:
            reason = f"{_UNKNOWN_LIMIT} calls in a row had no clear answer: {detail}"
            accounts.pause_account(connection, self._batch.account, reason, now)
            log.error("account paused", account=self._batch.account, code="unclear")

    def _stop_edition(self, detail: str) -> Ending:
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


def _list_account_refusals(outcome: Outcome) -> list[Refusal]:
    """What was said of the account, once each, the longest wait last."""
    said = {refusal for refusal in outcome.refusals.values() if refusal.scope is Scope.ACCOUNT}
    return sorted(said, key=lambda refusal: refusal.retry_after or timedelta.max)


class _ClaimLostError(NotAllowedError):
    """The claim ran out, or another attempt has the batch; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("the claim ran out before the first byte")
