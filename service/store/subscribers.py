"""Readers and their subscriptions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)

from service.model.delivery import BatchState, DeliveryState
from service.model.newsletter import Cadence
from service.model.subscriber import Consent, Subscriber, Subscription, SubscriptionState
from service.model.webhook import LeftFor
from service.store.address_changes import forget_questions
from service.store.among import is_among
from service.store.bulk import insert_new
from service.store.happenings import tell_of_confirmed, tell_of_left
from service.store.news import find_mark
from service.store.tables import (
    address_changes,
    batches,
    deliveries,
    editions,
    notices,
    past_consents,
    signups,
    subscribers,
    subscriptions,
    suppressions,
)

TOPIC_SEPARATOR = "\n"
"""Between the topics of one subscription in their column; no tag holds a line end."""

_CHUNK = 500

_FORMER_ADDRESSES = (
    select(address_changes.c.old_address)
    .where(address_changes.c.subscriber_id == subscribers.c.subscriber_id)
    .correlate(subscribers)
)
_ADDED_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What somebody asks for: where the mail goes, what, how often, and how we know."""

    address: str
    name: str
    newsletter_id: str
    state: SubscriptionState
    cadence: Cadence
    language: str
    consent: Consent
    topics: tuple[str, ...] = ()
    send_hour: int | None = None
    timezone: str | None = None
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    reader_since: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber with one of their subscriptions."""

    subscriber: Subscriber
    subscription: Subscription
    consent: Consent


def find_subscriber(connection: Connection, address: str) -> Subscriber | None:
    """The reader with this normalised address."""
    query = select(subscribers).where(subscribers.c.address == address)
    row = connection.execute(query).mappings().first()
    return _to_subscriber(row) if row else None


def find_subscriber_by_id(connection: Connection, subscriber_id: int) -> Subscriber | None:
    """The reader with this number, erased or not."""
    query = select(subscribers).where(subscribers.c.subscriber_id == subscriber_id)
    row = connection.execute(query).mappings().first()
    return _to_subscriber(row) if row else None


def find_subscription(connection: Connection, subscription_id: int) -> Reader | None:
    """One subscription with its reader."""
    query = _readers().where(subscriptions.c.subscription_id == subscription_id)
    row = connection.execute(query).mappings().first()
    return _to_reader(row) if row else None


def list_pending(connection: Connection, subscription_ids: Sequence[int]) -> list[Reader]:
    """Those of these subscriptions that wait for a confirmation."""
    found: list[Reader] = []
    for start in range(0, len(subscription_ids), _CHUNK):
        query = _readers().where(
            subscriptions.c.subscription_id.in_(subscription_ids[start : start + _CHUNK]),
            subscriptions.c.state == SubscriptionState.PENDING,
        )
        found += [_to_reader(row) for row in connection.execute(query).mappings()]
    return found


def list_readers_at(connection: Connection, address: str) -> list[Reader]:
    """Every subscription of one address."""
    query = (
        _readers().where(subscribers.c.address == address).order_by(subscriptions.c.subscription_id)
    )
    return [_to_reader(row) for row in connection.execute(query).mappings()]


def stream_readers(connection: Connection, newsletter_id: str | None = None) -> Iterator[Reader]:
    """Every subscription with an address, in order, without holding them all."""
    query = (
        _readers()
        .where(subscribers.c.address.is_not(None))
        .order_by(subscriptions.c.subscription_id)
    )
    if newsletter_id is not None:
        query = query.where(subscriptions.c.newsletter_id == newsletter_id)
    # An option of this statement alone: on the connection it would outlive it.
    rows = connection.execute(query, execution_options={"yield_per": 1000})
    for row in rows.mappings():
        yield _to_reader(row)


def add_subscriptions(
    connection: Connection, wanted: Sequence[NewSubscription], now: datetime
) -> tuple[list[int], int]:
    """Write what is not there yet; the new subscription ids, and how many were there already.

    Readers begin at the newsletter's present mark: what was news before is not mailed to them.
    What another transaction adds in the same moment is waited for.
    """
    added: list[int] = []
    known = 0
    for start in range(0, len(wanted), _ADDED_CHUNK):
        part = wanted[start : start + _ADDED_CHUNK]
        there, ids = _add_subscribers(connection, part, now)
        new = _without_known(connection, part, ids, there)
        inserted = _insert_subscriptions(connection, new, ids, now)
        known += len(part) - len(inserted)
        added += inserted
    return added, known


def set_subscription_state(
    connection: Connection, subscription_id: int, state: SubscriptionState, now: datetime
) -> None:
    """Move one subscription; somebody who comes back begins at the present mark."""
    chosen = subscriptions.c.subscription_id == subscription_id
    values: dict[str, Any] = {"state": state}
    if state is SubscriptionState.UNSUBSCRIBED:
        tell_of_left(connection, chosen, LeftFor.UNSUBSCRIBED, now)
        values["ended_at"] = now
    if state is SubscriptionState.ACTIVE:
        query = select(subscriptions.c.newsletter_id).where(chosen)
        mark = find_mark(connection, connection.execute(query).scalar_one())
        values |= {
            "confirmed_at": now,
            "ended_at": None,
            "served_through": mark,
            "joined_at_mark": mark,
        }
    connection.execute(update(subscriptions).where(chosen).values(values))


def activate_subscription(connection: Connection, subscription_id: int, now: datetime) -> bool:
    """Make a pending subscription active; False when it is not pending, or not any more."""
    taken = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscription_id == subscription_id,
            subscriptions.c.state == SubscriptionState.PENDING,
        )
        .values(state=SubscriptionState.ACTIVE)
    )
    if taken.rowcount:
        set_subscription_state(connection, subscription_id, SubscriptionState.ACTIVE, now)
        tell_of_confirmed(connection, [subscription_id], now)
    return taken.rowcount == 1


def change_cadence(connection: Connection, subscription_id: int, cadence: Cadence) -> None:
    """Let a subscription come at another pace; what it was served so far stays as it is."""
    chosen = subscriptions.c.subscription_id == subscription_id
    connection.execute(update(subscriptions).where(chosen).values(cadence=cadence))


def find_subscriber_ids(connection: Connection, addresses: Sequence[str]) -> dict[str, int]:
    """The readers with these normalised addresses, by address."""
    query = select(subscribers.c.address, subscribers.c.subscriber_id).where(
        is_among(connection, subscribers.c.address, addresses)
    )
    return {row.address: row.subscriber_id for row in connection.execute(query)}


def list_being_erased(connection: Connection, addresses: Sequence[str]) -> set[str]:
    """Those of these addresses that are forgotten as soon as a mail under way has settled."""
    query = select(subscribers.c.address).where(
        subscribers.c.address.in_(addresses), subscribers.c.erased_at.is_not(None)
    )
    return set(connection.execute(query).scalars())


def end_subscriptions(
    connection: Connection,
    subscriber_id: int,
    now: datetime,
    reason: LeftFor = LeftFor.UNSUBSCRIBED,
) -> int:
    """Unsubscribe one reader from everything; how many subscriptions that ended."""
    tell_of_left(connection, subscriptions.c.subscriber_id == subscriber_id, reason, now)
    return connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.state != SubscriptionState.UNSUBSCRIBED,
        )
        .values(state=SubscriptionState.UNSUBSCRIBED, ended_at=now)
    ).rowcount


def ask_to_erase(connection: Connection, subscriber_id: int, now: datetime) -> None:
    """Note that a reader is to be forgotten."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(erased_at=now)
    )


