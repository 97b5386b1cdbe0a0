"""What became of batches that nobody can vouch for, and which editions are done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.delivery.looking_up import look_up_unknown
from service.delivery.switching import hand_over_batches
from service.delivery.watching import pause_troubled_editions
from service.providers.base import Provider
from service.store import unknowns
from service.store.accounting import finish_editions
from service.store.database import Database
from service.store.reported import settle_told_batches

_MARGIN = timedelta(minutes=5)
"""Kept free before a provider forgets a key, for clocks that differ."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What one go at it did, by the ids of batches and of editions.

    Batches whose claim ran out, were planned again under their key, were handed over from
    another provider, were settled by the provider's log; editions that were finished, and that
    were paused because too much of them came back.
    """

    expired: tuple[int, ...] = ()
    replayed: tuple[int, ...] = ()
    handed_over: tuple[int, ...] = ()
    looked_up: tuple[int, ...] = ()
    finished: tuple[int, ...] = ()
    paused: tuple[int, ...] = ()


def reconcile(database: Database, provider: Provider, now: datetime) -> Reconciled:
    """Settle what can be settled without a person.

    Only a provider that takes the same key once may be asked again; else its log, where it has
    one, may tell. Everything else stays unknown until an event or an editor tells: never twice
    is the default.
    """
    # Each step by itself: nobody then holds the batches of one while they wait for another's.
    with database.writing() as connection:
        expired = unknowns.expire_claims(connection, now)
    with database.writing() as connection:
        settle_told_batches(connection, now)
        replayed = _plan_replays(connection, provider, now)
    with database.writing() as connection:
        handed_over = hand_over_batches(connection, provider, now)
    with database.writing() as connection:
        paused = pause_troubled_editions(connection)
        finished = finish_editions(connection, now)
    looked_up = look_up_unknown(database, provider, now)
    return Reconciled(
        expired=tuple(expired),
        replayed=tuple(replayed),
        handed_over=tuple(handed_over),
        looked_up=tuple(looked_up),
        finished=tuple(finished),
        paused=tuple(paused),
    )


def _plan_replays(connection: Connection, provider: Provider, now: datetime) -> list[int]:
    replayed = []
    for batch_id, first_claimed_at in unknowns.list_unknown_batches(connection, provider.account):
        if may_replay(first_claimed_at, provider.capabilities.same_key_for, now):
            unknowns.plan_replay(connection, batch_id)
            replayed.append(batch_id)
    return replayed


def may_replay(first_claimed_at: datetime, same_key_for: timedelta | None, now: datetime) -> bool:
    """Whether the provider still knows the key of a batch claimed at that time."""
    return same_key_for is not None and now < first_claimed_at + same_key_for - _MARGIN
