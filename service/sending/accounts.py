"""A provider account that was paused, let go on."""

from __future__ import annotations

from datetime import datetime

from service.errors import NotAllowedError
from service.model.editor import Actor
from service.store.accounts import list_accounts
from service.store.accounts import resume_account as forget_pause
from service.store.audit import record_action
from service.store.claims import list_due_batches
from service.store.database import Database
from service.store.wake import Wake

_WOKEN = 500
"""Batches given a job at once; the others get theirs while these leave."""


def resume_account(
    database: Database, wake: Wake, account: str, now: datetime, *, by: Actor
) -> None:
    """Let mail leave through an account again, at once.

    Raises NotAllowedError for an account that never sent anything.
    """
    with database.writing() as connection:
        known = {one.account: one for one in list_accounts(connection)}
        if account not in known:
            raise NotAllowedError(
                "nothing was ever sent through an account '{account}'", account=account
            )
        forget_pause(connection, account)
        wake(connection, list_due_batches(connection, now, _WOKEN, account))
        if known[account].is_stopped:
            record_action(connection, by, "account.resume", f"account:{account}", {}, now)