def keep_from_leaving(connection: Connection, subscriber_ids: Collection[int]) -> None:
    """Let no worker claim what is planned for these readers until the transaction ends.

    It could read an address that is forgotten in the same moment.
    """
    chosen = subscribers.c.subscriber_id.in_(subscriber_ids)
    theirs = select(deliveries.c.batch_id).where(
        deliveries.c.subscriber_id.in_(subscriber_ids),
        # Said so that the unique index answers.
        deliveries.c.edition_id.in_(select(editions.c.edition_id)),
        deliveries.c.state == DeliveryState.PLANNED,
    )
    addressed = select(notices.c.batch_id).where(
        notices.c.address.in_(select(subscribers.c.address).where(chosen)),
        notices.c.state == DeliveryState.PLANNED,
    )
    planned = select(batches.c.batch_id).where(
        batches.c.state == BatchState.PLANNED,
        or_(batches.c.batch_id.in_(theirs), batches.c.batch_id.in_(addressed)),
    )
    connection.execute(planned.order_by(batches.c.batch_id).with_for_update()).all()


def list_to_erase(connection: Connection) -> list[str]:
    """The addresses of readers who are to be forgotten and are not yet, and their former ones."""
    waiting = and_(subscribers.c.erased_at.is_not(None), subscribers.c.address.is_not(None))
    former = (
        select(address_changes.c.old_address)
        .join(subscribers, subscribers.c.subscriber_id == address_changes.c.subscriber_id)
        .where(waiting)
    )
    query = select(subscribers.c.address).where(waiting).union(former)
    return [address for address in connection.execute(query).scalars() if address]


