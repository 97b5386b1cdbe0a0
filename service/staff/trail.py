"""What was done, by whom."""

from __future__ import annotations

from datetime import datetime

from service.model.editor import Actor
from service.store import audit
from service.store.database import Database


def record_action(
    database: Database, actor: Actor, action: str, subject: str, now: datetime, **detail: object
) -> None:
    """Write an action into the log that owners read; no address of a reader goes into it."""
    with database.writing() as connection:
        audit.record_action(connection, actor, action, subject, detail, now)
