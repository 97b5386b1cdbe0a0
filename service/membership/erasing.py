"""A reader forgotten, but for a keyed hash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from service.audience.addresses import normalise_address
from service.audience.erasure import hash_address
from service.errors import NotAllowedError
from service.membership.register import Register
from service.model.editor import Actor
from service.model.subscriber import SuppressionReason
from service.model.webhook import LeftFor
from service.providers.keeping import MailKeeper
from service.store import erasures, subscribers, suppressions
from service.store.address_changes import list_former_addresses
from service.store.audit import record_action
from service.store.database import Database
from service.store.subscription_states import end_subscriptions
from service.store.suppressions import Suppression


def erase_reader(
    database: Database,
    register: Register,
    address: str,
    now: datetime,
    provider: object | None = None,
    *,
    by: Actor,
) -> bool:
    """Forget an address but for a keyed hash; False when a batch under way must settle first.

    Either way nothing more is sent: the subscriptions end at once. Mail that the `provider` keeps
    in our own hands is removed.
    """
    normal = normalise_address(address)
    with database.writing() as connection:
        subscriber_id = _ask(connection, register, normal, now)
        former = list_former_addresses(connection, [subscriber_id]).get(subscriber_id, [])
        # Only this one: others who wait have mail of their own to be removed, by the next pass.
        is_done = bool(erasures.complete_erasures(connection, subscriber_id))
        record_action(connection, by, "reader.erase", f"reader:{subscriber_id}", {}, now)
    _forget_mail(provider, [normal, *former])
    database.empty_log()
    return is_done


def ask_to_be_erased(database: Database, register: Register, address: str, now: datetime) -> None:
    """End everything for an address now, and have it forgotten by the next pass.

    For those who do not have the mail that a provider keeps in our own hands.
    """
    with database.writing() as connection:
        _ask(connection, register, normalise_address(address), now)


def complete_erasures(database: Database, provider: object | None = None) -> int:
    """Erase those who were waiting for a batch to settle; how many."""
    with database.reading() as connection:
        waiting = erasures.list_to_erase(connection)
    if not waiting:
        return 0
    # Before, because afterwards nobody knows them any more; what is under way adds to it.
    _forget_mail(provider, waiting)
    with database.writing() as connection:
        waiting = erasures.list_to_erase(connection)
        erased = erasures.complete_erasures(connection)
    _forget_mail(provider, waiting)
    database.empty_log()
    return len(erased)


def _ask(connection: Connection, register: Register, normal: str, now: datetime) -> int:
    subscriber = subscribers.find_subscriber(connection, normal)
    if subscriber is None:
        raise NotAllowedError("there is no reader with this address")
    erasures.keep_from_leaving(connection, [subscriber.subscriber_id])
    end_subscriptions(connection, subscriber.subscriber_id, now, LeftFor.ERASED)
    suppressions.add_suppression(
        connection,
        Suppression(
            address=None,
            address_hash=hash_address(register.key_ring.current, normal),
            reason=SuppressionReason.ERASED,
            note="",
            created_at=now,
        ),
    )
    erasures.ask_to_erase(connection, subscriber.subscriber_id, now)
    return subscriber.subscriber_id


def _forget_mail(provider: object | None, addresses: Iterable[str]) -> None:
    if isinstance(provider, MailKeeper):
        for address in addresses:
            provider.forget(address)
