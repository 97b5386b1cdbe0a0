"""What a provider tells of mail it took → deliveries, suppressions, readers who leave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from service.delivery.judging import Judgement, is_worn_out, judge_event
from service.model.delivery import TAKEN, BatchKind, DeliveryState
from service.model.event import EventKind, ProviderEvent, digest_address
from service.model.subscriber import SuppressionReason
from service.store import reported
from service.store.address_changes import list_former_addresses
from service.store.audience import lock_subscriptions
from service.store.bounces import forget_soft_bounces, record_soft_bounce
from service.store.database import Database
from service.store.erasures import complete_erasures
from service.store.event_counts import add_event_counts
from service.store.events import record_events
from service.store.feedback import record_feedback
from service.store.happenings import tell_of_complaint
from service.store.reported import ReportedRow, SentBatch
from service.store.subscription_states import end_subscriptions
from service.store.suppressions import Suppression, add_suppression

log = structlog.get_logger(__name__)

_ATTEMPT = re.compile(r"-a[0-9]{1,9}$")
"""What a batch's key ends in when it is sent: each attempt at what was not taken has its own."""


_BELIEVED_WITHIN = timedelta(days=4)

_COUNTED = frozenset(
    {
        EventKind.DELIVERED,
        EventKind.BOUNCED,
        EventKind.REJECTED,
        EventKind.FAILED,
        EventKind.DEFERRED,
        EventKind.COMPLAINED,
        EventKind.UNSUBSCRIBED,
    }
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What one callback came to, in numbers of events by kind: seen before, not ours, applied."""

    applied: Counter[EventKind] = field(default_factory=Counter)
    repeated: Counter[EventKind] = field(default_factory=Counter)
    strange: Counter[EventKind] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Told:
    """An event with the row it is about and what follows from it."""

    event: ProviderEvent
    row: ReportedRow
    judgement: Judgement


def apply_events(
    database: Database, source: str, events: Sequence[ProviderEvent], now: datetime
) -> Applied:
    """Apply what the provider `source` reports, each event once, in one transaction.

    Only to batches that left through an account of it; everything else is only counted. Whatever
    an event says, the provider had the mail: a row of which nobody knew it is accepted.
    """
    with database.writing() as connection:
        fresh = _leave_repeated(connection, source, events, now)
        told = _find_rows(connection, source, fresh)
        is_settled = _record_rows(connection, told, now)
        _record_readers(connection, source, told, now)
        # Last, so that another callback of the edition waits for as short a time as can be.
        add_event_counts(connection, _count_by_hour(told, now))
    if is_settled:
        # Apart, because it takes batches again, after readers.
        with database.writing() as connection:
            complete_erasures(connection)
    applied = _count(one.event for one in told)
    return Applied(
        applied=applied,
        repeated=_count(events) - _count(fresh),
        strange=_count(fresh) - applied,
    )


def _count(events: Iterable[ProviderEvent]) -> Counter[EventKind]:
    return Counter(event.kind for event in events)


def _count_by_hour(
    told: Iterable[_Told], now: datetime
) -> Counter[tuple[int, datetime, EventKind]]:
    """Events of editions by the hour in which they happened; none that tell what a reader does."""
    counts: Counter[tuple[int, datetime, EventKind]] = Counter()
    for one in told:
        if one.row.edition_id is not None and one.event.kind in _COUNTED:
            hour_at = _find_moment(one.event, now).replace(minute=0, second=0, microsecond=0)
            counts[one.row.edition_id, hour_at, one.event.kind] += 1
    return counts


def _leave_repeated(
    connection: Connection, source: str, events: Sequence[ProviderEvent], now: datetime
) -> list[ProviderEvent]:
    by_id = {event.event_id: event for event in events}
    new = record_events(connection, source, by_id, now)
    return [event for event_id, event in by_id.items() if event_id in new]


def _find_rows(connection: Connection, source: str, events: Sequence[ProviderEvent]) -> list[_Told]:
    batches = _find_batches(connection, source, events)
    rows = _read_rows(connection, events, batches)
    members = _Members(connection)
    told = []
    for event in events:
        batch = batches.get(_find_key(event))
        if batch is None:
            continue
        row = members.find(batch, event) if event.row_id is None else None
        if event.row_id is not None:
            row = rows.get((batch.kind, event.row_id))
        # What was halved since is in another batch, but still of this edition.
        if row is not None and row.edition_id == batch.edition_id:
            told.append(_Told(event, row, judge_event(event)))
    return told


def _find_batches(
    connection: Connection, source: str, events: Iterable[ProviderEvent]
) -> dict[str, SentBatch]:
    keys = {_find_key(event) for event in events} - {""}
    found = reported.find_sent_batches(connection, keys)
    return {key: one for key, one in found.items() if one.account.partition(":")[0] == source}


def _find_key(event: ProviderEvent) -> str:
    """The key of a batch; empty for what no key of ours looks like, and no database might take."""
    key = event.batch_key
    return _ATTEMPT.sub("", key) if key.isascii() and key.isprintable() else ""


def _read_rows(
    connection: Connection, events: Iterable[ProviderEvent], batches: Mapping[str, SentBatch]
) -> dict[tuple[BatchKind, int], ReportedRow]:
    ids: dict[BatchKind, set[int]] = {}
    for event in events:
        batch = batches.get(_find_key(event))
        if batch is not None and event.row_id is not None:
            ids.setdefault(batch.kind, set()).add(event.row_id)
    return {
        (kind, row.row_id): row
        for kind, row_ids in ids.items()
        for row in reported.list_reported_rows(connection, kind, row_ids)
    }


class _Members:
    """The rows of batches, read when an event does not say which of them it is about."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._by_digest: dict[int, dict[str, ReportedRow]] = {}

    def find(self, batch: SentBatch, event: ProviderEvent) -> ReportedRow | None:
        """The row of the reader whose address the event has the digest of."""
        if batch.batch_id not in self._by_digest:
            self._by_digest[batch.batch_id] = {
                digest_address(row.address): row
                for row in reported.list_batch_rows(self._connection, batch)
                if row.address is not None
            }
        return self._by_digest[batch.batch_id].get(event.address_digest)


def _record_rows(connection: Connection, told: Sequence[_Told], now: datetime) -> bool:
    """Move the rows; whether a batch of which nobody knew is settled by it."""
    by_kind = {kind: [one for one in told if one.row.kind is kind] for kind in BatchKind}
    row_ids = {kind: {one.row.row_id for one in ours} for kind, ours in by_kind.items()}
    batch_ids = reported.lock_batches(connection, row_ids)
    settled = 0
    for kind, ours in by_kind.items():
        settled += reported.settle_rows(connection, kind, row_ids[kind])
        for (state, reason), ids in _group(ours).items():
            record_feedback(connection, ids, state, kind=kind, reason=reason)
    return bool(settled and reported.settle_told_batches(connection, now, among=batch_ids))


def _group(told: Iterable[_Told]) -> dict[tuple[DeliveryState, str], set[int]]:
    """Rows by where they go and why, in the order in which a mail goes through its states."""
    groups: dict[tuple[DeliveryState, str], set[int]] = {}
    for one in told:
        if one.judgement.state is not None:
            key = (one.judgement.state, one.judgement.reason)
            groups.setdefault(key, set()).add(one.row.row_id)
    return dict(sorted(groups.items(), key=lambda group: TAKEN.index(group[0][0])))


def _record_readers(
    connection: Connection, source: str, told: Sequence[_Told], now: datetime
) -> None:
    leaving = {one.row.subscriber_id for one in told if one.judgement.leaves}
    # In one order everywhere, so that nobody ever waits for each other: batches, subscriptions,
    # readers, and of each the lowest number first.
    lock_subscriptions(connection, {id_ for id_ in leaving if id_ is not None})
    blamed = {one.row.subscriber_id for one in told if one.judgement.blames_somebody}
    addresses = reported.lock_readers(connection, {id_ for id_ in blamed if id_ is not None})
    former = _digest_former(connection, addresses)
    for one in sorted(told, key=lambda one: one.row.subscriber_id or 0):
        if one.event.address_digest in former.get(one.row.subscriber_id or 0, ()):
            continue
        if one.judgement.leaves and one.row.subscriber_id is not None:
            end_subscriptions(connection, one.row.subscriber_id, now)
        reason = one.judgement.suppress
        if one.judgement.is_soft and _is_given_up(connection, one, now):
            reason = SuppressionReason.SOFT_BOUNCES
        address = addresses.get(one.row.subscriber_id or 0, one.row.address)
        if reason is not None and address is not None:
            _suppress(connection, source, one, address, reason, now)
    alive = [one.row.subscriber_id for one in told if one.judgement.is_alive]
    forget_soft_bounces(connection, {id_ for id_ in alive if id_ is not None})


def _digest_former(
    connection: Connection, addresses: Mapping[int, str | None]
) -> dict[int, frozenset[str]]:
    """The digests of addresses that readers have left: what comes back from one blames no other."""
    found = list_former_addresses(connection, addresses.keys())
    return {
        id_: frozenset(digest_address(one) for one in former if one != addresses[id_])
        for id_, former in found.items()
    }


def _is_given_up(connection: Connection, one: _Told, now: datetime) -> bool:
    """Count the day of a soft bounce; whether it was one too many."""
    if one.row.subscriber_id is None:
        return False
    day = _find_moment(one.event, now).date()
    return is_worn_out(record_soft_bounce(connection, one.row.subscriber_id, day))


def _find_moment(event: ProviderEvent, now: datetime) -> datetime:
    """When an event happened, as far as that can be believed."""
    happened_at = event.occurred_at or now
    # Clocks differ, and a callback may be repeated for days: what is further off is not believed.
    return happened_at if abs(now - happened_at) <= _BELIEVED_WITHIN else now


def _suppress(
    connection: Connection,
    source: str,
    one: _Told,
    address: str,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    where = "a notice" if one.row.edition_id is None else f"edition {one.row.edition_id}"
    note = f"{source} of {where}: {one.judgement.reason}"
    if add_suppression(connection, Suppression(address, None, reason, note, now)):
        log.info("address suppressed", source=source, reason=reason.value)
        if reason is SuppressionReason.COMPLAINT and one.row.subscriber_id is not None:
            tell_of_complaint(connection, one.row.subscriber_id, now)
    if one.row.subscriber_id is not None:
        # Whoever takes it off the list again lets it begin anew.
        forget_soft_bounces(connection, [one.row.subscriber_id])
