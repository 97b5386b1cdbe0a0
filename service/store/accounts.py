"""Provider accounts: what the provider, or too many unknowns, told us to wait for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.store.tables import accounts


@dataclass(frozen=True, slots=True)
class Account:
    """One provider account; paused until a person resumes it, or waiting until a time."""

    account: str
    not_before: datetime | None
    paused_at: datetime | None
    paused_reason: str
    unknown_in_a_row: int


def open_account(connection: Connection, account: str) -> Account:
    """The account's row, made when it is missing."""
    query = select(accounts).where(accounts.c.account == account)
    row = connection.execute(query).mappings().first()
    if row is None:
        _add_account(connection, account)
        row = connection.execute(query).mappings().one()
    return Account(**row)


def list_accounts(connection: Connection) -> list[Account]:
    """Every account that ever sent."""
    return [Account(**row) for row in connection.execute(select(accounts)).mappings()]


def delay_account(connection: Connection, account: str, until: datetime) -> None:
    """Let nothing of this account leave before a time."""
    _change(connection, account, not_before=until)


def pause_account(connection: Connection, account: str, reason: str, now: datetime) -> None:
    """Let nothing of this account leave until a person resumes it."""
    _change(connection, account, paused_at=now, paused_reason=reason)


def resume_account(connection: Connection, account: str) -> None:
    """Let the account send again."""
    _change(
        connection, account, paused_at=None, paused_reason="", not_before=None, unknown_in_a_row=0
    )


def count_unknown(connection: Connection, account: str) -> int:
    """Count one more call in a row that nobody can vouch for; how many there are now."""
    count = open_account(connection, account).unknown_in_a_row + 1
    _change(connection, account, unknown_in_a_row=count)
    return count


def _add_account(connection: Connection, account: str) -> None:
    # Another worker may add it at the same moment; that is no reason to lose what we record.
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(
            insert(accounts).values(account=account, paused_reason="", unknown_in_a_row=0)
        )


def _change(connection: Connection, account: str, **values: object) -> None:
    open_account(connection, account)
    connection.execute(update(accounts).where(accounts.c.account == account).values(values))
