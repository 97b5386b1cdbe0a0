"""Provider accounts: what the provider, or too many unknowns, told us to wait for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from service.store.refusals import forget_refusals
from service.store.tables import accounts


@dataclass(frozen=True, slots=True)
class Account:
    """One provider account; paused until a person resumes it, or waiting until a time."""

    account: str
    not_before: datetime | None
    paused_at: datetime | None
    paused_reason: str
    unknown_in_a_row: int

    @property
    def is_stopped(self) -> bool:
        """Whether it waits for anything, or is on its way to."""
        return bool(self.paused_at or self.not_before or self.unknown_in_a_row)


def open_account(connection: Connection, account: str) -> Account:
    """The account's row, made when it is missing."""
    query = _select().where(accounts.c.account == account)
    row = connection.execute(query).mappings().first()
    if row is None:
        _add_account(connection, account)
        row = connection.execute(query).mappings().one()
    return Account(**row)


def list_accounts(connection: Connection) -> list[Account]:
    """Every account that ever sent."""
    return [Account(**row) for row in connection.execute(_select()).mappings()]


def delay_account(connection: Connection, account: str, until: datetime) -> None:
    """Let nothing of this account leave before a time; the latest time that was named counts."""
    _change(
        connection,
        account,
        or_(accounts.c.not_before.is_(None), accounts.c.not_before < until),
        not_before=until,
    )


def pause_account(connection: Connection, account: str, reason: str, now: datetime) -> None:
    """Let nothing of this account leave until a person resumes it; the first reason is kept."""
    _change(
        connection, account, accounts.c.paused_at.is_(None), paused_at=now, paused_reason=reason
    )


def resume_account(connection: Connection, account: str) -> None:
    """Let the account send again; the time it was paused counts against none of its rows."""
    forget_refusals(connection, account=account)
    _change(
        connection, account, paused_at=None, paused_reason="", not_before=None, unknown_in_a_row=0
    )


def count_unknown(connection: Connection, account: str) -> int:
    """Count one more call in a row that nobody can vouch for; how many there are now."""
    open_account(connection, account)
    counted = connection.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(unknown_in_a_row=accounts.c.unknown_in_a_row + 1)
        .returning(accounts.c.unknown_in_a_row)
    )
    return int(counted.scalar_one())


def _select() -> Select[Any]:
    return select(*[accounts.c[name] for name in Account.__slots__])


def _add_account(connection: Connection, account: str) -> None:
    # Another worker may add it at the same moment; that is no reason to lose what we record.
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(
            insert(accounts).values(account=account, paused_reason="", unknown_in_a_row=0)
        )


def _change(
    connection: Connection, account: str, *where: ColumnElement[bool], **values: object
) -> None:
    open_account(connection, account)
    chosen = (accounts.c.account == account, *where)
    connection.execute(update(accounts).where(*chosen).values(values))
