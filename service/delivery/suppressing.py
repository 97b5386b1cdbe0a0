"""Lists of other services of whom they no longer write to → our own suppressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from service.audience.addresses import hide_addresses, normalise_address
from service.delivery.judging import blames_us
from service.errors import AddressError, DeliveryError
from service.model.editor import Actor
from service.model.subscriber import SuppressionReason
from service.providers.suppressing import ListedAddress
from service.store.audience import lock_subscriptions
from service.store.audit import record_action
from service.store.database import Database
from service.store.subscribers import find_subscriber_ids
from service.store.subscription_states import end_subscriptions
from service.store.suppressions import Suppression, add_suppressions

_CHUNK = 1_000
"""Addresses in one transaction: others get their turn."""


@dataclass(frozen=True, slots=True)
class Imported:
    """How many were suppressed now, were so already, left, and are no addresses to us.

    `blameless`: the list has them for a bounce that was about the mail or its sender.
    """

    added: int = 0
    already: int = 0
    left: int = 0
    unreadable: int = 0
    blameless: int = 0


def import_suppressions(
    database: Database, listed: Iterable[ListedAddress], source: str, now: datetime, *, by: Actor
) -> Imported:
    """Suppress everybody on a list; readers who left there leave here. Again is harmless.

    Who left and is no reader of ours is suppressed as well, for the other service would not
    deliver to them. What was taken in stays so when `listed` raises. The first transaction says
    who began.
    """
    total = Imported()
    for number, part in enumerate(_cut(listed)):
        with database.writing() as connection:
            if part and not number:
                detail = {"from": hide_addresses(source)}
                record_action(connection, by, "suppressions.import", "suppressions", detail, now)
            total = _add(total, _import_part(connection, part, source, now))
    return total


def _cut(listed: Iterable[ListedAddress]) -> Iterator[list[ListedAddress]]:
    """Yield parts of a transaction each; when the list breaks off, first what came before."""
    part: list[ListedAddress] = []
    try:
        for one in listed:
            part.append(one)
            if len(part) == _CHUNK:
                yield part
                part = []
    except DeliveryError:
        yield part
        raise
    yield part


def _import_part(
    connection: Connection, part: list[ListedAddress], source: str, now: datetime
) -> Imported:
    known = list(_normalise(part))
    blamed = [one for one in known if not _is_blameless(one)]
    wanted, left = [], 0
    leaving = [one.address for one in blamed if one.reason is None]
    readers = find_subscriber_ids(connection, leaving)
    lock_subscriptions(connection, readers.values())
    for one in blamed:
        if one.reason is None and one.address in readers:
            end_subscriptions(connection, readers[one.address], now)
            left += 1
            continue
        reason = one.reason or SuppressionReason.MANUAL
        note = f"{source}: on its list" if one.reason else f"{source}: left there"
        wanted.append(Suppression(one.address, None, reason, note, now))
    added = add_suppressions(connection, wanted)
    return Imported(
        added, len(wanted) - added, left, len(part) - len(known), len(known) - len(blamed)
    )


def _normalise(part: Iterable[ListedAddress]) -> Iterator[ListedAddress]:
    for one in part:
        try:
            yield replace(one, address=normalise_address(one.address))
        except AddressError:
            continue


def _is_blameless(one: ListedAddress) -> bool:
    return one.reason is SuppressionReason.HARD_BOUNCE and blames_us(one.said)


def _add(one: Imported, other: Imported) -> Imported:
    return Imported(
        one.added + other.added,
        one.already + other.already,
        one.left + other.left,
        one.unreadable + other.unreadable,
        one.blameless + other.blameless,
    )
