"""What was done at the desk, by the API and by commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from service.model.editor import Actor, ActorKind, AuditEntry
from service.store.tables import audit


def record_action(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """Write down what somebody did. `detail` holds no address of a reader."""
    values = {
        "done_at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.actor_id,
        "actor": actor.name,
        "action": action,
        "subject": subject,
        "detail": dict(detail),
    }
    connection.execute(insert(audit).values(values))


def list_actions(
    connection: Connection, *, subject: str = "", before: int | None = None, limit: int = 100
) -> list[AuditEntry]:
    """What was done, the newest first: to one subject or to all, before an entry's number."""
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    if subject:
        query = query.where(audit.c.subject == subject)
    if before is not None:
        query = query.where(audit.c.audit_id < before)
    return [_read_entry(row) for row in connection.execute(query)]


def _read_entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    actor = Actor(ActorKind(row.actor_kind), row.actor_id, row.actor)
    return AuditEntry(row.audit_id, row.done_at, actor, row.action, row.subject, row.detail)
