"""Pulls of a repository: the last good one, the last try, who asked, and since when it fails."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from service.store.tables import pulls


@dataclass(frozen=True, slots=True)
class Pull:
    """One source. `asked_at` is set while a push waits for its pull; `failure` has no secrets."""

    source: str
    revision: str = ""
    pulled_at: datetime | None = None
    tried_at: datetime | None = None
    asked_at: datetime | None = None
    failing_since_at: datetime | None = None
    failure: str = ""


def find_pull(connection: Connection, source: str) -> Pull:
    """What is known of a source; empty for one that was never pulled."""
    row = connection.execute(select(pulls).where(pulls.c.source == source)).mappings().first()
    return Pull(source) if row is None else Pull(**row)


def ask_pull(connection: Connection, source: str, now: datetime) -> None:
    """Note that somebody asks for a pull; many who ask are answered by one."""
    _change(connection, source, asked_at=now)


def record_try(connection: Connection, source: str, now: datetime) -> None:
    """Note that a pull begins: whoever asks from here on asks for the next one."""
    _change(connection, source, tried_at=now, asked_at=None)


def record_pulled(connection: Connection, source: str, revision: str, now: datetime) -> None:
    """Note a good pull: nothing fails any more, and sources of before are history."""
    connection.execute(delete(pulls).where(pulls.c.source != source))
    _change(connection, source, revision=revision, pulled_at=now, failing_since_at=None, failure="")


def record_failure(connection: Connection, source: str, failure: str, now: datetime) -> None:
    """Note a pull that failed; it fails since the first one in a row."""
    moment = literal(now, pulls.c.failing_since_at.type)
    since = func.coalesce(pulls.c.failing_since_at, moment)
    _change(connection, source, failing_since_at=since, failure=failure)


def _change(connection: Connection, source: str, **values: object) -> None:
    known = connection.scalar(select(pulls.c.source).where(pulls.c.source == source))
    if known is None:
        # The web and the clock may write of it for the first time at the same moment.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(pulls).values(source=source, revision="", failure=""))
    connection.execute(update(pulls).where(pulls.c.source == source).values(values))
