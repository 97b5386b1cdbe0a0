"""What became of batches that nobody can vouch for, and which editions are done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.providers.base import Provider
from service.store import unknowns
from service.store.accounting import finish_editions
from service.store.database import Database

_MARGIN = timedelta(minutes=5)
"""Kept free before a provider forgets a key, for clocks that differ."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Batches whose claim ran out, batches planned again under their key, editions finished."""

    expired: tuple[int, ...]
    replayed: tuple[int, ...]
    finished: tuple[int, ...]


def reconcile(database: Database, provider: Provider, now: datetime) -> Reconciled:
    """Settle what can be settled without a person.

    Only a provider that takes the same key once may be asked again. Everything else stays
    unknown until an event or an editor tells: never twice is the default.
    """
    with database.writing() as connection:
        expired = unknowns.expire_claims(connection, now)
        replayed = []
        for batch_id, first_claimed_at in unknowns.list_unknown_batches(
            connection, provider.account
        ):
            if may_replay(first_claimed_at, provider.capabilities.same_key_for, now):
                unknowns.plan_replay(connection, batch_id)
                replayed.append(batch_id)
        finished = finish_editions(connection, now)
    return Reconciled(tuple(expired), tuple(replayed), tuple(finished))


def may_replay(first_claimed_at: datetime, same_key_for: timedelta | None, now: datetime) -> bool:
    """Whether the provider still knows the key of a batch claimed at that time."""
    return same_key_for is not None and now < first_claimed_at + same_key_for - _MARGIN
