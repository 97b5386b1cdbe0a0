"""Turns: a token bucket for each provider account that holds one batch, so that calls come evenly.

Nothing is ever above the limit in any stretch of time, however many workers share the account.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from service.store.accounts import open_account
from service.store.tables import accounts

_SET_BACK_BY = timedelta(minutes=1)
"""A turn taken so far in the future was taken before the machine's clock was set back."""


def take_turn(connection: Connection, account: str, *, lasts_for: timedelta, now: datetime) -> bool:
    """Take the account for as long as a batch uses it up; False when its turn has not come."""
    open_account(connection, account)
    taken = connection.execute(
        update(accounts)
        .where(accounts.c.account == account, ~is_taken(now))
        .values(taken_at=now, free_at=now + lasts_for)
    )
    return taken.rowcount == 1


def is_taken(now: datetime) -> ColumnElement[bool]:
    """An account whose last batch still uses it up."""
    ran_ahead = accounts.c.taken_at > now + _SET_BACK_BY
    return func.coalesce((accounts.c.free_at > now) & ~ran_ahead, False)


def find_turn(connection: Connection, account: str, now: datetime) -> datetime | None:
    """When the account's next turn comes; None when it is free, or waits for something else."""
    waits = or_(accounts.c.paused_at.is_not(None), accounts.c.not_before > now)
    query = select(accounts.c.free_at).where(
        accounts.c.account == account, is_taken(now), ~func.coalesce(waits, False)
    )
    return connection.execute(query).scalar()