def complete_erasures(connection: Connection, only: int | None = None) -> list[int]:
    """Forget readers who are to be erased and whom no batch under way still names; all or one."""
    asked = select(subscribers.c.subscriber_id).where(
        subscribers.c.erased_at.is_not(None), subscribers.c.address.is_not(None)
    )
    if only is not None:
        asked = asked.where(subscribers.c.subscriber_id == only)
    if not (waiting := connection.execute(asked).scalars().all()):
        return []
    keep_from_leaving(connection, waiting)
    query = select(subscribers.c.subscriber_id, subscribers.c.address).where(
        subscribers.c.subscriber_id.in_(waiting),
        ~_is_under_way(deliveries, deliveries.c.subscriber_id == subscribers.c.subscriber_id),
        ~_is_under_way(notices, notices.c.address == subscribers.c.address),
        ~_is_under_way(notices, notices.c.address.in_(_FORMER_ADDRESSES)),
    )
    query = query.order_by(subscribers.c.subscriber_id)
    found = connection.execute(query).all()
    for row in found:
        _erase(connection, row.subscriber_id, row.address)
    return [row.subscriber_id for row in found]


def _is_under_way(rows: Table, is_theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a batch that was handed over, or may have been, names the reader."""
    return (
        exists()
        .where(
            is_theirs,
            rows.c.batch_id == batches.c.batch_id,
            batches.c.state != BatchState.SETTLED,
            batches.c.first_claimed_at.is_not(None),
        )
        .correlate(subscribers)
    )


def _erase(connection: Connection, subscriber_id: int, address: str) -> None:
    connection.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(address=None, name="")
    )
    connection.execute(delete(notices).where(notices.c.address == address))
    _forget_former_addresses(connection, subscriber_id)
    theirs = select(subscriptions.c.subscription_id).where(
        subscriptions.c.subscriber_id == subscriber_id
    )
    connection.execute(delete(past_consents).where(past_consents.c.subscription_id.in_(theirs)))
    # One that came after they asked to be erased is a new beginning.
    asked_at = select(subscribers.c.erased_at).where(subscribers.c.subscriber_id == subscriber_id)
    connection.execute(
        delete(signups).where(
            signups.c.address == address, signups.c.asked_at <= asked_at.scalar_subquery()
        )
    )
    # What blocks it from here on is its keyed hash.
    connection.execute(delete(suppressions).where(suppressions.c.address == address))
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .values(consent_source="", consent_text="", topics="", timezone=None)
    )


def _forget_former_addresses(connection: Connection, subscriber_id: int) -> None:
    changes = address_changes.c.subscriber_id == subscriber_id
    # An address left behind may be somebody else's since: what came to it later is theirs.
    was_theirs = exists().where(
        changes,
        address_changes.c.old_address == notices.c.address,
        address_changes.c.done_at >= notices.c.created_at,
    )
    connection.execute(delete(notices).where(was_theirs))
    forget_questions(connection, changes)
    connection.execute(delete(address_changes).where(changes))


def _readers() -> Any:  # noqa: ANN401
    return select(subscribers, subscriptions, subscriptions.c.created_at.label("since_at")).join(
        subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id
    )


def _to_subscriber(row: RowMapping) -> Subscriber:
    return Subscriber(row["subscriber_id"], row["address"], row["name"], row["created_at"])


def _to_reader(row: RowMapping) -> Reader:
    return Reader(
        subscriber=_to_subscriber(row),
        subscription=Subscription(
            subscription_id=row["subscription_id"],
            subscriber_id=row["subscriber_id"],
            newsletter_id=row["newsletter_id"],
            state=SubscriptionState(row["state"]),
            cadence=Cadence(row["cadence"]),
            topics=tuple(row["topics"].split(TOPIC_SEPARATOR)) if row["topics"] else (),
            language=row["language"],
            send_hour=row["send_hour"],
            timezone=row["timezone"],
            served_through=row["served_through"],
            created_at=row["since_at"],
            confirmed_at=row["confirmed_at"],
            ended_at=row["ended_at"],
        ),
        consent=Consent(row["consent_source"], row["consent_text"], row["consent_at"]),
    )


def _add_subscribers(
    connection: Connection, wanted: Sequence[NewSubscription], now: datetime
) -> tuple[Collection[int], dict[str, int]]:
    """Who of them was there before, and the ids of them all."""
    newcomers = {one.address: one for one in wanted}
    ids = find_subscriber_ids(connection, list(newcomers))
    # In one order everywhere, so that two imports never wait for each other.
    missing = sorted(address for address in newcomers if address not in ids)
    there = list(ids.values())
    if missing:
        rows = [
            {
                "address": address,
                "name": newcomers[address].name,
                "created_at": newcomers[address].reader_since or now,
                "paused_until": newcomers[address].paused_until,
            }
            for address in missing
        ]
        insert_new(connection, subscribers, rows, subscribers.c.subscriber_id)
        ids |= find_subscriber_ids(connection, missing)
    return there, ids


def _without_known(
    connection: Connection,
    wanted: Sequence[NewSubscription],
    ids: dict[str, int],
    there: Collection[int],
) -> list[NewSubscription]:
    query = select(subscriptions.c.subscriber_id, subscriptions.c.newsletter_id).where(
        is_among(connection, subscriptions.c.subscriber_id, there)
    )
    known = {(row.subscriber_id, row.newsletter_id) for row in connection.execute(query)}
    new: list[NewSubscription] = []
    for one in wanted:
        key = (ids[one.address], one.newsletter_id)
        if key not in known:
            known.add(key)
            new.append(one)
    return new


def _insert_subscriptions(
    connection: Connection,
    new: Sequence[NewSubscription],
    ids: dict[str, int],
    now: datetime,
) -> list[int]:
    newsletter_ids = {one.newsletter_id for one in new}
    marks = {id_: find_mark(connection, id_) for id_ in newsletter_ids}
    ordered = sorted(new, key=lambda one: ids[one.address])
    rows = [_to_row(one, ids[one.address], marks[one.newsletter_id], now) for one in ordered]
    return sorted(insert_new(connection, subscriptions, rows, subscriptions.c.subscription_id))


def _to_row(one: NewSubscription, subscriber_id: int, mark: int, now: datetime) -> dict[str, Any]:
    is_active = one.state is SubscriptionState.ACTIVE
    return {
        "subscriber_id": subscriber_id,
        "newsletter_id": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": TOPIC_SEPARATOR.join(sorted(set(one.topics))),
        "language": one.language,
        "send_hour": one.send_hour,
        "timezone": one.timezone,
        "joined_at_mark": mark,
        "served_through": mark,
        "created_at": one.created_at or now,
        "confirmed_at": one.confirmed_at or (now if is_active else None),
        "ended_at": (one.ended_at or now) if one.state is SubscriptionState.UNSUBSCRIBED else None,
        "consent_source": one.consent.source,
        "consent_text": one.consent.text,
        "consent_at": one.consent.given_at,
    }
