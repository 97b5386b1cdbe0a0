"""Requests that must count once, by the keys their callers gave them, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.store.tables import api_answers


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What came under a key; `answer` is None while nobody knows yet how it ends."""

    digest: str
    answer: str | None


def claim_key(
    connection: Connection, api_token_id: int, key: str, digest: str, now: datetime
) -> bool:
    """Take a key for a request; False when it was taken before."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"api_token_id": api_token_id, "key": key, "digest": digest, "asked_at": now}
    statement = insert(api_answers).values(values).on_conflict_do_nothing()
    return connection.execute(statement.returning(api_answers.c.key)).first() is not None


def reclaim_key(
    connection: Connection, api_token_id: int, key: str, before: datetime, now: datetime
) -> bool:
    """Take over a key whose request was begun before a moment and never ended."""
    taken = connection.execute(
        update(api_answers)
        .where(
            api_answers.c.api_token_id == api_token_id,
            api_answers.c.key == key,
            api_answers.c.answer.is_(None),
            api_answers.c.asked_at < before,
        )
        .values(asked_at=now)
    )
    return taken.rowcount == 1


def find_answer(connection: Connection, api_token_id: int, key: str) -> KeptAnswer | None:
    """What came under a key; None when it is free."""
    query = select(api_answers.c.digest, api_answers.c.answer).where(
        api_answers.c.api_token_id == api_token_id, api_answers.c.key == key
    )
    row = connection.execute(query).first()
    return None if row is None else KeptAnswer(row.digest, row.answer)


def record_answer(connection: Connection, api_token_id: int, key: str, answer: str) -> None:
    """Keep what was answered, for whoever asks the same once more."""
    connection.execute(
        update(api_answers)
        .where(api_answers.c.api_token_id == api_token_id, api_answers.c.key == key)
        .values(answer=answer)
    )


def free_key(connection: Connection, api_token_id: int, key: str) -> None:
    """Let a key be used again: nothing came of its request."""
    connection.execute(
        delete(api_answers).where(
            api_answers.c.api_token_id == api_token_id, api_answers.c.key == key
        )
    )


def forget_answers(connection: Connection, before: datetime) -> None:
    """Forget what was asked before a moment."""
    connection.execute(delete(api_answers).where(api_answers.c.asked_at < before))
